"""Nobody in particular may send only little: a large body is not read before it is known whose it is.

Frameworks read forms and JSON before a route is asked whether its caller may; without this, anybody could fill the
memory. Who is known may send what is large only where it goes straight to the disk.
"""

from fastapi.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from secondread.serve.people.person import NobodyError, person_of

MOST_BYTES = 2 << 20
MOST_WHOLE_BYTES = 32 << 20  # of a body that is held in memory: a review with very many outlines
STREAMED = ("/upload", "/dicom-web/")  # read piece by piece, with limits of their own


class Strangers:
    """ASGI middleware: a body that is large, or does not tell its length, needs a session or a token.

    One that is too large to be held in memory is refused to them too, unless its route streams it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401, 411 or 413 without reading, or go on."""
        refusal = await _refusal(HTTPConnection(scope)) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
            return
        headers = {**(refusal.headers or {}), "Connection": "close"}
        await JSONResponse({"detail": refusal.detail}, refusal.status_code, headers)(scope, receive, send)


async def _refusal(connection: HTTPConnection) -> HTTPException | None:
    length = _length(connection)
    if length is not None and length <= MOST_BYTES:
        return None
    if await run_in_threadpool(person_of, connection) is None:
        return NobodyError()
    if str(connection.scope["path"]).startswith(STREAMED):
        return None
    if length is None:
        return HTTPException(411, "This needs its length: Content-Length.")
    if length > MOST_WHOLE_BYTES:
        return HTTPException(413, f"This is larger than {MOST_WHOLE_BYTES:,} bytes. Images go to /upload.")
    return None


def _length(connection: HTTPConnection) -> int | None:
    """What the request says of its length; None where it says nothing that can be relied on."""
    if "transfer-encoding" in connection.headers:
        return None
    length = connection.headers.get("content-length", "0")
    return int(length) if length.isdecimal() and len(length) < 20 else None
