"""The workers of a server, or of ``secondread worker``: started, watched, started again, ended with it."""

import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

from secondread.serve.reading import queue
from secondread.serve.reading.results import sweep
from secondread.serve.reading.routing import check_readers
from secondread.serve.reading.worker import order_of
from secondread.serve.room import Room
from secondread.serve.service import Loop

_log = logging.getLogger(__name__)
LOOK_SECONDS = 0.5
STOP_SECONDS = 20.0  # longer than the grace of a read that is told to stop
LONGEST_PAUSE = 30.0  # before a worker that keeps dying is started again
STEADY_LOOKS = 60  # found at work so often, earlier losses are forgotten
COMMAND = (sys.executable, "-m", "secondread.serve.reading.worker")


@dataclass(slots=True)
class _Seat:
    """The place of one worker: whoever sits there now, and how often somebody was lost."""

    process: "subprocess.Popen[bytes] | None" = None
    name: str = ""
    losses: int = 0
    wait: float = 0.0  # seconds until the next is started
    looks: int = 0  # how often this one was found at work


class Crew:
    """A service that keeps so many worker processes at work."""

    def __init__(self, room: Room, count: int, *, start: "Callable[[str], subprocess.Popen[bytes]] | None" = None):
        """``start`` makes the process of a worker of a name; its own program by default."""
        self._room = room
        self._seats = [_Seat() for _ in range(count)]
        self._start = start or (lambda name: _started(room, name))
        self._serial = 0
        self._lock = threading.Lock()
        self._loop = Loop("workers", self._look)

    def start(self) -> None:
        """Begin.

        Raises:
            UsageError: If a route names a reader that is not installed.
        """
        from secondread.readers import all_readers

        check_readers(self._room.settings, tuple(all_readers()))
        sweep(self._room)
        self._look()
        self._loop.start()

    def stop(self) -> None:
        """End every worker; what they were reading is given back to the queue."""
        self._loop.stop()
        with self._lock:
            processes = [seat.process for seat in self._seats if seat.process is not None]
            for process in processes:
                assert process.stdin is not None
                process.stdin.close()
            for process in processes:
                try:
                    process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            for seat in self._seats:
                seat.process = None

    def processes(self) -> tuple[int, ...]:
        """The process numbers of the workers that are at work."""
        with self._lock:
            return tuple(seat.process.pid for seat in self._seats if seat.process and seat.process.poll() is None)

    def _look(self) -> float:
        with self._lock:
            for seat in self._seats:
                self._look_at(seat)
        return LOOK_SECONDS

    def _look_at(self, seat: _Seat) -> None:
        if seat.process is not None and seat.process.poll() is not None:
            code, name = seat.process.returncode, seat.name
            assert seat.process.stdin is not None
            seat.process.stdin.close()
            seat.process = None
            seat.losses += 1
            seat.wait = min(LOOK_SECONDS * 2 ** (seat.losses - 1), LONGEST_PAUSE) if seat.losses > 1 else 0.0
            _log.error("worker ended and is started again: worker=%s code=%s", name, code)
            queue.expire(self._room, name)
            sweep(self._room)
        if seat.process is None:
            if seat.wait > 0:
                seat.wait -= LOOK_SECONDS
                return
            self._serial += 1
            seat.name = f"{socket.gethostname()[:64]}-{os.getpid()}-{self._serial}"
            seat.process = self._start(seat.name)
            seat.looks = 0
        seat.looks += 1
        if seat.looks == STEADY_LOOKS:
            seat.losses = 0


def _started(room: Room, name: str) -> "subprocess.Popen[bytes]":
    """A worker's process. It holds the reading end of a pipe whose other end is ours alone."""
    process = subprocess.Popen([*COMMAND], stdin=subprocess.PIPE)  # noqa: S603 - our own program
    assert process.stdin is not None
    process.stdin.write(order_of(room.settings, name).encode() + b"\n")
    process.stdin.flush()
    return process
