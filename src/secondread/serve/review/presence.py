"""Who is looking at a study right now, so that two people know of each other. Kept in memory: it is over in seconds."""

import threading

from secondread.serve.moments import Clock

GONE_SECONDS = 45.0


class Presence:
    """Studies and the people whose page said within the last seconds that it shows them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, dict[str, tuple[float, str]]] = {}

    def here(self, study_uid: str, login: str, name: str) -> tuple[str, ...]:
        """Note that a person looks at a study; the names of the others who do."""
        now = self._clock().timestamp()
        with self._lock:
            self._seen = {
                study: left
                for study, people in self._seen.items()
                if (left := {who: at for who, at in people.items() if now - at[0] < GONE_SECONDS})
            }
            self._seen.setdefault(study_uid, {})[login] = (now, name)
            return tuple(sorted(shown for who, (_, shown) in self._seen[study_uid].items() if who != login))

    def gone(self, study_uid: str, login: str) -> None:
        """The page was left."""
        with self._lock:
            self._seen.get(study_uid, {}).pop(login, None)
