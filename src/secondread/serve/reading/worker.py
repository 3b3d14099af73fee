"""A worker: takes the next job, reads, and again, in a process of its own.

A decoder that crashes takes this process with it, never the server. It is started with its settings on the standard
input, which stays open: when it closes, whoever started the worker is gone, even by ``kill -9``, and it ends too.
"""

import json
import logging
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from secondread.serve.config.load import settings_from
from secondread.serve.config.room import RoomSettings
from secondread.serve.reading import queue
from secondread.serve.reading.attempt import attempt
from secondread.serve.reading.desk import Desk, open_desk
from secondread.serve.room import open_room

_log = logging.getLogger(__name__)
IDLE_SECONDS = 0.2  # between two looks into an empty queue
FAULT_SECONDS = 2.0  # after a fault of the database, before it is asked again


def work(desk: Desk, name: str, ending: threading.Event, leave: Callable[[], None] | None = None) -> None:
    """Read one study after another until ``ending`` is set.

    Args:
        desk: What it works with.
        name: Who holds the jobs; each worker has another.
        ending: Set when it is to end; the read under way is given back.
        leave: Ends the process of a read that cannot be stopped otherwise.
    """
    while not ending.is_set():
        try:
            if not work_once(desk, name, ending, leave):
                ending.wait(IDLE_SECONDS)
        except Exception as error:  # noqa: BLE001 - the database may be away for a while; a worker waits for it
            _log.error("worker goes on after a fault: error=%s", type(error).__name__)
            _log.debug("where it failed; may name the patient", exc_info=error)
            ending.wait(FAULT_SECONDS)


def work_once(desk: Desk, name: str, ending: threading.Event, leave: Callable[[], None] | None = None) -> bool:
    """Take one job and work on it; False when there was none."""
    held = queue.claim(desk.room, name)
    if held is None:
        return False
    attempt(desk, held, ending, leave)
    return True


def order_of(settings: RoomSettings, name: str) -> str:
    """What a worker process is told: its name and the room's settings, as JSON in one line."""
    return json.dumps({"name": name, "settings": _plain(settings)})


def main() -> None:
    """Work as the standard input says, until it closes."""
    order = json.loads(sys.stdin.readline())
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    warnings.simplefilter("ignore")  # other libraries' warnings may quote tags of the patient
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us, and reaches us through the pipe
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: ending.set())
    threading.Thread(target=_end_with, args=(sys.stdin, ending), daemon=True).start()
    room = open_room(settings_from(order["settings"], Path()))
    work(open_desk(room, time.monotonic), order["name"], ending, leave=_leave)


def _end_with(stream: Any, ending: threading.Event) -> None:
    while stream.read(1):
        pass
    ending.set()


def _leave() -> None:
    """At once, whatever a decoder or a network is doing."""
    os._exit(0)


def _plain(settings: RoomSettings) -> Mapping[str, Any]:
    """The settings as the TOML file would hold them, with whole paths."""
    content = asdict(settings)
    content["route"] = content.pop("routes")
    content["destination"] = content.pop("destinations")
    content["dicom"]["peer"] = content["dicom"].pop("peers")
    content["storage"]["folder"] = Path(content["storage"]["folder"]).resolve()
    return {key: _without_nothing(value) for key, value in content.items()}


def _without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nothing(one) for key, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [_without_nothing(one) for one in value]
    return str(value) if isinstance(value, Path) else value


if __name__ == "__main__":
    main()
