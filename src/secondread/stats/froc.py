"""How many lesions are found at how many false marks a picture: the free-response ROC curve.

A lesion is found at a threshold if a mark with at least that score hits it. Further marks on the same lesion are
neither true nor false; a mark that hits no lesion is false. False marks are counted per picture over all pictures,
those without a lesion too. Per patient, a patient with lesions is found when any of them is.

Between two points the curve is a straight line, and beyond its last point it stays where it is: a detector that gives
few marks does not gain from a rate it never reaches.

Source: Bunch, Hamilton, Sanderson and Simmons, A free response approach to the measurement and characterization of
    radiographic observer performance, Proc. SPIE 127, 1977; Setio et al., arXiv:1612.08012 (the seven rates, their
    mean, and what happens to further marks on a lesion).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondread.stats.bootstrap import bootstrap
from secondread.stats.checks import Floats, Ints
from secondread.stats.interval import Interval
from secondread.stats.marks import Marks
from secondread.stats.proportion import wilson

RATES = (1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 8.0)
Unit = Literal["lesion", "patient"]


@dataclass(frozen=True, slots=True, eq=False)
class FrocCurve:
    """The corners of a curve, from no mark to all of them.

    Attributes:
        false_marks: float64 [t], false marks per picture, rising from 0.
        sensitivity: float64 [t], share of the lesions (or patients) found, rising.
        thresholds: float64 [t], falling; a mark is shown at or above. The first is infinity: no mark.
    """

    false_marks: Floats
    sensitivity: Floats
    thresholds: Floats

    def at(self, rate: float) -> float:
        """Sensitivity at a number of false marks per picture.

        Args:
            rate: At least 0.

        Raises:
            ValueError: If the rate is negative or not finite.
        """
        return _between(self.false_marks, self.sensitivity, rate)

    def mean(self, rates: Sequence[float] = RATES) -> float:
        """Mean sensitivity at these rates; with the seven of LUNA16 it is the CPM."""
        return sum(self.at(rate) for rate in rates) / len(rates)


@dataclass(frozen=True, slots=True)
class MarksPoint:
    """What is found and what is marked falsely once a threshold is fixed.

    Attributes:
        threshold: A mark is shown at or above it.
        images: Number of pictures.
        lesions: Number of lesions on them.
        lesions_found: How many of these are hit.
        patients: Number of patients with a lesion.
        patients_found: Those with at least one lesion hit.
        false_marks: Number of false marks.
        sensitivity: Share of lesions found, by drawing patients; None without lesions.
        patient_sensitivity: Share of patients found, Wilson; None without lesions.
        false_marks_per_image: By drawing patients.
    """

    threshold: float
    images: int
    lesions: int
    lesions_found: int
    patients: int
    patients_found: int
    false_marks: int
    sensitivity: Interval | None
    patient_sensitivity: Interval | None
    false_marks_per_image: Interval


@dataclass(frozen=True, slots=True, eq=False)
class _Events:
    """Everything that happens as the threshold falls, highest score first.

    Attributes:
        scores: float64 [e], falling.
        image: int64 [e], on which picture.
        found: int64 [e], 1 where a lesion (or patient) is found for the first time.
        wrong: int64 [e], 1 where a false mark appears.
        last: int64 [t], the last event of each run of equal scores.
        targets: int64 [images], lesions of each picture (or 1 on one picture of each patient with a lesion).
    """

    scores: Floats
    image: Ints
    found: Ints
    wrong: Ints
    last: Ints
    targets: Ints


def froc(marks: Sequence[Marks], unit: Unit = "lesion") -> FrocCurve:
    """The curve of a set of pictures.

    Args:
        marks: One for each picture, also for those without lesions or without marks.
        unit: ``lesion``, or ``patient`` for the share of patients with any lesion found.

    Raises:
        ValueError: If there is no picture or no lesion.
    """
    events = _events(marks, unit)
    if not events.targets.any():
        raise ValueError(f"found no lesion on {len(marks)} pictures; a sensitivity needs at least one")
    rate, sensitivity = _corners(events, np.ones(len(marks)))
    return FrocCurve(rate, sensitivity, np.append(np.inf, events.scores[events.last]))


def froc_interval(
    marks: Sequence[Marks],
    rates: Sequence[float] = RATES,
    unit: Unit = "lesion",
    *,
    n: int = 2000,
    seed: int,
    level: float = 0.95,
) -> Interval:
    """Mean sensitivity at these rates of false marks, with an interval from drawing patients.

    Args:
        marks: One for each picture.
        rates: One rate for the sensitivity there; the seven of LUNA16 for the CPM.
        unit: As for :func:`froc`.
        n: Number of resamples.
        seed: Of the draws.
        level: Confidence level in (0, 1).

    Raises:
        ValueError: If there is no picture or lesion, a rate is negative, or :func:`bootstrap` refuses.
    """
    statistic = froc_statistic(marks, rates, unit)
    return bootstrap(statistic, _patients(marks), np.arange(len(marks)), n=n, seed=seed, level=level)


def froc_statistic(
    marks: Sequence[Marks], rates: Sequence[float] = RATES, unit: Unit = "lesion"
) -> Callable[[ArrayLike], float | None]:
    """Mean sensitivity at these rates as a function of the numbers of the pictures drawn [n]; None without lesions.

    Two of them, on the same pictures, are what a paired comparison of two detectors draws from.

    Raises:
        ValueError: If there is no picture.
    """
    events = _events(marks, unit)

    def statistic(drawn: ArrayLike) -> float | None:
        times = np.bincount(np.asarray(drawn), minlength=len(marks)).astype(np.float64)
        if not times @ events.targets:
            return None
        rate, sensitivity = _corners(events, times)
        return sum(_between(rate, sensitivity, wanted) for wanted in rates) / len(rates)

    return statistic


def threshold_for_rate(marks: Sequence[Marks], rate: float) -> float:
    """The lowest score that, taken as the threshold, shows no more false marks per picture than ``rate``.

    Choose it on validation pictures, then judge it on others with :func:`at_mark_threshold`.

    Args:
        marks: One for each picture.
        rate: At least 0.

    Returns:
        A score, or the smallest number above all scores if the highest-scoring marks already cost too much.

    Raises:
        ValueError: If there is no picture or no mark, or the rate is negative or not finite.
    """
    _check_rate(rate)
    events = _events(marks, "lesion")
    if not len(events.scores):
        raise ValueError(f"found no mark on {len(marks)} pictures; a threshold needs at least one")
    shown = np.cumsum(events.wrong)[events.last] / len(marks)
    allowed = np.count_nonzero(shown <= rate)
    if not allowed:
        return float(np.nextafter(events.scores[0], np.inf))
    return float(events.scores[events.last[allowed - 1]])


def at_mark_threshold(
    marks: Sequence[Marks], threshold: float, *, n: int = 2000, seed: int, level: float = 0.95
) -> MarksPoint:
    """Lesions found, patients found and false marks at a threshold fixed beforehand.

    Args:
        marks: One for each picture; pictures without any lesion give false marks only.
        threshold: In the unit of the scores.
        n: Number of resamples.
        seed: Of the draws.
        level: Confidence level in (0, 1).

    Raises:
        ValueError: If there is no picture, the threshold is not finite, or :func:`bootstrap` refuses.
    """
    if not np.isfinite(threshold):
        raise ValueError(f"threshold: found {threshold}; needed a finite number")
    lesions, people = _events(marks, "lesion"), _events(marks, "patient")
    shown = lesions.scores >= threshold
    found, wrong = (
        np.bincount(lesions.image[shown & (kind == 1)], minlength=len(marks)) for kind in (lesions.found, lesions.wrong)
    )
    ill, ill_found = int(people.targets.sum()), int(people.found[people.scores >= threshold].sum())
    owners, draws = _patients(marks), {"n": n, "seed": seed}
    some = bool(lesions.targets.any())
    return MarksPoint(
        threshold=float(threshold),
        images=len(marks),
        lesions=int(lesions.targets.sum()),
        lesions_found=int(found.sum()),
        patients=ill,
        patients_found=ill_found,
        false_marks=int(wrong.sum()),
        sensitivity=bootstrap(_share, owners, found, lesions.targets, level=level, **draws) if some else None,
        patient_sensitivity=wilson(ill_found, ill, level) if some else None,
        false_marks_per_image=bootstrap(lambda of: float(of.mean()), owners, wrong, level=level, **draws),
    )


def _events(marks: Sequence[Marks], unit: Unit) -> _Events:
    if not marks:
        raise ValueError("found no picture; needed at least one")
    best = [np.where(of.hits, of.scores[:, None], -np.inf).max(axis=0, initial=-np.inf) for of in marks]
    wrong = [of.scores[~of.hits.any(axis=1)] for of in marks]
    if unit == "patient":
        best = _of_patients(marks, best)
    elif unit != "lesion":
        raise ValueError(f"unit: found {unit!r}; needed 'lesion' or 'patient'")
    kinds = [np.repeat([1, 0], [len(right), len(false)]) for right, false in zip(best, wrong, strict=True)]
    scores = np.concatenate([np.concatenate(pair) for pair in zip(best, wrong, strict=True)])
    image, found = np.repeat(np.arange(len(marks)), [len(kind) for kind in kinds]), np.concatenate(kinds)
    order = np.argsort(-scores, kind="stable")
    order = order[: np.count_nonzero(scores > -np.inf)]  # lesions that no mark hits are never found
    ranked = scores[order]
    return _Events(
        scores=ranked,
        image=image[order],
        found=found[order],
        wrong=1 - found[order],
        last=np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)[: len(ranked)]),
        targets=np.array([len(of) for of in best]),
    )


def _of_patients(marks: Sequence[Marks], best: list[Floats]) -> list[Floats]:
    """The best score on any lesion of each patient, on the first of the patient's pictures."""
    mine: dict[str, list[int]] = {}
    for k, of in enumerate(marks):
        mine.setdefault(of.patient, []).append(k)
    first = {numbers[0]: np.concatenate([best[k] for k in numbers]) for numbers in mine.values()}
    none: Floats = np.empty(0)
    return [first[k].max(keepdims=True) if k in first and len(first[k]) else none for k in range(len(marks))]


