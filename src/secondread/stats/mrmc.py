"""Several readers, several modalities, one set of cases: is one modality better, for readers and cases like these?

Sources: Obuchowski and Rockette, Communications in Statistics - Simulation and Computation 1995;24:285-308; degrees of
    freedom by Hillis, Statistics in Medicine 2007;26:596-619; its equality with the analysis of Dorfman, Berbaum and
    Metz: Hillis, Berbaum and Metz, Academic Radiology 2008;15:647-661.
"""

import math
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from scipy.stats import f as f_distribution
from scipy.stats import t as t_distribution

from secondread.stats.checks import Floats
from secondread.stats.interval import Interval
from secondread.stats.reader_figures import Figures

READERS_AND_CASES = "random readers, random cases"
CASES = "fixed readers, random cases"
READERS = "random readers, fixed cases"
CUT = ", cut where no figure can lie"


@dataclass(frozen=True, slots=True)
class Components:
    """Variances of the model of Obuchowski and Rockette.

    Attributes:
        reader: Of readers.
        modality_reader: Of readers by modality; unbiased, so it may be negative.
        error: Of a figure of merit over cases.
        cov1: Same reader, other modality.
        cov2: Other reader, same modality.
        cov3: Other reader, other modality.
    """

    reader: float
    modality_reader: float
    error: float
    cov1: float
    cov2: float
    cov3: float


