"""Opening a room for serving: its tables made, its first administrator named, and, in a demo, the way in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from secondread.serve.config.room import RoomSettings
from secondread.serve.database import migrate
from secondread.serve.people.accounts import first_administrator
from secondread.serve.people.demo import add_demo_user
from secondread.serve.room import Room, open_room


@dataclass(frozen=True, slots=True)
class Start:
    """A room that may be served.

    Attributes:
        room: The room.
        sentences: What the person at the terminal must know, as a first password.
        demo_key: What the link for the demo user holds; empty for no demo.
    """

    room: Room
    sentences: tuple[str, ...]
    demo_key: str = ""

    @property
    def first_page(self) -> str:
        """Path of the page to begin with."""
        return f"/demo/{self.demo_key}" if self.demo_key else "/"


@contextmanager
def opened(settings: RoomSettings, *, demo: bool = False) -> Iterator[Start]:
    """The room of these settings. New tables are made where there are none; old ones are never changed unasked.

    Raises:
        UsageError: If the tables are of another version, or a demo can be reached from other machines.
    """
    room = open_room(settings)
    try:
        if migrate.version(room.database) is None:
            migrate.upgrade(room.database)
        migrate.check_version(room.database)
        password = first_administrator(room)
        if demo:
            add_demo_user(room)
        told = () if password is None else (_FIRST.format(password=password),)
        yield Start(room, told, room.draw() if demo else "")
    finally:
        room.database.dispose()


_FIRST = (
    "Log in as 'admin' with the one-time password {password} (it is shown this once, and must be changed at the first "
    "log-in)."
)
