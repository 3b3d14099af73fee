"""Erasing: first everything in the database, in one transaction, then the files that it noted there.

From the moment of the transaction nothing of the patient can be found, shown or sent any more. A program that is killed
after it finds in ``erasure_files`` what is still to be removed, see :mod:`secondread.serve.erasure.finish`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from secondread.core.errors import UsageError, short_uid
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import (
    audit_subjects,
    commitments,
    deliveries,
    erased_studies,
    erasure_files,
    erasures,
    instances,
    jobs,
    reads,
    signatures,
    studies,
    subscriptions,
    workitem_events,
    workitems,
)
from secondread.serve.erasure.find import Wanted, found
from secondread.serve.erasure.finish import finish
from secondread.serve.erasure.places import places_of
from secondread.serve.moments import after
from secondread.serve.room import Room
from secondread.serve.trail.erased import study_hash
from secondread.serve.trail.record import canonical, record, subject_of

SHORTEST_REASON = 3
_FILING_SECONDS = 60


class HeldError(UsageError):
    """Something must not be erased, or not now."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What remains of a study: proof that it was erased, which tells nobody whose it was.

    Attributes:
        erasure: Its number.
        text: Canonical JSON.
    """

    erasure: int
    text: str


def erase(room: Room, wanted: Wanted, *, by: str, user_id: int | None, reason: str, address: str = "") -> list[Receipt]:
    """Erase a patient, or one study; returns a receipt for each study.

    Raises:
        NotHereError: If nothing is kept of them.
        UsageError: If it is not clear who is meant, or no reason is given.
        HeldError: If one of the studies must be kept, or is at work; then nothing is erased.
    """
    reason = reason.strip()[:256]
    if len(reason) < SHORTEST_REASON:
        raise UsageError("erasure: needed a reason, as 'request of the patient of 4 March'. Name nobody in it.")
    with writing(room.database) as connection:
        if connection.dialect.name == "sqlite":  # what is deleted is overwritten too: SQLite documentation, PRAGMAs
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
        rows = found(connection, wanted, lock=True)
        _check_free(connection, room, rows)
        receipts = [_erase_one(connection, room, row, by, user_id, reason) for row in rows]
        for row in rows:  # the trail last: others wait for its lock while they hold rows
            record(
                room, actor=by, action="erase", study_uid=row.study_uid, address=address,
                detail={"reason": reason}, connection=connection,
            )  # fmt: skip
        uids = [row.study_uid for row in rows]
        connection.execute(delete(audit_subjects).where(audit_subjects.c.study_uid.in_(uids)))
    for receipt in receipts:
        finish(room, receipt.erasure)
    _flush(room)
    return receipts


def _flush(room: Room) -> None:
    """SQLite's log of writes still holds what was deleted: write it into the file and cut it, if nobody reads now."""
    if room.database.dialect.name == "sqlite":
        connection = room.database.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.close()


def set_hold(room: Room, wanted: Wanted, *, by: str, held: bool, reason: str = "", address: str = "") -> int:
    """Keep a patient's studies from being erased, or no longer; how many studies.

    Raises:
        NotHereError: If nothing is kept of them.
        UsageError: If it is not clear who is meant, or there is no reason to hold.
    """
    reason = reason.strip()[:256] if held else ""
    if held and len(reason) < SHORTEST_REASON:
        raise UsageError("hold: needed a reason, as the law that asks for it. Name nobody in it.")
    with writing(room.database) as connection:
        rows = found(connection, wanted, lock=True)
        connection.execute(update(studies).where(studies.c.id.in_([row.id for row in rows])).values(legal_hold=reason))
        for row in rows:
            record(
                room, actor=by, action="hold", study_uid=row.study_uid, address=address,
                detail={"held": held, "reason": reason}, connection=connection,
            )  # fmt: skip
    return len(rows)


