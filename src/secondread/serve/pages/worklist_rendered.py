"""Rows that are the same for many browsers are made once: all of them ask at the moment when the list changes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

MAX_KEPT = 64


class Rendered:
    """The latest pages of rows, each kept as long as nothing changed.

    Two threads that miss at once both make the page; the second takes the place of the first.
    """

    def __init__(self, most: int = MAX_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], str]) -> str:
        """The page of a key, which must name everything that it depends on."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made
