"""``/admin``: how the room is doing, and the way to everything else."""

import shutil

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import func, select

from secondread.core.version import __version__
from secondread.serve.database import migrate
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import (
    DELIVERY_STATES,
    JOB_STATES,
    STUDY_STATES,
    deliveries,
    instances,
    jobs,
    studies,
)
from secondread.serve.pages.admin.frame import Administrator, admin_page
from secondread.serve.pages.health import PARTS, broken_part
from secondread.serve.people.person import room_of

router = APIRouter()
_STATES = {"studies": (studies, STUDY_STATES), "jobs": (jobs, JOB_STATES), "deliveries": (deliveries, DELIVERY_STATES)}


@router.get("/admin")
def overview(request: Request, person: Administrator) -> HTMLResponse:
    """The page."""
    room = room_of(request)
    with reading(room.database) as connection:
        counts = {
            name: {
                row[0]: row[1]
                for row in connection.execute(select(table.c.state, func.count()).group_by(table.c.state))
            }
            for name, (table, _) in _STATES.items()
        }
        held = connection.execute(select(func.count()).select_from(instances)).scalar_one()
    values = {
        "states": {name: states for name, (_, states) in _STATES.items()},
        "counts": counts,
        "instances": held,
        "free": shutil.disk_usage(room.folders.images).free,
        "broken": broken_part(room),
        "parts": tuple(PARTS),
        "settings": room.settings,
        "database": room.database.dialect.name,
        "tables": migrate.version(room.database),
        "program": __version__,
    }
    return admin_page(request, person, "overview", values)
