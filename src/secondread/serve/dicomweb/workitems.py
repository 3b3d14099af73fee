"""Work items in the database: created, changed and moved from state to state, each with its reports to subscribers.

Source: DICOM PS3.18 chapter 11, PS3.4 table CC.1.1-2 (which change of state is allowed, and what is said otherwise).
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, update
from starlette.exceptions import HTTPException

from secondread.dicom.web import procedure_step as step
from secondread.dicom.web.dicom_json import Json, element, first
from secondread.dicom.web.matching import matches
from secondread.dicom.web.query import Query
from secondread.serve.database.tables import workitems
from secondread.serve.database.upsert import insert_new
from secondread.serve.dicomweb import events
from secondread.serve.dicomweb.access import warning
from secondread.serve.room import Room

MAX_RESULTS = 1000


@dataclass(frozen=True, slots=True)
class Change:
    """A new state that is asked for."""

    state: str
    transaction: str
    reason: str = ""


def moment(room: Room) -> str:
    """The time now, as DICOM writes it: DT, in UTC. Source: DICOM PS3.5 table 6.2-1."""
    return room.clock().strftime("%Y%m%d%H%M%S+0000")


def refusal(status: int, sentence: str) -> HTTPException:
    """An error with the warning that UPS-RS asks for."""
    return HTTPException(status, sentence, warning(sentence))


def create(connection: Connection, room: Room, content: Json, uid: str) -> bool:
    """Keep a new work item; True when something was added to it.

    Raises:
        WebRequestError: If it is not what a new one must be.
        HTTPException: 409 when there is one of this UID.
    """
    kept, added = step.created(content, uid, moment(room))
    row = insert_new(
        connection, workitems, "uid",
        uid=uid, state=step.SCHEDULED, study_uid=step.study_of(kept) or None, content=json.dumps(kept),
        created_at=room.now(), changed_at=room.now(),
    )  # fmt: skip
    if row is None:
        raise refusal(409, "A work item of this UID is here already.")
    events.follow_new(connection, uid)
    events.tell(connection, room, uid, step.STATE_REPORT, kept)
    return added


def found(connection: Connection, uid: str, *, to_change: bool = False) -> Row[Any]:
    """The row of a work item; nobody else changes it until the transaction ends when ``to_change`` is set.

    Raises:
        HTTPException: 404.
    """
    query = select(workitems).where(workitems.c.uid == uid)
    row = connection.execute(query.with_for_update() if to_change else query).one_or_none()
    if row is None:
        raise HTTPException(404, "No work item of this UID is here.")
    return row


def content_of(row: Row[Any]) -> Json:
    """What is told of a work item: all of it but the Transaction UID, which is a key to it."""
    content: Json = json.loads(row.content)
    return content


def search(connection: Connection, query: Query) -> list[Json]:
    """Work items that match, the latest first."""
    rows = select(workitems.c.content).order_by(workitems.c.id.desc())
    state, study = query.filters.get(step.STATE), query.filters.get(f"{step.INPUT}.{step.STUDY}")
    if state is not None and state.one_of:
        rows = rows.where(workitems.c.state.in_(state.one_of))
    if study is not None and study.one_of:
        rows = rows.where(workitems.c.study_uid.in_(study.one_of))
    limit = min(query.limit if query.limit is not None else MAX_RESULTS, MAX_RESULTS)
    kept: list[Json] = []
    for (text,) in connection.execute(rows):
        content = json.loads(text)
        if matches(content, query.filters):
            kept.append(content)
            if len(kept) >= query.offset + limit:
                break
    return kept[query.offset :]


def change(connection: Connection, room: Room, uid: str, changes: Json, transaction: str) -> None:
    """Change attributes; while somebody works on the item, only they may.

    Raises:
        WebRequestError: If an attribute may not be changed so.
        HTTPException: 404; 400 when the Transaction UID is missing or wrong; 409 when the item is in a final state.
    """
    row = found(connection, uid, to_change=True)
    if row.state in step.FINAL:
        raise refusal(409, "The submitted request is inconsistent with the current state of the UPS Instance.")
    if row.state == step.IN_PROGRESS:
        check_transaction(row, transaction)
    before = content_of(row)
    content = step.changed(before, changes, moment(room))
    save(connection, room, row, content, study_uid=step.study_of(content) or None)
    if first(before, step.READINESS) != first(content, step.READINESS):
        events.tell(connection, room, uid, step.STATE_REPORT, content)
    if step.PROGRESS in changes:
        events.tell(connection, room, uid, step.PROGRESS_REPORT, content)
    if step.ASSIGNMENT & set(changes):
        events.tell(connection, room, uid, step.ASSIGNED, content)


def check_transaction(row: Row[Any], sent: str) -> None:
    """Stop who does not hold the item.

    Raises:
        HTTPException: 400.
    """
    if not sent:
        raise refusal(400, "The Transaction UID is missing.")
    if not hmac.compare_digest(sent.encode(), (row.transaction_uid or "").encode()):
        raise refusal(400, "The Transaction UID is incorrect.")


def move(connection: Connection, room: Room, uid: str, asked: Change) -> str:
    """Change the state; returns a warning where nothing was to be changed, else ``""``.

    Raises:
        HTTPException: 404; 400 when the Transaction UID is missing or wrong; 409 when this change is not allowed.
    """
    row = found(connection, uid, to_change=True)
    if row.state == asked.state and row.state in step.FINAL:
        return f"The UPS is already in the requested state of {row.state}."
    if row.state in step.FINAL or asked.state == step.SCHEDULED:
        raise refusal(409, "The submitted request is inconsistent with the current state of the UPS Instance.")
    if asked.state == step.IN_PROGRESS:
        if row.state == step.IN_PROGRESS:
            raise refusal(409, "The UPS is already IN PROGRESS.")
        _enter(connection, room, row, content_of(row), step.IN_PROGRESS, transaction_uid=asked.transaction)
        return ""
    if row.state == step.SCHEDULED:
        raise refusal(409, "The UPS is not in the IN PROGRESS state.")
    check_transaction(row, asked.transaction)
    content = content_of(row)
    if asked.state == step.COMPLETED and (missing := step.missing_to_complete(content)):
        raise refusal(409, f"The work item lacks what a completed one must hold: {', '.join(missing)}.")
    if asked.state == step.CANCELED:
        content = step.with_cancellation(content, moment(room), asked.reason)
    _enter(connection, room, row, content, asked.state)
    return ""


def cancel(connection: Connection, room: Room, row: Row[Any], reason: str) -> None:
    """Cancel an item that nobody works on, or that the room itself works on.

    It passes through IN PROGRESS, as the Standard wants it: PS3.4 section CC.2.2.3.
    """
    content = content_of(row)
    if row.state == step.SCHEDULED:
        _enter(connection, room, row, content, step.IN_PROGRESS, transaction_uid="")
    _enter(connection, room, row, step.with_cancellation(content, moment(room), reason), step.CANCELED)


def _enter(connection: Connection, room: Room, row: Row[Any], content: Json, state: str, **values: object) -> None:
    content = content | {step.STATE: element("CS", state)}
    save(connection, room, row, content, state=state, **values)
    events.tell(connection, room, row.uid, step.STATE_REPORT, content)


def save(
    connection: Connection, room: Room, row: Row[Any], content: Mapping[str, Any], **values: object
) -> None:  # fmt: skip
    """Write an item's content and columns."""
    connection.execute(
        update(workitems)
        .where(workitems.c.id == row.id)
        .values(content=json.dumps(dict(sorted(content.items()))), changed_at=room.now(), **values)
    )
