"""Reading rooms for tests: small, with a clock that stands still, people of every role, and images sent in."""

import itertools
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import func, select
from starlette.testclient import TestClient

from secondread.serve.app import create_app
from secondread.serve.config.room import DatabaseSettings, RoomSettings, StorageSettings
from secondread.serve.database import migrate
from secondread.serve.database.connect import open_database, writing
from secondread.serve.database.tables import metadata, reads, sessions, users
from secondread.serve.moments import after
from secondread.serve.people.person import COOKIE, CSRF_HEADER, token_hash
from secondread.serve.room import Room, open_room
from secondread.serve.storage.arrive import arrival_of, incoming_file
from secondread.serve.storage.take_in import Kept, take_in

EXAMPLES = Path(__file__).parents[1] / "examples"
START = datetime(2026, 3, 4, 10, 0, 0, tzinfo=UTC)


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def go_on(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def make_room(folder: Path, settings: RoomSettings | None = None, *, url: str = "", clock: Clock | None = None) -> Room:
    """A room of its own in ``folder``, with its tables; ``room.clock.go_on(seconds)`` moves its time."""
    settings = settings or RoomSettings()
    settings = replace(
        settings,
        storage=StorageSettings(folder=folder / "room", durability="process"),
        database=DatabaseSettings(url) if url else settings.database,
    )
    numbers = itertools.count(1)
    file = folder / "room" / "room.db"
    if not settings.database.url and not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_bytes(_tables())
    room = open_room(settings, clock=clock or Clock(), draw=lambda: f"drawn-{next(numbers):037d}")
    if settings.database.url:
        migrate.upgrade(room.database)
    return room


@cache
def _tables() -> bytes:
    """SQLite's file with the tables as the scripts make them: made once, since hundreds of rooms need it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tables.db"
        engine = open_database(f"sqlite:///{file}")
        migrate.upgrade(engine)
        engine.dispose()
        return file.read_bytes()


def add_person(room: Room, role: str, name: str = "", **values: object) -> int:
    """A user of a role, named after it unless told otherwise; returns the row's id."""
    name = name or role
    row = {"name": name, "display_name": name.title(), "role": role, "created_at": room.now(), **values}
    with writing(room.database) as connection:
        key = connection.execute(users.insert().values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def add_read(room: Room, study_id: int, **values: object) -> int:
    """A finished read of a study, ``values`` instead of what stands here; returns the row's id."""
    row = {
        "study_id": study_id, "version": 1, "input_digest": f"digest {values.get('version', 1)}", "folder": "f",
        "outcome": "draft", "priority": 1, "instance_count": 1, "report": "{}", "created_at": room.now(), **values,
    }  # fmt: skip
    with writing(room.database) as connection:
        key = connection.execute(reads.insert().values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def visitor(room: Room) -> TestClient:
    """A browser that is not logged in. It does not follow redirects."""
    return TestClient(create_app(room), base_url="http://testserver", follow_redirects=False)


def logged_in(room: Room, role: str = "radiologist", name: str = "", **values: object) -> TestClient:
    """A browser with a session of a new user; its requests carry the session's CSRF header."""
    user = add_person(room, role, name, **values)
    cookie = room.draw()
    with writing(room.database) as connection:
        connection.execute(
            sessions.insert().values(
                token_hash=token_hash(cookie),
                user_id=user,
                csrf=f"csrf-{user}",
                created_at=room.now(),
                last_seen_at=room.now(),
                expires_at=after(room.now(), 12 * 3600),
            )
        )
    client = visitor(room)
    client.cookies.set(COOKIE, cookie)
    client.headers[CSRF_HEADER] = f"csrf-{user}"
    return client


def send_in(room: Room, *files: Path, source: str = "SCANNER") -> list[Kept]:
    """Files as if they had been received."""
    kept = []
    for file in files:
        part = incoming_file(room)
        shutil.copy(file, part)
        kept.append(take_in(room, arrival_of(part, source)))
    return kept


def tables(room: Room, query: object) -> list[Mapping[str, object]]:
    """The rows of a query, as mappings."""
    with room.database.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]  # type: ignore[call-overload]


def counts(room: Room) -> dict[str, int]:
    """How many rows each table has."""
    with room.database.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }
