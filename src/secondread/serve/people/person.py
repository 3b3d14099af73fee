"""Who is asking: found from a session's cookie or a token, and allowed or not."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from sqlalchemy import Row, select, update
from starlette.exceptions import HTTPException

from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import sessions, tokens, users
from secondread.serve.moments import after
from secondread.serve.people.rights import RIGHTS, Right
from secondread.serve.room import Room

COOKIE = "secondread_session"
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
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


def token_hash(token: str) -> str:
    """What is stored of a session or token: enough to know it again, too little to use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def room_of(request: Request) -> Room:
    """The room that serves a request."""
    room = request.app.state.room
    assert isinstance(room, Room)
    return room


def permit(right: Right) -> Callable[[Request], "Person"]:
    """A dependency of a route: the person who asks, who must have ``right``; their form must be their own.

    A session's request that changes something needs the session's CSRF value in the header ``X-CSRF-Token``; a plain
    HTML form carries it in the query of its action, as ``?csrf=...`` (see the macro ``form`` of the pages).
    """

    def person_with(request: Request) -> Person:
        person = person_of(request)
        if person is None:
            raise NobodyError
        if right not in person.rights:
            raise HTTPException(403, f"This needs the right to {right}; your role is {person.role}.")
        if person.must_change_password:
            raise HTTPException(403, "Change your password first.")
        check_csrf(request, person)
        return person

    person_with.right = right  # type: ignore[attr-defined]  # read by the test that walks over all routes
    return person_with


def check_csrf(request: Request, person: Person) -> None:
    """Stop a request that changes something and does not come from our own page."""
    if request.method in SAFE_METHODS or person.how != "session":
        return
    sent = request.headers.get(CSRF_HEADER) or request.query_params.get(CSRF_FIELD) or ""
    if not hmac.compare_digest(sent.encode(), person.csrf.encode()):
        raise HTTPException(403, "This form is too old or not ours. Load the page again.")


def person_of(request: Request) -> Person | None:
    """Who is asking, or None."""
    room = room_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return _by_token(room, token.strip())
    cookie = request.cookies.get(COOKIE)
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
    allowed = RIGHTS[row.role] & {Right(scope) for scope in row.scopes.split()}
    return _person(row, "token", "", allowed)


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
