"""The web application of a room: every route, the headers of every answer, and how errors look."""

from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles

from secondread.core.version import __version__
from secondread.serve.pages.errors import add_error_pages
from secondread.serve.room import Room

# Modules with a ``router``, in the order in which they are asked.
ROUTERS: tuple[str, ...] = (
    "people.log_in",
    "people.account_pages",
    "pages.worklist",
    "pages.events",
)
# Nothing is fetched from elsewhere, no script or style stands in a page. Source: W3C Content Security Policy Level 3.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'self'; "
    "base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
STATIC = Path(__file__).parent / "static"


def create_app(room: Room) -> FastAPI:
    """The application. Its routes find the room in ``app.state.room``."""
    app = FastAPI(title="secondread reading room", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.room = room
    for name in ROUTERS:
        app.include_router(import_module(f"secondread.serve.{name}").router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    add_error_pages(app)
    app.middleware("http")(_with_headers)
    return app


async def _with_headers(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Every answer carries the headers, unless a route set its own."""
    response = await answer(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
