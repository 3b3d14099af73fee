"""``/admin/routes``: the routes of the settings, and what would happen to a given study."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import select

from secondread.serve.database.connect import reading
from secondread.serve.database.tables import studies
from secondread.serve.pages.admin.frame import Administrator, admin_page
from secondread.serve.people.person import room_of
from secondread.serve.reading.routing import facts_of, route_for

router = APIRouter()


@router.get("/admin/routes")
def routes(request: Request, person: Administrator, study: str = "") -> HTMLResponse:
    """The page; nothing is queued or sent by the dry run."""
    room = room_of(request)
    values: dict[str, Any] = {"routes": room.settings.routes, "study": study.strip(), "decision": None, "facts": None}
    if values["study"]:
        with reading(room.database) as connection:
            found = connection.execute(select(studies.c.id).where(studies.c.study_uid == values["study"])).scalar()
            if found is not None:
                values["facts"] = facts_of(connection, found)
                values["decision"] = route_for(room.settings, values["facts"])
    return admin_page(request, person, "routes", values)
