"""PDUs over a socket: read whole, written whole, and never waited for longer than agreed.

Source: DICOM PS3.8 section 9.3.
"""

import contextlib
import selectors
import socket
import ssl
import struct
import time
from collections.abc import Callable

REQUEST, ACCEPTANCE, REJECTION, DATA, RELEASE, RELEASED, ABORT = range(1, 8)
HEADER = struct.Struct(">BxI")
_LARGEST_OTHER = 1 << 18  # bytes of a PDU that is not P-DATA: 128 contexts of 40 syntaxes


class LostError(Exception):
    """The association is over: the peer closed, aborted, was silent for too long, or broke the protocol."""


class Connection:
    """A socket on which PDUs are read and written. One thread uses it."""

    def __init__(
        self,
        sock: socket.socket,
        *,
        idle_seconds: float,
        max_pdu_bytes: int,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take over a connected socket.

        Args:
            sock: Plain or TLS.
            idle_seconds: Longest silence, and longest time for one PDU.
            max_pdu_bytes: Largest P-DATA that is taken.
            ticks: Seconds that pass.
        """
        self._sock = sock
        self._idle = idle_seconds
        self._ticks = ticks
        self._largest = max_pdu_bytes
        self._buffer = memoryview(bytearray(max(max_pdu_bytes, _LARGEST_OTHER) + HEADER.size))
        self._start = self._end = 0
        if sock.family in {socket.AF_INET, socket.AF_INET6}:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(idle_seconds)

    def read(self) -> tuple[int, memoryview]:
        """The next PDU: its type, and its body, which is valid until the next call.

        Raises:
            LostError: If there is none.
        """
        self._fill(1, None)
        until = self._ticks() + self._idle
        self._fill(HEADER.size, until)
        kind, length = HEADER.unpack_from(self._buffer, self._start)
        if not REQUEST <= kind <= ABORT or length > (self._largest if kind == DATA else _LARGEST_OTHER):
            raise LostError("a PDU of no known type, or larger than agreed")
        self._fill(HEADER.size + length, until)
        body = self._buffer[self._start + HEADER.size : self._start + HEADER.size + length]
        self._start += HEADER.size + length
        return kind, body

    def _fill(self, needed: int, until: float | None) -> None:
        """Receive until ``needed`` bytes lie from the start on."""
        if self._start == self._end:
            self._start = self._end = 0
        if self._start + needed > len(self._buffer):
            rest = bytes(self._buffer[self._start : self._end])
            self._buffer[: len(rest)] = rest
            self._start, self._end = 0, len(rest)
        while self._end - self._start < needed:
            if until is not None and self._ticks() > until:
                raise LostError("one PDU took too long")
            try:
                count = self._sock.recv_into(self._buffer[self._end :])
            except (OSError, ValueError) as error:
                raise LostError(type(error).__name__) from error
            if count == 0:
                raise LostError("the connection was closed")
            self._end += count

    def something_waits(self, seconds: float = 0.0) -> bool:
        """Whether the peer has sent something that was not read yet; waits for it up to ``seconds``."""
        if self._end > self._start or (isinstance(self._sock, ssl.SSLSocket) and self._sock.pending()):
            return True
        with selectors.DefaultSelector() as selector:
            try:
                selector.register(self._sock, selectors.EVENT_READ)
                return bool(selector.select(seconds))
            except (OSError, ValueError):
                return True  # reading will tell

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes that are whole PDUs.

        Raises:
            LostError: If the peer does not take them.
        """
        try:
            self._sock.sendall(data)
        except (OSError, ValueError) as error:
            raise LostError(type(error).__name__) from error

    def send(self, kind: int, body: bytes) -> None:
        """Send one PDU.

        Raises:
            LostError: If the peer does not take it.
        """
        self.write(HEADER.pack(kind, len(body)) + body)

    def abort(self, source: int = 2) -> None:
        """Send A-ABORT, if it can still be sent, and close. Source 2 is the protocol, 0 the application."""
        with contextlib.suppress(LostError):
            self.send(ABORT, bytes([0, 0, source, 0]))
        self.close()

    def wait_for_end(self, seconds: float) -> None:
        """Let the peer close first, for so long."""
        with contextlib.suppress(OSError):
            self._sock.settimeout(seconds)
            self._sock.recv(1)

    def close(self) -> None:
        """Close the socket; from another thread it ends what is waited for."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()
