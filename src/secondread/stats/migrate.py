"""A threshold moved to other scores of the same cases, and which calls that changes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from secondread.stats.checks import cases, counts, fraction, numbers, same_length
from secondread.stats.operating import (
    OperatingPoint,
    accuracy_threshold,
    at_threshold,
    threshold_for_sensitivity,
    threshold_for_specificity,
    youden_threshold,
)
from secondread.stats.proportion import mcnemar_exact


@dataclass(frozen=True, slots=True)
class Migration:
    """Old and new threshold on the same cases.

    Attributes:
        old: What the old version reached at its threshold.
        new: What the new version reaches at its own.
        inherited: What the new version would reach at the old threshold.
        changed: Cases whose call changes.
        p: Of McNemar's exact test: whether old and new are equally often right.
    """

    old: OperatingPoint
    new: OperatingPoint
    inherited: OperatingPoint
    changed: int
    p: float


def threshold_by(rule: str, y: ArrayLike, scores: ArrayLike) -> float:
    """The threshold that a rule gives.

    Args:
        rule: ``youden``, ``accuracy``, ``sensitivity X`` or ``specificity X`` with X in [0, 1].
        y: Labels 0/1 [n].
        scores: [n].

    Raises:
        ValueError: If there is no such rule, or a class is absent.
    """
    word, _, number = rule.partition(" ")
    simple = {"youden": youden_threshold, "accuracy": accuracy_threshold}
    aimed = {"sensitivity": threshold_for_sensitivity, "specificity": threshold_for_specificity}
    if word in simple and not number:
        return simple[word](y, scores)
    try:
        wanted = fraction("rule", float(number), ends=True) if word in aimed else None
    except ValueError:
        wanted = None
    if wanted is None:
        raise ValueError(f"rule: found {rule!r}; needed youden, accuracy, 'sensitivity X' or 'specificity X'")
    return aimed[word](y, scores, wanted)


def steady_threshold(rule: str, y: ArrayLike, scores: ArrayLike, *, n: int = 200, seed: int) -> float:
    """The median of the thresholds that the rule gives on cases drawn again and again.

    The threshold of a few dozen cases jumps when one of them changes; the median jumps less.

    Args:
        rule: As for :func:`threshold_by`.
        y: Labels 0/1 [n].
        scores: [n].
        n: How often cases are drawn, within each class.
        seed: Of the draws.

    Raises:
        ValueError: As for :func:`threshold_by`.

    Source: Breiman, Bagging predictors, Machine Learning 1996;24:123-140.
    """
    positive, values = cases(y, scores)
    random = np.random.default_rng(seed)
    parts = [np.flatnonzero(positive), np.flatnonzero(~positive)]
    found = []
    for _ in range(n):
        rows = np.concatenate([random.choice(part, len(part)) for part in parts])
        found.append(threshold_by(rule, positive[rows], values[rows]))
    return float(np.median(found))


def migrated(y: ArrayLike, old: ArrayLike, new: ArrayLike, *, old_threshold: float, rule: str, seed: int) -> Migration:
    """A new version's threshold by the rule of the old one, and what changes.

    Args:
        y: Labels 0/1 [n].
        old: Scores of the old version [n].
        new: Scores of the new version, of the same cases in the same order.
        old_threshold: Of the old version.
        rule: As for :func:`threshold_by`.
        seed: Of the draws.

    Raises:
        ValueError: If the arrays do not fit, or a class is absent.
    """
    positive, before = cases(y, old)
    after = numbers("new", new)
    same_length(y=positive, new=after)
    threshold = steady_threshold(rule, positive, after, seed=seed)
    called, calls = before >= old_threshold, after >= threshold
    right, rights = called == positive, calls == positive
    lost, won = counts((right & ~rights)[right != rights])
    return Migration(
        old=at_threshold(positive, before, old_threshold),
        new=at_threshold(positive, after, threshold),
        inherited=at_threshold(positive, after, old_threshold),
        changed=int((called != calls).sum()),
        p=mcnemar_exact(lost, won),
    )
