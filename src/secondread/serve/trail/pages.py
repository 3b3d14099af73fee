"""``/admin/audit``: the trail by person, action, day and study, newest first."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Connection, Row, select

from secondread.serve.database.connect import reading
from secondread.serve.database.tables import audit_events, audit_subjects
from secondread.serve.pages.admin.frame import PAGES
from secondread.serve.pages.render import page
from secondread.serve.people.browser import address_of
from secondread.serve.people.person import Person, permit, room_of
from secondread.serve.people.rights import Right
from secondread.serve.room import Room
from secondread.serve.trail.actions import ACTIONS
from secondread.serve.trail.record import record, subject_of

router = APIRouter()
PAGE = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What to look for; empty: everything.

    Attributes:
        person: Name of a user or AE title.
        action: A word.
        day: ``YYYY-MM-DD``, UTC.
        study: UID.
        outcome: ``denied`` or ``failure`` or ``success``.
    """

    person: str = ""
    action: str = ""
    day: str = ""
    study: str = ""
    outcome: str = ""


@router.get("/admin/audit")
def audit(request: Request, person: Annotated[Person, Depends(permit(Right.ADMINISTER))]) -> Response:
    """A page of it."""
    room, query = room_of(request), request.query_params
    asked = Asked(**{name: query.get(name, "").strip()[:128] for name in asdict(Asked())})
    before = query.get("before", "")
    with reading(room.database) as connection:
        rows = _found(connection, room, asked, int(before) if before.isdecimal() and len(before) < 10 else None)
        shown = [_shown(connection, row) for row in rows[:PAGE]]
    detail = {name: value for name, value in asdict(asked).items() if value and name != "study"}
    record(
        room, actor=person.name, action="trail-seen", study_uid=asked.study[:64], address=address_of(request),
        detail=detail,
    )  # fmt: skip
    older = {name: value for name, value in asdict(asked).items() if value}
    values = {
        "pages": PAGES,
        "asked": asked,
        "rows": shown,
        "actions": sorted(ACTIONS),
        "older": urlencode({**older, "before": shown[-1]["seq"]}) if len(rows) > PAGE else "",
        "newest": urlencode(older) if before else None,
    }
    return page(request, "people_audit.html", person, values)


def _found(connection: Connection, room: Room, asked: Asked, before: int | None) -> Sequence[Row[Any]]:
    table = audit_events.c
    query = select(audit_events).order_by(table.seq.desc()).limit(PAGE + 1)
    if asked.person:
        query = query.where(table.actor == asked.person)
    if asked.action:
        query = query.where(table.action == asked.action)
    if asked.day:
        query = query.where(table.at >= asked.day, table.at <= f"{asked.day}T99")
    if asked.study:
        query = query.where(table.subject == subject_of(room, asked.study))
    if asked.outcome:
        query = query.where(table.entry.contains(f'"outcome":"{asked.outcome}"', autoescape=True))
    if before is not None:
        query = query.where(table.seq < before)
    return connection.execute(query).all()


def _shown(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    entry = json.loads(row.entry)
    known = select(audit_subjects.c.study_uid).where(audit_subjects.c.subject == row.subject)
    return {
        **entry,
        "study_uid": connection.execute(known).scalar_one_or_none() if row.subject else None,
        "details": ", ".join(f"{name}: {_text(value)}" for name, value in sorted(entry["detail"].items())),
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
