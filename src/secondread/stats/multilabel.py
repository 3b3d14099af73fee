"""Several labels at once, and several folds: how one area is made of many.

Two ways to judge a cross-validation. *Averaged*: an area for each fold, then their mean; each network is judged on its
own scores, as it will be used. *Pooled*: all scores given out of fold are laid together and ranked once; there a case
of one fold is compared with a case of another, though two networks scored them, whose scores need not be on one scale.
Pooled areas are therefore mostly too low, and they can be too high where folds differ in prevalence and their
networks' scores with them. The averaged area is the one to report; a large gap between the two says that no one
threshold fits all of these networks.

Source: Forman and Scholz, Apples-to-apples in cross-validation studies, SIGKDD Explorations 2010;12(1):49-57.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondread.stats.bootstrap import patients_of, resample_each
from secondread.stats.checks import Bools, Floats, Ints, numbers, same_length, truth
from secondread.stats.interval import Interval

LEAST = 10
Drawing = Callable[..., list[Interval]]


@dataclass(frozen=True, slots=True)
class LabelArea:
    """One label's area under the ROC curve.

    Attributes:
        label: Its name.
        positives: Number of positive cases.
        negatives: Number of negative cases.
        auroc: By drawing patients, or None when the label has too few cases to be judged.
    """

    label: str
    positives: int
    negatives: int
    auroc: Interval | None

    @property
    def above_chance(self) -> bool:
        """Whether the whole interval lies above 0.5."""
        return self.auroc is not None and self.auroc.low > 0.5


@dataclass(frozen=True, slots=True)
class MacroArea:
    """The mean of the labels' areas.

    Attributes:
        macro: Mean over the labels that are judged, each counting the same, by drawing patients.
        labels: Every label, also those that are not judged.
        least: Labels with fewer positive, or fewer negative, cases are not judged.
    """

    macro: Interval
    labels: tuple[LabelArea, ...]
    least: int

    @property
    def excluded(self) -> tuple[str, ...]:
        """Labels that the mean leaves out."""
        return tuple(row.label for row in self.labels if row.auroc is None)


@dataclass(frozen=True, slots=True)
class FoldArea:
    """The area of one fold.

    Attributes:
        fold: Its name.
        cases: Number of cases in it.
        macro: Mean over the labels judged that have both classes in this fold; None if none has.
    """

    fold: str
    cases: int
    macro: float | None


@dataclass(frozen=True, slots=True)
class CrossValidatedArea:
    """A cross-validation judged both ways; what each means stands at the head of this file.

    Attributes:
        averaged: For each label the mean over folds that have both classes, then the mean over labels.
        pooled: From all scores ranked together.
        folds: Every fold by itself.
    """

    averaged: MacroArea
    pooled: MacroArea
    folds: tuple[FoldArea, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Ranked:
    """Cases of one label that are compared with each other, lowest score first.

    Attributes:
        rows: int64 [m], their rows.
        positive: float64 [m], 1 or 0.
        starts: int64 [t], the first case of each run of equal scores.
    """

    rows: Ints
    positive: Floats
    starts: Ints


def macro_auroc(  # noqa: PLR0913 - the arguments of bootstrap, and what is judged
    y: ArrayLike,
    scores: ArrayLike,
    patients: ArrayLike,
    labels: Sequence[str],
    *,
    least: int = LEAST,
    n: int = 2000,
    seed: int,
    level: float = 0.95,
) -> MacroArea:
    """Mean of the areas of several labels that a case may have at once.

    Args:
        y: 0/1 [n, label].
        scores: Finite scores [n, label].
        patients: Patient key of every case [n].
        labels: Names [label].
        least: A label with fewer positive, or fewer negative, cases is named but not judged. At least 1. Which labels
            count is settled on these cases once, not in every resample.
        n: Number of resamples.
        seed: Of the draws.
        level: Confidence level in (0, 1).

    Raises:
        ValueError: If the numbers do not fit, a label is not 0 or 1, a score is not finite, no label has enough
            cases, or :func:`secondread.stats.bootstrap.bootstrap` refuses.
    """
    positive, values = _cases(y, scores, labels)
    whole = np.zeros(len(values), dtype=np.int64)
    draw = partial(_intervals, patients=patients, draws=(n, seed), level=level)
    return _macro(positive, values, whole, labels, least, draw)


def cross_validated_auroc(  # noqa: PLR0913 - the arguments of macro_auroc, and the folds
    y: ArrayLike,
    scores: ArrayLike,
    patients: ArrayLike,
    folds: ArrayLike,
    labels: Sequence[str],
    *,
    least: int = LEAST,
    n: int = 2000,
    seed: int,
    level: float = 0.95,
) -> CrossValidatedArea:
    """The area of scores that were each given by a network that had not seen the case's patient.

    Args:
        y: 0/1 [n, label].
        scores: Finite out-of-fold scores [n, label].
        patients: Patient key of every case [n].
        folds: Fold of every case [n]; all cases of a patient are in one fold.
        labels: Names [label].
        least: As for :func:`macro_auroc`, over all folds together.
        n: Number of resamples.
        seed: Of the draws.
        level: Confidence level in (0, 1).

    Returns:
        Both ways of putting the folds together, with intervals from drawing patients of all folds. They do not tell
        how much another training would change the result.

    Raises:
        ValueError: As for :func:`macro_auroc`, or if a patient is in more than one fold.
    """
    positive, values = _cases(y, scores, labels)
    _, owner = patients_of(patients)
    names, fold = np.unique(np.asarray(folds), return_inverse=True)
    same_length(y=positive, folds=fold, patients=owner)
    twice = len(np.unique(np.stack((owner, fold)), axis=1).T) - len(np.unique(owner))
    if twice:
        raise ValueError(f"folds: found {twice} patients in more than one fold; needed each in one, split by patient")
    draw = partial(_intervals, patients=patients, draws=(n, seed), level=level)
    averaged = _macro(positive, values, fold, labels, least, draw)
    pooled = _macro(positive, values, np.zeros_like(fold), labels, least, draw)
    judged = [k for k, row in enumerate(averaged.labels) if row.auroc]
    once = np.ones(len(values))
    rows = []
    for k, name in enumerate(names.tolist()):
        mine = np.flatnonzero(fold == k)
        areas = [_area(_ranked(positive[:, j], values[:, j], mine), once) for j in judged]
        rows.append(FoldArea(str(name), len(mine), _mean(areas)))
    return CrossValidatedArea(averaged, pooled, tuple(rows))


def _cases(y: ArrayLike, scores: ArrayLike, labels: Sequence[str]) -> tuple[Bools, Floats]:
    given, values = np.asarray(y), numbers("scores", scores, (2,))
    if given.shape != values.shape or len(labels) != values.shape[1]:
        raise ValueError(
            f"found labels of shape {given.shape}, scores of {values.shape} and {len(labels)} names; "
            "needed [n, label] twice and a name for each label"
        )
    return truth("y", given.ravel()).reshape(values.shape), values


def _macro(
    positive: Bools, values: Floats, group: NDArray[np.intp], labels: Sequence[str], least: int, draw: Drawing
) -> MacroArea:
    """The mean over labels of each label's mean area over groups."""
    if least < 1:
        raise ValueError(f"least: found {least}; needed at least 1")
    counts = [(int(own.sum()), int((~own).sum())) for own in positive.T]
    judged = [k for k, both in enumerate(counts) if min(both) >= least]
    if not judged:
        raise ValueError(f"found no label with {least} positive and {least} negative cases; needed at least one")
    groups = [np.flatnonzero(group == k) for k in range(int(group.max()) + 1)]
    tables = [[_ranked(positive[:, k], values[:, k], rows) for rows in groups] for k in judged]
    macro, *each = draw(tables, len(values))
    found = dict(zip(judged, each, strict=True))
    rows = tuple(LabelArea(name, *counts[k], found.get(k)) for k, name in enumerate(labels))
    return MacroArea(macro, rows, least)


