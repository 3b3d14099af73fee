"""Whether the trail is whole: every entry there, none altered, and none missing at the end that was signed for."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from secondread.serve.database.tables import audit_events
from secondread.serve.trail.checkpoint import Checkpoint
from secondread.serve.trail.record import GENESIS, chained

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found.

    Attributes:
        entries: How many entries are whole, from the first on.
        last_hash: Of the last whole one.
        broken_at: Sequence number of the first that is not as it was written, or None.
        why: What is wrong with it, or empty.
    """

    entries: int
    last_hash: str
    broken_at: int | None = None
    why: str = ""


def verify(connection: Connection, checkpoints: Sequence[Checkpoint] = ()) -> Verdict:
    """Follow the chain from its start.

    A chain alone does not tell that its end was cut off, or that all of it was written anew: a checkpoint does that is
    kept elsewhere.

    Args:
        connection: A view of the database that does not change meanwhile.
        checkpoints: Their signatures have been checked.
    """
    signed = {one.seq: one.hash for one in checkpoints}
    count, previous = 0, GENESIS
    for row in entries(connection):
        if row.seq != count + 1:
            return Verdict(count, previous, count + 1, f"the entry is missing; the next is {row.seq}")
        if row.hash != chained(previous, row.entry):
            return Verdict(count, previous, row.seq, "the entry, or its place, is not the one that was hashed")
        if wrong := _differs(row):
            return Verdict(count, previous, row.seq, f"the column {wrong} is not what the entry says")
        if signed.get(row.seq, row.hash) != row.hash:
            return Verdict(count, previous, row.seq, "a checkpoint was signed for another entry")
        count, previous = row.seq, row.hash
    if beyond := sorted(seq for seq in signed if seq > count):
        return Verdict(count, previous, count + 1, f"the end is cut off; a checkpoint was signed for entry {beyond[0]}")
    return Verdict(count, previous)


def entries(connection: Connection, after: int = 0) -> Iterator[Row[Any]]:
    """The rows in order, a thousand at a time: the trail may be longer than the memory."""
    while True:
        query = select(audit_events).where(audit_events.c.seq > after).order_by(audit_events.c.seq).limit(_AT_ONCE)
        rows = connection.execute(query).all()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].seq


def _differs(row: Row[Any]) -> str:
    """The columns are there to search by; who changes them changes what a search finds."""
    entry = json.loads(row.entry)
    columns = {"seq": "seq", "at": "ts", "actor": "actor", "action": "action", "subject": "object"}
    return next((name for name, key in columns.items() if getattr(row, name) != entry.get(key)), "")
