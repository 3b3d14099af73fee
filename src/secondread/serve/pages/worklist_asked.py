"""Lists that keep themselves up to date are recorded once a day for each person, not at every change."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

MAX_KEPT = 4096


class Asked:
    """Which lists were asked for lately; what was forgotten counts as new, and is recorded once more."""

    def __init__(self, most: int = MAX_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, None] = OrderedDict()
        self._lock = Lock()

    def again(self, key: Hashable) -> bool:
        """Whether a key was asked for before; from now on it was."""
        with self._lock:
            known = key in self._kept
            self._kept[key] = None
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
            return known
