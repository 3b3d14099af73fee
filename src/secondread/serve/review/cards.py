"""The card of a model or method, for whoever reads what it said."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.exceptions import HTTPException

from secondread.core.card import ModelCard
from secondread.core.errors import BundleError
from secondread.engine.bundle import shipped
from secondread.engine.bundles import Bundles
from secondread.readers import all_readers
from secondread.report.locales import plain, words
from secondread.report.view.model import model_view
from secondread.serve.pages.render import language_of, page
from secondread.serve.people.person import Person, permit, room_of
from secondread.serve.people.rights import Right
from secondread.serve.room import Room

router = APIRouter(prefix="/review")
See = Annotated[Person, Depends(permit(Right.SEE))]


@router.get("/cards/{name}")
def card(request: Request, name: str, person: See) -> Response:
    """What a model is for, what it is not for, and how good it is."""
    found = card_named(room_of(request), name)
    if found is None:
        raise HTTPException(404, "No card of that name is installed.")
    view = model_view(found, words(language_of(request, person).language))
    entries = [(plain(one.name), [plain(text) for text in one.texts]) for one in view.entries]
    if view.sources:
        entries.append((plain(view.sources.name), [plain(text) for text in view.sources.texts]))
    tables = [
        (
            plain(table.title),
            [plain(name) for name in table.header],
            [[plain(cell) for cell in row] for row in table.rows],
        )
        for table in view.tables
    ]
    return page(request, "review_card.html", person, {"name": found.name, "entries": entries, "tables": tables})


def card_named(room: Room, name: str) -> ModelCard | None:
    """The card of a bundle, or of a reader's own method; None where there is none."""
    methods = {reader.method.name: reader.method for reader in all_readers().values() if reader.method is not None}
    if name in methods:
        return methods[name]
    reading = room.settings.reading
    try:
        return Bundles([*reading.bundles, shipped()], site=reading.site).card(name)
    except BundleError:
        return None
