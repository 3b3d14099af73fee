"""Which cases a figure stands on, and intervals that do not promise too much where they are few."""

from secondread.audit.fairness.results import LEAST, RATES
from secondread.stats.checks import Bools, Floats
from secondread.stats.gaps import newcombe_difference
from secondread.stats.interval import Interval
from secondread.stats.proportion import wilson
from secondread.stats.resampled import percentiles

Sides = tuple[Bools, Bools]


def enough(y: Bools, inside: Bools) -> bool:
    """Whether a group is large enough to be judged."""
    return min(int((inside & y).sum()), int((inside & ~y).sum())) >= LEAST


def of_kind(measure: str, y: Bools) -> Bools:
    """The cases that a rate is a share of: the ill for sensitivity, the well for specificity."""
    return y if measure == "sensitivity" else ~y


def rights(measure: str, y: Bools, called: Bools, inside: Bools) -> Bools:
    """Whether the answer is right, for the cases of a subset that a rate is a share of."""
    chosen = inside & of_kind(measure, y)
    right: Bools = called[chosen] == y[chosen]
    return right


def between(measure: str, y: Bools, called: Bools, sides: Sides, drawn: Floats, told: str) -> Interval | None:
    """Interval of a difference between two sides from its resamples.

    Where a side's share is 0 or 1 its resamples do not vary: then from the Wilson intervals of both.
    """
    if measure in RATES:
        shares = [wilson(int(right.sum()), len(right)) for right in (rights(measure, y, called, s) for s in sides)]
        if any(share.value in {0.0, 1.0} for share in shares):
            return newcombe_difference(*shares)
    return percentiles(drawn, told)
