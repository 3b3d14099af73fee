"""What every part of the reading room is given: settings, database, folders, clock, randomness. Nothing is global."""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from secondread.core.errors import UsageError
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

    What is made here is for its owner alone: other people of the machine have no business with patients.

    Raises:
        UsageError: If the database or the room's key cannot be used.
        OSError: If a folder cannot be made.
    """
    folders = Folders(settings.storage.folder.resolve())
    for folder in (folders.top, folders.incoming, folders.images, folders.results, folders.cache):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not settings.database.url:  # SQLite gives the files beside it the same permissions
        (folders.top / "room.db").touch(mode=0o600)
    url = settings.database.url or f"sqlite:///{folders.top / 'room.db'}"
    database = open_database(url, synchronous=_SYNCHRONOUS[settings.storage.durability])
    return Room(settings, database, folders, clock, draw, _secret(folders.top / "secret.key"))


def _secret(file: Path) -> bytes:
    """The room's own key, made once. Without it pseudonyms cannot be told again, so a backup holds it.

    Raises:
        UsageError: If the file holds no key.
    """
    if not file.exists():
        _make_secret(file)
    found = file.read_bytes()
    if len(found) != SECRET_BYTES:  # an empty one would make every pseudonym one that anybody can compute
        raise UsageError(f"{file.name}: holds no key of {SECRET_BYTES} bytes. Bring it back from a backup.")
    return found


def _make_secret(file: Path) -> None:
    """The file appears whole; of two programs that start at once, one makes it."""
    part = file.with_name(f"{file.stem}-{secrets.token_hex(8)}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(secrets.token_bytes(SECRET_BYTES))
        stream.flush()
        os.fsync(stream.fileno())
    try:
        with suppress(FileExistsError):
            os.link(part, file)
    except OSError:  # a file system without links
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
