"""Figures of several sets of cases in the same resamples of patients, drawn within each class.

:mod:`secondread.stats.bootstrap` draws patients alike. Where groups of a few positive cases are compared, a resample
could hold almost none of them; here as many positive and as many negative patients are drawn as there are. It counts
how often each row was drawn instead of copying rows, so that hundreds of figures take seconds.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondread.stats.auroc import newcombe_auroc
from secondread.stats.bootstrap import patients_of
from secondread.stats.checks import Bools, Floats, fraction, numbers, same_length, truth
from secondread.stats.interval import Interval
from secondread.stats.proportion import wilson

Rows = NDArray[np.intp]
Figures = Callable[[Rows, Floats], Mapping[str, Floats]]
AT_ONCE = 4_000_000  # counts held in memory at a time


def resampled(
    figures: Figures, subsets: Sequence[Bools], patients: ArrayLike, y: ArrayLike, *, n: int, seed: int
) -> list[dict[str, Floats]]:
    """Figures of each subset of the cases, in the data and in resamples.

    Args:
        figures: Given the numbers of some rows [r] and how often each was drawn [m, r], gives each figure [m] by name,
            NaN where undefined.
        subsets: Which cases belong to each subset, each bool [rows].
        patients: Patient key of every row [rows].
        y: Labels 0/1 [rows]; a patient with any positive row is drawn among the positive ones.
        n: Number of resamples.
        seed: Of the draws.

    Returns:
        Of each subset, by name of the figure: float64 [1 + n]; the first is that of the data themselves.

    Raises:
        ValueError: If lengths differ, a row has no patient, or nothing is drawn.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8 and 13; patients as the unit drawn:
        Field and Welsh, Journal of the Royal Statistical Society B 2007;69:369-390.
    """
    positive = truth("y", y)
    _, owner = patients_of(patients)
    same_length(y=positive, patients=owner, **{f"subset {k + 1}": one for k, one in enumerate(subsets)})
    if n < 1:
        raise ValueError(f"n: found {n} resamples; needed at least 1")
    rows = [np.flatnonzero(one) for one in subsets]
    parts = [[figures(mine, times[:, mine]) for mine in rows] for times in _times(positive, owner, n, seed)]
    return [{name: np.concatenate([part[k][name] for part in parts]) for name in parts[0][k]} for k in range(len(rows))]


def of_answers(y: ArrayLike, p: ArrayLike, threshold: float, bins: int = 10) -> Figures:
    """The figures of answers to a yes/no question.

    ``auroc``; ``sensitivity``, ``specificity`` and ``ppv`` at the threshold; ``ece`` in bins of equal width; and
    ``in the large``: mean probability less the share of positive cases, above 0 where the answers say too much.

    Args:
        y: Labels 0/1 [rows].
        p: Probabilities [rows]; positive at or above the threshold.
        threshold: The operating point.
        bins: Of the calibration error, as for :func:`secondread.stats.calibration.ece`.

    Raises:
        ValueError: If labels and probabilities do not fit.
    """
    positive, values = truth("y", y), numbers("p", p)
    same_length(y=positive, p=values)
    called = values >= threshold
    where = np.clip(np.ceil(values * bins).astype(np.int64) - 1, 0, bins - 1)
    kinds = np.column_stack(
        (positive, positive & called, ~positive, ~positive & ~called, called, np.ones(len(values)), values - positive)
    ).astype(np.float64)
    off = (values - positive)[:, None] * (where[:, None] == np.arange(bins))

    def figures(rows: Rows, times: Floats) -> dict[str, Floats]:
        ill, found, well, passed, marked, all_, excess = (times @ kinds[rows]).T
        return {
            "auroc": weighted_auroc(positive[rows], values[rows], times),
            "sensitivity": _share(found, ill),
            "specificity": _share(passed, well),
            "ppv": _share(found, marked),
            "ece": _share(np.abs(times @ off[rows]).sum(axis=1), all_),
            "in the large": _share(excess, all_),
        }

    return figures


def of_calls(y: ArrayLike, called: ArrayLike) -> Figures:
    """``sensitivity`` and ``specificity`` of calls that are made already, whatever rule made them.

    Raises:
        ValueError: If a value is not 0 or 1.
    """
    positive, yes = truth("y", y), truth("called", called)
    same_length(y=positive, called=yes)
    kinds = np.column_stack((positive, positive & yes, ~positive, ~positive & ~yes)).astype(np.float64)

    def figures(rows: Rows, times: Floats) -> dict[str, Floats]:
        ill, found, well, passed = (times @ kinds[rows]).T
        return {"sensitivity": _share(found, ill), "specificity": _share(passed, well)}

    return figures


def of_values(values: ArrayLike) -> Figures:
    """``mean`` of a number that every case has, such as Dice or whether it was answered rightly.

    Raises:
        ValueError: If a value is not finite.
    """
    one = numbers("values", values)
    return lambda rows, times: {"mean": _share(times @ one[rows], times.sum(axis=1))}


def weighted_auroc(positive: Bools, scores: Floats, times: Floats) -> Floats:
    """Area under the ROC curve where each case counts several times: float64 [m], NaN where a class is absent.

    Args:
        positive: Of each case [r].
        scores: Of each case [r].
        times: How often each case counts [m, r].
    """
    if not len(scores):
        return np.full(len(times), np.nan)
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.diff(scores[order], prepend=-np.inf))
    ill = np.add.reduceat(times[:, order] * positive[order], starts, axis=1)
    well = np.add.reduceat(times[:, order] * ~positive[order], starts, axis=1)
    wins = (ill * (np.cumsum(well, axis=1) - well / 2)).sum(axis=1)
    return _share(wins, ill.sum(axis=1) * well.sum(axis=1))


def percentiles(drawn: Floats, what: str, level: float = 0.95) -> Interval | None:
    """The middle of the resamples around the figure of the data; None where that, or most of them, is undefined."""
    tail = (1.0 - fraction("level", level)) / 2
    defined = drawn[1:][np.isfinite(drawn[1:])]
    if not np.isfinite(drawn[0]) or 2 * len(defined) < len(drawn) - 1:
        return None
    low, high = np.quantile(defined, (tail, 1.0 - tail)).tolist()
    value = float(drawn[0])
    method = f"bootstrap by patient within class, percentile, {len(defined)} resamples, {what}"
    return Interval(value, min(low, value), max(high, value), method, level)


def rate_interval(drawn: Floats, n: int, what: str, level: float = 0.95) -> Interval | None:
    """As :func:`percentiles`, for a share of ``n`` cases; Wilson's where all or none of them are right.

    Resamples of cases that are all right are all right, too: they would promise certainty after ten cases.
    """
    if np.isfinite(drawn[0]) and drawn[0] in (0.0, 1.0) and n > 0:
        return wilson(round(float(drawn[0]) * n), n, level)
    return percentiles(drawn, what, level)


def area_interval(drawn: Floats, n_pos: int, n_neg: int, what: str, level: float = 0.95) -> Interval | None:
    """As :func:`percentiles`, for an area; Newcombe's where it is 0 or 1, for the same reason."""
    if np.isfinite(drawn[0]) and drawn[0] in (0.0, 1.0):
        return newcombe_auroc(float(drawn[0]), n_pos, n_neg, level)
    return percentiles(drawn, what, level)


def _share(part: Floats, whole: Floats) -> Floats:
    share: Floats = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
    return share


def _times(positive: Bools, owner: Rows, n: int, seed: int) -> Iterator[Floats]:
    """How often each row counts, [m, rows] at a time; once each to begin with."""
    yield np.ones((1, len(owner)))
    random = np.random.default_rng(seed)
    ill = np.bincount(owner, weights=positive) > 0
    kinds = [kind for kind in (np.flatnonzero(ill), np.flatnonzero(~ill)) if len(kind)]
    size = max(1, AT_ONCE // len(owner))
    for start in range(0, n, size):
        drawn = np.zeros((min(size, n - start), len(ill)))
        for kind in kinds:
            drawn[:, kind] = random.multinomial(len(kind), np.full(len(kind), 1 / len(kind)), size=len(drawn))
        yield drawn[:, owner]
