"""How well scores rank the ill above the well: areas under curves, their errors and their comparison."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from secondread.stats.checks import Floats, both_classes, cases, counts, fraction, numbers, same_length
from secondread.stats.interval import Interval, normal_quantile
from secondread.stats.placements import covariance, midranks, placements
from secondread.stats.sweep import sweep

CHANCE = 0.5  # area under the ROC curve of a guess


class RocPoints(NamedTuple):
    """The corners of a ROC curve, from (0, 0) to (1, 1).

    Attributes:
        false_positive_rate: float64 [t + 1], rising.
        sensitivity: float64 [t + 1], rising.
        thresholds: float64 [t + 1], falling; positive at or above. The first is infinity: nothing is positive.
    """

    false_positive_rate: Floats
    sensitivity: Floats
    thresholds: Floats


@dataclass(frozen=True, slots=True)
class DelongTest:
    """Two scores compared on the same cases.

    Attributes:
        auc_a: Area of the first.
        auc_b: Area of the second.
        variance_a: Of the first area.
        variance_b: Of the second area.
        covariance: Of the two areas.
        z: Difference over its standard error. None when that error is 0 although the areas differ: then the
            test cannot say anything.
        p: Two-sided p value, or None together with ``z``.
    """

    auc_a: float
    auc_b: float
    variance_a: float
    variance_b: float
    covariance: float
    z: float | None
    p: float | None


def auroc(y: ArrayLike, scores: ArrayLike) -> float | None:
    """Area under the ROC curve: the chance that a positive case scores above a negative one, ties counting half.

    Args:
        y: Labels 0/1 [n].
        scores: Finite scores [n], higher = more likely positive.

    Returns:
        The area in [0, 1], or None when a class is absent (the area is then undefined, not 0.5).

    Raises:
        ValueError: If a label is not 0 or 1, a score is not finite, or their numbers differ.

    Source: Hanley and McNeil, Radiology 1982;143:29-36 (the area is the Mann-Whitney statistic).

    >>> auroc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    positive, values = cases(y, scores)
    n_pos, n_neg = counts(positive)
    if not n_pos or not n_neg:
        return None
    wins = float(midranks(values)[positive].sum()) - n_pos * (n_pos + 1) / 2
    return wins / (n_pos * n_neg)


def delong_se(y: ArrayLike, scores: ArrayLike) -> float | None:
    """Standard error of the area under the ROC curve by DeLong's method.

    Args:
        y: Labels 0/1 [n].
        scores: Finite scores [n].

    Returns:
        The error, or None when there are fewer than two positive or two negative cases.

    Raises:
        ValueError: As for :func:`auroc`.

    Source: DeLong, DeLong and Clarke-Pearson, Biometrics 1988;44:837-845; ranks as in Sun and Xu, IEEE Signal
        Processing Letters 2014;21:1389-1393.
    """
    positive, values = cases(y, scores)
    if min(counts(positive)) < 2:
        return None
    own = placements(positive, values)
    return math.sqrt(covariance(own, own))


def delong(y: ArrayLike, scores: ArrayLike, level: float = 0.95) -> Interval | None:
    """Area under the ROC curve with an interval that stays inside [0, 1].

    The bounds are made on the logit of the area, logit(A) +- z SE / (A (1 - A)), and mapped back; on the plain
    scale they would pass 1 for good classifiers. Where that is impossible (an area of exactly 0 or 1, a standard
    error of 0, or fewer than two cases of a class) the interval is Newcombe's, and ``method`` says so.

    Args:
        y: Labels 0/1 [n].
        scores: Finite scores [n].
        level: Confidence level in (0, 1).

    Returns:
        The interval, or None when a class is absent.

    Raises:
        ValueError: As for :func:`auroc`, or if the level leaves (0, 1).

    Source: DeLong 1988 (see :func:`delong_se`); the logit scale and the need for another method at 0 and 1:
        Perme and Manevski, Confidence intervals for the Mann-Whitney test, Statistical Methods in Medical
        Research 2018.
    """
    z = normal_quantile(level)
    area = auroc(y, scores)
    if area is None:
        return None
    error = delong_se(y, scores)
    if not error or not 0.0 < area < 1.0:
        positive, _ = cases(y, scores)
        return newcombe_auroc(area, *counts(positive), level=level)
    centre, reach = math.log(area / (1.0 - area)), z * error / (area * (1.0 - area))
    low, high = _logistic(centre - reach), _logistic(centre + reach)
    return Interval(area, min(low, area), max(high, area), "DeLong, logit scale", level)


