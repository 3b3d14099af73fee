"""``/admin/monitors``: what the monitors say, and alarms; ``/admin/readers/{name}/switch``: a reader off or on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from secondread.audit.drift.judge import Judged
from secondread.core.errors import UsageError
from secondread.readers import all_readers
from secondread.serve.monitor.alarms import acknowledge, alarms
from secondread.serve.monitor.look import looks_of
from secondread.serve.monitor.points import counted
from secondread.serve.monitor.switches import begin_reference, known_switches, switch
from secondread.serve.pages.admin.frame import admin_page, back
from secondread.serve.people.browser import address_of, field, small_form
from secondread.serve.people.person import Person, permit, room_of
from secondread.serve.people.rights import Right
from secondread.serve.trail.record import Actor

router = APIRouter()
Seer = Annotated[Person, Depends(permit(Right.MEASURE))]
Administrator = Annotated[Person, Depends(permit(Right.ADMINISTER, sessions_only=True))]
Form = Annotated[FormData, Depends(small_form)]
WIDTH, HEIGHT, EDGE = 180, 36, 3
URGENCY = ("alarm", "watch", "ok", "too few")


@dataclass(frozen=True, slots=True)
class Line:
    """A small chart of a monitor; the template draws it.

    Attributes:
        points: Places of the blocks, as an SVG polyline has them.
        was: Height of the reference, or None.
        change: Where the change began, or None.
        last: Place of the last block.
    """

    points: str
    was: float | None
    change: float | None
    last: tuple[float, float]


def line(one: Judged) -> Line | None:
    """The chart of what a monitor saw, or None where there is nothing to draw."""
    if len(one.course) < 2:
        return None
    shown = [*one.course, *([] if one.was is None else [one.was])]
    low, high = min(shown), max(shown)

    def y(value: float) -> float:
        part = (value - low) / (high - low) if high > low else 0.5
        return round(HEIGHT - EDGE - part * (HEIGHT - 2 * EDGE), 1)

    def x(place: float) -> float:
        return round(EDGE + place * (WIDTH - 2 * EDGE), 1)

    places = [(x(at / (len(one.course) - 1)), y(value)) for at, value in enumerate(one.course)]
    changed = one.status in {"alarm", "watch"} and one.n_current > 0
    return Line(
        " ".join(f"{left},{top}" for left, top in places),
        None if one.was is None else y(one.was),
        x(one.since / one.n_current) if changed else None,
        places[-1],
    )


@router.get("/admin/monitors")
def monitors(request: Request, person: Seer, *, unchanged: bool = False) -> Response:
    """The page."""
    return _page(request, person, unchanged=unchanged)


@router.post("/admin/monitors/alarms/{alarm_id}")
def acknowledged(request: Request, person: Administrator, form: Form, alarm_id: int) -> Response:
    """A person saw to an alarm."""
    try:
        done = acknowledge(room_of(request), _actor(request, person), person.id, alarm_id, field(form, "note"))
    except UsageError as error:
        return _page(request, person, problem=str(error))
    return back(f"/admin/monitors{'' if done else '?unchanged=1'}")


@router.post("/admin/monitors/references/{reader}")
def new_reference(request: Request, person: Administrator, form: Form, reader: str) -> Response:
    """What comes from now on is the reference."""
    _check_known(reader)
    try:
        begin_reference(room_of(request), _actor(request, person), reader, field(form, "reason"))
    except UsageError as error:
        return _page(request, person, problem=str(error))
    return back("/admin/monitors")


@router.post("/admin/readers/{reader}/switch")
def switched(request: Request, person: Administrator, form: Form, reader: str) -> Response:
    """Off, or on again."""
    _check_known(reader)
    off = field(form, "off") == "1"
    try:
        switch(room_of(request), _actor(request, person), person.id, reader, off=off, reason=field(form, "reason"))
    except UsageError as error:
        return _page(request, person, problem=str(error))
    return back("/admin/readers")


def _check_known(reader: str) -> None:
    if reader not in all_readers():
        raise HTTPException(404)


def _actor(request: Request, person: Person) -> Actor:
    return Actor(person.name, address_of(request))


def _page(request: Request, person: Person, *, problem: str = "", unchanged: bool = False) -> Response:
    room = room_of(request)
    looks, switches = looks_of(room), known_switches(room)
    counts = counted(room, {name: one.since for name, one in switches.items()})
    seen = {one.reader for _, one in looks}
    values: dict[str, Any] = {
        "alarms": alarms(room),
        "looks": [(at, one, _rows(one.monitors)) for at, one in looks],
        "waiting": [(reader, count) for reader, count in counts.items() if reader not in seen],
        "switches": switches,
        "settings": room.settings.monitor,
        "shown": shown,
        "problem": problem,
        "unchanged": unchanged,
        "may": Right.ADMINISTER in person.rights and person.how == "session",
    }
    return admin_page(request, person, "monitors", values, status=422 if problem else 200)


def _rows(monitors: Sequence[Judged]) -> list[tuple[Judged, Line | None]]:
    """The gravest first; a monitor that nothing was ever seen by is left out."""
    order: Callable[[Judged], int] = lambda one: URGENCY.index(one.status)  # noqa: E731
    return [(one, line(one)) for one in sorted(monitors, key=order) if one.n_reference or one.n_current]


def shown(one: Judged | dict[str, Any], name: str) -> str:
    """A figure of a monitor without words, so that it stands on a page of any language.

    >>> shown({"kind": "rate", "was": 0.0512, "reference": ""}, "was")
    '5.1 %'
    """
    names = ("kind", "was", "now", "reference", "current")
    entry = one if isinstance(one, dict) else {key: getattr(one, key) for key in names}
    value = entry[name]
    if value is None:
        return str(entry["reference" if name == "was" else "current"]) or "-"
    return f"{100 * value:.1f} %" if entry["kind"] == "rate" else f"{value:.3g}"
