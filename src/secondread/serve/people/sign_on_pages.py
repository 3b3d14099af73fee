"""``/login/sso``: to the provider, back from it, and the way to log out there."""

import logging
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from secondread.serve.database.connect import writing
from secondread.serve.people import sessions
from secondread.serve.people.attempts import address_is_told_on
from secondread.serve.people.browser import (
    address_of,
    check_site,
    cookie_name,
    drop_cookie,
    own_path,
    set_cookie,
)
from secondread.serve.people.log_in import form_page
from secondread.serve.people.person import room_of
from secondread.serve.people.sign_on import (
    Provider,
    SignOnError,
    Visit,
    address_to_visit,
    claims_of,
    discover,
    opened,
    sealed,
)
from secondread.serve.people.sign_on_accounts import let_in, put_out, role_of
from secondread.serve.room import Room
from secondread.serve.trail.record import record

router = APIRouter(prefix="/login/sso")
COOKIE = "secondread_sign_on"
_log = logging.getLogger(__name__)


@router.get("")
def go(request: Request) -> Response:
    """Send the browser to the provider."""
    room = _room(request)
    check_site(request)
    wanted = own_path(request.query_params.get("next"))
    visit = Visit(room.draw(), room.draw(), room.draw(), wanted, int(room.clock().timestamp()))
    try:
        answer = RedirectResponse(address_to_visit(room.settings.access, _provider(room), visit, _back(request)), 303)
    except SignOnError as error:
        return _refused(request, "sign-on", error)
    set_cookie(room, request, answer, sealed(room, visit), COOKIE)
    return answer


@router.get("/back")
def back(request: Request) -> Response:
    """Let in who comes back with an answer that holds."""
    room = _room(request)
    visit = opened(room, request.cookies.get(cookie_name(room, request, COOKIE), ""))
    if visit is None:
        return _refused(request, "sign-on", SignOnError("single sign-on: nobody was sent there from this browser."))
    try:
        claims = claims_of(room, _provider(room), visit, _back(request), request.query_params)
    except SignOnError as error:
        return _refused(request, "sign-on", error)
    role = role_of(room.settings.access, claims)
    if role is None:
        put_out(room, claims)
    person = let_in(room, claims, role) if role else None
    if person is None:
        return _refused(request, "no-role", None)
    answer = RedirectResponse(visit.next, 303)
    drop_cookie(room, request, answer, COOKIE)
    sessions.begin(request, answer, person.id)
    detail = {"by": "single sign-on", "role": person.role}
    record(room, actor=person.name, action="log-in", address=address_of(request), detail=detail)
    return answer


@router.get("/out")
def out(request: Request) -> Response:
    """To the provider's own log-out. Source: OpenID Connect RP-Initiated Logout 1.0."""
    room = _room(request)
    try:
        end = _provider(room).end_session_endpoint
    except SignOnError as error:
        return _refused(request, "sign-on", error)
    if not end:
        return RedirectResponse("/login", 303)
    home = f"{_base(request)}/login"
    query = urlencode({"client_id": room.settings.access.oidc_client_id, "post_logout_redirect_uri": home})
    return RedirectResponse(f"{end}{'&' if '?' in end else '?'}{query}", 303)


def _room(request: Request) -> Room:
    room = room_of(request)
    if not room.settings.access.oidc_issuer:
        raise HTTPException(404)
    return room


def _provider(room: Room) -> Provider:
    return discover(room.settings.access)


def _base(request: Request) -> str:
    return (room_of(request).settings.server.public_url or str(request.base_url)).rstrip("/")


def _back(request: Request) -> str:
    return f"{_base(request)}/login/sso/back"


def _refused(request: Request, problem: str, error: SignOnError | None) -> Response:
    """Back to the form, which says that it did not work; why stands in the log and the trail."""
    room = room_of(request)
    why = str(error) if error else "no role is set for this person, or the account is disabled"
    with writing(room.database) as connection:
        told = address_is_told_on(connection, room, address_of(request))
    if told:
        _log.warning("single sign-on refused: %r", why)  # a part of it may come from the address of the page
        record(
            room, actor="unknown", action="log-in", address=address_of(request), outcome="failure",
            detail={"by": "single sign-on", "why": why},
        )  # fmt: skip
    answer = form_page(request, "/", problem=problem)
    drop_cookie(room, request, answer, COOKIE)
    return answer
