"""The worklist at ``/``: the most urgent study on top, kept up to date while it is looked at."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from secondread.serve.database.connect import reading
from secondread.serve.pages.events import known_changes
from secondread.serve.pages.render import environment, language_of, page
from secondread.serve.pages.worklist_asked import Asked
from secondread.serve.pages.worklist_filter import (
    MODALITIES,
    ORDERS,
    PERIOD_HOURS,
    PRIORITIES,
    SAID,
    STATES,
    Filter,
    Place,
    filter_of,
    place_of,
    query_of,
)
from secondread.serve.pages.worklist_query import counts, window
from secondread.serve.pages.worklist_rows import shown_study
from secondread.serve.people.browser import address_of
from secondread.serve.people.person import Person, permit, room_of
from secondread.serve.people.rights import Right
from secondread.serve.trail.record import record

router = APIRouter()
_CHOICES = {
    "states": STATES,
    "modalities": MODALITIES,
    "priorities": PRIORITIES,
    "periods": tuple(PERIOD_HOURS),
    "orders": ORDERS,
    "said": SAID,
}
Seer = Annotated[Person, Depends(permit(Right.SEE))]


@router.get("/")
def worklist(request: Request, person: Seer) -> HTMLResponse:
    """The page, filtered as its address says; words to search for are not taken from there."""
    return _page(request, person, {name: value for name, value in request.query_params.items() if name != "q"})


class Search(BaseModel):
    """The form: the filters, and what must not stand in an address.

    ``part`` asks for the rows only; ``live`` says that nobody asked anew, the list only changed.
    """

    q: str = ""
    state: str = ""
    modality: str = ""
    priority: str = ""
    said: str = ""
    period: str = ""
    order: str = ""
    mine: str = ""
    since: str = Field("", alias="from")
    to: str = ""
    after: str = ""
    before: str = ""
    part: str = ""
    live: str = ""


@router.post("/")
def searched(request: Request, person: Seer, form: Annotated[Search, Form()]) -> Response:
    """A search: its words come as a form, because a name must not stand in an address."""
    asked = form.model_dump(by_alias=True)
    if not form.part:
        return _page(request, person, asked)
    # Who says that nobody asked anew must have asked before: otherwise a program reads all names and leaves no trace.
    if form.live and _known(request, person, asked):
        return HTMLResponse(_live(request, person, asked))
    values = _values(request, person, asked)
    _record(request, person, values["asked"], len(values["rows"]))
    _known(request, person, asked)
    return HTMLResponse(_rows(request, person, values))


def _rows(request: Request, person: Person, values: Mapping[str, Any]) -> str:
    shown = {"say": language_of(request, person), **values}
    return environment().get_template("worklist_rows.html").render(shown)


def _live(request: Request, person: Person, asked: Mapping[str, str]) -> str:
    """The rows after a change; a list that others look at too is made once for all of them."""

    def make() -> str:
        return _rows(request, person, _values(request, person, asked))

    wanted, changes = filter_of(asked), known_changes(request.app)
    if changes is None or not changes.current or wanted.words or wanted.mine:
        return make()
    place, minute = (asked.get("after", ""), asked.get("before", "")), room_of(request).now()[:16]
    language = language_of(request, person).language
    return changes.rendered.get((changes.current, minute, wanted, place, language, person.hides_names), make)


def _page(request: Request, person: Person, asked: Mapping[str, str]) -> HTMLResponse:
    values = _values(request, person, asked)
    _record(request, person, values["asked"], len(values["rows"]))
    _known(request, person, asked)
    room = room_of(request)
    more = {**_CHOICES, "idle_minutes": room.settings.access.session_minutes}
    return page(request, "worklist.html", person, {**values, **more})


def _known(request: Request, person: Person, asked: Mapping[str, str]) -> bool:
    """Whether the person asked for this page of the list today already; from now on they did."""
    state = request.app.state
    if not hasattr(state, "asked"):
        state.asked = Asked()
    found = state.asked
    assert isinstance(found, Asked)
    day = room_of(request).now()[:10]
    return found.again((day, person.id, filter_of(asked), asked.get("after", ""), asked.get("before", "")))


def _values(request: Request, person: Person, asked: Mapping[str, str]) -> dict[str, Any]:
    room, say, wanted = room_of(request), language_of(request, person), filter_of(asked)
    start, end = place_of(asked.get("after", "")), place_of(asked.get("before", ""))
    now = room.now()
    with reading(room.database) as connection:
        found = window(connection, person, wanted, now=now, start=end or start, backwards=end is not None)
        by_state = counts(connection)
    return {
        "asked": wanted,
        "rows": [shown_study(row, say, now=now, hides_names=person.hides_names) for row in found.rows],
        "counts": {**by_state, "open": sum(n for state, n in by_state.items() if state != "signed")},
        "before": _link(wanted, "before", found.before),
        "after": _link(wanted, "after", found.after),
        "first": "?" + urlencode(query_of(wanted)),
    }


def _link(asked: Filter, name: str, place: Place | None) -> str:
    return "" if place is None else "?" + urlencode({**query_of(asked), name: str(place)})


def _record(request: Request, person: Person, asked: Filter, found: int) -> None:
    """Who looked at the list or searched it; the words searched for are no part of the trail."""
    record(
        room_of(request),
        actor=person.name,
        action="search",
        address=address_of(request),
        detail={"found": found, "state": asked.state, "words": bool(asked.words)},
    )