def _intervals(
    tables: list[list[_Ranked]], n_rows: int, *, patients: ArrayLike, draws: tuple[int, int], level: float
) -> list[Interval]:
    """Of the mean over labels, then of every label."""

    def statistics(drawn: Ints) -> list[float | None]:
        times = np.bincount(drawn, minlength=n_rows).astype(np.float64)
        each = [_mean([_area(ranked, times) for ranked in table]) for table in tables]
        whole = None if None in each else _mean(each)
        return [whole, *each]

    n, seed = draws
    return [one.interval(level) for one in resample_each(statistics, patients, np.arange(n_rows), n=n, seed=seed)]


def _mean(areas: Sequence[float | None]) -> float | None:
    known = [area for area in areas if area is not None]
    return sum(known) / len(known) if known else None


def _ranked(positive: Bools, values: Floats, rows: Ints) -> _Ranked:
    order = rows[np.argsort(values[rows], kind="stable")]
    ranked = values[order]
    starts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))
    return _Ranked(order, positive[order].astype(np.float64), starts)


def _area(ranked: _Ranked, times: Floats) -> float | None:
    """Area when each row counts ``times`` [n]; None when a class is absent."""
    weight = times[ranked.rows]
    ill = np.add.reduceat(weight * ranked.positive, ranked.starts)
    well = np.add.reduceat(weight, ranked.starts) - ill
    pairs = float(ill.sum() * well.sum())
    if not pairs:
        return None
    below = np.cumsum(well) - well
    return float(ill @ (below + well / 2)) / pairs
