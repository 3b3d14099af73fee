"""What every part of the reading room is given: settings, database, folders, clock, randomness. Nothing is global."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from secondread.serve.config.room import RoomSettings
from secondread.serve.database.connect import open_database
from secondread.serve.moments import Clock, text, wall_clock

SECRET_BYTES = 32
_SYNCHRONOUS = {"power": "FULL", "process": "NORMAL"}


@dataclass(frozen=True, slots=True)
class Folders:
    """Where files lie; every path in the database is below one of these.

    Attributes:
        top: The room's folder.
        incoming: Files that are being received; what lies here after a crash was never acknowledged.
        images: Received objects.
        results: Reads and signatures, a folder each.
        cache: What can be made again: pixels for the viewer, thumbnails.
    """

    top: Path

    @property
    def incoming(self) -> Path:
        """Same file system as ``images``, so that a rename is one step."""
        return self.top / "incoming"

    @property
    def images(self) -> Path:
        """Received objects."""
        return self.top / "images"

    @property
    def results(self) -> Path:
        """Reads and signatures."""
        return self.top / "results"

    @property
    def cache(self) -> Path:
        """What can be made again."""
        return self.top / "cache"


@dataclass(frozen=True, slots=True)
class Room:
    """One reading room.

    Attributes:
        settings: How it is set up.
        database: Its tables.
        folders: Its files.
        clock: What time it is.
        draw: Random text that nobody can guess, of about 43 characters.
        secret: Key of pseudonyms, made at the first start and kept in the room's folder.
    """

    settings: RoomSettings
    database: Engine
    folders: Folders
    clock: Clock
    draw: Callable[[], str]
    secret: bytes

    def now(self) -> str:
        """The moment as the database keeps it."""
        return text(self.clock())


def open_room(
    settings: RoomSettings, *, clock: Clock = wall_clock, draw: Callable[[], str] = secrets.token_urlsafe
) -> Room:
    """The room of these settings: its folders are made where they are missing; its tables are left as they are.

    Raises:
        UsageError: If the database cannot be used.
        OSError: If a folder cannot be made.
    """
    folders = Folders(settings.storage.folder.resolve())
    for folder in (folders.incoming, folders.images, folders.results, folders.cache):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    url = settings.database.url or f"sqlite:///{folders.top / 'room.db'}"
    database = open_database(url, synchronous=_SYNCHRONOUS[settings.storage.durability])
    return Room(settings, database, folders, clock, draw, _secret(folders.top / "secret.key"))


def _secret(file: Path) -> bytes:
    """The room's own key, made once. Without it pseudonyms cannot be told again, so a backup holds it."""
    if not file.exists():
        part = file.with_suffix(".part")
        part.write_bytes(secrets.token_bytes(SECRET_BYTES))
        part.chmod(0o600)
        part.rename(file)
    return file.read_bytes()
