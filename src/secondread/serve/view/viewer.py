"""What the viewer keeps in memory: studies and series that were opened lately, and a thread that fills the cache."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from fastapi import Request
from starlette.exceptions import HTTPException

from secondread.serve.people.person import room_of
from secondread.serve.room import Room
from secondread.serve.view import cache
from secondread.serve.view.held import Held, digest_of, hold, images_of, study_row
from secondread.serve.view.package import Frame, encoded
from secondread.serve.view.shown import Shown, show

_log = logging.getLogger(__name__)
_STUDIES, _SERIES = 32, 12
Thing = TypeVar("Thing")


class Lately(Generic[Thing]):
    """The things used last, each made once even when several threads ask at the same time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._things: OrderedDict[Any, Thing] = OrderedDict()
        self._making: dict[Any, threading.Lock] = {}

    def get(self, key: object, make: Callable[[], Thing]) -> Thing:
        """The thing of a key, made when it is not here."""
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                return self._things[key]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._things:
                    return self._things[key]
            thing = make()
            self.put(key, thing)
            return thing

    def put(self, key: object, thing: Thing) -> None:
        """Keep a thing, and let go of the one that was not used for longest."""
        with self._lock:
            self._things[key] = thing
            self._things.move_to_end(key)
            self._making.pop(key, None)
            while len(self._things) > self._most:
                self._things.popitem(last=False)


class Viewer:
    """Studies to pixels. One for an application; safe to use from several threads."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._studies: Lately[Held] = Lately(_STUDIES)
        self._series: Lately[Shown | cache.Made] = Lately(_SERIES)
        self._waiting: SimpleQueue[tuple[str, str, Shown]] = SimpleQueue()
        # Ends with the program, whatever is left to do: what is half written is thrown away.
        threading.Thread(target=self._fill_all, name="viewer-cache", daemon=True).start()

    def study(self, study_uid: str) -> Held:
        """A study of the room, its headers read when it was not opened lately or has changed.

        Raises:
            HTTPException: 404 if it is not here.
        """
        study_id = study_row(self._room, study_uid).id
        images = images_of(self._room, study_id)
        key = (study_uid, digest_of(images))
        return self._studies.get(key, lambda: hold(self._room, study_uid, study_id, images))

    def description(self, study_uid: str, key: str) -> dict[str, Any]:
        """What the browser must know of a series.

        Raises:
            HTTPException: 404 if there is no such series, or its images have changed.
        """
        return {"study_uid": study_uid, "key": key, **self._opened(study_uid, key).description}

    def frame(self, study_uid: str, key: str, number: int) -> Frame:
        """A picture of a series.

        Raises:
            HTTPException: 404 if there is none of that number.
            InputError: If it cannot be decoded.
        """
        opened = self._opened(study_uid, key)
        if not 0 <= number < opened.description["count"]:
            raise HTTPException(404, "This picture is not here.")
        if isinstance(opened, cache.Made):
            try:
                return opened.frame(number)
            except OSError:  # the cache was emptied: make it again
                opened = self._open(study_uid, key)
                self._series.put((study_uid, key), opened)
                if isinstance(opened, cache.Made):
                    return opened.frame(number)
        return encoded(opened.values(number))

    def _opened(self, study_uid: str, key: str) -> Shown | cache.Made:
        if key not in self.study(study_uid).series:
            raise HTTPException(404, "This series is not here, or its images have changed. Load the page again.")
        return self._series.get((study_uid, key), lambda: self._open(study_uid, key))

    def _open(self, study_uid: str, key: str) -> Shown | cache.Made:
        folder = cache.study_folder(self._room, study_uid) / key
        if (made := cache.find(folder)) is not None:
            return made
        shown = show(self.study(study_uid).series[key])
        if shown.description["count"]:
            self._waiting.put((study_uid, key, shown))
        return shown

    def _fill_all(self) -> None:
        while True:
            self._fill(*self._waiting.get())

    def _fill(self, study_uid: str, key: str, shown: Shown) -> None:
        """Write a series to the cache, then read from there; what fails here is shown straight from the files."""
        folder = cache.study_folder(self._room, study_uid) / key
        part = self._room.draw().replace("/", "")
        try:
            made = cache.make(folder, shown.description, lambda n: encoded(shown.values(n)), part)
            study_row(self._room, study_uid)
        except HTTPException:  # erased meanwhile
            cache.forget(self._room, study_uid)
        except Exception as error:  # noqa: BLE001 - the thread goes on with the next series
            _log.warning("viewer cache not written: error=%s", type(error).__name__)
            _log.debug("where it failed; may name the patient", exc_info=error)
        else:
            self._series.put((study_uid, key), made)


_MAKING = threading.Lock()


def viewer_of(request: Request) -> Viewer:
    """The viewer of the application that serves a request."""
    with _MAKING:
        found = getattr(request.app.state, "viewer", None)
        if found is None:
            found = request.app.state.viewer = Viewer(room_of(request))
    assert isinstance(found, Viewer)
    return found
