"""Taking up the next delivery: one sender at a time, another one when that one is silent."""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, select, update
from sqlalchemy.exc import SQLAlchemyError

from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import deliveries, destinations, reads, studies
from secondread.serve.moments import after
from secondread.serve.room import Room

LEASE_SECONDS = 60.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this sender has taken up.

    Attributes:
        id: Its row.
        attempt: Number of this attempt; what is written back counts only while it is the latest.
        key: What it is known by.
        state: ``waiting``: it is to be sent; ``sent``: its commitment is to be asked for again.
        destination: Name of the destination.
        folder: Of the results, below the room's folder of results.
        study_id: Row of the study it is about.
        study_uid: Its UID.
        read_folder: Of the read's results; of a signed report that is another folder than its own.
        taken: File, as a path from the folder, to UID of what the destination has already.
        transaction_uids: Of the commitments that were asked for.
        refusals: How often the destination said no.
    """

    id: int
    attempt: int
    key: str
    state: str
    destination: str
    folder: str
    study_id: int
    study_uid: str
    read_folder: str
    taken: dict[str, str]
    transaction_uids: tuple[str, ...]
    refusals: int


def claim(room: Room, destination: str) -> Claim | None:
    """The next delivery to a destination; None when nothing is due or the destination is left alone for a while.

    Deliveries about one study go in the order in which they were queued: a draft never comes after the signed report.
    """
    now = room.now()
    due = (
        (deliveries.c.destination == destination)
        & deliveries.c.state.in_(("waiting", "sent"))
        & (deliveries.c.not_before <= now)
        & (deliveries.c.lease_until.is_(None) | (deliveries.c.lease_until <= now))
    )
    with reading(room.database) as connection:  # asked every second: who receives images must not wait for it
        nothing = connection.execute(select(deliveries.c.id).where(due).limit(1)).first() is None
        if nothing or _is_left_alone(connection, destination, now):
            return None
    with writing(room.database) as connection:
        row = _next(connection, destination, due)
        if row is None:
            return None
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id == row.id)
            .values(lease_until=after(now, LEASE_SECONDS), attempts=row.attempts + 1)
        )
    return Claim(
        id=row.id,
        attempt=row.attempts + 1,
        key=row.key,
        state=row.state,
        destination=row.destination,
        folder=row.folder,
        study_id=row.study_id,
        study_uid=row.study_uid,
        read_folder=row.read_folder or row.folder,
        taken=json.loads(row.taken),
        transaction_uids=tuple(row.transaction_uids.split()),
        refusals=row.refusals,
    )


def _next(connection: Connection, destination: str, due: ColumnElement[bool]) -> Row[Any] | None:
    """The one that has waited longest, with no earlier one about its study before it; locked."""
    earlier = deliveries.alias()
    before_it = exists().where(
        earlier.c.destination == destination,
        earlier.c.study_id == deliveries.c.study_id,
        earlier.c.id < deliveries.c.id,
        earlier.c.state == "waiting",
    )
    return connection.execute(
        select(deliveries, studies.c.study_uid, reads.c.folder.label("read_folder"))
        .join(studies, studies.c.id == deliveries.c.study_id)
        .outerjoin(reads, reads.c.id == deliveries.c.read_id)
        .where(due, ~before_it)
        .order_by(deliveries.c.not_before, deliveries.c.id)
        .limit(1)
        .with_for_update(of=deliveries, skip_locked=True)
    ).one_or_none()


def _is_left_alone(connection: Connection, destination: str, now: str) -> bool:
    until = connection.execute(
        select(destinations.c.not_before).where(destinations.c.name == destination)
    ).scalar_one_or_none()
    return until is not None and until > now


@contextmanager
def held(room: Room, taken_up: Claim) -> Iterator[None]:
    """Keep the delivery for as long as it takes: large objects over a slow line outlast a lease."""
    over = threading.Event()

    def keep() -> None:
        while not over.wait(LEASE_SECONDS / 3):
            try:
                with writing(room.database) as connection:
                    connection.execute(
                        update(deliveries)
                        .where(
                            deliveries.c.id == taken_up.id,
                            deliveries.c.attempts == taken_up.attempt,
                            deliveries.c.lease_until.is_not(None),  # else it has ended in this moment
                        )
                        .values(lease_until=after(room.now(), LEASE_SECONDS))
                    )
            except SQLAlchemyError as error:  # tried again in a while; at worst it is sent twice
                _log.error("a delivery was not held: id=%d error=%s", taken_up.id, type(error).__name__)

    keeper = threading.Thread(target=keep, name="delivery is held", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()
