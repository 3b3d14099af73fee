"""Switching a reader off, at once and with a reason, and on again.

A read that begins while it is off names the reader as refused, without any of its networks being run; a route that asks
only readers that are off queues nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from secondread.core.card import ModelCard
from secondread.core.errors import UsageError
from secondread.core.reader import Reader
from secondread.core.report import Refusal
from secondread.core.study import Series, Study
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import reader_switches
from secondread.serve.room import Room
from secondread.serve.trail.record import Actor, record

SWITCHED_OFF = "switched-off"
SHORTEST_REASON = 3


@dataclass(frozen=True, slots=True)
class Switch:
    """How a person set a reader.

    Attributes:
        off: Whether it reads nothing.
        reason: Why it was switched.
        at: When, or "".
        since: Moment from which on reads count for its reference, or "".
    """

    off: bool = False
    reason: str = ""
    at: str = ""
    since: str = ""

    @property
    def asked_since(self) -> str:
        """Moment from which on it counts whether the reader is asked: a new reference, or the last switch."""
        return max(self.since, self.at)


def switches(connection: Connection) -> dict[str, Switch]:
    """Of every reader that somebody touched."""
    rows = connection.execute(select(reader_switches))
    return {row.reader: Switch(row.off, row.reason, row.at or "", row.reference_since or "") for row in rows}


def off_readers(connection: Connection) -> dict[str, str]:
    """Readers that are off, to the day on which they were switched off."""
    return {name: one.at[:10] for name, one in switches(connection).items() if one.off}


def all_off(asked: Sequence[str], off: Mapping[str, str]) -> bool:
    """Whether a route asks readers by name, and all of them are off."""
    return bool(asked) and all(name in off for name in asked)


def with_switches(readers: Sequence[Reader], off: Mapping[str, str]) -> list[Reader]:
    """The readers; those that are off refuse whatever they would have read."""
    return [_refusing(reader, off[reader.name]) if reader.name in off else reader for reader in readers]


def _refusing(reader: Reader, day: str) -> Reader:
    """The same question, which still says when a study is not its business."""
    refusal = Refusal(
        SWITCHED_OFF,
        f"This reader was switched off in this reading room on {day}.",
        "Ask the administrators of the room. Have the study read again when it is on.",
    )
    choose: Callable[[Study, ModelCard], Series | tuple[Series, ...] | Refusal] = reader.select

    def select_none(study: Study, card: ModelCard) -> Refusal:
        chosen = choose(study, card)
        return chosen if isinstance(chosen, Refusal) else refusal

    return replace(reader, select=select_none)


def switch(room: Room, actor: Actor, user_id: int | None, reader: str, *, off: bool, reason: str) -> None:
    """Switch a reader off or on.

    Raises:
        UsageError: If no reason is given.
    """
    reason = _reason(reader, reason, "new scanner: checked first")
    with writing(room.database) as connection:
        _set(connection, reader, off=off, reason=reason, user_id=user_id, at=room.now())
        action = "reader-off" if off else "reader-on"
        detail = {"reader": reader, "reason": reason}
        record(
            room, actor=actor.name, action=action, address=actor.address, detail=detail, connection=connection,
        )  # fmt: skip


def begin_reference(room: Room, actor: Actor, reader: str, reason: str) -> None:
    """What comes from now on is the new reference of a reader: a person found the change to be right.

    Raises:
        UsageError: If no reason is given.
    """
    reason = _reason(reader, reason, "the new scanner is accepted")
    with writing(room.database) as connection:
        _set(connection, reader, reference_since=room.now())
        detail = {"reader": reader, "reason": reason}
        record(
            room, actor=actor.name, action="reference-begun", address=actor.address, detail=detail,
            connection=connection,
        )  # fmt: skip


def known_switches(room: Room) -> dict[str, Switch]:
    """As :func:`switches`, in a transaction of its own."""
    with reading(room.database) as connection:
        return switches(connection)


def _set(connection: Connection, reader: str, **values: Any) -> None:
    here = select(reader_switches.c.reader).where(reader_switches.c.reader == reader).with_for_update()
    if connection.execute(here).first() is None:
        connection.execute(reader_switches.insert().values(reader=reader, **values))
    else:
        connection.execute(reader_switches.update().where(reader_switches.c.reader == reader).values(**values))


def _reason(reader: str, given: str, example: str) -> str:
    """A reason, cut to what is kept.

    Raises:
        UsageError: If none is given.
    """
    reason = given.strip()[:256]
    if len(reason) < SHORTEST_REASON:
        raise UsageError(f"{reader}: needed a reason, as '{example}'. Name nobody in it.")
    return reason
