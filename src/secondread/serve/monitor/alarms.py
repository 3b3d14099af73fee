"""Alarms of monitors: read, and acknowledged by a person with a note."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from secondread.core.errors import UsageError
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import monitor_alarms, users
from secondread.serve.monitor.switches import SHORTEST_REASON
from secondread.serve.room import Room
from secondread.serve.trail.record import Actor, record

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm.

    Attributes:
        id: Its number.
        reader: Whose reads changed.
        monitor: What changed, as the monitor is called.
        area: Of the monitor.
        at: When it was raised.
        said: What the monitor said then.
        state: Of the message about it: ``none``, ``waiting``, ``sent`` or ``failed``.
        error: Why the message is not there yet, or "".
        acknowledged_at: When, or "".
        by: Who acknowledged it, or "".
        note: What they wrote.
    """

    id: int
    reader: str
    monitor: str
    area: str
    at: str
    said: Mapping[str, Any]
    state: str
    error: str
    acknowledged_at: str
    by: str
    note: str


def alarms(room: Room) -> list[Alarm]:
    """The open ones first, then the acknowledged ones, the latest first."""
    query = (
        select(monitor_alarms, users.c.display_name, users.c.name)
        .outerjoin(users, users.c.id == monitor_alarms.c.user_id)
        .order_by(monitor_alarms.c.acknowledged_at.is_not(None), monitor_alarms.c.id.desc())
        .limit(SHOWN)
    )
    with reading(room.database) as connection:
        return [
            Alarm(
                row.id, row.reader, row.monitor, row.area, row.at, json.loads(row.said), row.state, row.error,
                row.acknowledged_at or "", row.display_name or row.name or "", row.note,
            )
            for row in connection.execute(query)
        ]  # fmt: skip


def acknowledge(room: Room, actor: Actor, user_id: int, alarm_id: int, note: str) -> bool:
    """Say that a person saw to an alarm; False where there is no such alarm, or somebody did already.

    Raises:
        UsageError: If the note says nothing.
    """
    note = note.strip()[:256]
    if len(note) < SHORTEST_REASON:
        raise UsageError("alarm: needed a note of what was found and done. Name nobody in it.")
    with writing(room.database) as connection:
        done = connection.execute(
            monitor_alarms.update()
            .where(monitor_alarms.c.id == alarm_id, monitor_alarms.c.acknowledged_at.is_(None))
            .values(acknowledged_at=room.now(), user_id=user_id, note=note)
        ).rowcount
        if done:
            detail = {"alarm": alarm_id, "note": note}
            record(
                room, actor=actor.name, action="alarm-acknowledged", address=actor.address, detail=detail,
                connection=connection,
            )  # fmt: skip
    return bool(done)
