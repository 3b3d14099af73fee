"""``secondread backup OUT``: a copy of a reading room that goes on working."""

import argparse
from dataclasses import asdict
from pathlib import Path

from secondread.cli.arguments import Parser, command
from secondread.cli.progress import progress
from secondread.cli.room_options import add_room, opened_room
from secondread.core.errors import OutputError, UsageError
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(
        commands, "backup", "Copy a reading room, which may go on working, so that it can be restored.", run
    )
    parser.add_argument("out", metavar="OUT", type=Path, help="a new folder, or an earlier backup of the same room")
    add_room(parser)
    parser.add_argument("--keep", metavar="N", type=int, default=1, help="how many snapshots stay; 1 by default")
    parser.add_argument(
        "--verify", action="store_true", help="read all that the backup holds; copy anew what is damaged"
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Back up.

    Raises:
        UsageError: If there is no such room, or pg_dump is needed and not installed.
        OutputError: If the backup cannot be written, or files of the room are missing.
    """
    if args.keep < 1:
        raise UsageError(f"--keep is {args.keep}; needed 1 or more")
    with opened_room(args, settings, any_version=True) as room, progress(args.json) as say:
        from secondread.serve.backup.back_up import back_up

        done = back_up(room, args.out, settings_file=args.settings, keep=args.keep, verify=args.verify, told=say)
        say({"event": "done", **asdict(done)})
    if done.missing:
        raise OutputError(
            f"snapshot {done.snapshot}: {done.missing} files that the database names are missing or damaged in the "
            "room. All others are safe, and earlier snapshots were kept; restore those files from one of them."
        )
    return 0
