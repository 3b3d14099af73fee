"""Beside a read: keeps its job's lease alive, and says when the read must stop."""

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from sqlalchemy.exc import SQLAlchemyError

from secondread.serve.reading import queue
from secondread.serve.reading.desk import Desk
from secondread.serve.reading.queue import Claim

_log = logging.getLogger(__name__)
LOST, TIMEOUT, ENDING = "lost", "timeout", "ending"
GRACE_SECONDS = 5.0  # a read that is told to stop may take so long to come to a place where it can
TICK_SECONDS = 0.1
MOST_BETWEEN_BEATS = 5.0  # so that a cancelled read is not read on for long, however long the lease


class StoppedError(Exception):
    """The read must not go on. Its one argument is ``LOST``, ``TIMEOUT`` or ``ENDING``."""


class Watch:
    """A thread beside one read, for as long as the ``with`` block lasts.

    A read can stop between two readers, where it asks :meth:`clock`. One that does not come to such a place within
    ``GRACE_SECONDS`` is left standing: its job is settled, and ``leave`` ends the process.
    """

    def __init__(
        self, desk: Desk, held: Claim, ending: threading.Event, leave: Callable[[], None] | None = None
    ) -> None:
        """``ending`` is set when the worker is to end; without ``leave`` a read is only ever asked to stop."""
        self._desk, self._held, self._ending, self._leave = desk, held, ending, leave
        self._over = threading.Event()
        self._reason = ""
        self._thread = threading.Thread(target=self._run, name=f"watch-{held.job_id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def clock(self) -> float:
        """Seconds from any start.

        Raises:
            StoppedError: If the read must stop.
        """
        if self._reason:
            raise StoppedError(self._reason)
        return self._desk.monotonic()

    def _run(self) -> None:
        reading, now = self._desk.room.settings.reading, self._desk.monotonic
        begun = beat = now()
        while not self._over.wait(min(TICK_SECONDS, reading.lease_seconds / 4)):
            if self._ending.is_set():
                self._reason = ENDING
            elif now() - begun > reading.timeout_seconds:
                self._reason = TIMEOUT
            elif now() - beat >= min(reading.lease_seconds / 3, MOST_BETWEEN_BEATS):
                beat = now()
                if not self._beat():
                    self._reason = LOST
            if self._reason:
                self._see_it_end()
                return

    def _beat(self) -> bool:
        """Whether the job is still ours, as far as the database can be asked."""
        try:
            return queue.alive(self._desk.room, self._held)
        except SQLAlchemyError as error:
            _log.warning("lease could not be lengthened: job=%s error=%s", self._held.job_id, type(error).__name__)
            return True  # whoever finishes must hold the job anyway

    def _see_it_end(self) -> None:
        if self._leave is None or self._over.wait(GRACE_SECONDS):
            return
        try:
            settle_stopped(self._desk, self._held, self._reason)
        finally:
            self._leave()


def settle_stopped(desk: Desk, held: Claim, reason: str) -> None:
    """What becomes of the job of a read that was stopped."""
    if reason == TIMEOUT:
        seconds = desk.room.settings.reading.timeout_seconds
        queue.fail(desk.room, held, f"the read took longer than {seconds:g} s, the limit in [reading] timeout_seconds")
    elif reason == ENDING:
        queue.release(desk.room, held, "the worker was told to end")
