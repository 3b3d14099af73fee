"""What a classifier does once a threshold is fixed, and how to fix it on validation data."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from secondread.stats.checks import Ints, as_probabilities, both_classes, cases, counts, fraction
from secondread.stats.interval import Interval
from secondread.stats.proportion import wilson
from secondread.stats.sweep import Sweep, sweep


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """Results at one threshold, with Wilson intervals.

    Attributes:
        threshold: Positive at or above it.
        sensitivity: Share of the positive cases called positive.
        specificity: Share of the negative cases called negative.
        ppv: Share of the called-positive that are positive, at the prevalence of these cases; None if none is.
        npv: Share of the called-negative that are negative, at the prevalence of these cases; None if none is.
        accuracy: Share of all cases called rightly.
        tp: True positives.
        fp: False positives.
        tn: True negatives.
        fn: False negatives.
    """

    threshold: float
    sensitivity: Interval
    specificity: Interval
    ppv: Interval | None
    npv: Interval | None
    accuracy: Interval
    tp: int
    fp: int
    tn: int
    fn: int


def at_threshold(y: ArrayLike, scores: ArrayLike, threshold: float) -> OperatingPoint:
    """Counts and rates at a threshold.

    Args:
        y: Labels 0/1 [n].
        scores: Finite scores [n]; positive at or above the threshold.
        threshold: In the unit of the scores.

    Raises:
        ValueError: If a label is not 0 or 1, a score or the threshold is not finite, their numbers differ, or a
            class is absent.

    >>> point = at_threshold([0, 0, 1, 1], [0.1, 0.6, 0.6, 0.9], 0.6)
    >>> point.tp, point.fp, point.tn, point.fn, str(point.sensitivity)
    (2, 1, 1, 0, '1.000 (0.342 to 1.000)')
    """
    positive, values = cases(y, scores)
    both_classes(*counts(positive))
    if not math.isfinite(threshold):
        raise ValueError(f"threshold: found {threshold}; needed a finite number")
    called = values >= threshold
    tp, fp = counts(positive[called])
    fn, tn = counts(positive[~called])
    return OperatingPoint(
        threshold=float(threshold),
        sensitivity=wilson(tp, tp + fn),
        specificity=wilson(tn, tn + fp),
        ppv=wilson(tp, tp + fp) if tp + fp else None,
        npv=wilson(tn, tn + fn) if tn + fn else None,
        accuracy=wilson(tp + tn, len(positive)),
        tp=tp,
        fp=fp,
        tn=tn,
        fn=fn,
    )


def youden_threshold(y: ArrayLike, scores: ArrayLike) -> float:
    """The threshold with the largest sensitivity + specificity.

    Every threshold between two neighbouring scores gives the same result; the middle between them is taken, so
    that a small change of the scores changes nothing. Of several equally good places the lowest wins, the one
    with the higher sensitivity. If calling every case positive is best (scores without use), it is the lowest
    score.

    Args:
        y: Labels 0/1 [n].
        scores: Finite scores [n].

    Raises:
        ValueError: If a label is not 0 or 1, a score is not finite, their numbers differ, or a class is absent.

    Source: Youden, Cancer 1950;3:32-35.

    >>> youden_threshold([0, 0, 1, 1], [0.1, 0.2, 0.6, 0.9])
    0.4
    """
    return _best(y, scores, lambda at: at.tp * at.n_neg - at.fp * at.n_pos, nothing=-1)


def accuracy_threshold(y: ArrayLike, scores: ArrayLike) -> float:
    """The threshold with the largest share of cases called rightly.

    Place and ties as for :func:`youden_threshold`. If calling no case positive is strictly best, it is the
    smallest number above the highest score.

    Args:
        y: Labels 0/1 [n].
        scores: Finite scores [n].

    Raises:
        ValueError: As for :func:`youden_threshold`.
    """
    return _best(y, scores, lambda at: at.tp - at.fp, nothing=0)


def threshold_for_sensitivity(y: ArrayLike, scores: ArrayLike, at_least: float) -> float:
    """The highest score that, taken as the threshold, still reaches a sensitivity.

    Args:
        y: Labels 0/1 [n].
        scores: Finite scores [n].
        at_least: Sensitivity in [0, 1].

    Raises:
        ValueError: As for :func:`youden_threshold`, or if the sensitivity leaves [0, 1].
    """
    at = _both(y, scores)
    reached = at.tp / at.n_pos >= fraction("at_least", at_least, ends=True)
    return float(at.thresholds[np.flatnonzero(reached)[0]])


def threshold_for_specificity(y: ArrayLike, scores: ArrayLike, at_least: float) -> float:
    """The lowest score that, taken as the threshold, still reaches a specificity.

    Args:
        y: Labels 0/1 [n].
        scores: Finite scores [n].
        at_least: Specificity in [0, 1].

    Returns:
        A score, or the smallest number above all scores if the highest-scoring cases already cost too much.

    Raises:
        ValueError: As for :func:`youden_threshold`, or if the specificity leaves [0, 1].
    """
    at = _both(y, scores)
    reached = (at.n_neg - at.fp) / at.n_neg >= fraction("at_least", at_least, ends=True)
    return float(at.thresholds[reached][-1]) if reached[0] else _above(at)


def ppv_at_prevalence(sensitivity: float, specificity: float, prevalence: float) -> float | None:
    """How often a positive call is right where the disease has another frequency than in the test set.

    Args:
        sensitivity: In [0, 1].
        specificity: In [0, 1].
        prevalence: Share of ill people where the classifier is used, in [0, 1].

    Returns:
        The positive predictive value, or None when nothing would be called positive.

    Raises:
        ValueError: If an argument leaves [0, 1].

    Source: Bayes' rule; Altman and Bland, BMJ 1994;309:102.

    >>> round(ppv_at_prevalence(0.90, 0.90, 0.01), 4)
    0.0833
    """
    se, sp, pi = _rates(sensitivity, specificity, prevalence)
    right, wrong = se * pi, (1.0 - sp) * (1.0 - pi)
    return right / (right + wrong) if right + wrong > 0.0 else None


def npv_at_prevalence(sensitivity: float, specificity: float, prevalence: float) -> float | None:
    """How often a negative call is right where the disease has another frequency than in the test set.

    Args:
        sensitivity: In [0, 1].
        specificity: In [0, 1].
        prevalence: Share of ill people where the classifier is used, in [0, 1].

    Returns:
        The negative predictive value, or None when nothing would be called negative.

    Raises:
        ValueError: If an argument leaves [0, 1].

    Source: Bayes' rule; Altman and Bland, BMJ 1994;309:102.
    """
    se, sp, pi = _rates(sensitivity, specificity, prevalence)
    right, wrong = sp * (1.0 - pi), (1.0 - se) * pi
    return right / (right + wrong) if right + wrong > 0.0 else None


def net_benefit(y: ArrayLike, scores: ArrayLike, threshold: float) -> float:
    """Right positive calls per case, less the wrong ones weighed by the odds of the threshold.

    Compare it with 0 (treat nobody) and with ``net_benefit(y, ones, threshold)`` (treat everybody).

    Args:
        y: Labels 0/1 [n].
        scores: Probabilities [n]; positive at or above the threshold.
        threshold: Probability in (0, 1) at which a person would just accept treatment.

    Raises:
        ValueError: If a label is not 0 or 1, a score is no probability, their numbers differ, or the threshold
            leaves (0, 1).

    Source: Vickers and Elkin, Medical Decision Making 2006;26:565-574.
    """
    positive, values = cases(y, as_probabilities("scores", scores))
    odds = fraction("threshold", threshold) / (1.0 - threshold)
    tp, fp = counts(positive[values >= threshold])
    return (tp - fp * odds) / len(positive)


def _rates(sensitivity: float, specificity: float, prevalence: float) -> tuple[float, float, float]:
    return (
        fraction("sensitivity", sensitivity, ends=True),
        fraction("specificity", specificity, ends=True),
        fraction("prevalence", prevalence, ends=True),
    )


def _both(y: ArrayLike, scores: ArrayLike) -> Sweep:
    at = sweep(y, scores)
    both_classes(at.n_pos, at.n_neg)
    return at


def _best(y: ArrayLike, scores: ArrayLike, gain: Callable[[Sweep], Ints], nothing: int) -> float:
    """Middle of the gap below the lowest threshold of largest gain; ``nothing`` is the gain of calling no case."""
    at = _both(y, scores)
    gains = gain(at)
    if nothing > gains.max():
        return _above(at)
    k = int(np.flatnonzero(gains == gains.max())[-1])
    high = float(at.thresholds[k])
    if k + 1 == len(at.thresholds):
        return high
    low = float(at.thresholds[k + 1])
    middle = low / 2 + high / 2
    return middle if low < middle <= high else high


def _above(at: Sweep) -> float:
    return math.nextafter(float(at.thresholds[0]), math.inf)
