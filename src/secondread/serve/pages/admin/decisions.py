"""What people made of the readers' findings: accepted, edited, rejected, and what was added because it was missed."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from secondread.serve.database.tables import review_events

DECISIONS = ("accepted", "edited", "rejected")


@dataclass(frozen=True, slots=True)
class Decisions:
    """The last decision about each finding counts.

    Attributes:
        readers: By reader, then by decision.
        added: Findings that people added.
        seconds: Seconds people spent, by reader, where they are known.
    """

    readers: Mapping[str, Mapping[str, int]]
    added: int
    seconds: Mapping[str, float]


def decisions(connection: Connection, *, since: str) -> Decisions:
    """Of the events after the moment ``since``; a decision that was taken back is none."""
    query = (
        select(
            review_events.c.read_id, review_events.c.reader, review_events.c.finding, review_events.c.action,
            review_events.c.seconds,
        )
        .where(review_events.c.at >= since)
        .order_by(review_events.c.id)
    )  # fmt: skip
    last: dict[tuple[int, str, int], str] = {}
    seconds: dict[str, float] = defaultdict(float)
    added = 0
    for row in connection.execute(query):
        added += (row.action == "added") - (row.action == "removed")
        if row.reader and row.finding is not None:
            last[(row.read_id, row.reader, row.finding)] = row.action
            seconds[row.reader] += row.seconds or 0.0
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for (_, reader, _), action in last.items():
        if action in DECISIONS:
            counts[reader][action] += 1
    readers = {name: {one: counts[name][one] for one in DECISIONS} for name in sorted(counts)}
    return Decisions(readers, max(added, 0), dict(seconds))
