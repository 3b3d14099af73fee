"""What several commands take in the same form."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from secondread.core.errors import UsageError
from secondread.settings import ENGINES, Settings, thread_count


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are errors of the one tree; argparse documents this method as the way to do it."""

    def error(self, message: str) -> NoReturn:
        """Raise what would be printed."""
        raise UsageError(f"{message}. See: {self.prog} --help")


def command(
    commands: "argparse._SubParsersAction[Parser]",
    name: str,
    summary: str,
    run: Callable[[argparse.Namespace, Settings], int],
) -> Parser:
    """Add a command with the options that all commands have."""
    parser = commands.add_parser(name, help=summary, description=summary)
    parser.add_argument("--json", action="store_true", help="machine-readable output, and only that, on stdout")
    parser.add_argument("--debug", action="store_true", help="show warnings and tracebacks; they may name the patient")
    parser.set_defaults(run=run)
    return parser


def add_bundle_folders(parser: Parser) -> None:
    """Where bundles are looked for."""
    parser.add_argument(
        "--bundle-dir", metavar="DIR", type=Path, action="append", default=[], help="folder searched first; repeatable"
    )
    parser.add_argument("--site", metavar="DIR", type=Path, help="folder with your site's calibrations and thresholds")


def add_engine(parser: Parser) -> None:
    """What runs the networks."""
    parser.add_argument("--engine", choices=ENGINES, help="what runs the networks; default auto")
    parser.add_argument("--threads", metavar="N", type=threads, help="processor threads a network may use; default 2")


def site_folder(args: argparse.Namespace, settings: Settings) -> Path | None:
    """The command's site folder, else the settings'; None for bundles as they were shipped."""
    return args.site or settings.site


def bundle_folders(args: argparse.Namespace, settings: Settings) -> list[Path]:
    """The command's folders, then the settings', then the one that ships.

    Raises:
        UsageError: If a folder is not there, is a bundle instead of holding some, or was named here and holds none.
    """
    from secondread.engine.bundle import find_bundles, shipped
    from secondread.engine.card import CARD_FILE

    named = [*args.bundle_dir, *settings.bundles]
    for folder in named:
        if not folder.is_dir():
            raise UsageError(f"bundle folder {folder.name!r} is not there. Check --bundle-dir and SECONDREAD_BUNDLES.")
        if (folder / CARD_FILE).exists():
            raise UsageError(f"bundle folder {folder.name!r} is itself a bundle. Name the folder that holds it.")
        if folder in args.bundle_dir and not find_bundles([folder]):
            raise UsageError(
                f"bundle folder {folder.name!r} holds no bundle: no subfolder of it has a {CARD_FILE}. "
                "Name a folder of bundles."
            )
    return [*named, shipped()]


def threads(text: str) -> int:
    """The value of ``--threads``."""
    return thread_count(text, "--threads")


def moment(text: str | None) -> datetime:
    """An ISO 8601 time with its offset; now when none is given.

    Raises:
        UsageError: If it is not such a time.

    >>> moment("2025-01-31T09:30:00+09:00").utcoffset().total_seconds()
    32400.0
    """
    if text is None:
        return datetime.now(UTC).astimezone().replace(microsecond=0)
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--created-at is {text!r}; needed ISO 8601, as 2025-01-31T09:30:00+09:00") from error
    if time.tzinfo is None:
        raise UsageError(f"--created-at is {text!r}; needed an offset too, as 2025-01-31T09:30:00+09:00")
    return time
