"""``/admin/readers``: which questions can be asked, by which bundles, and what is known about each: its card."""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from secondread.core.card import ModelCard
from secondread.core.errors import BundleError
from secondread.core.reader import Reader
from secondread.engine.bundle import shipped
from secondread.engine.bundles import Bundles
from secondread.readers import all_readers
from secondread.serve.monitor.switches import known_switches
from secondread.serve.pages.admin.frame import Administrator, admin_page
from secondread.serve.people.person import room_of
from secondread.serve.room import Room

router = APIRouter(prefix="/admin/readers")


@router.get("")
def readers(request: Request, person: Administrator) -> HTMLResponse:
    """Every reader, then every bundle."""
    bundles = _bundles(room_of(request))
    installed = set(bundles.names())
    by_route = {name for route in room_of(request).settings.routes for name in route.readers}
    found = [(reader, sorted(_asked(reader) - installed)) for reader in all_readers().values()]
    cards = [_card_or_error(bundles, name) for name in bundles.names()]
    values = {"readers": found, "cards": cards, "by_route": by_route, "switches": known_switches(room_of(request))}
    return admin_page(request, person, "readers", values)


@router.get("/cards/{name}")
def card_page(request: Request, person: Administrator, name: str) -> HTMLResponse:
    """One card, of a bundle or of the rules of a reader."""
    known = {reader.method.name: reader.method for reader in all_readers().values() if reader.method is not None}
    bundles = _bundles(room_of(request))
    if name not in known and name not in bundles.names():
        raise HTTPException(404)
    card = known.get(name) or bundles.card(name)
    used_by = [reader for reader in all_readers().values() if name in {reader.leading, *_asked(reader)}]
    values = {"card": card, "used_by": used_by, "results": list(_results(card.results)), "columns": _columns(card)}
    return admin_page(request, person, "card", values)


def _bundles(room: Room) -> Bundles:
    """Only their cards are read: no network is opened in the web server."""
    reading = room.settings.reading
    return Bundles([*reading.bundles, shipped()], site=reading.site)


def _asked(reader: Reader) -> set[str]:
    return {*reader.bundles, *((reader.gate,) if reader.gate else ())}


def _card_or_error(bundles: Bundles, name: str) -> tuple[str, ModelCard | None, str]:
    try:
        return name, bundles.card(name), ""
    except BundleError as error:
        return name, None, str(error)


def _results(results: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Measure and value, nested ones with their path."""
    for name, value in results.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}: {inner}", text) for inner, text in _results(value))
        else:
            yield name, str(value)


def _columns(card: ModelCard) -> list[str]:
    return list(dict.fromkeys(key for row in card.subgroups for key in row))
