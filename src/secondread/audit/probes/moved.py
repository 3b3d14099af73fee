"""How far answers move under a probe, and when that is more than it should be.

The rule was fixed before any figure of a test split was seen, and is the same for every bundle; it is a rule of our
own. A probe *moves more than it should* when one of these is so, each told by the near end of a 95 % interval by
patient, so that chance does not call it:

- decisions: more than 5 % of them flip;
- order: the area under the ROC curve falls by more than 0.02;
- one way: the answer moves by more than 0.2 spreads on average in one direction;
- pull: with something of the other class, the answer moves towards that class by more than 0.1 spreads, beyond what
  the same thing of the same class does;
- outlines: Dice falls by more than 0.03, or what is outlined grows or shrinks by more than 10 %.

Probes that may take something of the disease with them (blur, resolution, grey histogram) are judged by *one way* and
*pull* alone: with less to see, an answer may be worse, but not all answers the same way.

A spread is the standard deviation of the log odds of the unchanged pictures. In it a move means the same for every
network: one whose probabilities all lie near the middle, or near 0, cannot escape a limit because its scale is narrow.
0.2 is what is called a small effect: Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd ed. 1988, 2.2;
that half of it is asked of a pull, because a control is taken away from it, is our own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.audit.spread import spread_of
from secondread.learn.examples import UNKNOWN
from secondread.stats.auroc import auroc
from secondread.stats.bootstrap import Resamples, resample_each
from secondread.stats.interval import Interval
from secondread.stats.recalibrate import to_logits

Floats = NDArray[np.float64]
FLIPS, ORDER, ONE_WAY, PULL, DICE, SIZE = 0.05, 0.02, 0.2, 0.1, 0.03, 0.10
RESAMPLES = 1000
FEWEST = 15  # cases of each class without which no area is given


@dataclass(frozen=True, slots=True)
class Moved:
    """How far the probability of one question moved.

    Attributes:
        absolute: Mean of the absolute change of the probability.
        shift: Mean of the change of the log odds, in spreads.
        flips: Share of the decisions that flip.
        order: Area under the curve after less before; None with too few cases of a class.
        pull: Of the log odds towards the class of the donor, beyond the same with a donor of the same class, in
            spreads; None without donors.
    """

    absolute: Interval
    shift: Interval
    flips: Interval
    order: Interval | None = None
    pull: Interval | None = None


def moved(
    before: Floats, after: Floats, patients: NDArray[np.str_], y: NDArray[np.int64], threshold: float, *, seed: int
) -> Moved:
    """How far one probability moved.

    Args:
        before: Of the pictures as they are [n].
        after: Of the changed ones [n].
        patients: Whose they are [n].
        y: 1 or 0, ``UNKNOWN`` where not known [n].
        threshold: At or above it is yes.
        seed: Of the resamples.
    """
    known = y != UNKNOWN
    enough = min(int((y == 0).sum()), int((y == 1).sum())) >= FEWEST

    def change(first: Floats, second: Floats, truth: NDArray[np.int64]) -> tuple[float | None, ...]:
        step = second - first
        flips = (first >= threshold) != (second >= threshold)
        shift = in_spreads(to_logits(second) - to_logits(first), first)
        common = (float(np.abs(step).mean()), shift, float(flips.mean()))
        if not enough:
            return common
        told = truth != UNKNOWN
        return (*common, difference(truth[told], first[told], second[told]))

    found = resample_each(change, patients, before, after, np.where(known, y, UNKNOWN), n=RESAMPLES, seed=seed)
    absolute, shift, flips, *rest = (one.interval() for one in found)
    return Moved(absolute, shift, flips, rest[0] if rest else None)


def in_spreads(steps: Floats, p: Floats) -> float:
    """Mean of some steps of log odds [n] in standard deviations of the log odds of ``p`` [m]."""
    return float(steps.mean()) / spread_of(to_logits(p))


def difference(y: NDArray[np.int64], first: Floats, second: Floats) -> float | None:
    """Area under the curve after less before; None where it is not defined."""
    before, after = auroc(y, first), auroc(y, second)
    return None if before is None or after is None else after - before


def pulled(
    before: Floats, other: Floats, same: Floats, donor: NDArray[np.int64], patients: NDArray[np.str_], *, seed: int
) -> Interval | None:
    """How far the log odds move, in spreads, towards the class of the donor, beyond a donor of the same class.

    Args:
        before: Probability of the pictures as they are [n].
        other: With something of the other class [n].
        same: With the same of the same class [n].
        donor: Class of the donor of the other class, ``UNKNOWN`` where there is none [n].
        patients: Whose the pictures are [n].
        seed: Of the resamples.
    """
    known = donor != UNKNOWN
    if not known.any():
        return None
    towards = np.where(donor == 1, 1.0, -1.0) * (to_logits(other) - to_logits(same))
    rows = (towards[known], before[known])
    (found,) = resample_each(lambda a, b: (in_spreads(a, b),), patients[known], *rows, n=RESAMPLES, seed=seed)
    return found.interval()


def judged(found: Moved, *, costs: bool) -> tuple[str, ...]:
    """In which ways it moves more than it should; see the top of this file."""
    ways = []
    if not costs and found.flips.low > FLIPS:
        ways.append("decisions")
    if not costs and found.order is not None and found.order.high < -ORDER:
        ways.append("order")
    if found.shift.low > ONE_WAY or found.shift.high < -ONE_WAY:
        ways.append("one way")
    if found.pull is not None and found.pull.low > PULL:
        ways.append("pull")
    return tuple(ways)


@dataclass(frozen=True, slots=True)
class Redrawn:
    """How far an outline moved.

    Attributes:
        dice: Against the mask, after less before; None where no picture has a mask.
        size: What is outlined in all pictures together, after against before, less 1.
        overlap: Dice between the outlines before and after, of pictures in which either draws something.
    """

    dice: Interval | None
    size: Interval
    overlap: Interval | None


def redrawn(
    before: NDArray[np.bool_],
    after: NDArray[np.bool_],
    masks: NDArray[np.bool_] | None,
    patients: NDArray[np.str_],
    *,
    seed: int,
) -> Redrawn | None:
    """How far the outlines of one structure moved; None where nothing was drawn before. All bool [n, *grid]."""
    count = len(before)
    flat = [np.asarray(part.reshape(count, -1)) for part in (before, after)]
    areas = [part.sum(1).astype(np.float64) for part in flat]
    if not areas[0].sum():
        return None

    def size(first: Floats, second: Floats) -> tuple[float | None]:
        return (float(second.sum() / first.sum() - 1.0) if first.sum() else None,)

    (sizes,) = resample_each(size, patients, *areas, n=RESAMPLES, seed=seed)
    either = (areas[0] + areas[1]) > 0
    overlap = mean_interval(dice_rows(flat[0], flat[1])[either], patients[either], seed)
    dice = None
    if masks is not None:
        true = masks.reshape(count, -1)
        has = true.any(1)
        steps = dice_rows(flat[1], true) - dice_rows(flat[0], true)
        dice = mean_interval(steps[has], patients[has], seed)
    return Redrawn(dice, sizes.interval(), overlap)


def dice_rows(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> Floats:
    """Dice of each row [n, places]; 1 where both are empty."""
    both, total = (a & b).sum(1), a.sum(1) + b.sum(1)
    return np.where(total > 0, 2.0 * both / np.maximum(total, 1), 1.0)


def mean_interval(values: Floats, patients: NDArray[np.str_], seed: int) -> Interval | None:
    """The mean with its interval by patient; None of nothing."""
    if not len(values):
        return None
    found: tuple[Resamples, ...] = resample_each(
        lambda one: (float(one.mean()),), patients, values, n=RESAMPLES, seed=seed
    )
    return found[0].interval()


def judged_outline(found: Redrawn, *, costs: bool) -> tuple[str, ...]:
    """In which ways an outline moves more than it should."""
    ways = []
    if not costs and found.dice is not None and found.dice.high < -DICE:
        ways.append("Dice")
    if found.size.low > SIZE or found.size.high < -SIZE:
        ways.append("size")
    return tuple(ways)
