"""Who is asking: found from a session's cookie or a token, and allowed or not."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Row, select, update
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request

from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import sessions, tokens, users
from secondread.serve.moments import after
from secondread.serve.people.browser import COOKIE, FORM_BYTES, address_of, check_origin, cookie_name, field
from secondread.serve.people.rights import RIGHTS, Right
from secondread.serve.room import Room
from secondread.serve.trail.record import record

CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORM = "application/x-www-form-urlencoded"
_TOUCH_SECONDS = 60  # how exactly the last use is kept: not a write for every request


@dataclass(frozen=True, slots=True)
class Person:
    """Who is asking.

    Attributes:
        id: Row of ``users``.
        name: What is typed to log in.
        display_name: What is shown and signed with.
        organisation: What is signed with besides.
        role: One of the roles.
        rights: Of the role, and of a token no more than its scopes.
        how: ``session`` or ``token``.
        csrf: What a form of the session must carry; empty for tokens.
        language: ``en``, ``ko`` or empty.
        hides_names: Whether pseudonyms are shown instead of names.
        must_change_password: Whether nothing else is allowed before.
    """

    id: int
    name: str
    display_name: str
    organisation: str
    role: str
    rights: frozenset[Right]
    how: str
    csrf: str
    language: str
    hides_names: bool
    must_change_password: bool


class NobodyError(HTTPException):
    """Nobody is logged in: a browser is shown the way to the log-in, a program gets 401."""

    def __init__(self) -> None:
        super().__init__(401, "Log in, or send a token: Authorization: Bearer TOKEN.", {"WWW-Authenticate": "Bearer"})


class PasswordDueError(HTTPException):
    """A one-time password opens nothing but the page where it is changed: a browser is shown the way there."""

    def __init__(self) -> None:
        super().__init__(403, "Change your password first: at /account.")


def token_hash(token: str) -> str:
    """What is stored of a session or token: enough to know it again, too little to use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def room_of(connection: HTTPConnection) -> Room:
    """The room that serves a request or a WebSocket."""
    room = connection.app.state.room
    assert isinstance(room, Room)
    return room


def permit(
    right: Right, *, sessions_only: bool = False, password_may_be_due: bool = False
) -> Callable[[HTTPConnection], Awaitable[Person]]:
    """A dependency of a route or a WebSocket: the person who asks, who must have ``right``.

    A session's request that changes something needs the session's CSRF value, in the header ``X-CSRF-Token`` or in the
    field ``csrf`` of a plain form; a WebSocket must come from our own page. Who is not let in stands in the trail.

    Args:
        right: What the route needs.
        sessions_only: Whether tokens are not let in: a lost token must not make accounts or other tokens.
        password_may_be_due: Whether a person who must change the password first is let in.
    """

    async def person_with(connection: HTTPConnection) -> Person:
        person = await run_in_threadpool(person_of, connection)
        if person is None:
            raise NobodyError
        try:
            _check(person, right, sessions_only=sessions_only, password_may_be_due=password_may_be_due)
            await _check_ours(connection, person)
        except HTTPException as refusal:
            await run_in_threadpool(_record_denial, connection, person, right, refusal.detail)
            raise
        return person

    person_with.right = right  # type: ignore[attr-defined]  # read by the test that walks over all routes
    person_with.sessions_only = sessions_only  # type: ignore[attr-defined]  # likewise
    return person_with


def _check(person: Person, right: Right, *, sessions_only: bool, password_may_be_due: bool) -> None:
    if right not in person.rights:
        limit = f"your role is {person.role}" if person.how == "session" else "your token has not got it"
        raise HTTPException(403, f"This needs the right to {right}; {limit}.")
    if sessions_only and person.how != "session":
        raise HTTPException(403, "This is not for tokens. Log in with a browser.")
    if person.must_change_password and not password_may_be_due:
        raise PasswordDueError


async def _check_ours(connection: HTTPConnection, person: Person) -> None:
    """Stop a request that changes something and does not come from our own page."""
    if person.how != "session":
        return
    if not isinstance(connection, Request):
        room = room_of(connection)
        check_origin(room, connection)
        return
    if connection.method in SAFE_METHODS:
        return
    sent = connection.headers.get(CSRF_HEADER) or await _form_field(connection)
    if not hmac.compare_digest(sent.encode(), person.csrf.encode()):
        raise HTTPException(403, "This form is too old or not ours. Load the page again.")


async def _form_field(request: Request) -> str:
    """The field of a plain form. Only a small one is read here: uploads carry the header."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return ""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > FORM_BYTES:
        return ""
    return field(await request.form(), CSRF_FIELD)


def _record_denial(connection: HTTPConnection, person: Person, right: Right, why: str) -> None:
    method = connection.scope.get("method", "WEBSOCKET")
    route = getattr(connection.scope.get("route"), "path", "")  # the pattern: the path itself may name a study
    record(
        room_of(connection),
        actor=person.name,
        action="denied",
        study_uid=str(connection.path_params.get("study_uid", "")),
        address=address_of(connection),
        outcome="denied",
        detail={"method": method, "route": route, "right": str(right), "why": why, "how": person.how},
    )


def person_of(connection: HTTPConnection) -> Person | None:
    """Who is asking, or None."""
    room = room_of(connection)
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return _by_token(room, token.strip())
    cookie = connection.cookies.get(cookie_name(room, connection, COOKIE))
    return _by_session(room, cookie) if cookie else None


def _by_token(room: Room, token: str) -> Person | None:
    now = room.now()
    query = select(users, tokens.c.scopes, tokens.c.id.label("token_id"), tokens.c.last_used_at).join(tokens)
    with reading(room.database) as connection:
        row = connection.execute(
            query.where(
                tokens.c.token_hash == token_hash(token),
                tokens.c.revoked_at.is_(None),
                (tokens.c.expires_at.is_(None)) | (tokens.c.expires_at > now),
                users.c.disabled.is_(False),
            )
        ).one_or_none()
    if row is None:
        return None
    if row.last_used_at is None or row.last_used_at < after(now, -_TOUCH_SECONDS):
        with writing(room.database) as connection:
            connection.execute(update(tokens).where(tokens.c.id == row.token_id).values(last_used_at=now))
    allowed = {right for right in RIGHTS[row.role] if right in row.scopes.split()}
    return _person(row, "token", "", frozenset(allowed))


def _by_session(room: Room, cookie: str) -> Person | None:
    now, access = room.now(), room.settings.access
    query = select(users, sessions.c.csrf, sessions.c.id.label("session_id"), sessions.c.last_seen_at).join(sessions)
    with reading(room.database) as connection:
        row = connection.execute(
            query.where(
                sessions.c.token_hash == token_hash(cookie),
                sessions.c.expires_at > now,
                sessions.c.last_seen_at > after(now, -60 * access.session_minutes),
                users.c.disabled.is_(False),
            )
        ).one_or_none()
    if row is None:
        return None
    if row.last_seen_at < after(now, -_TOUCH_SECONDS):
        with writing(room.database) as connection:
            connection.execute(update(sessions).where(sessions.c.id == row.session_id).values(last_seen_at=now))
    return _person(row, "session", row.csrf, RIGHTS[row.role])


def _person(found: Row[Any], how: str, csrf: str, rights: frozenset[Right]) -> Person:
    return Person(
        id=found.id,
        name=found.name,
        display_name=found.display_name or found.name,
        organisation=found.organisation,
        role=found.role,
        rights=frozenset(rights),
        how=how,
        csrf=csrf,
        language=found.language,
        hides_names=found.hides_names,
        must_change_password=found.must_change_password and how == "session",
    )
