"""Nobody in particular may send only little: a large body is not read before it is known whose it is.

Frameworks read forms and JSON before a route is asked whether its caller may; without this, anybody could fill the
memory.
"""

from fastapi.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from secondread.serve.people.person import NobodyError, person_of

MOST_BYTES = 2 << 20


class Strangers:
    """ASGI middleware: a body that is large, or does not tell its length, needs a session or a token."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 without reading, or go on."""
        if scope["type"] == "http" and await _is_too_much(HTTPConnection(scope)):
            refusal = NobodyError()
            headers = {**(refusal.headers or {}), "Connection": "close"}
            await JSONResponse({"detail": refusal.detail}, refusal.status_code, headers)(scope, receive, send)
            return
        await self._app(scope, receive, send)


async def _is_too_much(connection: HTTPConnection) -> bool:
    return _is_large(connection) and await run_in_threadpool(person_of, connection) is None


def _is_large(connection: HTTPConnection) -> bool:
    if "transfer-encoding" in connection.headers:
        return True
    length = connection.headers.get("content-length", "0")
    return not length.isdecimal() or int(length) > MOST_BYTES
