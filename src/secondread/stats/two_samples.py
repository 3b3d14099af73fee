"""Whether two samples come from one place, and how far apart they lie. For one look; for many see ``betting``."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from secondread.stats.checks import Bools, Floats, numbers

PSI_WATCH, PSI_ALARM = 0.1, 0.2
BINS = 10


@dataclass(frozen=True, slots=True)
class Compared:
    """Two samples side by side.

    Attributes:
        statistic: How far they lie apart, in the measure of ``method``.
        p: P value of one look.
        method: In words.
    """

    statistic: float
    p: float
    method: str


def kolmogorov_smirnov(reference: ArrayLike, current: ArrayLike) -> Compared:
    """Largest distance of the two distribution functions.

    Raises:
        ValueError: If a sample is empty or not finite.

    Source: Hodges, Arkiv för Matematik 1958;3:469-486, as scipy computes it.
    """
    from scipy.stats import ks_2samp

    found = ks_2samp(numbers("reference", reference), numbers("current", current), method="auto")
    return Compared(float(found.statistic), float(found.pvalue), "Kolmogorov-Smirnov")


def stability_index(reference: Sequence[float], current: Sequence[float]) -> float:
    """Population stability index of two rows of counts, cell by cell: the sum of (q - p) ln(q / p).

    Half a case is added to every cell of both, so that an empty one stays finite. By rule of thumb 0.1 is worth a look
    and 0.2 an alarm; small samples exceed both by chance, see :func:`chance_index`.

    Raises:
        ValueError: If the rows differ in length, or one is empty.

    Source: Yurdakul and Naranjo, Journal of Risk Model Validation 2020;14(4):89-100.

    >>> round(stability_index([500, 500], [500, 500]), 3)
    0.0
    """
    p, q = numbers("reference", reference), numbers("current", current)
    if len(p) != len(q) or p.min() < 0 or q.min() < 0 or not (p.sum() and q.sum()):
        raise ValueError(f"found {len(p)} and {len(q)} cells; needed one count of at least 0 a cell, and some cases")
    p, q = (p + 0.5) / (p.sum() + 0.5 * len(p)), (q + 0.5) / (q.sum() + 0.5 * len(q))
    return float(((q - p) * np.log(q / p)).sum())


def chance_index(cells: int, n_reference: int, n_current: int) -> float:
    """The stability index that two samples from one place have on average: (cells - 1) (1 / n + 1 / m).

    Source: Yurdakul, "Statistical Properties of Population Stability Index", Western Michigan University 2018: divided
        by (1 / n + 1 / m) the index follows the chi-square distribution with cells - 1 degrees of freedom.

    >>> round(chance_index(10, 500, 100), 3)
    0.108
    """
    return (cells - 1) * (1.0 / n_reference + 1.0 / n_current)


def numeric_index(reference: ArrayLike, current: ArrayLike, bins: int = BINS) -> float:
    """Stability index of numbers in cells that hold equal shares of the reference, less what chance gives; at least 0.

    Raises:
        ValueError: If a sample is empty or not finite.
    """
    old, new = numbers("reference", reference), numbers("current", current)
    edges = np.unique(np.quantile(old, np.arange(1, bins) / bins))
    cells = len(edges) + 1
    first, second = (np.bincount(np.searchsorted(edges, x, side="left"), minlength=cells) for x in (old, new))
    chance = chance_index(cells, len(old), len(new))
    return max(0.0, stability_index(first.tolist(), second.tolist()) - chance)


def categories(reference: Sequence[int], current: Sequence[int]) -> Compared:
    """Whether the shares of categories differ: Fisher's exact test of two, else chi-square.

    Where a cell is expected to hold fewer than 5 cases, the p value of chi-square comes from 2,000 random tables with
    the same margins.

    Raises:
        ValueError: If the rows differ in length or have no cases.

    Sources: Fisher, "Statistical Methods for Research Workers", 1934; Pearson, Philosophical Magazine 1900;50:157-175;
        Hope, Journal of the Royal Statistical Society B 1968;30:582-598, on random tables.
    """
    from scipy.stats import chi2_contingency, fisher_exact

    table = np.array([reference, current], dtype=np.int64)
    table = table[:, table.sum(axis=0) > 0]
    if table.size == 0 or not table.sum(axis=1).all():
        raise ValueError("categories: found a sample without cases; needed at least one case in each")
    if table.shape[1] == 1:
        return Compared(0.0, 1.0, "one category")
    if table.shape[1] == 2:
        return Compared(float(_cramer(table)), float(fisher_exact(table).pvalue), "Fisher")
    found = chi2_contingency(table, correction=False)
    if found.expected_freq.min() >= 5:
        return Compared(float(_cramer(table)), float(found.pvalue), "chi-square")
    return Compared(
        float(_cramer(table)), _by_random_tables(table, float(found.statistic)), "chi-square, random tables"
    )


def energy_distance(first: ArrayLike, second: ArrayLike) -> float:
    """How far two clouds of points lie apart: 2 E|X - Y| - E|X - X'| - E|Y - Y'|; at least 0.

    Args:
        first: Points [n] or [n, d].
        second: Points [m] or [m, d].

    Raises:
        ValueError: If the points do not fit or are not finite.

    Source: Székely and Rizzo, Journal of Statistical Planning and Inference 2013;143:1249-1272.

    >>> energy_distance([0.0, 0.0], [3.0, 3.0])
    6.0
    """
    x, y = _points(first, second)
    far = _distances(np.concatenate([x, y]))
    return float(_energies(far, (np.arange(len(far)) < len(x))[None])[0])


def energy_test(first: ArrayLike, second: ArrayLike, *, permutations: int = 999, seed: int = 0) -> Compared:
    """Energy distance, and how often points dealt at random into two such clouds lie as far apart.

    Raises:
        ValueError: If the points do not fit or are not finite.

    Source: as :func:`energy_distance`; Phipson and Smyth, Statistical Applications in Genetics and Molecular Biology
        2010;9:39, on p values that are never 0.
    """
    x, y = _points(first, second)
    far, random = _distances(np.concatenate([x, y])), np.random.default_rng(seed)
    first_cloud = np.arange(len(far)) < len(x)
    dealt = random.permuted(np.tile(first_cloud, (permutations, 1)), axis=1)
    found, others = _energies(far, first_cloud[None])[0], _energies(far, dealt)
    larger = int(np.count_nonzero(others >= found * (1.0 - 1e-12)))
    p = (larger + 1) / (permutations + 1)
    return Compared(float(found), p, f"energy distance, {permutations} permutations")


def _cramer(table: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> float:
    """Cramér's V, in [0, 1]."""
    from scipy.stats import chi2_contingency

    found = chi2_contingency(table, correction=False).statistic
    return float(np.sqrt(found / table.sum()))  # of two rows


