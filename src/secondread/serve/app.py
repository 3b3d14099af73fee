"""The web application of a room: every route, the headers of every answer, and how errors look."""

from importlib import import_module
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from secondread.core.version import __version__
from secondread.serve.pages.errors import add_error_pages
from secondread.serve.people.strangers import Strangers
from secondread.serve.room import Room

# Modules with a ``router``, in the order in which they are asked.
ROUTERS: tuple[str, ...] = (
    "people.log_in",
    "people.sign_on_pages",
    "people.account_pages",
    "people.admin_pages",
    "trail.pages",
    "erasure.pages",
    "people.demo",
    "review.report_routes",
    "review.cards",
    "review.routes",
    "pages.worklist",
    "pages.events",
    "pages.upload",
    "pages.health",
    "pages.metrics",
    "pages.admin.overview",
    "pages.admin.jobs",
    "pages.admin.destinations",
    "pages.admin.routes",
    "pages.admin.readers",
    "pages.admin.statistics",
    "pages.admin.storage",
    "monitor.pages",
    "view.routes",
    "dicomweb.search_routes",
    "dicomweb.retrieve_routes",
    "dicomweb.picture_routes",
    "dicomweb.store_routes",
    "dicomweb.workitem_routes",
    "dicomweb.subscription_routes",
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


def create_app(room: Room, *, demo_key: str = "") -> FastAPI:
    """The application. Its routes find the room in ``app.state.room``."""
    app = FastAPI(title="secondread reading room", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.room = room
    app.state.demo_key = demo_key
    for name in ROUTERS:
        app.include_router(import_module(f"secondread.serve.{name}").router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    add_error_pages(app)
    app.add_middleware(Strangers)
    app.add_middleware(WithHeaders)  # the outermost, so that a refusal carries the headers too
    return app


class WithHeaders:
    """Every answer carries the headers, unless a route set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, with the headers added to the start of the response."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
