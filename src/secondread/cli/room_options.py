"""Which reading room a command works on: its settings file, or a folder with the defaults of a laptop."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from secondread.cli.arguments import Parser
from secondread.core.errors import UsageError
from secondread.settings import Settings

if TYPE_CHECKING:
    from secondread.serve.config.room import RoomSettings
    from secondread.serve.room import Room


def add_room(parser: Parser) -> None:
    """The options that name a room."""
    parser.add_argument("--settings", metavar="FILE", type=Path, help="settings of the reading room, a TOML file")
    parser.add_argument("--folder", metavar="DIR", type=Path, help="the room's folder; ./secondread-room by default")


def room_settings(args: argparse.Namespace, settings: Settings) -> "RoomSettings":
    """The settings of the room: the file's, else the defaults with this machine's engine, threads and bundles.

    Raises:
        UsageError: If the file cannot be used, or the extra ``serve`` is not installed.
    """
    try:
        from secondread.serve.config.load import load_settings
        from secondread.serve.config.room import ReadingSettings, RoomSettings
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the reading room needs {error.name}, which is not installed. Run: pip install 'secondread[serve]'"
        ) from error
    if args.settings is not None:
        found = load_settings(args.settings)
    else:
        reading = ReadingSettings(
            engine=settings.engine,
            threads=settings.threads,
            bundles=settings.bundles,
            site=settings.site,
            outside=settings.outside,
            maps=settings.maps,
        )
        found = RoomSettings(reading=reading)
    return found if args.folder is None else replace(found, storage=replace(found.storage, folder=args.folder))


@contextmanager
def opened_room(args: argparse.Namespace, settings: Settings, *, any_version: bool = False) -> Iterator["Room"]:
    """The room that is there, with tables of this program's version, or of any.

    Raises:
        UsageError: If there is none, or its tables are of another version.
    """
    wanted = room_settings(args, settings)
    from secondread.serve.database import migrate
    from secondread.serve.room import open_room

    if not wanted.storage.folder.is_dir():
        raise UsageError(
            f"room {wanted.storage.folder.name!r}: there is no such folder. Name it with --settings or --folder, or "
            "start a room there with: secondread serve"
        )
    room = open_room(wanted)
    try:
        if not any_version:
            migrate.check_version(room.database)
        yield room
    finally:
        room.database.dispose()