def _check_free(connection: Connection, room: Room, rows: Sequence[Row[Any]]) -> None:
    """Nothing may be held, and nothing at work that would write files of the study after it is gone."""
    ids = [row.id for row in rows]
    if held := [row for row in rows if row.legal_hold]:
        raise HeldError(
            f"study {short_uid(held[0].study_uid)}: must be kept: {held[0].legal_hold} End the legal hold first."
        )
    running = select(jobs.c.id).where(jobs.c.study_id.in_(ids), jobs.c.state == "running")
    sending = select(deliveries.c.id).where(
        deliveries.c.study_id.in_(ids), deliveries.c.state == "waiting", deliveries.c.lease_until > room.now()
    )
    if connection.execute(running.limit(1)).first():
        raise HeldError("erasure: a study is being read now. Cancel its job under Administration, and try again.")
    if connection.execute(sending.limit(1)).first():
        raise HeldError("erasure: a result is being sent now. Wait a minute, and try again.")
    here = select(instances.c.sop_instance_uid).where(instances.c.study_id.in_(ids))
    filing = select(signatures.c.id).where(
        signatures.c.study_id.in_(ids),
        signatures.c.at > after(room.now(), -_FILING_SECONDS),
        signatures.c.sr_sop_instance_uid.not_in(here),
    )
    if connection.execute(filing.limit(1)).first():
        raise HeldError("erasure: a report was signed just now and is being filed. Wait a minute, and try again.")


def _erase_one(connection: Connection, room: Room, row: Row[Any], by: str, user_id: int | None, reason: str) -> Receipt:
    """Every row about a study goes; what is left is what has to be removed, and the receipt."""
    images = connection.execute(
        select(instances.c.path, instances.c.sha256, instances.c.size_bytes, instances.c.sop_instance_uid)
        .where(instances.c.study_id == row.id)
        .order_by(instances.c.sha256)
    ).all()
    folders = connection.execute(select(reads.c.folder).where(reads.c.study_id == row.id)).scalars().all()
    places = places_of(room, row.study_uid, [image.path for image in images], folders)
    subject = subject_of(room, row.study_uid)
    text = canonical(
        {
            "at": room.now(), "by": by, "reason": reason, "study": subject,
            "instances": len(images), "bytes": sum(image.size_bytes for image in images), "reads": len(folders),
            "content": hashlib.sha256("".join(image.sha256 for image in images).encode()).hexdigest(),
        }
    )  # fmt: skip
    key = connection.execute(
        insert(erasures).values(
            at=room.now(), user_id=user_id, subject=subject, reason=reason, instance_count=len(images), receipt=text
        )
    ).inserted_primary_key
    assert key is not None
    erasure = int(key[0])
    connection.execute(insert(erasure_files), [{"erasure_id": erasure, "path": place} for place in places])
    _remember(connection, room, row.study_uid, erasure)
    _forget_requests(connection, row.study_uid, [image.sop_instance_uid for image in images])
    connection.execute(delete(studies).where(studies.c.id == row.id))  # and with it all that refers to it
    return Receipt(erasure, text)


def _remember(connection: Connection, room: Room, study_uid: str, erasure: int) -> None:
    """The hash of its UID, so that who asks for it is told that it is gone; a study may be erased twice."""
    hashed = study_hash(room, study_uid)
    connection.execute(delete(erased_studies).where(erased_studies.c.study_hash == hashed))
    connection.execute(insert(erased_studies).values(study_hash=hashed, erasure_id=erasure))


def _forget_requests(connection: Connection, study_uid: str, uids: Sequence[str]) -> None:
    """Work items name the patient; requests for storage commitment name the objects."""
    items = select(workitems.c.uid).where(workitems.c.study_uid == study_uid)
    connection.execute(delete(subscriptions).where(subscriptions.c.workitem_uid.in_(items)))
    connection.execute(delete(workitem_events).where(workitem_events.c.workitem_uid.in_(items)))
    connection.execute(delete(workitems).where(workitems.c.study_uid == study_uid))
    for start in range(0, len(uids), 100):
        named = or_(*(commitments.c.request.contains(uid, autoescape=True) for uid in uids[start : start + 100]))
        connection.execute(delete(commitments).where(named))