def _by_random_tables(table: np.ndarray[tuple[int, ...], np.dtype[np.int64]], found: float) -> float:
    from scipy.stats import random_table

    rows, columns = table.sum(axis=1), table.sum(axis=0)
    drawn = random_table.rvs(rows, columns, size=2000, random_state=np.random.default_rng(0))
    expected = np.outer(rows, columns) / table.sum()
    far = ((drawn - expected) ** 2 / expected).sum(axis=(1, 2))
    return float((np.count_nonzero(far >= found * (1.0 - 1e-12)) + 1) / 2001)


def _points(first: ArrayLike, second: ArrayLike) -> tuple[Floats, Floats]:
    x, y = numbers("first", first, (1, 2)), numbers("second", second, (1, 2))
    x, y = x.reshape(len(x), -1), y.reshape(len(y), -1)
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"found points of {x.shape[1]} and of {y.shape[1]} numbers; needed the same")
    return x, y


def _distances(points: Floats) -> Floats:
    from scipy.spatial.distance import cdist

    found: Floats = cdist(points, points)
    return found


def _energies(far: Floats, first: Bools) -> Floats:
    """Energy distance for each way to deal the points: ``first`` says who is in the first cloud [way, n]."""
    one = first.astype(np.float64)
    n, m = one.sum(axis=1), (1.0 - one).sum(axis=1)
    to_first = one @ far
    within, between = (to_first * one).sum(axis=1), (to_first * (1.0 - one)).sum(axis=1)
    rest = far.sum() - within - 2.0 * between
    found: Floats = np.maximum(0.0, 2.0 * between / (n * m) - within / n**2 - rest / m**2)
    return found
