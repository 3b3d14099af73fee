"""HTTP/1.1 that does not wait for ever: a connection on which no request comes is closed.

Uvicorn waits for the head of a request without an end. Anybody could open connections until the program has no file
handle left, and then nothing can be received or stored either.
"""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 30.0


class Impatient(H11Protocol):
    """Uvicorn's own protocol, with a limit to the time from a connection, or its last answer, to a request's head."""

    _head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The time runs."""
        super().connection_made(transport)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """There is nothing to wait for."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """The time goes on unless a request is under way now."""
        super().data_received(data)
        self._look()

    def _look(self) -> None:
        if self._is_busy():
            self._stop()
        elif self._head is None:
            self._head = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _is_busy(self) -> bool:
        """Whether a request is being answered; or the connection has become that of a WebSocket."""
        answering = self.cycle is not None and not self.cycle.response_complete
        return answering or self.transport.get_protocol() is not self

    def _stop(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _give_up(self) -> None:
        self._head = None
        if not self._is_busy() and not self.transport.is_closing():
            self.transport.close()
