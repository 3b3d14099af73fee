"""Storage commitments that others asked of us: checked, answered, and answered again until they are heard."""

import json
from collections.abc import Sequence

from pydicom.dataset import Dataset
from sqlalchemy import select, update

from secondread.core.errors import NetworkError
from secondread.dicom.header import calm, identifier
from secondread.dicom.node import command as commands
from secondread.dicom.node.client import reference
from secondread.dicom.node.guest import Promise, RefusedError
from secondread.dicom.node.report import call_with
from secondread.dicom.node.services import ALL_COMMITTED, SOME_NOT_COMMITTED
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import commitments, instances
from secondread.serve.database.upsert import insert_new
from secondread.serve.moments import after
from secondread.serve.node.peers import caller_of
from secondread.serve.room import Room

MAX_REFERENCES = 20_000
MAX_ATTEMPTS = 12  # with the pauses below: for about a day
_HERE_SECONDS = 30.0  # the asking association has so long to hear the answer
_LEASE_SECONDS = 300.0
_PAUSE_SECONDS = (10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
_PART = 500  # values in one statement


def take(room: Room, peer: str, request: Dataset) -> str:
    """Keep a request; returns its transaction UID. The same request again is the same request.

    Raises:
        RefusedError: If it is malformed, or another request had its transaction UID.
    """
    with calm():
        transaction = identifier(request, "TransactionUID")
        items = request.get("ReferencedSOPSequence") or []
        references = [
            [identifier(one, "ReferencedSOPClassUID"), identifier(one, "ReferencedSOPInstanceUID")] for one in items
        ]
    if not transaction or not references or not all(all(pair) for pair in references):
        raise RefusedError(commands.INVALID_ARGUMENT, "TransactionUID and ReferencedSOPSequence are needed")
    if len(references) > MAX_REFERENCES:
        raise RefusedError(commands.PROCESSING_FAILURE, f"more than {MAX_REFERENCES} objects")
    content = json.dumps(references)
    now = room.now()
    row = {
        "transaction_uid": transaction, "peer": peer, "request": content, "created_at": now,
        "not_before": after(now, _HERE_SECONDS),
    }  # fmt: skip
    with writing(room.database) as connection:
        insert_new(connection, commitments, "transaction_uid", **row)
        known = connection.execute(select(commitments).where(commitments.c.transaction_uid == transaction)).one()
    if (known.peer, known.request) != (peer, content):
        raise RefusedError(commands.PROCESSING_FAILURE, "another request had this TransactionUID")
    return transaction


def promise_for(room: Room, transaction_uid: str) -> Promise | None:
    """The answer to a request, from what is held now; None for a request that is not kept."""
    with reading(room.database) as connection:
        question = select(commitments.c.request).where(commitments.c.transaction_uid == transaction_uid)
        request = connection.execute(question).scalar_one_or_none()
    if request is None:
        return None
    references = [(str(kind), str(uid)) for kind, uid in json.loads(request)]
    held = _held(room, [uid for _, uid in references])
    kept, failed = [], []
    for kind, uid in references:
        item = reference(kind, uid)
        if held.get(uid) == kind:
            kept.append(item)
        else:
            item.FailureReason = commands.CLASS_INSTANCE_CONFLICT if uid in held else commands.NO_SUCH_INSTANCE
            failed.append(item)
    answer = Dataset()
    answer.TransactionUID = transaction_uid
    answer.RetrieveAETitle = room.settings.dicom.ae_title
    answer.ReferencedSOPSequence = kept
    if failed:
        answer.FailedSOPSequence = failed
    return Promise(transaction_uid, SOME_NOT_COMMITTED if failed else ALL_COMMITTED, answer)


def done(room: Room, transaction_uid: str) -> None:
    """The answer was heard."""
    with writing(room.database) as connection:
        connection.execute(
            update(commitments)
            .where(commitments.c.transaction_uid == transaction_uid)
            .values(state="done", error="", request="[]")
        )


def call_soon(room: Room, transaction_uids: Sequence[str]) -> None:
    """Answers that the asking association did not wait for are given by a call of ours."""
    if transaction_uids:
        with writing(room.database) as connection:
            connection.execute(
                update(commitments)
                .where(commitments.c.transaction_uid.in_(transaction_uids), commitments.c.state == "waiting")
                .values(not_before=room.now())
            )


def answer_next(room: Room) -> bool:
    """Give the next answer whose time has come; whether there was one."""
    claimed = _claim(room)
    if claimed is None:
        return False
    transaction, peer, attempts = claimed
    caller, promise = caller_of(room, peer), promise_for(room, transaction)
    if caller is None or promise is None:
        _fail(room, transaction, attempts, "the peer has no address in the settings", for_good=True)
        return True
    try:
        call_with(caller, promise)
    except NetworkError as error:
        _fail(room, transaction, attempts, str(error), for_good=attempts >= MAX_ATTEMPTS)
    else:
        done(room, transaction)
    return True


def _claim(room: Room) -> tuple[str, str, int] | None:
    """One request, for ourselves alone until the lease ends."""
    now = room.now()
    due = (commitments.c.state == "waiting") & (commitments.c.not_before <= now)
    with reading(room.database) as connection:  # mostly there is none, and nobody has to wait for a look
        if connection.execute(select(commitments.c.id).where(due).limit(1)).one_or_none() is None:
            return None
    with writing(room.database) as connection:
        row = connection.execute(
            select(commitments).where(due).order_by(commitments.c.not_before).limit(1).with_for_update(skip_locked=True)
        ).one_or_none()
        if row is None:
            return None
        connection.execute(
            update(commitments)
            .where(commitments.c.id == row.id)
            .values(attempts=row.attempts + 1, not_before=after(now, _LEASE_SECONDS))
        )
    return row.transaction_uid, row.peer, row.attempts + 1


def _fail(room: Room, transaction_uid: str, attempts: int, error: str, *, for_good: bool) -> None:
    pause = _PAUSE_SECONDS[min(attempts, len(_PAUSE_SECONDS)) - 1]
    with writing(room.database) as connection:
        connection.execute(
            update(commitments)
            .where(commitments.c.transaction_uid == transaction_uid)
            .values(state="failed" if for_good else "waiting", error=error, not_before=after(room.now(), pause))
        )


def _held(room: Room, wanted: Sequence[str]) -> dict[str, str]:
    """SOP Instance UID to SOP class of the objects whose file is there, whole."""
    found: dict[str, str] = {}
    with reading(room.database) as connection:
        for at in range(0, len(wanted), _PART):
            question = select(instances).where(instances.c.sop_instance_uid.in_(wanted[at : at + _PART]))
            for row in connection.execute(question):
                file = room.folders.images / row.path
                if file.is_file() and file.stat().st_size == row.size_bytes:
                    found[row.sop_instance_uid] = row.sop_class_uid
    return found
