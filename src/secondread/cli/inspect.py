"""``secondread inspect DATA``: what a person should know of a data set before anything is learnt from it."""

import argparse
from pathlib import Path

from secondread.cli.arguments import Parser, command
from secondread.cli.deidentify import whole
from secondread.cli.progress import scanning
from secondread.cli.show import show, show_json
from secondread.cli.train import require_learn
from secondread.core.errors import ManifestError, OutputError, UsageError, short_path
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "inspect", "Look through a data set before anything is learnt from it.", run)
    parser.add_argument("data", metavar="DATA", type=Path, help="folder with manifest.csv, or an .npz file")
    parser.add_argument(
        "--label", metavar="COLUMN", action="append", default=[], help="column of labels; repeatable; else guessed"
    )
    parser.add_argument(
        "--alike", metavar="X", type=float, default=0.7, help="likeness that makes a near duplicate; default 0.7"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help="new folder for a page, its pictures and inspect.json")


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - every command takes both
    """Inspect; exit code 5 when an error was found.

    Raises:
        UsageError: If the ``learn`` extra is not installed, or the likeness is out of range.
        ManifestError: If it is no data set, or lacks a column that was named.
        OutputError: If ``--out`` holds something, or cannot be written.
    """
    require_learn()
    if not 0.0 < args.alike <= 1.0:
        raise UsageError(f"--alike is {args.alike:g}; needed more than 0 and at most 1")
    if args.out is not None and args.out.exists() and (not args.out.is_dir() or any(args.out.iterdir())):
        raise OutputError(f"{short_path(args.out)}: is there already, and nothing is replaced. Choose another --out.")
    from secondread.learn.inspection.inspection import inspect
    from secondread.learn.inspection.page import write
    from secondread.learn.inspection.told import lines, to_dict

    with scanning() as say:
        seen = inspect(args.data, say, labels=args.label, limit=args.alike)
    files: tuple[str, ...] = ()
    if args.out is not None:
        with whole(args.out) as folder:
            files = write(seen, folder)
    if args.json:
        show_json(to_dict(seen))
    else:
        show("\n".join([*lines(seen), *(["", f"Written to {args.out}: {', '.join(files)}"] if files else [])]))
    return ManifestError.exit_code if seen.counts["error"] else 0
