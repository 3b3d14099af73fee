"""How far two groups, or the best and the worst of several, lie apart, and whether chance alone does as much."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondread.stats.bootstrap import patients_of
from secondread.stats.checks import Floats, same_length, truth
from secondread.stats.interval import Interval

CLOSE = 1e-9  # shares that differ by less are equal
DEALS = 9999  # so that a p value can be small enough to survive a correction for a hundred tests


@dataclass(frozen=True, slots=True)
class Shuffled:
    """A difference of shares between groups, and what it is when the groups are drawn by lot.

    Attributes:
        largest: Largest share less smallest share.
        by_chance: The 95th percentile of the same when cases are dealt to the groups at random.
        p: How often chance does as much, the data counting as one deal more.
    """

    largest: float
    by_chance: float
    p: float


def equal_opportunity(sensitivities: Sequence[float]) -> float:
    """Largest sensitivity less the smallest: 0 where every group's ill have the same chance to be found.

    Raises:
        ValueError: If there are fewer than two groups.

    Source: Hardt, Price and Srebro, Equality of Opportunity in Supervised Learning, NeurIPS 2016.

    >>> round(equal_opportunity([0.92, 0.85]), 2)
    0.07
    """
    return _spread(sensitivities)


def equalised_odds(sensitivities: Sequence[float], specificities: Sequence[float]) -> float:
    """The larger of the differences in sensitivity and in specificity.

    Raises:
        ValueError: If there are fewer than two groups.

    Source: Hardt, Price and Srebro, NeurIPS 2016; as one number, the larger of both: fairlearn,
        ``equalized_odds_difference``.

    >>> round(equalised_odds([0.92, 0.85], [0.70, 0.80]), 2)
    0.1
    """
    return max(_spread(sensitivities), _spread(specificities))


def newcombe_difference(a: Interval, b: Interval) -> Interval:
    """Interval of the difference of two independent shares from their own (Wilson) intervals.

    Source: Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine
        1998;17:873-890, method 10.
    """
    value = a.value - b.value
    low = value - math.hypot(a.value - a.low, b.high - b.value)
    high = value + math.hypot(a.high - a.value, b.value - b.low)
    return Interval(value, max(-1.0, low), min(1.0, high), "Newcombe", a.level)


def by_error(difference: Floats) -> float | None:
    """Two-sided p value of a difference over its standard error among resamples, by the normal distribution.

    Counting resamples beyond 0 could not tell p values below one over their number, and of a hundred comparisons none
    would survive a correction.

    Args:
        difference: [1 + n], as :func:`secondread.stats.resampled.resampled` gives figures.

    Returns:
        None where the difference is undefined in most resamples, or does not vary.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 6 and 12.
    """
    drawn = difference[1:][np.isfinite(difference[1:])]
    if not np.isfinite(difference[0]) or 2 * len(drawn) < len(difference) - 1 or not np.ptp(drawn) > 0.0:
        return None
    return math.erfc(abs(float(difference[0])) / float(drawn.std(ddof=1)) / math.sqrt(2.0))


def shuffled(right: ArrayLike, groups: ArrayLike, patients: ArrayLike, *, n: int = DEALS, seed: int) -> Shuffled:
    """Whether the share of right answers differs between groups by more than chance.

    The rows of a patient that are of one group stay together. Give the positive cases alone to compare sensitivities,
    the negative ones to compare specificities. With two groups it is the test of a single difference.

    Args:
        right: Whether each case is answered rightly, 0/1 [rows].
        groups: Group of each case [rows], at least two different ones.
        patients: Patient key of every row [rows].
        n: How often the groups are dealt out.
        seed: Of the deals.

    Raises:
        ValueError: If there is one group only, or lengths differ.

    Source: Good, Permutation, Parametric and Bootstrap Tests of Hypotheses, 2005; why one is added: Phipson and Smyth,
        Statistical Applications in Genetics and Molecular Biology 2010;9:39.
    """
    good = truth("right", right)
    names, kind = np.unique(np.asarray(groups), return_inverse=True)
    _, owner = patients_of(patients)
    same_length(right=good, groups=kind, patients=owner)
    if len(names) < 2:
        raise ValueError(f"groups: found {len(names)}; needed at least two to compare")
    _, block = np.unique(owner * len(names) + kind, return_inverse=True)
    of_block = np.zeros(int(block.max()) + 1, np.int64)
    of_block[block] = kind
    shapes = np.column_stack((np.bincount(block), np.bincount(block, weights=good))).astype(np.int64)
    sizes = np.bincount(of_block, minlength=len(names))
    own = np.array([shapes[of_block == k].sum(axis=0) for k in range(len(names))], dtype=np.float64)
    observed = float(_apart(own[None, :, 0], own[None, :, 1])[0])
    chance = _apart(*_dealt(shapes, sizes, n, np.random.default_rng(seed)))
    as_much = int((chance >= observed - CLOSE).sum())
    return Shuffled(observed, float(np.quantile(chance, 0.95)), (as_much + 1) / (n + 1))


def _dealt(
    shapes: NDArray[np.int64], sizes: NDArray[np.int64], n: int, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Rows and right answers of each group [n, group] when blocks are dealt to groups of given sizes.

    Blocks of one shape (rows, right answers) are alike: how many of them each group gets is hypergeometric.
    """
    kinds, times = np.unique(shapes, axis=0, return_counts=True)
    places = np.tile(sizes, (n, 1))
    rows, hits = np.zeros(places.shape), np.zeros(places.shape)
    for (size, right), count in zip(kinds.tolist(), times.tolist(), strict=True):
        left, free = np.full(n, count), places.sum(axis=1)
        for k in range(len(sizes)):
            got = random.hypergeometric(places[:, k], free - places[:, k], left)
            free, left = free - places[:, k], left - got
            places[:, k] -= got
            rows[:, k] += size * got
            hits[:, k] += right * got
    return rows, hits


def _apart(rows: Floats, hits: Floats) -> Floats:
    """Largest less smallest share over the groups of each deal [n, group]."""
    shares = hits / rows
    apart: Floats = shares.max(axis=1) - shares.min(axis=1)
    return apart


def _spread(values: Sequence[float]) -> float:
    if len(values) < 2:
        raise ValueError(f"found {len(values)} groups; needed at least two to compare")
    return max(values) - min(values)
