"""``/admin/destinations``: where results go, how it goes, and what did not arrive."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy import func, select

from secondread.serve.database.connect import reading
from secondread.serve.database.tables import DELIVERY_STATES, deliveries, studies
from secondread.serve.database.tables import destinations as standing
from secondread.serve.pages.admin.frame import PAGE_ROWS, Administrator, admin_page, back, record_change
from secondread.serve.people.person import Person, room_of
from secondread.serve.sending import outbox

router = APIRouter(prefix="/admin/destinations")


@router.get("")
def destinations(
    request: Request,
    person: Administrator,
    *,
    destination: str = "",
    state: str = "",
    before: int = 0,
    unchanged: bool = False,
) -> HTMLResponse:
    """Every destination, then the deliveries, the latest first."""
    room = room_of(request)
    query = select(deliveries, studies.c.study_uid).join(studies, studies.c.id == deliveries.c.study_id)
    if destination:
        query = query.where(deliveries.c.destination == destination)
    if state in DELIVERY_STATES:
        query = query.where(deliveries.c.state == state)
    if before > 0:
        query = query.where(deliveries.c.id < before)
    by_state = select(deliveries.c.destination, deliveries.c.state, func.count()).group_by(
        deliveries.c.destination, deliveries.c.state
    )
    with reading(room.database) as connection:
        counts = {(row[0], row[1]): row[2] for row in connection.execute(by_state)}
        how = {row["name"]: row for row in connection.execute(select(standing)).mappings()}
        rows = connection.execute(query.order_by(deliveries.c.id.desc()).limit(PAGE_ROWS + 1)).mappings().all()
    values: dict[str, Any] = {
        "destinations": room.settings.destinations,
        "how": how,
        "counts": counts,
        "states": DELIVERY_STATES,
        "rows": rows[:PAGE_ROWS],
        "more": rows[PAGE_ROWS - 1]["id"] if len(rows) > PAGE_ROWS else 0,
        "destination": destination,
        "state": state if state in DELIVERY_STATES else "",
        "now": room.now(),
        "unchanged": unchanged,
    }
    return admin_page(request, person, "destinations", values)


@router.post("/deliveries/{delivery_id}/cancel")
def cancel(request: Request, person: Administrator, delivery_id: int) -> Response:
    """Give a delivery up."""
    return _changed(request, person, delivery_id, "cancel", done=outbox.cancel(room_of(request), delivery_id))


@router.post("/deliveries/{delivery_id}/retry")
def retry(request: Request, person: Administrator, delivery_id: int) -> Response:
    """Send it now."""
    return _changed(request, person, delivery_id, "retry", done=outbox.retry(room_of(request), delivery_id))


def _changed(request: Request, person: Person, delivery_id: int, action: str, *, done: bool) -> Response:
    uid = select(studies.c.study_uid).join(deliveries, deliveries.c.study_id == studies.c.id)
    detail = {"delivery": delivery_id}
    record_change(request, person, action, uid.where(deliveries.c.id == delivery_id), detail, done=done)
    return back(f"/admin/destinations{'' if done else '?unchanged=1'}#delivery-{delivery_id}")
