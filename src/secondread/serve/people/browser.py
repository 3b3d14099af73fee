"""What differs between browsers and other programs: cookies, where a form comes from, where one may be sent on."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from secondread.serve.room import Room

if TYPE_CHECKING:
    from starlette.datastructures import FormData

COOKIE = "secondread_session"
SECURE_PREFIX = "__Host-"  # only ever set over https, for this host alone: RFC 6265bis, 4.1.3.2
FORM_BYTES = 1 << 20
_ELSEWHERE = "This form comes from another site. Open our own page and use its form."


def is_secure(room: Room, connection: HTTPConnection) -> bool:
    """Whether the browser sees https: by its address, or by what the settings say about a proxy."""
    return room.settings.server.public_url.startswith("https://") or connection.url.scheme in {"https", "wss"}


def cookie_name(room: Room, connection: HTTPConnection, name: str = COOKIE) -> str:
    """The cookie's name; the prefix keeps other hosts of a domain from planting one."""
    return f"{SECURE_PREFIX}{name}" if is_secure(room, connection) else name


def set_cookie(room: Room, request: Request, response: Response, value: str, name: str = COOKIE) -> None:
    """Give the browser a cookie that no script reads; it ends with the browser, or before by the session's limits.

    ``lax``: a link from another page to a study works, a form of another page does not.
    """
    secure = is_secure(room, request)
    response.set_cookie(cookie_name(room, request, name), value, path="/", httponly=True, samesite="lax", secure=secure)


def drop_cookie(room: Room, request: Request, response: Response, name: str = COOKIE) -> None:
    """Take it away again."""
    secure = is_secure(room, request)
    response.delete_cookie(cookie_name(room, request, name), path="/", httponly=True, samesite="lax", secure=secure)


def own_path(wanted: str | None) -> str:
    """Where to go after log-in: a path of this server, never another one.

    >>> own_path("/studies/1.2?slice=3"), own_path("//elsewhere.example"), own_path("https://elsewhere.example")
    ('/studies/1.2?slice=3', '/', '/')
    """
    wanted = wanted or "/"
    parts = urlsplit(wanted)
    plain = wanted.isprintable() and wanted.isascii() and "\\" not in wanted
    if parts.scheme or parts.netloc or not plain or not wanted.startswith("/") or wanted.startswith("//"):
        return "/"
    return wanted


def check_origin(room: Room, connection: HTTPConnection) -> None:
    """Stop a form or socket that another site's page opened. A program that is no browser names no origin, and passes.

    Source: W3C Fetch Metadata Request Headers; RFC 6454 for ``Origin``.
    """
    check_site(connection)
    origin = connection.headers.get("origin")
    public = urlsplit(room.settings.server.public_url).netloc
    ours = {connection.headers.get("host", ""), public} - {""}
    if origin and urlsplit(origin).netloc not in ours:
        raise HTTPException(403, _ELSEWHERE)


def check_site(connection: HTTPConnection) -> None:
    """The part of it that holds for links too: another site's page does not start a log-in."""
    if connection.headers.get("sec-fetch-site") not in {None, "same-origin", "none"}:
        raise HTTPException(403, _ELSEWHERE)


def address_of(connection: HTTPConnection) -> str:
    """Where a request comes from."""
    return connection.client.host if connection.client else ""


async def small_form(request: Request) -> "FormData":
    """The form of an open page: read only when it says that it is small, because anybody may send it."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise HTTPException(411, "A form needs its length: Content-Length.")
    if int(length) > FORM_BYTES:
        raise HTTPException(413, f"This form is larger than {FORM_BYTES} bytes.")
    return await request.form(max_files=0)


def field(form: "FormData", name: str) -> str:
    """A field of a form, empty where it is missing."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
