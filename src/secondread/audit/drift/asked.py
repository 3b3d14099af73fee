"""How often a reader is asked: gone, or asked far less, is an alarm; new, or asked more often, is no harm."""

from collections.abc import Sequence

from secondread.audit.drift.monitors import RATE, Monitor, Value
from secondread.stats.betting import BLOCK

NAME = "asked"
ASKED = Monitor("outcome", NAME, RATE, lambda _: True)  # of a study that it was not asked about there is no point
BY_CHANCE = 0.001  # a run without it that is likelier than this, at its old share, does not say since when it is gone
Count = tuple[int, int]  # studies that it was asked about, of how many


def is_alarm(was: Count, now: Count, *, moved: bool) -> bool:
    """Whether a reader is gone, or asked less often by a share that matters; if the difference is sure.

    Args:
        was: In the reference.
        now: After it.
        moved: Whether the share moved by as much as an alarm of any share needs.
    """
    gone = was[0] > 0 and now[0] == 0
    return gone or (moved and now[0] * was[1] < was[0] * now[1])


def gone_since(old: Sequence[Value], new: Sequence[Value]) -> int | None:
    """How many studies came before a reader was asked no more, to the study; None where it may still be asked.

    >>> gone_since([True, False] * 50, [True] * 7 + [False] * 30)
    7
    """
    last = max((place for place, value in enumerate(new) if value), default=-1) + 1
    run, missed = len(new) - last, 1.0 - sum(map(bool, old)) / len(old)
    return last if run >= BLOCK and missed**run <= BY_CHANCE else None


def sentence(was: Count, now: Count) -> str:
    """What is told of it.

    >>> sentence((150, 150), (0, 90))
    'Gone: was asked about 150 of 150 studies; is asked about none of 90.'
    """
    kind = "" if was[0] and now[0] else "Gone: " if was[0] else "New: "
    told = f"was asked about {was[0] or 'none'} of {was[1]} studies; is asked about {now[0] or 'none'} of {now[1]}."
    return f"{kind}{told}" if kind else told.capitalize()