@dataclass(frozen=True, slots=True)
class Test:
    """The test that all modalities are equal.

    Attributes:
        to: Whom it speaks about.
        f: Statistic; infinite where nothing varies.
        ndf: Degrees of freedom of the modalities.
        ddf: Degrees of freedom of the error.
        p: Probability of so large a statistic or larger.
    """

    to: str
    f: float
    ndf: float
    ddf: float
    p: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Modality ``first`` less modality ``second``, over readers."""

    first: int
    second: int
    to: str
    interval: Interval
    p: float


@dataclass(frozen=True, slots=True)
class Mrmc:
    """The whole analysis.

    Attributes:
        components: Of variance.
        tests: For readers and cases, for cases, for readers.
        differences: Each pair of modalities, for each of the three.
        modalities: Mean figure of each, for readers and cases.
    """

    components: Components
    tests: tuple[Test, ...]
    differences: tuple[Difference, ...]
    modalities: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Squares:
    """Mean squares of the figures."""

    modality: float
    reader: float
    both: float


def mrmc(figures: Figures, level: float = 0.95) -> Mrmc:
    """Compare modalities that the same readers used on the same cases.

    Args:
        figures: Of at least two modalities and two readers.
        level: Of the intervals.

    Raises:
        ValueError: If there are fewer.
    """
    modalities, readers = figures.values.shape
    if modalities < 2 or readers < 2:
        raise ValueError(f"found {modalities} modalities and {readers} readers; needed at least two of each")
    squares, parts = mean_squares(figures.values), components(figures)
    errors = error_terms(squares, parts, figures)
    ndf = modalities - 1
    tests = tuple(tested(to, squares.modality, error, ndf, ddf) for to, (error, ddf) in errors.items())
    means = figures.values.mean(axis=1)
    differences = tuple(
        difference((a, b), means, to, (error, ddf), (readers, level))
        for to, (error, ddf) in errors.items()
        for a, b in combinations(range(modalities), 2)
    )
    alone = tuple(of_modality(figures, k, level) for k in range(modalities))
    return Mrmc(parts, tests, differences, alone)


def mean_squares(values: Floats) -> Squares:
    """Mean squares of a table [modality, reader]."""
    modalities, readers = values.shape
    rows, columns, all_of = values.mean(axis=1), values.mean(axis=0), values.mean()
    rest = values - rows[:, None] - columns + all_of
    return Squares(
        readers * float(((rows - all_of) ** 2).sum()) / (modalities - 1),
        modalities * float(((columns - all_of) ** 2).sum()) / (readers - 1),
        float((rest**2).sum()) / ((modalities - 1) * (readers - 1)),
    )


def components(figures: Figures) -> Components:
    """Variance components, unbiased and therefore possibly negative."""
    modalities, readers = figures.values.shape
    table = figures.covariance.reshape(modalities, readers, modalities, readers)
    same_modality, same_reader = np.eye(modalities, dtype=bool), np.eye(readers, dtype=bool)
    pairs = same_modality[:, None, :, None], same_reader[None, :, None, :]
    kinds = {
        (m, r): float(table[(pairs[0] == m) & (pairs[1] == r)].mean()) for m in (True, False) for r in (True, False)
    }
    error, cov1 = kinds[True, True], kinds[False, True]
    cov2, cov3 = kinds[True, False], kinds[False, False]
    squares = mean_squares(figures.values)
    both = squares.both - (error - cov1 - cov2 + cov3)
    reader = (squares.reader - squares.both) / modalities - cov1 + cov3
    return Components(reader, both, error, cov1, cov2, cov3)


def error_terms(squares: Squares, parts: Components, figures: Figures) -> dict[str, tuple[float, float]]:
    """(error mean square, degrees of freedom) of each of the three tests."""
    modalities, readers = figures.values.shape
    free = (modalities - 1) * (readers - 1)
    cases = readers * max(parts.cov2 - parts.cov3, 0.0)
    both = squares.both + cases
    ddf = free * (both / squares.both) ** 2 if squares.both > 0.0 else math.inf
    fixed = max(parts.error - parts.cov1 + (readers - 1) * (parts.cov2 - parts.cov3), 0.0)
    return {
        READERS_AND_CASES: (both, ddf),
        CASES: (fixed, float((modalities - 1) * (figures.cases - 1))),
        READERS: (squares.both, float(free)),
    }


def tested(to: str, square: float, error: float, ndf: float, ddf: float) -> Test:
    """The test of one mean square against another."""
    if error <= 0.0:
        return Test(to, math.inf if square > 0.0 else 0.0, ndf, ddf, 0.0 if square > 0.0 else 1.0)
    f = square / error
    return Test(to, f, ndf, ddf, float(f_distribution.sf(f, ndf, min(ddf, 1e9))))


def difference(
    pair: tuple[int, int], means: Floats, to: str, error: tuple[float, float], setting: tuple[int, float]
) -> Difference:
    """Two modalities compared.

    Args:
        pair: Which.
        means: Of the modalities.
        to: Whom it speaks about.
        error: (error mean square, degrees of freedom).
        setting: (number of readers, confidence level).
    """
    readers, level = setting
    value, spread = float(means[pair[0]] - means[pair[1]]), math.sqrt(2.0 * error[0] / readers)
    found, p = about(value, spread, error[1], level)
    return Difference(*pair, to, within(found, -1.0), p)


def about(value: float, spread: float, ddf: float, level: float) -> tuple[Interval, float]:
    """A t interval, and the probability of a value as far from 0."""
    ddf = min(ddf, 1e9)
    reach = float(t_distribution.ppf(0.5 + level / 2, ddf)) * spread
    p = 2.0 * float(t_distribution.sf(abs(value) / spread, ddf)) if spread > 0.0 else float(value == 0.0)
    return Interval(value, value - reach, value + reach, f"t, {ddf:.2f} degrees of freedom", level), p


def of_modality(figures: Figures, k: int, level: float) -> Interval:
    """Mean figure of one modality for readers and cases, from its own figures alone; within [0, 1]."""
    readers = figures.values.shape[1]
    block = figures.covariance[k * readers : (k + 1) * readers, k * readers : (k + 1) * readers]
    return within(alone(figures.values[k], block, level)[0], 0.0)


def within(found: Interval, least: float) -> Interval:
    """An interval cut at what a figure (``least`` 0) or a difference of two (-1) can be, and at 1.

    A t interval knows no such bounds; with few cases, or areas near 1, it leaves them.

    >>> within(Interval(0.9, 0.7, 1.1, "t"), 0.0).method
    't, cut where no figure can lie'
    """
    if least <= found.low and found.high <= 1.0:
        return found
    return replace(found, low=max(found.low, least), high=min(found.high, 1.0), method=found.method + CUT)


def alone(values: Floats, covariance: Floats, level: float) -> tuple[Interval, float]:
    """Mean over readers of one row of figures, for readers and cases like these, and p that it is 0.

    Args:
        values: [reader], at least two.
        covariance: [reader, reader].
        level: Of the interval.
    """
    readers = len(values)
    square = float(values.var(ddof=1))
    cov2 = float(covariance[~np.eye(readers, dtype=bool)].mean())
    error = square + readers * max(cov2, 0.0)
    ddf = (readers - 1) * (error / square) ** 2 if square > 0.0 else math.inf
    return about(float(values.mean()), math.sqrt(error / readers), ddf, level)


def against_one(figures: Figures, level: float = 0.95) -> tuple[Interval, float]:
    """A program that reads alone against readers of the same cases: their mean figure less its own.

    Args:
        figures: One modality; the first "reader" is the program, the others, at least two, are people.
        level: Of the interval.

    Returns:
        The difference for people and cases like these, and p that there is none.

    Raises:
        ValueError: If there are other modalities or too few people.

    Source: the one-treatment model of Hillis, Obuchowski, Schartz and Berbaum, Statistics in Medicine
        2005;24:1579-1607, on the differences from the program.
    """
    if figures.values.shape[0] != 1 or figures.values.shape[1] < 3:
        raise ValueError(
            f"found figures of shape {figures.values.shape}; needed one modality, a program and two people"
        )
    readers = figures.values.shape[1] - 1
    turn = np.hstack([-np.ones((readers, 1)), np.eye(readers)])
    found, p = alone(turn @ figures.values[0], turn @ figures.covariance @ turn.T, level)
    return within(found, -1.0), p
