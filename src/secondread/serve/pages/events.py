"""``/events``: tells browsers that the worklist changed. One question to the database for all of them."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from secondread.serve.database.connect import reading
from secondread.serve.database.tables import studies
from secondread.serve.pages.worklist_rendered import Rendered
from secondread.serve.people.person import Person, permit, room_of
from secondread.serve.people.rights import Right
from secondread.serve.room import Room

router = APIRouter()
POLL_SECONDS = 2.0
RECENT = 200
QUIET_SECONDS = 15.0  # a comment after so long, so that a lost browser is noticed
STREAM_SECONDS = 600.0  # then the browser comes again, and its session is looked at again


def fingerprint(room: Room) -> str:
    """Changes whenever something changes that the worklist shows.

    Not the latest moment alone: of two transactions, the one that began first may end last.
    """
    recent = select(studies.c.id, studies.c.changed_at).order_by(studies.c.changed_at.desc(), studies.c.id)
    with reading(room.database) as connection:
        rows = [tuple(row) for row in connection.execute(recent.limit(RECENT))]
        count = connection.execute(select(func.count()).select_from(studies)).scalar_one()
    return hashlib.sha256(repr((count, rows)).encode()).hexdigest()[:16]


class Changes:
    """Asks the database as long as somebody listens, and tells all who do."""

    def __init__(self, room: Room, seconds: float = POLL_SECONDS) -> None:
        self._room, self._seconds = room, seconds
        self._listeners: set[asyncio.Queue[str | None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._last = ""
        self.ended = False
        self.rendered = Rendered()

    @property
    def current(self) -> str:
        """The latest fingerprint; ``""`` when nobody listens, so that nobody asks."""
        return self._last

    async def listen(self) -> AsyncIterator[str]:
        """Fingerprints: the one now, then each new one; ``""`` when nothing happened for a while."""
        heard: asyncio.Queue[str | None] = asyncio.Queue(maxsize=8)
        self._listeners.add(heard)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._ask())
        try:
            if self._last:
                yield self._last
            while not self.ended:
                try:
                    told = await asyncio.wait_for(heard.get(), QUIET_SECONDS)
                except TimeoutError:
                    told = ""
                if told is None:
                    return
                yield told
        finally:
            self._listeners.discard(heard)

    def end(self) -> None:
        """Let every browser go; called in the event loop when the server stops."""
        self.ended = True
        self._tell(None)

    async def _ask(self) -> None:
        while self._listeners and not self.ended:
            found = await run_in_threadpool(fingerprint, self._room)
            if found != self._last:
                self._last = found
                self._tell(found)
            await asyncio.sleep(self._seconds)
        self._last = ""

    def _tell(self, what: str | None) -> None:
        for heard in self._listeners:
            if heard.full():  # a browser that does not listen needs the latest only
                heard.get_nowait()
            heard.put_nowait(what)


def known_changes(app: Starlette) -> Changes | None:
    """The one of this process, or None where nobody has listened yet."""
    found = getattr(app.state, "changes", None)
    return found if isinstance(found, Changes) else None


def changes_of(app: Starlette, room: Room) -> Changes:
    """The one of this process, made where there is none; called in the event loop, so there is never a second."""
    found = known_changes(app)
    if found is None:
        found = app.state.changes = Changes(room)
    return found


def end_streams(app: Starlette) -> None:
    """End all streams, so that a server that stops need not wait for browsers."""
    if (found := known_changes(app)) is not None:
        found.end()


@router.get("/events")
async def events(request: Request, person: Annotated[Person, Depends(permit(Right.SEE))]) -> StreamingResponse:
    """Server-sent events named ``changed``. They carry no patient data: the browser asks for its rows.

    Source: WHATWG HTML, Server-sent events.
    """
    del person  # only asked whether they may
    listening = changes_of(request.app, room_of(request)).listen()
    headers = {"X-Accel-Buffering": "no"}  # nginx must pass each event on at once
    return StreamingResponse(_stream(listening), media_type="text/event-stream", headers=headers)


async def _stream(listening: AsyncIterator[str]) -> AsyncIterator[str]:
    begun = asyncio.get_running_loop().time()
    yield "retry: 3000\n\n"
    async for told in listening:
        yield f"event: changed\ndata: {told}\n\n" if told else ": quiet\n\n"
        if asyncio.get_running_loop().time() - begun > STREAM_SECONDS:
            return
