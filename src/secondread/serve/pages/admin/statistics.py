"""``/admin/statistics`` and ``/admin/reviews``: how long studies wait, and what people made of the findings."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from secondread.serve.database.connect import reading
from secondread.serve.moments import after
from secondread.serve.pages.admin import charts
from secondread.serve.pages.admin.decisions import DECISIONS, decisions
from secondread.serve.pages.admin.frame import Administrator, admin_page
from secondread.serve.pages.admin.outcomes import outcomes
from secondread.serve.pages.admin.turnaround import STEPS, Spread, turnaround
from secondread.serve.pages.render import language_of
from secondread.serve.people.person import room_of

router = APIRouter()
DAYS = (1, 7, 30, 90, 365)
DAYS_SHOWN = 31  # rows of the chart and table by day


@router.get("/admin/statistics")
def statistics(request: Request, person: Administrator, days: int = 30, step: str = "arrival-draft") -> HTMLResponse:
    """The page; ``step`` is what is shown by modality and by day."""
    room, say = room_of(request), language_of(request, person)
    days, step = _days(days), step if step in {name for name, _, _ in STEPS} else "arrival-draft"
    with reading(room.database) as connection:
        found = turnaround(connection, since=after(room.now(), -86400 * days))
    by_day = dict(list(found.days.items())[-DAYS_SHOWN:])
    steps = [(say(f"admin.step.{name}"), found.steps[name]) for name, _, _ in STEPS if name in found.steps]
    values: dict[str, Any] = {
        "days": days,
        "choices": DAYS,
        "step": step,
        "step_names": [name for name, _, _ in STEPS],
        "arrived": found.arrived,
        "sections": [
            ("steps", steps, charts.spans(steps)),
            _section("modalities", found.modalities, step),
            _section("days", by_day, step),
        ],
    }
    return admin_page(request, person, "statistics", values)


@router.get("/admin/reviews")
def reviews(request: Request, person: Administrator, days: int = 90) -> HTMLResponse:
    """How often the findings of each reader were accepted, edited and rejected, and how its reads ended."""
    room = room_of(request)
    days = _days(days)
    with reading(room.database) as connection:
        since = after(room.now(), -86400 * days)
        found, ended = decisions(connection, since=since), outcomes(connection, since=since)
    rows = list(found.readers.items())
    values = {
        "days": days,
        "choices": DAYS,
        "found": found,
        "ended": ended,
        "decisions": DECISIONS,
        "chart": charts.shares(rows),
        "width": charts.WIDTH,
        "height": charts.ROW * max(len(rows), 1),
    }
    return admin_page(request, person, "reviews", values)


def _section(
    name: str, found: Mapping[str, Mapping[str, Spread]], step: str
) -> tuple[str, list[tuple[str, Spread]], charts.Chart]:
    rows = [(label, spreads[step]) for label, spreads in found.items() if step in spreads]
    return name, rows, charts.spans(rows)


def _days(asked: int) -> int:
    return asked if asked in DAYS else 30
