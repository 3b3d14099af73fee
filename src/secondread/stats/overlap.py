"""How much of a drawn region is right: overlap and volume, case by case and over many cases.

What an empty region means is settled here once: if both are empty, nothing was to be found and nothing was drawn, so
the overlap is 1; if one of them is empty, it is 0. A volume error relative to an empty truth does not exist.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondread.stats.bootstrap import patients_of, resample_each
from secondread.stats.checks import Bools, same_length
from secondread.stats.interval import Interval


@dataclass(frozen=True, slots=True)
class VolumeError:
    """How much too large or too small a region was drawn.

    Attributes:
        predicted: Size of the drawn region, in ``unit``.
        true: Size of the true region, in ``unit``.
        unit: ``mL`` for volumes, ``mm2`` for flat pictures (UCUM).
    """

    predicted: float
    true: float
    unit: str

    @property
    def signed(self) -> float:
        """Drawn minus true, in ``unit``: above 0 when too much was drawn."""
        return self.predicted - self.true

    @property
    def absolute(self) -> float:
        """Size of the error without its sign, in ``unit``."""
        return abs(self.signed)

    @property
    def relative(self) -> float | None:
        """The signed error as a share of the true size, or None when there is nothing to be a share of."""
        return self.signed / self.true if self.true > 0.0 else None


@dataclass(frozen=True, slots=True)
class Summary:
    """One measure over many cases.

    Attributes:
        mean: Of the cases in which the measure is defined, with its interval over patients.
        median: Of the same.
        cases: Number of these cases.
        undefined: Cases left out because the measure is undefined there (None). Tell it beside the mean: a
            network that draws nothing has no distances to be blamed for.
    """

    mean: Interval
    median: Interval
    cases: int
    undefined: int


def dice(predicted: ArrayLike, true: ArrayLike) -> float:
    """Twice the shared size over the sum of both sizes.

    Args:
        predicted: bool or 0/1, any shape.
        true: bool or 0/1, the same shape.

    Returns:
        In [0, 1]; 1 when both are empty, 0 when one is.

    Raises:
        ValueError: If the shapes differ, there is no pixel, or a value is not 0 or 1.

    Source: Dice, Ecology 1945;26:297-302.

    >>> dice([[0, 1, 1]], [[1, 1, 1]])
    0.8
    """
    both, sizes = _sizes(predicted, true)
    return 2.0 * both / sum(sizes) if sum(sizes) else 1.0


def iou(predicted: ArrayLike, true: ArrayLike) -> float:
    """The shared size over the size of both together (Jaccard); from Dice D it is D / (2 - D).

    Args:
        predicted: bool or 0/1, any shape.
        true: bool or 0/1, the same shape.

    Returns:
        In [0, 1]; 1 when both are empty, 0 when one is.

    Raises:
        ValueError: As for :func:`dice`.

    Source: Jaccard, New Phytologist 1912;11:37-50.
    """
    both, sizes = _sizes(predicted, true)
    union = sum(sizes) - both
    return both / union if union else 1.0


def volume_error(predicted: ArrayLike, true: ArrayLike, spacing_mm: Sequence[float]) -> VolumeError:
    """Error of the volume, or of the area of a flat region.

    Args:
        predicted: bool or 0/1, [j, i] or [k, j, i].
        true: bool or 0/1, the same shape.
        spacing_mm: Size of a pixel along each axis, in mm, in the order of the axes.

    Returns:
        In mL with three axes, in mm2 with two.

    Raises:
        ValueError: As for :func:`dice`, or if the spacing does not fit the axes.
    """
    _, (drawn, truly) = _sizes(predicted, true)
    spacing = spacing_of(np.ndim(predicted), spacing_mm)
    one, unit = (math.prod(spacing) / 1000.0, "mL") if len(spacing) == 3 else (math.prod(spacing), "mm2")
    return VolumeError(drawn * one, truly * one, unit)


def dice_of_patients(predicted: ArrayLike, true: ArrayLike, patients: ArrayLike) -> tuple[NDArray[Any], list[float]]:
    """Dice of each patient, over all of the pixels in all of the patient's pictures at once.

    A patient's slices without a region then cost what was wrongly drawn on them, and no slice counts as a case of its
    own. All pictures of a patient are taken to have the same spacing.

    Args:
        predicted: bool or 0/1, [n, ...].
        true: bool or 0/1, the same shape.
        patients: Patient key of every picture [n].

    Returns:
        The patient keys, sorted, and the Dice of each.

    Raises:
        ValueError: As for :func:`dice`, or if the lengths differ.
    """
    drawn, truly = masks(predicted, true)
    names, owner = patients_of(patients)
    same_length(patients=owner, predicted=drawn)
    rows = (part.reshape(len(part), -1).sum(axis=1, dtype=np.int64) for part in (drawn & truly, drawn, truly))
    both, own, theirs = (np.bincount(owner, weights=row, minlength=len(names)) for row in rows)
    sizes = own + theirs
    return names, np.where(sizes > 0.0, 2.0 * both / np.maximum(sizes, 1.0), 1.0).tolist()


def summarise(
    values: Sequence[float | None], patients: ArrayLike, *, n: int = 2000, seed: int, level: float = 0.95
) -> Summary:
    """Mean and median of a measure over cases, with intervals from drawing patients.

    Args:
        values: The measure in each case [n]; None where it is undefined.
        patients: Patient key of every case [n].
        n: Number of resamples.
        seed: Of the draws.
        level: Confidence level in (0, 1).

    Raises:
        ValueError: If the lengths differ, no case is defined, or :func:`bootstrap` refuses.
    """
    _, keys = patients_of(patients)
    same_length(values=values, patients=keys)
    known = np.array([value is not None for value in values], dtype=np.bool_)
    if not known.any():
        raise ValueError(f"values: the measure is undefined in all of {len(values)} cases; needed at least one")
    defined = np.array([value for value in values if value is not None], dtype=np.float64)
    mean, median = resample_each(_mean_and_median, keys[known], defined, n=n, seed=seed)
    return Summary(mean.interval(level), median.interval(level), len(defined), len(values) - len(defined))


def masks(predicted: ArrayLike, true: ArrayLike) -> tuple[Bools, Bools]:
    """Two regions on one grid, as bool.

    Raises:
        ValueError: If the shapes differ, there is no pixel, or a value is not 0 or 1.
    """
    drawn, truly = _region("predicted", predicted), _region("true", true)
    if drawn.shape != truly.shape:
        raise ValueError(f"found shape {drawn.shape} predicted and {truly.shape} true; needed masks on one grid")
    return drawn, truly


def spacing_of(axes: int, spacing_mm: Sequence[float]) -> tuple[float, ...]:
    """The spacing of a flat picture or a volume, checked.

    Raises:
        ValueError: If there are not two or three axes, each with a positive spacing.
    """
    spacing = tuple(float(step) for step in spacing_mm)
    if axes not in (2, 3) or len(spacing) != axes:
        raise ValueError(f"found {axes} axes and {len(spacing)} spacings; needed two or three axes, a spacing for each")
    if not all(math.isfinite(step) and step > 0.0 for step in spacing):
        raise ValueError(f"spacing_mm: found {spacing}; needed positive numbers")
    return spacing


def _region(name: str, mask: ArrayLike) -> Bools:
    array = np.asarray(mask)
    if array.size == 0:
        raise ValueError(f"{name}: found a mask of shape {array.shape}; needed at least one pixel")
    if array.dtype == np.bool_:
        return array
    inside: Bools = array == 1
    if not (inside | (array == 0)).all():
        raise ValueError(f"{name}: found values other than 0 and 1; needed the mask of one structure")
    return inside


def _sizes(predicted: ArrayLike, true: ArrayLike) -> tuple[int, tuple[int, int]]:
    """Number of pixels in both, and in each."""
    drawn, truly = masks(predicted, true)
    return int(np.count_nonzero(drawn & truly)), (int(np.count_nonzero(drawn)), int(np.count_nonzero(truly)))


def _mean_and_median(values: NDArray[np.float64]) -> tuple[float, float]:
    return float(values.mean()), float(np.median(values))
