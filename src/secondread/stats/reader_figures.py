"""Figures of merit of readers, and how they vary together from case to case (jackknife).

Sources: ROC area: the Mann-Whitney statistic. AFROC areas: Chakraborty and Berbaum, Medical Physics 2004;31:2313-2330
    (JAFROC); weights of lesions as in the weighted AFROC of Chakraborty and Zhai, Medical Physics 2016;43:2264-2274.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondread.stats.checks import Floats, both_classes, numbers, truth


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """Figures of merit with their covariances.

    Attributes:
        values: float64 [modality, reader], in [0, 1].
        covariance: float64 [modality * reader, modality * reader], modality by modality, by jackknife over cases.
        cases: How many cases.
    """

    values: Floats
    covariance: Floats
    cases: int


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """What one reader marked with one modality.

    Attributes:
        false: float64 [healthy case], the highest rating of a false mark; minus infinity without one.
        lesions: Of each diseased case float64 [lesion], the rating of each lesion; minus infinity where it is missed.
    """

    false: Floats
    lesions: tuple[Floats, ...]


def roc_figures(ratings: ArrayLike, y: ArrayLike) -> Figures:
    """Areas under the ROC curve.

    Args:
        ratings: [modality, reader, case], higher = more suspicious.
        y: 1 diseased, 0 healthy [case]; at least two of each.

    Raises:
        ValueError: If shapes do not fit, or a rating is not finite.
    """
    values, diseased = numbers("ratings", ratings, (3,)), truth("y", y)
    if values.shape[2] != len(diseased):
        raise ValueError(f"ratings: found {values.shape[2]} cases, y has {len(diseased)}; needed as many")
    both_classes(int(diseased.sum()), int((~diseased).sum()), 2)
    flat = values.reshape(-1, values.shape[2])
    wins = [compared(row[~diseased], row[diseased]) for row in flat]
    return _figures(wins, np.ones(int(diseased.sum())), (values.shape[0], values.shape[1]))


def afroc_figures(marks: Sequence[Sequence[Marks]], *, weighted: bool = True) -> Figures:
    """Areas under the AFROC curve: does a lesion get a higher rating than the worst false mark on a healthy case?

    Args:
        marks: [modality][reader], of the same cases and lesions in the same order.
        weighted: Each diseased case counts alike (weighted AFROC); else each lesion does (JAFROC).

    Raises:
        ValueError: If the cases differ between readers, a class has fewer than two, or a diseased case has no lesion.
    """
    counts = lesion_counts(marks)
    both_classes(len(counts), len(marks[0][0].false), 2)
    shares = 1.0 / counts if weighted else np.ones(len(counts))
    wins = []
    for one in (one for row in marks for one in row):
        parts = [compared(one.false, part).sum(axis=1) * share for part, share in zip(one.lesions, shares, strict=True)]
        wins.append(np.stack(parts, axis=1))
    return _figures(wins, counts * shares, (len(marks), len(marks[0])))


def lesion_counts(marks: Sequence[Sequence[Marks]]) -> Floats:
    """Lesions of each diseased case, float64 [case].

    Raises:
        ValueError: If they differ between readers or modalities, or a diseased case has none.
    """
    found = {(len(one.false), tuple(len(part) for part in one.lesions)) for row in marks for one in row}
    if len(found) != 1 or len({len(row) for row in marks}) != 1:
        raise ValueError("marks: found readers or modalities with other cases or lesions; needed the same for all")
    counts = np.array(found.pop()[1], dtype=np.float64)
    if not len(counts) or counts.min() < 1:
        raise ValueError("marks: found a diseased case without a lesion; needed at least one, marked or missed")
    return counts


def compared(healthy: Floats, diseased: Floats) -> Floats:
    """1 where the diseased rating is higher, one half where equal, else 0: float64 [healthy, diseased]."""
    return np.asarray(0.5 * (np.sign(_ranked(diseased, healthy) - _ranked(healthy, diseased)[:, None]) + 1.0))


def _ranked(values: Floats, others: Floats) -> Floats:
    """Ranks in place of ratings: two infinities have no difference, two ranks have one."""
    return np.searchsorted(np.unique(np.concatenate([values, others])), values).astype(np.float64)


def _figures(wins: Sequence[NDArray[np.float64]], weights: Floats, shape: tuple[int, int]) -> Figures:
    """Figures from what was compared: [healthy, diseased] of each modality and reader, and the weight of a diseased."""
    left_out = np.stack([_left_out(part, weights) for part in wins])
    values = np.array([part.sum() / (len(part) * weights.sum()) for part in wins])
    cases = left_out.shape[1]
    away = left_out - left_out.mean(axis=1, keepdims=True)
    return Figures(values.reshape(shape), away @ away.T * (cases - 1) / cases, cases)


def _left_out(wins: Floats, weights: Floats) -> Floats:
    """The figure without each case, healthy ones first: float64 [case]."""
    total, healthy, whole = wins.sum(), len(wins), weights.sum()
    without_healthy = (total - wins.sum(axis=1)) / ((healthy - 1) * whole)
    without_diseased = (total - wins.sum(axis=0)) / (healthy * (whole - weights))
    return np.concatenate([without_healthy, without_diseased])