def compare_delong(y: ArrayLike, a: ArrayLike, b: ArrayLike) -> DelongTest:
    """Whether two scores of the same cases rank them equally well.

    Args:
        y: Labels 0/1 [n].
        a: Finite scores [n].
        b: Finite scores [n] of the same cases in the same order.

    Raises:
        ValueError: As for :func:`auroc`, or with fewer than two positive or two negative cases.

    Source: DeLong, DeLong and Clarke-Pearson, Biometrics 1988;44:837-845.
    """
    positive, first = cases(y, a)
    second = numbers("b", b)
    same_length(a=first, b=second)
    both_classes(*counts(positive), least=2)
    of_a, of_b = placements(positive, first), placements(positive, second)
    between = (of_a[0] - of_b[0], of_a[1] - of_b[1])
    auc_a, auc_b = float(of_a[0].mean()), float(of_b[0].mean())
    variance = covariance(between, between)
    difference = float(between[0].mean())
    z: float | None = difference / math.sqrt(variance) if variance > 0.0 else None
    if z is None and not between[0].any() and not between[1].any():
        z = 0.0
    return DelongTest(
        auc_a,
        auc_b,
        covariance(of_a, of_a),
        covariance(of_b, of_b),
        covariance(of_a, of_b),
        z,
        None if z is None else math.erfc(abs(z) / math.sqrt(2.0)),
    )


def hanley_mcneil_se(auc: float, n_pos: int, n_neg: int) -> float:
    """Standard error of an area known only by its value and the numbers of cases, e.g. from a paper.

    Args:
        auc: Area in [0, 1].
        n_pos: Positive cases, at least 1.
        n_neg: Negative cases, at least 1.

    Raises:
        ValueError: If the area leaves [0, 1] or a class is empty.

    Source: Hanley and McNeil, Radiology 1982;143:29-36.

    >>> round(hanley_mcneil_se(0.85, 50, 100), 6)
    0.03672
    """
    area = fraction("auc", auc, ends=True)
    both_classes(n_pos, n_neg)
    q1, q2 = area / (2.0 - area), 2.0 * area * area / (1.0 + area)
    square = area * (1.0 - area) + (n_pos - 1) * (q1 - area * area) + (n_neg - 1) * (q2 - area * area)
    return math.sqrt(max(square, 0.0) / (n_pos * n_neg))


def newcombe_auroc(auc: float, n_pos: int, n_neg: int, level: float = 0.95) -> Interval:
    """Interval of an area from its value and the numbers of cases; it keeps a width at 0 and 1.

    Its bounds are the areas A that lie z of their own standard errors from the one found, with the error of A
    taken as sqrt(A (1 - A) (1 + (m - 1) ((1 - A) / (2 - A) + A / (1 + A))) / (n_pos n_neg)), m = the mean of
    n_pos and n_neg.

    Args:
        auc: Area in [0, 1].
        n_pos: Positive cases, at least 1.
        n_neg: Negative cases, at least 1.
        level: Confidence level in (0, 1).

    Raises:
        ValueError: If the area leaves [0, 1], a class is empty, or the level leaves (0, 1).

    Source: Newcombe, Statistics in Medicine 2006;25:559-573, method 5.
    """
    area, z = fraction("auc", auc, ends=True), normal_quantile(level)
    both_classes(n_pos, n_neg)

    def outside(bound: float) -> bool:
        spread = 1.0 + ((n_pos + n_neg) / 2 - 1.0) * ((1.0 - bound) / (2.0 - bound) + bound / (1.0 + bound))
        return (area - bound) ** 2 > z * z * bound * (1.0 - bound) * spread / (n_pos * n_neg)

    low = 0.0 if area == 0.0 else _edge(outside, 0.0, area)
    high = 1.0 if area == 1.0 else _edge(outside, 1.0, area)
    return Interval(area, low, high, "Newcombe", level)


def average_precision(y: ArrayLike, scores: ArrayLike) -> float | None:
    """Area under the precision-recall curve as a sum of steps; tied scores form one step.

    Args:
        y: Labels 0/1 [n].
        scores: Finite scores [n].

    Returns:
        A number in (0, 1], or None when a class is absent. A useless score reaches the prevalence, not 0.5.

    Raises:
        ValueError: As for :func:`auroc`.

    Source: sum over thresholds of (recall gained) x (precision), without interpolation, because linear
        interpolation between points is too optimistic: Davis and Goadrich, ICML 2006.
    """
    at = sweep(y, scores)
    if not at.n_pos or not at.n_neg:
        return None
    precision = at.tp / (at.tp + at.fp)
    return float((np.diff(at.tp, prepend=0) * precision).sum() / at.n_pos)


def roc_points(y: ArrayLike, scores: ArrayLike) -> RocPoints:
    """Every corner of the ROC curve.

    Args:
        y: Labels 0/1 [n].
        scores: Finite scores [n].

    Raises:
        ValueError: As for :func:`auroc`, or when a class is absent.
    """
    at = sweep(y, scores)
    both_classes(at.n_pos, at.n_neg)
    return RocPoints(
        np.append(0.0, at.fp / at.n_neg), np.append(0.0, at.tp / at.n_pos), np.append(np.inf, at.thresholds)
    )


def _logistic(x: float) -> float:
    """Inverse of the logit, without overflow."""
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0.0 else math.exp(x) / (1.0 + math.exp(x))


def _edge(outside: Callable[[float], bool], out: float, inside: float) -> float:
    """Where ``outside`` turns false between a point outside and a point inside, by halving."""
    while True:
        middle = (out + inside) / 2
        if middle in (out, inside):
            return out
        out, inside = (middle, inside) if outside(middle) else (out, middle)
