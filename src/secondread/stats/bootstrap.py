"""Intervals by drawing patients again and again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondread.stats.checks import Floats, fraction, same_length
from secondread.stats.interval import Interval

Statistic = Callable[..., float | None]


@dataclass(frozen=True, slots=True, eq=False)
class Resamples:
    """A statistic of the data, and of patients drawn again and again.

    Attributes:
        value: The statistic of the data as they are.
        drawn: float64 [n - skipped], the statistic of each resample where it is defined.
        patients: How many there are.
        skipped: Resamples in which the statistic was undefined.
        seed: Of the draws.
    """

    value: float
    drawn: Floats
    patients: int
    skipped: int
    seed: int

    def interval(self, level: float = 0.95) -> Interval:
        """The percentiles of the resamples around the value.

        Raises:
            ValueError: If the level leaves (0, 1).
        """
        tail = (1.0 - fraction("level", level)) / 2
        low, high = np.quantile(self.drawn, (tail, 1.0 - tail)).tolist()
        n = len(self.drawn) + self.skipped
        method = f"bootstrap percentile, {self.patients} patients, {n} resamples, {self.skipped} skipped"
        return Interval(self.value, low, high, f"{method}, seed {self.seed}", level)


def bootstrap(
    statistic: Statistic,
    patients: ArrayLike,
    *arrays: ArrayLike,
    n: int = 2000,
    seed: int,
    level: float = 0.95,
) -> Interval:
    """Percentile interval from resamples of patients, each with all of their rows.

    Two pictures of one patient are not two patients: drawing rows would make intervals too narrow.

    Args:
        statistic: Called with the arrays' drawn rows (in no particular order); gives a number, or None where it
            is undefined, e.g. an area without positive cases.
        patients: Patient key of every row [rows].
        *arrays: Arrays [rows, ...] that are drawn together.
        n: Number of resamples.
        seed: Seed of the draws; the same seed gives the same interval.
        level: Confidence level in (0, 1).

    Returns:
        The statistic of the data as they are, with bounds; ``method`` tells patients, resamples, seed and how
        many resamples were skipped because the statistic was undefined.

    Raises:
        ValueError: If lengths differ, the statistic is undefined on the data themselves, or more than half of the
            resamples were skipped.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13 (percentile); clusters as the
        unit drawn: Field and Welsh, Journal of the Royal Statistical Society B 2007;69:369-390.
    """
    fraction("level", level)
    return resample(statistic, patients, *arrays, n=n, seed=seed).interval(level)


def resample(statistic: Statistic, patients: ArrayLike, *arrays: ArrayLike, n: int = 2000, seed: int) -> Resamples:
    """What :func:`bootstrap` makes its interval of; its arguments and errors are the same."""
    (only,) = resample_each(lambda *drawn: (statistic(*drawn),), patients, *arrays, n=n, seed=seed)
    return only


def resample_each(
    statistics: Callable[..., Sequence[float | None]],
    patients: ArrayLike,
    *arrays: ArrayLike,
    n: int = 2000,
    seed: int,
) -> tuple[Resamples, ...]:
    """Several statistics of the same draws, in the time of one.

    Args:
        statistics: Called as the statistic of :func:`bootstrap`; gives as many numbers, or None, every time.
        patients: Patient key of every row [rows].
        *arrays: Arrays [rows, ...] that are drawn together.
        n: Number of resamples.
        seed: Seed of the draws.

    Raises:
        ValueError: As for :func:`bootstrap`, if any of them is undefined.
    """
    if n < 1:
        raise ValueError(f"n: found {n} resamples; needed at least 1")
    columns = [np.asarray(array) for array in arrays]
    if not columns or any(column.ndim == 0 for column in columns):
        raise ValueError("found no array to draw from; needed at least one, with one row for each patient key")
    names, owner = patients_of(patients)
    same_length(patients=owner, **{f"array {k + 1}": column for k, column in enumerate(columns)})
    found = statistics(*columns)
    values = [value for value in found if value is not None]
    if len(values) < len(found):
        raise ValueError("the statistic is undefined on these data; an interval needs its value")
    draws = [statistics(*(column[rows] for column in columns)) for rows in _draws(owner, len(names), n, seed)]
    results = []
    for value, drawn in zip(values, zip(*draws, strict=True), strict=True):
        defined = np.array([one for one in drawn if one is not None], dtype=np.float64)
        skipped = n - len(defined)
        if 2 * skipped > n:
            raise ValueError(f"the statistic was undefined in {skipped} of {n} resamples; needed more patients")
        results.append(Resamples(float(value), defined, len(names), skipped, seed))
    return tuple(results)


def bootstrap_difference(  # noqa: PLR0913 - the arguments of bootstrap, with two answers to compare
    statistic: Statistic,
    patients: ArrayLike,
    y: ArrayLike,
    a: ArrayLike,
    b: ArrayLike,
    *,
    n: int = 2000,
    seed: int,
    level: float = 0.95,
) -> Interval:
    """Interval of statistic(y, a) - statistic(y, b), both from the same draws.

    Args:
        statistic: Called with (y, a) and with (y, b) of the drawn rows.
        patients: Patient key of every row [rows].
        y: Labels [rows].
        a: First answers [rows, ...].
        b: Second answers [rows, ...], of the same cases in the same order.
        n: Number of resamples.
        seed: Seed of the draws.
        level: Confidence level in (0, 1).

    Raises:
        ValueError: As for :func:`bootstrap`.
    """

    def difference(truth: NDArray[Any], first: NDArray[Any], second: NDArray[Any]) -> float | None:
        of_a, of_b = statistic(truth, first), statistic(truth, second)
        return None if of_a is None or of_b is None else of_a - of_b

    return bootstrap(difference, patients, y, a, b, n=n, seed=seed, level=level)


def patients_of(patients: ArrayLike) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """The patients, each once and sorted, and the number of each row's patient among them [rows].

    Raises:
        ValueError: If there is no row, a row has no key, or the keys are not a list.
    """
    keys = np.asarray(patients)
    if keys.ndim != 1 or not keys.size:
        raise ValueError(f"patients: found an array of shape {keys.shape}; needed one key for each row")
    missing = sum(key is None or key == "" for key in keys.tolist())
    if missing:
        raise ValueError(f"patients: found {missing} rows without a key; needed to know whose every row is")
    names, owner = np.unique(keys, return_inverse=True)
    return names, owner


def _draws(owner: NDArray[np.intp], clusters: int, n: int, seed: int) -> Iterator[NDArray[np.intp]]:
    """The rows of each resample."""
    rng = np.random.default_rng(seed)
    rows = np.arange(len(owner))
    for _ in range(n):
        times = np.bincount(rng.integers(clusters, size=clusters), minlength=clusters)
        yield np.repeat(rows, times[owner])
