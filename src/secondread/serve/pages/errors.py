"""Errors as a person or a program wants them: a page, or ``{"detail": sentence}``."""

import logging
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from secondread.core.errors import SecondreadError
from secondread.serve.pages.render import language_of, page
from secondread.serve.people.person import NobodyError, PasswordDueError

_log = logging.getLogger(__name__)
LOG_IN = "/login"
ACCOUNT = "/account"


def add_error_pages(app: FastAPI) -> None:
    """Teach the application what its errors look like."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(SecondreadError, _ours)
    app.add_exception_handler(Exception, _fault)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error, NobodyError) and _wants_page(request):
        return RedirectResponse(f"{LOG_IN}?next={quote(request.url.path, safe='/')}", 303)
    if isinstance(error, PasswordDueError) and _wants_page(request):
        return RedirectResponse(ACCOUNT, 303)
    say = language_of(request, None)
    sentence = say("layout.error.404") if error.status_code == 404 and error.detail == "Not Found" else error.detail
    return _answer(request, error.status_code, sentence, dict(error.headers or {}))


def _ours(request: Request, error: Exception) -> Response:
    """Our own errors promise a sentence without patient data."""
    return _answer(request, 400, str(error), {})


def _fault(request: Request, error: Exception) -> Response:
    _log.error("fault: method=%s error=%s", request.method, type(error).__name__)
    _log.debug("where it failed; may name the patient", exc_info=error)
    return _answer(request, 500, language_of(request, None)("layout.error.500"), {})


def _answer(request: Request, status: int, sentence: str, headers: dict[str, str]) -> Response:
    if _wants_page(request):
        answer: Response = page(request, "error.html", None, {"status": status, "sentence": sentence}, status=status)
    else:
        answer = JSONResponse({"detail": sentence}, status)
    answer.headers.update(headers)
    return answer


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")
