"""Opening a room for serving: its tables brought up, its first administrator made."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from secondread.serve.config.room import RoomSettings
from secondread.serve.database import migrate
from secondread.serve.room import Room, open_room


@dataclass(frozen=True, slots=True)
class Start:
    """A room that may be served.

    Attributes:
        room: The room.
        first_page: Path of the page to begin with.
        sentences: What a person at the terminal must know, as a first password.
    """

    room: Room
    first_page: str
    sentences: tuple[str, ...]


@contextmanager
def opened(settings: RoomSettings, *, demo: bool = False) -> Iterator[Start]:
    """The room of these settings. New tables are made where there are none; old ones are never changed unasked.

    Raises:
        UsageError: If the tables are of another version.
    """
    room = open_room(settings)
    try:
        if migrate.version(room.database) is None:
            migrate.upgrade(room.database)
        migrate.check_version(room.database)
        yield Start(room, "/", ())
    finally:
        room.database.dispose()
