"""What became of an attempt, written back. It counts only while nobody else has taken the delivery up since."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, update

from secondread.serve.database.connect import writing
from secondread.serve.database.tables import deliveries, destinations
from secondread.serve.moments import after
from secondread.serve.room import Room
from secondread.serve.sending.backoff import MAX_REFUSALS, pause
from secondread.serve.sending.claim import Claim
from secondread.serve.sending.outbox import insert_of
from secondread.serve.trail.record import record

_MAX_ERROR = 1000


def confirmed(room: Room, claim: Claim, taken: Mapping[str, str], note: str = "") -> None:
    """The destination has it all and said so."""
    now = room.now()
    values = {"state": "confirmed", "sent_at": now, "confirmed_at": now, "taken": json.dumps(dict(taken))}
    with writing(room.database) as connection:
        if _write(connection, claim, {**values, "error": note}):
            _reached(connection, room, claim.destination)
            _record(room, connection, claim, "success", {"files": len(taken)})


def nothing_to_send(room: Room, claim: Claim, why: str) -> None:
    """The results hold nothing of what the destination takes."""
    with writing(room.database) as connection:
        _write(connection, claim, {"state": "cancelled", "error": why})


def sent(room: Room, claim: Claim, taken: Mapping[str, str]) -> None:
    """The destination has it all; its commitment is asked for next."""
    now = room.now()
    values = {"state": "sent", "sent_at": now, "taken": json.dumps(dict(taken)), "error": "", "not_before": now}
    with writing(room.database) as connection:
        if _write(connection, claim, values, lease_ends=False):
            _reached(connection, room, claim.destination)
            _record(room, connection, claim, "success", {"files": len(taken)})


def asking(room: Room, claim: Claim, transaction_uid: str, not_before: str) -> bool:
    """A commitment is about to be asked for: its answer may come before the request returns."""
    values = {
        "transaction_uids": " ".join((*claim.transaction_uids, transaction_uid)),
        "not_before": not_before,
        "error": "",
    }
    with writing(room.database) as connection:
        return _write(connection, claim, values, lease_ends=False)


def asked(room: Room, claim: Claim) -> None:
    """The destination will answer; until then the delivery rests."""
    with writing(room.database) as connection:
        if _write(connection, claim, {}):
            _reached(connection, room, claim.destination)


def refused(
    room: Room, claim: Claim, why: str, taken: Mapping[str, str] | None = None, *, answered: bool = True
) -> None:
    """It did not go: tried again later, and given to a person after some times.

    ``answered``: whether it was the destination that said no.
    """
    refusals = claim.refusals + 1
    values: dict[str, Any] = {"refusals": refusals, "error": why[:_MAX_ERROR]}
    if taken is not None:
        values["taken"] = json.dumps(dict(taken))
    if refusals >= MAX_REFUSALS:
        values["state"] = "failed"
    else:
        values["not_before"] = after(room.now(), pause(refusals, room.draw))
    with writing(room.database) as connection:
        if not _write(connection, claim, values):
            return
        if answered:
            _reached(connection, room, claim.destination)
        if refusals >= MAX_REFUSALS:
            _record(room, connection, claim, "failure", {"refusals": refusals})


def given_up(room: Room, claim: Claim, why: str) -> None:
    """Only a person can help."""
    with writing(room.database) as connection:
        if _write(connection, claim, {"state": "failed", "error": why[:_MAX_ERROR]}):
            _record(room, connection, claim, "failure", {"attempts": claim.attempt})


def unreachable(room: Room, claim: Claim, why: str, taken: Mapping[str, str]) -> None:
    """Nobody was there: the delivery and all others of the destination wait, each time longer, for ever.

    A delivery that always ends the connection waits longer than the others, so that it does not hold them up.
    """
    now, name = room.now(), claim.destination
    with writing(room.database) as connection:
        _row_of(connection, room, name)
        failures = connection.execute(
            update(destinations)
            .where(destinations.c.name == name)
            .values(failures=destinations.c.failures + 1, error=why[:_MAX_ERROR])
            .returning(destinations.c.failures)
        ).scalar_one()
        until = after(now, pause(failures, room.draw))
        connection.execute(update(destinations).where(destinations.c.name == name).values(not_before=until))
        values = {
            "not_before": max(until, after(now, pause(claim.attempt, room.draw))),
            "error": why[:_MAX_ERROR],
            "taken": json.dumps({**claim.taken, **taken}),
            "transaction_uids": " ".join(claim.transaction_uids),  # a request that did not arrive is none
        }
        _write(connection, claim, values)


def _write(connection: Connection, claim: Claim, values: Mapping[str, Any], *, lease_ends: bool = True) -> bool:
    """Whether the delivery is still this sender's."""
    changes = {**values, "lease_until": None} if lease_ends else dict(values)
    done = connection.execute(
        update(deliveries)
        .where(
            deliveries.c.id == claim.id,
            deliveries.c.attempts == claim.attempt,
            deliveries.c.state.in_(("waiting", "sent")),
        )
        .values({"attempts": claim.attempt, **changes})
    )
    return done.rowcount == 1


def _reached(connection: Connection, room: Room, name: str) -> None:
    now = room.now()
    _row_of(connection, room, name)
    connection.execute(
        update(destinations)
        .where(destinations.c.name == name)
        .values(failures=0, not_before=now, error="", reached_at=now)
    )


def _row_of(connection: Connection, room: Room, name: str) -> None:
    connection.execute(insert_of(connection, destinations, {"name": name, "not_before": room.now()}))


def _record(room: Room, connection: Connection, claim: Claim, outcome: str, detail: dict[str, Any]) -> None:
    record(
        room,
        actor="secondread",
        action="send",
        study_uid=claim.study_uid,
        outcome=outcome,
        detail={"destination": claim.destination, "delivery": claim.id, **detail},
        connection=connection,
    )
