"""Whether a gap between two groups is still there among cases that are alike in something else.

One group may be X-rayed in bed more often than another, and pictures taken in bed are harder to read. The gap between
the groups then is one between the views; within each view it may vanish, or turn round.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondread.stats.checks import Bools, Floats
from secondread.stats.interval import Interval
from secondread.stats.resampled import Figures, percentiles, resampled

LEAST = 5  # cases that a figure stands on, of each group in each stratum
SMALL = 0.01  # a gap below it has no sign
VERDICTS = ("stands", "shrinks", "reverses", "not checked")
KINDS = {"sensitivity": ("ill",), "specificity": ("well",), "auroc": ("ill", "well")}


@dataclass(frozen=True, slots=True)
class Stratum:
    """One value of the third column.

    Attributes:
        name: The value.
        inside: Cases of the group that the figure stands on.
        rest: The same of the others.
        gap: Figure of the group less that of the others.
    """

    name: str
    inside: int
    rest: int
    gap: float


@dataclass(frozen=True, slots=True)
class Within:
    """A gap, and the same gap among cases that are alike in a third column.

    Attributes:
        measure: ``sensitivity``, ``specificity`` or ``auroc``.
        third: Name of the third column.
        pooled: The gap over the cases of all strata together.
        adjusted: The mean gap within the strata, each weighing as in Mantel and Haenszel's; None where not checked.
        moved: Pooled less adjusted.
        strata: Those with enough cases of both.
        verdict: ``reverses`` where both gaps have a sign and it differs, ``shrinks`` where less than half is left,
            ``stands``, or ``not checked`` where fewer than two strata have enough cases.
    """

    measure: str
    third: str
    pooled: float | None
    adjusted: Interval | None
    moved: Interval | None
    strata: tuple[Stratum, ...]
    verdict: str


def verdict(pooled: float, adjusted: float) -> str:
    """What has become of a gap.

    >>> verdict(-0.10, 0.04), verdict(-0.10, -0.03), verdict(-0.10, -0.08)
    ('reverses', 'shrinks', 'stands')
    """
    if min(abs(pooled), abs(adjusted)) >= SMALL and pooled * adjusted < 0.0:
        return "reverses"
    return "shrinks" if abs(pooled) >= SMALL and abs(adjusted) < abs(pooled) / 2 else "stands"


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two sets of cases that are compared.

    Attributes:
        figures: As for :func:`secondread.stats.resampled.resampled`, with the measures of ``KINDS``.
        inside: Cases of the group [rows].
        rest: Cases that it is compared with [rows].
        y: Whether each case is positive [rows].
        patients: Patient key of every row [rows].
        n: Number of resamples.
        seed: Of the draws.
    """

    figures: Figures
    inside: Bools
    rest: Bools
    y: Bools
    patients: ArrayLike
    n: int
    seed: int


def within(pair: Pair, thirds: Mapping[str, NDArray[np.str_]]) -> tuple[Within, ...]:
    """The gaps of a pair in every measure, held against every third column.

    Args:
        pair: What is compared.
        thirds: Other columns, each str [rows]; cases without a value there are left out.

    Raises:
        ValueError: If labels and columns do not fit.

    Source: Simpson, Journal of the Royal Statistical Society B 1951;13:238-241; weights n1 n0 / (n1 + n0) of the
        common difference: Greenland and Robins, Biometrics 1985;41:55-68.
    """
    found = []
    for third, values in thirds.items():
        for measure, kinds in KINDS.items():
            usable = _usable(pair, values, kinds)
            if len(usable) < 2:
                found.append(Within(measure, third, None, None, None, (), "not checked"))
            else:
                found.append(_held(pair, values, usable, measure, third))
    return tuple(found)


def _usable(pair: Pair, values: NDArray[np.str_], kinds: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Strata with enough cases of both, and how many that are."""
    usable = {}
    for name in np.unique(values[pair.inside | pair.rest]).tolist():
        here = [side & (values == name) for side in (pair.inside, pair.rest)]
        counts = [{"ill": int((side & pair.y).sum()), "well": int((side & ~pair.y).sum())} for side in here]
        needed = [[count[kind] for kind in kinds] for count in counts]
        if name and min(map(min, needed)) >= LEAST:
            usable[name] = (sum(needed[0]), sum(needed[1]))
    return usable


def _held(
    pair: Pair, values: NDArray[np.str_], usable: Mapping[str, tuple[int, int]], measure: str, third: str
) -> Within:
    every = np.isin(values, list(usable))
    subsets = [pair.inside & every, pair.rest & every]
    for name in usable:
        subsets += [pair.inside & (values == name), pair.rest & (values == name)]
    parts = resampled(pair.figures, subsets, pair.patients, pair.y, n=pair.n, seed=pair.seed)
    drawn = [one[measure] for one in parts]
    gaps = [drawn[k] - drawn[k + 1] for k in range(0, len(drawn), 2)]
    weights = np.array([a * b / (a + b) for a, b in usable.values()])
    adjusted: Floats = np.stack(gaps[1:], axis=1) @ weights / weights.sum()
    strata = tuple(
        Stratum(name, a, b, float(gap[0])) for (name, (a, b)), gap in zip(usable.items(), gaps[1:], strict=True)
    )
    pooled = float(gaps[0][0])
    told = f"seed {pair.seed}"
    moved = percentiles(gaps[0] - adjusted, told)
    return Within(
        measure, third, pooled, percentiles(adjusted, told), moved, strata, verdict(pooled, float(adjusted[0]))
    )
