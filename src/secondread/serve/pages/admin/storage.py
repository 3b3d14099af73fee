"""``/admin/storage``: what the room holds, and how much room is left."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import func, select, text

from secondread.serve.database.connect import reading
from secondread.serve.database.tables import instances, series
from secondread.serve.keeping import storage_figures
from secondread.serve.pages.admin.frame import Administrator, admin_page
from secondread.serve.people.person import room_of
from secondread.serve.room import Room

router = APIRouter()


@router.get("/admin/storage")
def storage(request: Request, person: Administrator) -> HTMLResponse:
    """The page."""
    room = room_of(request)
    size, count = func.sum(instances.c.size_bytes), func.count()
    query = (
        select(series.c.modality, series.c.own, count.label("count"), size.label("bytes"))
        .select_from(instances)
        .join(series, series.c.id == instances.c.series_id)
        .group_by(series.c.modality, series.c.own)
        .order_by(size.desc())
    )
    by_day = func.substr(instances.c.received_at, 1, 10)
    days = select(by_day.label("day"), count.label("count"), size.label("bytes")).group_by(by_day)
    with reading(room.database) as connection:
        kinds = [dict(row) for row in connection.execute(query).mappings()]
        latest = [dict(row) for row in connection.execute(days.order_by(by_day.desc()).limit(14)).mappings()]
    values: dict[str, Any] = {
        "kinds": kinds,
        "days": latest,
        "figures": storage_figures(room),
        "database": _database_bytes(room),
        "durability": room.settings.storage.durability,
    }
    return admin_page(request, person, "storage", values)


def _database_bytes(room: Room) -> int:
    if room.database.dialect.name == "postgresql":
        query = "SELECT pg_database_size(current_database())"
    else:
        query = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    with reading(room.database) as connection:
        return int(connection.execute(text(query)).scalar_one())
