"""When the program started and stopped, and whether its settings had changed meanwhile."""

import hashlib
import json

from sqlalchemy import Connection, select

from secondread.core.version import __version__
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import audit_events
from secondread.serve.room import Room
from secondread.serve.trail.record import record

ACTOR = "secondread"


class Lifecycle:
    """The service that records it. Settings are told by a hash: they hold addresses, and the database's password."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def start(self) -> None:
        """Record the start, and a change of the settings since the last one."""
        settings = settings_hash(self._room)
        with writing(self._room.database) as connection:
            before = _last_settings(connection)
            detail = {"version": __version__, "settings": settings}
            record(self._room, actor=ACTOR, action="start", detail=detail, connection=connection)
            if before not in {None, settings}:
                change = {"before": before, "settings": settings}
                record(self._room, actor=ACTOR, action="settings-changed", detail=change, connection=connection)

    def stop(self) -> None:
        """Record the end. A program that was killed has none, and the next start tells so by standing alone."""
        record(self._room, actor=ACTOR, action="stop")


def settings_hash(room: Room) -> str:
    """The same for the same settings."""
    return hashlib.sha256(repr(room.settings).encode()).hexdigest()[:32]


def _last_settings(connection: Connection) -> str | None:
    query = select(audit_events.c.entry).where(audit_events.c.action == "start", audit_events.c.actor == ACTOR)
    entry = connection.execute(query.order_by(audit_events.c.seq.desc()).limit(1)).scalar_one_or_none()
    return None if entry is None else str(json.loads(entry)["detail"].get("settings"))
