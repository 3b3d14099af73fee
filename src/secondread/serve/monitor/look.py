"""One look of the monitors at the room's reads: what they say is kept, and an alarm is opened once."""

import json
import logging
from dataclasses import asdict

from sqlalchemy import Connection, delete, select

from secondread.audit.drift import asked
from secondread.audit.drift.judge import ALARM, Judged
from secondread.audit.drift.watch import Rules, Watched, watched
from secondread.serve.config.room import MonitorSettings
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import monitor_alarms, monitor_looks
from secondread.serve.database.upsert import insert_new
from secondread.serve.monitor.asked import studies_asked
from secondread.serve.monitor.points import stored_points
from secondread.serve.monitor.switches import Switch, known_switches
from secondread.serve.room import Room
from secondread.serve.trail.record import record

_log = logging.getLogger(__name__)
OURS = "secondread"


def rules_of(settings: MonitorSettings) -> Rules:
    """The settings as monitors take them."""
    return Rules(settings.reference_reads, settings.least_reads, settings.false_alarm_rate, settings.window_reads)


def look(room: Room) -> int:
    """Look once; returns how many alarms are new."""
    settings, switches = room.settings.monitor, known_switches(room)
    begins = {name: one.since for name, one in switches.items()}
    points = stored_points(room, settings.reference_reads, settings.window_reads, begins)
    asked_about = studies_asked(room, settings.reference_reads, settings.window_reads, switches)
    found = watched(points, rules_of(settings), begins, asked_about)
    with writing(room.database) as connection:
        connection.execute(delete(monitor_looks).where(monitor_looks.c.reader.not_in([one.reader for one in found])))
        for one in found:
            _keep(connection, room, one)
        new = [
            (one, said)
            for one in found
            for said in one.monitors
            if said.status == ALARM
            and _open(connection, room, one, said, _begun(said, switches.get(one.reader, Switch())))
        ]
        for one, said in new:  # the trail last: others wait for its lock while they hold rows
            detail = {"reader": one.reader, "monitor": f"{said.area}: {said.name}"}
            record(room, actor=OURS, action="drift-alarm", detail=detail, connection=connection)
    if new:
        _log.warning("monitors raised an alarm: alarms=%d", len(new))
    return len(new)


def _keep(connection: Connection, room: Room, one: Watched) -> None:
    connection.execute(delete(monitor_looks).where(monitor_looks.c.reader == one.reader))
    said = json.dumps(asdict(one), ensure_ascii=False, sort_keys=True)
    connection.execute(monitor_looks.insert().values(reader=one.reader, at=room.now(), said=said))


def _begun(said: Judged, switched: Switch) -> str:
    return switched.asked_since if said.name == asked.NAME else switched.since


def _open(connection: Connection, room: Room, one: Watched, said: Judged, begun: str) -> bool:
    """Whether it is new: each monitor alarms once while its reference holds."""
    key = f"{one.reader} {one.weights[:16]} {begun} {said.area} {said.name}"[:256]
    made = insert_new(
        connection,
        monitor_alarms,
        "key",
        key=key,
        reader=one.reader,
        area=said.area,
        monitor=said.name[:128],
        said=json.dumps({**asdict(said), "bundle": one.bundle, "weights": one.weights}, ensure_ascii=False),
        at=room.now(),
        state="waiting" if room.settings.monitor.webhook_url else "none",
        not_before=room.now(),
    )
    return made is not None


def latest_looks(connection: Connection) -> list[tuple[str, Watched]]:
    """When each reader was looked at, and what its monitors said."""
    rows = connection.execute(select(monitor_looks).order_by(monitor_looks.c.reader)).all()
    return [(row.at, _watched(row.said)) for row in rows]


def looks_of(room: Room) -> list[tuple[str, Watched]]:
    """As :func:`latest_looks`, in a transaction of its own."""
    with reading(room.database) as connection:
        return latest_looks(connection)


def _watched(stored: str) -> Watched:
    entry = json.loads(stored)
    monitors = tuple(Judged(**{**one, "course": tuple(one["course"])}) for one in entry["monitors"])
    return Watched(**{**entry, "monitors": monitors})
