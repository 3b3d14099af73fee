"""What runs beside the web server: each a thing that is started and stopped."""

import logging
import threading
from collections.abc import Callable
from typing import Protocol

_log = logging.getLogger(__name__)


class Service(Protocol):
    """Something that runs until it is told to stop."""

    def start(self) -> None:
        """Begin; returns at once.

        Raises:
            OSError: If a port is taken.
        """
        ...

    def stop(self) -> None:
        """End what was begun, and wait for it."""
        ...


class Loop:
    """Work that is done again and again in a thread of its own. A failure is logged and the work goes on."""

    def __init__(self, name: str, work: Callable[[], float]) -> None:
        """``work`` returns the seconds to wait until it is called again."""
        self._name = name
        self._work = work
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the piece of work that is under way."""
        self._end.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def _run(self) -> None:
        wait = 0.0
        while not self._end.wait(wait):
            try:
                wait = self._work()
            except Exception as error:  # noqa: BLE001 - a loop that dies would stop a service in silence
                _log.error("service failed and goes on: name=%s error=%s", self._name, type(error).__name__)
                _log.debug("where it failed; may name the patient", exc_info=error)
                wait = 5.0
