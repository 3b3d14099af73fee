"""The two levels of a band, from validation, and their coverage on test."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.stats.conformal import Quantile, conformal_quantile, coverage

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
HELD = 0.9  # share of the structure, or of what lies within the inner line
ALPHAS = (0.1, 0.2)  # how often a line may fail; the first one that can be had
GREYS = 256  # probabilities are stored in steps of 1/255
NEVER = 2.0  # level of a case for which none is high enough


def holding_level(probability: NDArray[np.uint8], true: Bools) -> float:
    """The highest level at which a region holds ``HELD`` of the structure; 0 where only everything does.

    Args:
        probability: Times 255, of one case [...].
        true: The structure, of the same shape, not empty.
    """
    ranked = np.sort(probability[true])[::-1]
    return float(ranked[int(np.ceil(HELD * len(ranked))) - 1]) / 255.0


def pure_level(probability: NDArray[np.uint8], true: Bools) -> float:
    """The lowest level from which on ``HELD`` of what lies above belongs to the structure.

    An empty region holds nothing wrong, so that a level above all probabilities always does.
    """
    inside = np.bincount(probability[true].ravel(), minlength=GREYS)
    all_places = np.bincount(probability.ravel(), minlength=GREYS)
    right, drawn = (np.cumsum(counts[::-1])[::-1] for counts in (inside, all_places))
    good = (drawn == 0) | (right >= HELD * drawn)
    wrong = np.flatnonzero(~good)
    first = int(wrong[-1]) + 1 if len(wrong) else 0
    return first / 255.0 if first < GREYS else NEVER


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a band, from validation.

    Attributes:
        level: Probability from which on a place lies within it, in (0, 1).
        quantile: That it comes from; 1 - ``quantile.alpha`` of cases hold.
    """

    level: float
    quantile: Quantile


@dataclass(frozen=True, slots=True)
class Levels:
    """The two lines of a structure, from validation; None where no level holds what it should.

    Attributes:
        inner: ``HELD`` of what lies within it belongs to the structure.
        outer: It holds ``HELD`` of the structure.
        cases: Of validation, one a patient.
    """

    inner: Line | None
    outer: Line | None
    cases: int


def choose(cases: Sequence[tuple[NDArray[np.uint8], Bools]]) -> Levels:
    """The lines that hold in 9 of 10 cases, or else in 8 of 10, of (probability, structure) of one case a patient."""
    inner = line([pure_level(p, true) for p, true in cases])
    outer = line([-holding_level(p, true) for p, true in cases], sign=-1.0)
    if inner is not None and outer is not None and inner.level < outer.level:
        inner, outer = Line(outer.level, inner.quantile), Line(inner.level, outer.quantile)  # both hold all the more
    return Levels(inner, outer, len(cases))


def line(scores: Sequence[float], sign: float = 1.0) -> Line | None:
    """The first of ``ALPHAS`` with a level within (0, 1)."""
    for alpha in ALPHAS:
        quantile = conformal_quantile(scores, alpha)
        if quantile.known and 0.0 < sign * quantile.value < 1.0:
            return Line(sign * quantile.value, quantile)
    return None


@dataclass(frozen=True, slots=True)
class Held:
    """How often a line held what it promises.

    Attributes:
        cases: Of test, one a patient.
        count: Those in which it held.
        expected: (lowest, highest) count in the middle 95 % of chances.
    """

    cases: int
    count: int
    expected: tuple[int, int]


def within(cases: Sequence[tuple[NDArray[np.uint8], Bools]], level: float) -> list[Bools]:
    """What lies within a line in each case."""
    return [p >= round(level * 255.0) for p, _ in cases]


def held(found: Line, cases: Sequence[tuple[NDArray[np.uint8], Bools]], *, outer: bool) -> Held:
    """Coverage of a line on (probability, structure) of one test case a patient."""
    regions = within(cases, found.level)
    good = np.array(
        [
            bool((region & true).sum() >= HELD * (true.sum() if outer else region.sum()))
            for region, (_, true) in zip(regions, cases, strict=True)
        ]
    )
    expected = coverage(good, (found.quantile,)).expected
    return Held(len(good), int(good.sum()), (int(expected[0]), int(expected[1])))


def sizes(levels: Levels, cases: Sequence[tuple[NDArray[np.uint8], Bools]]) -> tuple[int, float | None] | None:
    """Cases whose true size lies between both regions, and the median of outer over inner size.

    The median is None where the inner region is empty in half of the cases; all is None without both lines.
    """
    if levels.inner is None or levels.outer is None:
        return None
    inner, outer = within(cases, levels.inner.level), within(cases, levels.outer.level)
    rows = [(int(a.sum()), int(t.sum()), int(b.sum())) for a, b, (_, t) in zip(inner, outer, cases, strict=True)]
    middle = float(np.median([high / low if low else np.inf for low, _, high in rows]))
    return sum(low <= true <= high for low, true, high in rows), middle if np.isfinite(middle) else None