def _corners(events: _Events, times: Floats) -> tuple[Floats, Floats]:
    """False marks per picture and sensitivity, when each picture counts ``times`` [images]."""
    weights = times[events.image]
    wrong = np.cumsum(weights * events.wrong)[events.last] / times.sum()
    found = np.cumsum(weights * events.found)[events.last] / (times @ events.targets)
    return np.append(0.0, wrong), np.append(0.0, found)


def _between(rate: Floats, sensitivity: Floats, wanted: float) -> float:
    """The curve at one rate: where it climbs straight up there, its upper end."""
    _check_rate(wanted)
    k = int(np.searchsorted(rate, wanted, side="right")) - 1
    if k + 1 == len(rate):
        return float(sensitivity[k])
    part = (wanted - rate[k]) / (rate[k + 1] - rate[k])
    return float(sensitivity[k] + part * (sensitivity[k + 1] - sensitivity[k]))


def _check_rate(rate: float) -> None:
    if not 0.0 <= rate < np.inf:
        raise ValueError(f"rate: found {rate} false marks per picture; needed a finite number of at least 0")


def _patients(marks: Sequence[Marks]) -> list[str]:
    return [of.patient for of in marks]


def _share(found: NDArray[np.int64], targets: NDArray[np.int64]) -> float | None:
    return float(found.sum() / targets.sum()) if targets.any() else None
