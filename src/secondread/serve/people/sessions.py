"""Sessions: begun at log-in under a new random name, kept as its hash, ended by time, log-out or a new password."""

from sqlalchemy import Connection, delete
from starlette.requests import Request
from starlette.responses import Response

from secondread.serve.database.connect import writing
from secondread.serve.database.tables import sessions
from secondread.serve.moments import after
from secondread.serve.people.browser import cookie_name, drop_cookie, set_cookie
from secondread.serve.people.person import room_of, token_hash


def begin(request: Request, response: Response, user_id: int) -> None:
    """Log a person in: a new session under a new name, its cookie on ``response``; the browser's old one ends.

    Sessions whose time is over are removed on the way.
    """
    room = room_of(request)
    now, access = room.now(), room.settings.access
    cookie, csrf = room.draw(), room.draw()
    old = request.cookies.get(cookie_name(room, request), "")
    over = (sessions.c.expires_at <= now) | (sessions.c.last_seen_at <= after(now, -60 * access.session_minutes))
    with writing(room.database) as connection:
        connection.execute(delete(sessions).where(over | (sessions.c.token_hash == token_hash(old))))
        connection.execute(
            sessions.insert().values(
                token_hash=token_hash(cookie),
                user_id=user_id,
                csrf=csrf,
                created_at=now,
                last_seen_at=now,
                expires_at=after(now, 3600 * access.session_hours),
            )
        )
    set_cookie(room, request, response, cookie)


def end(request: Request, response: Response) -> None:
    """Log the browser out."""
    room = room_of(request)
    cookie = request.cookies.get(cookie_name(room, request), "")
    with writing(room.database) as connection:
        connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash(cookie)))
    drop_cookie(room, request, response)


def end_all(connection: Connection, user_id: int) -> None:
    """End every session of a person."""
    connection.execute(delete(sessions).where(sessions.c.user_id == user_id))
