"""Which of the room's studies each reader was asked about, for the monitor that tells a reader that is gone."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, exists, func, select

from secondread.audit.drift.point import part_of_week
from secondread.audit.drift.watch import Asked
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import monitor_points, reads
from secondread.serve.moments import moment
from secondread.serve.monitor.points import counts_of, latest_networks
from secondread.serve.monitor.switches import Switch
from secondread.serve.room import Room


def studies_asked(room: Room, first: int, latest: int, switches: Mapping[str, Switch]) -> dict[str, Asked]:
    """By reader, from after its first read with the network that it used last: of each study the latest read.

    A reader that a person switched off is left out, and begins anew when it is on again: everybody knows of it.

    Args:
        room: The room.
        first: So many studies from the beginning are taken, the reference.
        latest: And so many from the end.
        switches: How people set the readers.
    """
    begins = {name: one.asked_since for name, one in switches.items()}
    found: dict[str, Asked] = {}
    with reading(room.database) as connection:
        for now in latest_networks(connection):
            begun = connection.execute(
                select(func.min(monitor_points.c.read_id)).where(counts_of(now, begins))
            ).scalar()
            if begun is not None and not switches.get(now.reader, Switch()).off:
                found[now.reader] = _asked(connection, now.reader, begun, (first, latest))
    return found


def _asked(connection: Connection, reader: str, begun: int, counts: Sequence[int]) -> Asked:
    later = reads.alias()
    again = exists().where(later.c.study_id == reads.c.study_id, later.c.id > reads.c.id)
    there = exists().where(monitor_points.c.read_id == reads.c.id, monitor_points.c.reader == reader)
    query = select(reads.c.id, reads.c.created_at, there.label("asked")).where(reads.c.id > begun, ~again)
    rows = {
        row.id: row
        for order, count in zip((reads.c.id, reads.c.id.desc()), counts, strict=True)
        for row in connection.execute(query.order_by(order).limit(count))
    }
    return [(bool(row.asked), part_of_week(moment(row.created_at).astimezone())) for _, row in sorted(rows.items())]
