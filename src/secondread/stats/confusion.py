"""Which class was taken for which."""

import numpy as np
from numpy.typing import ArrayLike

from secondread.stats.checks import Ints, classes, same_length
from secondread.stats.interval import Interval
from secondread.stats.proportion import wilson


def confusion(labels: ArrayLike, predicted: ArrayLike, n_classes: int) -> Ints:
    """Counts of cases, int64 [true, predicted].

    Args:
        labels: True class numbers [n].
        predicted: Predicted class numbers [n].
        n_classes: Number of classes.

    Raises:
        ValueError: If a class number leaves 0 to n_classes - 1, or the lengths differ.

    >>> confusion([0, 0, 1, 2], [0, 1, 1, 2], 3).tolist()
    [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    """
    true, given = _pair(labels, predicted, n_classes)
    flat = np.bincount(true * n_classes + given, minlength=n_classes * n_classes)
    return flat.reshape(n_classes, n_classes).astype(np.int64)


def accuracy(labels: ArrayLike, predicted: ArrayLike) -> Interval:
    """Share of the cases given their true class, with Wilson interval.

    Args:
        labels: True class numbers [n].
        predicted: Predicted class numbers [n].

    Raises:
        ValueError: If a class number is not a whole number from 0 up, or the lengths differ.
    """
    true, given = _pair(labels, predicted, None)
    return wilson(int(np.count_nonzero(true == given)), len(true))


def quadratic_kappa(labels: ArrayLike, predicted: ArrayLike) -> float | None:
    """Agreement of two gradings beyond chance, a miss weighing as the square of its size.

    Args:
        labels: Grades [n], whole numbers from 0.
        predicted: Grades [n].

    Returns:
        At most 1; 0 is chance; None when both give one and the same grade throughout (chance is then perfect).

    Raises:
        ValueError: If a grade is not a whole number from 0 up, or the lengths differ.

    Source: Cohen, Psychological Bulletin 1968;70:213-220.

    >>> round(quadratic_kappa([0, 1, 2, 3, 4, 4], [0, 1, 1, 3, 3, 4]), 6)
    0.923077
    """
    true, given = _pair(labels, predicted, None)
    a, b = true.astype(np.float64), given.astype(np.float64)
    by_chance = float((a * a).mean() + (b * b).mean() - 2.0 * a.mean() * b.mean())
    if (true == true[0]).all() and (given == true[0]).all():
        return None
    return 1.0 - float(((a - b) ** 2).mean()) / by_chance


def _pair(labels: ArrayLike, predicted: ArrayLike, n_classes: int | None) -> tuple[Ints, Ints]:
    true, given = classes("labels", labels, n_classes), classes("predicted", predicted, n_classes)
    same_length(labels=true, predicted=given)
    return true, given
