"""How the reads of each reader ended: undecided is counted apart, never as found or as nothing found."""

from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from secondread.core.report import Outcome
from secondread.serve.database.tables import monitor_points


def outcomes(connection: Connection, *, since: str) -> Mapping[str, Mapping[Outcome, int]]:
    """By reader, then by every outcome, of the reads after the moment ``since``; a study read again counts again."""
    query = (
        select(monitor_points.c.reader, monitor_points.c.outcome, func.count())
        .where(monitor_points.c.at >= since)
        .group_by(monitor_points.c.reader, monitor_points.c.outcome)
    )
    counts = {(row[0], row[1]): int(row[2]) for row in connection.execute(query)}
    readers = sorted({reader for reader, _ in counts})
    return {name: {one: counts.get((name, one.value), 0) for one in Outcome} for name in readers}
