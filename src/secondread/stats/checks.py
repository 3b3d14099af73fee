"""What every measure asks of its arguments, said in the same words everywhere."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def numbers(name: str, values: ArrayLike, ndim: tuple[int, ...] = (1,)) -> Floats:
    """Finite numbers as float64.

    Raises:
        ValueError: If the values are not numbers, are not finite, are empty, or have another number of axes.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: found values that are not numbers; needed an array of numbers") from error
    if array.ndim not in ndim:
        raise ValueError(f"{name}: found {array.ndim} axes; needed {' or '.join(map(str, ndim))}")
    if array.size == 0:
        raise ValueError(f"{name}: found no cases; needed at least one")
    finite = np.isfinite(array)
    if not finite.all():
        bad = int(array.size - np.count_nonzero(finite))
        raise ValueError(f"{name}: found {bad} NaN or infinite among {array.size} values; needed finite numbers")
    return array


def truth(name: str, y: ArrayLike) -> Bools:
    """0/1 labels as bool [n].

    Raises:
        ValueError: If a label is not 0 or 1.
    """
    array = np.asarray(y)
    if array.dtype == np.bool_ and array.ndim == 1 and array.size:
        return array
    values = numbers(name, y)
    positive: Bools = values == 1.0
    if not (positive | (values == 0.0)).all():
        found = ", ".join(f"{v:g}" for v in np.unique(values)[:6])
        raise ValueError(f"{name}: found the labels {found}; needed only 0 and 1")
    return positive


def cases(y: ArrayLike, scores: ArrayLike) -> tuple[Bools, Floats]:
    """0/1 labels and one finite score for each.

    Raises:
        ValueError: If a label is not 0 or 1, a score is not finite, or their numbers differ.
    """
    positive, values = truth("y", y), numbers("scores", scores)
    same_length(y=positive, scores=values)
    return positive, values


def counts(positive: Bools) -> tuple[int, int]:
    """Number of positive and of negative cases."""
    n_pos = int(np.count_nonzero(positive))
    return n_pos, len(positive) - n_pos


def both_classes(n_pos: int, n_neg: int, least: int = 1) -> None:
    """Refuse to judge where there is nobody of one class.

    Raises:
        ValueError: If a class has fewer than ``least`` cases.
    """
    if min(n_pos, n_neg) < least:
        raise ValueError(f"found {n_pos} positive and {n_neg} negative cases; needed at least {least} of each")


def as_probabilities(name: str, p: ArrayLike, ndim: tuple[int, ...] = (1,)) -> Floats:
    """Numbers in [0, 1]; with two axes, each row sums to 1.

    Raises:
        ValueError: If a value leaves [0, 1], or a row of [n, class] does not sum to 1 within 1e-5.
    """
    values = numbers(name, p, ndim)
    low, high = float(values.min()), float(values.max())
    if low < 0.0 or high > 1.0:
        raise ValueError(f"{name}: found values from {low:g} to {high:g}; needed probabilities in [0, 1]")
    if values.ndim == 2:
        worst = float(np.abs(values.sum(axis=1) - 1.0).max())
        if worst > 1e-5:
            raise ValueError(f"{name}: found rows that miss the sum of 1 by up to {worst:g}; needed rows that sum to 1")
    return values


def classes(name: str, labels: ArrayLike, n_classes: int | None = None) -> Ints:
    """Class numbers 0, 1, 2 ... as int64 [n].

    Raises:
        ValueError: If a label is not a whole number, is negative, or is not below ``n_classes``.
    """
    values = numbers(name, labels)
    whole = values.astype(np.int64)
    if (whole != values).any():
        raise ValueError(f"{name}: found labels that are not whole numbers; needed class numbers 0, 1, 2 ...")
    low, high = int(whole.min()), int(whole.max())
    if low < 0 or (n_classes is not None and high >= n_classes):
        top = "" if n_classes is None else f" to {n_classes - 1}"
        raise ValueError(f"{name}: found class numbers from {low} to {high}; needed 0{top or ' or more'}")
    return whole


def same_length(**arrays: Sequence[Any] | NDArray[Any]) -> None:
    """Refuse arrays of different length.

    Raises:
        ValueError: If the lengths differ.
    """
    lengths = {name: len(values) for name, values in arrays.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{n} in {name}" for name, n in lengths.items())
        raise ValueError(f"found {found}; needed one for each case")


def fraction(name: str, value: float, *, ends: bool = False) -> float:
    """A number between 0 and 1, with or without the ends.

    Raises:
        ValueError: If it lies outside.
    """
    inside = 0.0 <= value <= 1.0 if ends else 0.0 < value < 1.0
    if not inside:
        raise ValueError(f"{name}: found {value:g}; needed a number {'in [0, 1]' if ends else 'between 0 and 1'}")
    return float(value)
