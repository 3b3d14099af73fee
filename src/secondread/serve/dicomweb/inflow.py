"""The body of a request from the event loop to the thread that stores it, a few pieces ahead and never more."""

import asyncio
from contextlib import suppress
from queue import SimpleQueue

from starlette.requests import ClientDisconnect, Request

AHEAD_BYTES = 8_000_000
SILENT_SECONDS = 60.0  # a client from which nothing comes for so long is gone, whatever its connection says


class Inflow:
    """Filled in the event loop by :meth:`fill`, emptied in one thread by :meth:`piece`.

    A thread that asked the loop for each piece would wait for it each time; so pieces come by themselves, and only a
    thread that has fallen behind is waited for.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._pieces: SimpleQueue[bytes] = SimpleQueue()
        self._may_go_on = asyncio.Event()
        self._full = False
        self._put = self._taken = 0  # bytes; each is changed by one side only

    async def fill(self, request: Request) -> None:
        """Receive the whole body; a client that goes away ends it too early, which whoever reads it notices.

        One that only falls silent goes away too: otherwise its thread would wait for ever, and there are not many.
        """
        try:
            with suppress(ClientDisconnect, TimeoutError):
                async with asyncio.timeout(SILENT_SECONDS) as silence:
                    async for piece in request.stream():
                        silence.reschedule(None)  # the disk may take its time
                        if piece:
                            await self._add(piece)
                        silence.reschedule(self._loop.time() + SILENT_SECONDS)
        finally:
            self._pieces.put(b"")

    def piece(self) -> bytes:
        """The next piece, ``b""`` at the end; waits for it."""
        found = self._pieces.get()
        self._taken += len(found)
        if self._full:  # looked at after the piece was counted: so the loop either saw that, or is woken
            self._loop.call_soon_threadsafe(self._may_go_on.set)
        return found

    async def _add(self, piece: bytes) -> None:
        self._put += len(piece)
        self._pieces.put(piece)
        while self._put - self._taken > AHEAD_BYTES:
            self._may_go_on.clear()
            self._full = True
            if self._put - self._taken > AHEAD_BYTES:
                await self._may_go_on.wait()
            self._full = False
