"""The way in for ``serve --demo``: a link that logs the user ``demo`` in. It works on this machine only."""

import hmac

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from starlette.exceptions import HTTPException

from secondread.core.errors import UsageError
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import users
from secondread.serve.people.browser import address_of
from secondread.serve.people.person import room_of
from secondread.serve.people.sessions import begin
from secondread.serve.room import Room
from secondread.serve.trail.record import record

router = APIRouter()
NAME = "demo"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def add_demo_user(room: Room) -> None:
    """The user ``demo``, a radiologist without a password: only the link lets anybody in.

    Raises:
        UsageError: If the room can be reached from other machines.
    """
    if room.settings.server.host not in LOOPBACK:
        raise UsageError(
            f"--demo lets anybody in who has the link, and [server] host is {room.settings.server.host}; needed a "
            "loopback address. Leave out --demo or --host."
        )
    with writing(room.database) as connection:
        known = connection.execute(select(users.c.id).where(users.c.name == NAME)).one_or_none()
        if known is None:
            connection.execute(
                users.insert().values(name=NAME, display_name="Demo", role="radiologist", created_at=room.now())
            )


@router.get("/demo/{key}")
def enter(request: Request, key: str) -> RedirectResponse:
    """Log the demo user in, where the room was started as a demo and the link is the one it printed."""
    expected = request.app.state.demo_key
    if not expected or not hmac.compare_digest(key.encode(), expected.encode()):
        raise HTTPException(404)
    room = room_of(request)
    with reading(room.database) as connection:
        user_id = connection.execute(select(users.c.id).where(users.c.name == NAME)).scalar_one()
    answer = RedirectResponse("/", 303)
    begin(request, answer, user_id)
    record(room, actor=NAME, action="log-in", address=address_of(request))
    return answer
