"""Errors as a person or a program wants them: a page, or ``{"detail": sentence}``."""

import logging
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from secondread.core.errors import SecondreadError
from secondread.serve.pages.render import language_of, page
from secondread.serve.pages.words import phrases
from secondread.serve.people.person import NobodyError, PasswordDueError, Person, person_of

_log = logging.getLogger(__name__)
LOG_IN = "/login"
ACCOUNT = "/account"
# What the web framework says where nobody said more, and what the page says in the person's language anyway.
_SAID_IN_GENERAL = frozenset({"Not Found", "Forbidden", "Method Not Allowed", phrases("en")("layout.error.500")})


def add_error_pages(app: FastAPI) -> None:
    """Teach the application what its errors look like."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(SecondreadError, _ours)
    # What a database cannot hold: a number of too many digits (SQLite, PostgreSQL), a NUL in a text (PostgreSQL).
    for kind in (OverflowError, DataError):
        app.add_exception_handler(kind, _unusable)
    app.add_exception_handler(Exception, _fault)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error, NobodyError) and _wants_page(request):
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{LOG_IN}?next={quote(wanted, safe='/')}", 303)
    if isinstance(error, PasswordDueError) and _wants_page(request):
        return RedirectResponse(ACCOUNT, 303)
    return _answer(request, error.status_code, str(error.detail), dict(error.headers or {}))


def _ours(request: Request, error: Exception) -> Response:
    """Our own errors promise a sentence without patient data."""
    return _answer(request, 400, str(error), {})


def _unusable(request: Request, error: Exception) -> Response:
    _log.warning("a value cannot be looked for: method=%s error=%s", request.method, type(error).__name__)
    return _answer(request, 400, "A number or text of this request is none that can be looked for.", {})


def _fault(request: Request, error: Exception) -> Response:
    _log.error("fault: method=%s error=%s", request.method, type(error).__name__)
    _log.debug("where it failed; may name the patient", exc_info=error)
    return _answer(request, 500, phrases("en")("layout.error.500"), {})


def _answer(request: Request, status: int, detail: str, headers: dict[str, str]) -> Response:
    if not _wants_page(request):
        return JSONResponse({"detail": detail}, status, headers)
    person = _whoever(request)
    say = language_of(request, person)
    general = say.texts.get(f"layout.error.{status}", "")
    told = {"status": status, "sentence": general, "detail": detail if detail not in _SAID_IN_GENERAL else ""}
    answer = page(request, "error.html", person, told, status=status)
    answer.headers.update(headers)
    return answer


def _whoever(request: Request) -> Person | None:
    """Who asks, for the frame and language of the page; nobody where even that cannot be found out."""
    try:
        person = person_of(request)
    except Exception as error:  # noqa: BLE001 - a page that tells of an error must not end in another
        _log.warning("nobody is known on an error page: error=%s", type(error).__name__)
        return None
    return None if person is None or person.must_change_password else person


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")
