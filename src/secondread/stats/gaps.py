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


def reaches_zero(difference: Floats) -> float | None:
    """P value at which the percentile interval of a difference would just reach 0.

    Args:
        difference: [1 + n], as :func:`secondread.stats.resampled.resampled` gives figures.

    Returns:
        Twice the smaller share of resamples on one side of 0, as in :func:`secondread.stats.paired.is_different`;
        None where the difference is undefined in most of them.
    """
    drawn = difference[1:][np.isfinite(difference[1:])]
    if not np.isfinite(difference[0]) or 2 * len(drawn) < len(difference) - 1:
        return None
    smaller = min(int((drawn <= 0.0).sum()), int((drawn >= 0.0).sum()))
    return min(1.0, 2.0 * (smaller + 1) / (len(drawn) + 1))


def shuffled(right: ArrayLike, groups: ArrayLike, patients: ArrayLike, *, n: int = 2000, seed: int) -> Shuffled:
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
    rows = np.asarray(np.bincount(block), dtype=np.float64)
    hits = np.asarray(np.bincount(block, weights=good), dtype=np.float64)
    observed = float(_apart(of_block[None], rows, hits, len(names))[0])
    deals = np.random.default_rng(seed).permuted(np.broadcast_to(of_block, (n, len(of_block))), axis=1)
    chance = _apart(deals, rows, hits, len(names))
    as_much = int((chance >= observed - CLOSE).sum())
    return Shuffled(observed, float(np.quantile(chance, 0.95)), (as_much + 1) / (n + 1))


def _apart(kinds: NDArray[np.int64], rows: Floats, hits: Floats, groups: int) -> Floats:
    """Largest less smallest share over the groups, for each deal [m, blocks]."""
    shares = np.stack([((kinds == k) @ hits) / ((kinds == k) @ rows) for k in range(groups)])
    apart: Floats = shares.max(axis=0) - shares.min(axis=0)
    return apart


def _spread(values: Sequence[float]) -> float:
    if len(values) < 2:
        raise ValueError(f"found {len(values)} groups; needed at least two to compare")
    return max(values) - min(values)
