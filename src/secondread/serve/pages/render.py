"""A template and what it shows to a page in the person's language."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse

from secondread.core.report import NOTICE
from secondread.core.version import __version__
from secondread.report.html import templates_in
from secondread.serve.pages.words import Phrases, phrases
from secondread.serve.people.person import Person

TEMPLATES = Path(__file__).parent / "templates"


def page(
    request: Request,
    template: str,
    person: Person | None,
    values: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HTMLResponse:
    """Render ``template`` with ``say`` (the phrases), ``person``, ``csrf`` and ``values``."""
    say = language_of(request, person)
    shown = {
        "say": say,
        "person": person,
        "csrf": person.csrf if person else "",
        "path": request.url.path,
        "notice": NOTICE,
        "version": __version__,
        **(values or {}),
    }
    return HTMLResponse(environment().get_template(template).render(shown), status_code=status)


def language_of(request: Request, person: Person | None) -> Phrases:
    """The phrases of the person's language, else of the browser's first that we speak, else English."""
    wanted = [person.language] if person and person.language else []
    wanted += [part.split(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")]
    return phrases(next((language for language in wanted if language in {"en", "ko"}), "en"))


def environment() -> jinja2.Environment:
    """The templates of the pages."""
    return templates_in(TEMPLATES)
