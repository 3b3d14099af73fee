"""The outbox: what is to be sent stands in the table before anything is sent, so that nothing is lost."""

import hashlib
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from secondread.serve.database.connect import writing
from secondread.serve.database.tables import deliveries, destinations
from secondread.serve.room import Room


def enqueue(
    connection: Connection,
    room: Room,
    *,
    study_id: int,
    folder: str,
    when: str,
    read_id: int | None = None,
    signature_id: int | None = None,
) -> int:
    """Queue a folder of results for every destination of the study's route; the same results are queued once.

    Args:
        connection: The transaction that makes the results known: both happen, or neither.
        room: The room.
        study_id: Row of the study.
        folder: Of the results, below the room's folder of results.
        when: ``draft`` or ``signed``.
        read_id: Row of the read.
        signature_id: Row of the signature.

    Returns:
        How many deliveries were queued.
    """
    from secondread.serve.reading.routing import facts_of, route_for

    names = route_for(room.settings, facts_of(connection, study_id)).destinations
    now, made = room.now(), 0
    what = {"study_id": study_id, "read_id": read_id, "signature_id": signature_id, "folder": folder}
    for destination in room.settings.destinations:
        if destination.name in names and destination.when in {when, "both"}:
            key = _key(destination.name, when, folder)
            row = {**what, "destination": destination.name, "key": key, "not_before": now, "created_at": now}
            insert = insert_of(connection, deliveries, row).returning(deliveries.c.id)
            made += len(connection.execute(insert).all())
    return made


def insert_of(connection: Connection, table: Any, row: dict[str, Any]) -> Any:
    """An insert that does nothing where the row is there already."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table).values(row).on_conflict_do_nothing()


def _key(destination: str, when: str, folder: str) -> str:
    """Names are at most 64 letters, keys 128."""
    return f"{destination} {when} {hashlib.sha256(folder.encode()).hexdigest()[:32]}"


def retry(room: Room, delivery_id: int) -> bool:
    """Send a delivery at once that waits, failed or was cancelled; False if there is nothing to send or nothing more.

    A preliminary message never follows a final one: what a newer delivery of the study has overtaken stays as it is.
    """
    with writing(room.database) as connection:
        row = connection.execute(
            select(deliveries).where(deliveries.c.id == delivery_id).with_for_update()
        ).one_or_none()
        if row is None or row.state == "confirmed" or _overtaken(connection, room, row):
            return False
        now = room.now()
        changes: dict[str, Any] = {"not_before": now, "refusals": 0, "error": ""}
        if row.state in {"failed", "cancelled"}:
            changes |= {"state": "waiting", "taken": "{}", "transaction_uids": "", "sent_at": None, "lease_until": None}
        connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(changes))
        connection.execute(
            update(destinations).where(destinations.c.name == row.destination).values(not_before=now, failures=0)
        )
    return True


def _overtaken(connection: Connection, room: Room, row: Any) -> bool:
    """Whether a receiver of messages has a newer one about the study; objects in an archive do not replace others."""
    kinds = {one.name: one.kind for one in room.settings.destinations}
    if kinds.get(row.destination) not in {"fhir", "hl7"}:
        return False
    newer = select(deliveries.c.id).where(
        deliveries.c.study_id == row.study_id,
        deliveries.c.destination == row.destination,
        deliveries.c.id > row.id,
        deliveries.c.state == "confirmed",
    )
    return connection.execute(newer.limit(1)).first() is not None


def cancel(room: Room, delivery_id: int) -> bool:
    """Give a delivery up; False if it arrived already or was given up. What is on its way may still arrive."""
    with writing(room.database) as connection:
        changed = connection.execute(
            update(deliveries)
            .where(deliveries.c.id == delivery_id, deliveries.c.state.in_(("waiting", "sent", "failed")))
            .values(state="cancelled", lease_until=None)
        )
    return changed.rowcount == 1
