"""What every page of administration shares: who may see it, its navigation, and what follows a change."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import Select

from secondread.serve.database.connect import reading
from secondread.serve.pages.render import page
from secondread.serve.pages.span import duration, size, tick
from secondread.serve.people.browser import address_of
from secondread.serve.people.person import Person, permit, room_of
from secondread.serve.people.rights import Right
from secondread.serve.trail.record import record

PAGE_ROWS = 100
Administrator = Annotated[Person, Depends(permit(Right.ADMINISTER))]
# Address and key of the name; people and the audit trail are pages of ``serve.people`` and ``serve.trail``.
PAGES = (
    ("/admin", "admin.overview"),
    ("/admin/jobs", "admin.jobs"),
    ("/admin/destinations", "admin.destinations"),
    ("/admin/routes", "admin.routes"),
    ("/admin/readers", "admin.readers"),
    ("/admin/monitors", "monitors.title"),
    ("/admin/statistics", "admin.statistics"),
    ("/admin/reviews", "admin.reviews"),
    ("/admin/storage", "admin.storage"),
    ("/admin/people", "admin.people"),
    ("/admin/audit", "admin.audit"),
    ("/admin/patients", "people.patients.short"),
)


def admin_page(
    request: Request, person: Person, name: str, values: Mapping[str, Any], *, status: int = 200
) -> HTMLResponse:
    """The page ``admin_{name}.html``."""
    shown = {"pages": PAGES, "duration": duration, "size": size, "tick": tick, **values}
    return page(request, f"admin_{name}.html", person, shown, status=status)


def back(address: str) -> RedirectResponse:
    """To a page after a form changed something, so that loading it again does not change it again."""
    return RedirectResponse(address, 303)


def record_change(
    request: Request,
    person: Person,
    action: str,
    study: Select[str],
    detail: Mapping[str, int],
    *,
    done: bool,
) -> None:
    """Record that something was cancelled or tried again; ``study`` is the question for its Study Instance UID."""
    room = room_of(request)
    with reading(room.database) as connection:
        study_uid = connection.execute(study).scalar_one_or_none() or ""
    outcome = "success" if done else "failure"
    address = address_of(request)
    record(room, actor=person.name, action=action, study_uid=study_uid, address=address, outcome=outcome, detail=detail)
