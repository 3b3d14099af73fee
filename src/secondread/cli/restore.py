"""``secondread restore OUT``: a reading room from its backup."""

import argparse
import shutil
from dataclasses import asdict
from pathlib import Path

from secondread.cli.arguments import Parser, command
from secondread.cli.progress import progress
from secondread.cli.room_options import add_room, room_settings
from secondread.core.errors import UsageError
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "restore", "Make a reading room again from its backup, in an empty place.", run)
    parser.add_argument("backup", metavar="OUT", type=Path, help="folder that secondread backup wrote")
    add_room(parser)
    parser.add_argument("--snapshot", metavar="NAME", default="", help="which one; the latest by default")
    parser.add_argument("--skip-damaged", action="store_true", help="leave out files that are damaged in the backup")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Restore.

    Raises:
        UsageError: If there is no such backup, or neither --settings nor --folder says where to.
        OutputError: If the place is not empty.
        FormatError: If the backup is damaged.
    """
    if args.settings is None and args.folder is None:
        raise UsageError("restore needs --settings FILE or --folder DIR: where the room is made.")
    _take_settings(args)
    wanted = room_settings(args, settings)
    from secondread.serve.backup.restore import restore

    with progress(args.json) as say:
        done = restore(args.backup, wanted, name=args.snapshot, skip_damaged=args.skip_damaged, told=say)
        say({"event": "done", **asdict(done)})
    return 0


def _take_settings(args: argparse.Namespace) -> None:
    """Where the named settings file is not there, the backup's comes into its place."""
    if args.settings is None or args.settings.exists():
        return
    from secondread.serve.backup.layout import SETTINGS
    from secondread.serve.backup.restore import find_snapshot

    saved = find_snapshot(args.backup, args.snapshot) / SETTINGS
    if not saved.is_file():
        raise UsageError(f"{args.settings.name}: is not there, and the backup holds no settings. Write it first.")
    shutil.copyfile(saved, args.settings)
