"""How long to wait until something is tried again: twice as long each time, and never all at one moment."""

import hashlib
from collections.abc import Callable

FIRST_SECONDS, LONGEST_SECONDS = 5.0, 900.0
# A commitment may take an archive hours; it is asked again after 5 minutes, then 10, up to 4 hours.
FIRST_COMMITMENT_SECONDS, LONGEST_COMMITMENT_SECONDS = 300.0, 4 * 3600.0
MAX_REFUSALS = 8  # some twenty minutes of one answer that says no; a person must look at it then
MAX_ASKS = 10  # some twenty hours without an answer about what was stored
_SPREAD = 0.25


def pause(failures: int, draw: Callable[[], str]) -> float:
    """Seconds until the next attempt after so many failures in a row.

    >>> [round(pause(n, lambda: "a text")) for n in (1, 2, 3, 9, 50)]
    [5, 10, 20, 878, 878]
    """
    return _spread(min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(failures - 1, 30)), draw)


def commitment_pause(asks: int, draw: Callable[[], str]) -> float:
    """Seconds until a storage commitment is asked for again that was asked for so often."""
    longest = LONGEST_COMMITMENT_SECONDS
    return _spread(min(longest, FIRST_COMMITMENT_SECONDS * 2.0 ** min(asks - 1, 30)), draw)


def _spread(seconds: float, draw: Callable[[], str]) -> float:
    """Within a quarter more or less, by what was drawn: those who failed together do not come back together."""
    drawn = int.from_bytes(hashlib.sha256(draw().encode()).digest()[:4], "big") / 2**32
    return seconds * (1 - _SPREAD + 2 * _SPREAD * drawn)
