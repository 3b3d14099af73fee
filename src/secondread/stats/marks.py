"""Marks on pictures and the lesions they hit: what a detection is judged by.

A mark is a place with a score. Whether it hits a lesion is decided by one of the rules here (or another, as long as it
gives the same table), before anything is counted. In every rule a mark that lies in several lesions hits all of them,
and any number of marks may hit one lesion. Places are in pixels along each axis, in the order of the array's axes (row
before column); the centre of the first pixel is 0.

Marks on what is neither lesion nor normal (a finding excluded from the study) are to be left out beforehand: they are
neither right nor wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondread.stats.checks import Bools, Floats, same_length


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """The marks on one picture, and which of its lesions each of them hits.

    Attributes:
        scores: float64 [m], finite; higher = more likely a lesion. May be empty.
        hits: bool [m, k]; k lesions are on the picture, 0 on a normal one.
        patient: Key of the patient whose picture it is.

    Raises:
        ValueError: If a score is not finite, the shapes do not fit, or the key is empty.
    """

    scores: Floats
    hits: Bools
    patient: str

    def __post_init__(self) -> None:
        scores, hits = np.array(self.scores, dtype=np.float64), np.array(self.hits, dtype=np.bool_)
        if scores.ndim != 1 or hits.ndim != 2 or len(scores) != len(hits):
            raise ValueError(f"found scores of shape {scores.shape} and hits of {hits.shape}; needed [m] and [m, k]")
        for name, array in (("scores", scores), ("hits", hits)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        if not np.isfinite(self.scores).all():
            raise ValueError("scores: found NaN or infinite; needed finite numbers")
        if not self.patient:
            raise ValueError("patient: found an empty key; needed to know whose picture it is")


def hits_in_boxes(places: ArrayLike, boxes: ArrayLike, margin_px: float = 0.0) -> Bools:
    """A mark hits a lesion if it lies inside the lesion's box or on its border.

    Args:
        places: Places of the marks [m, axis], in pixels.
        boxes: Lowest and highest corner of each box [k, 2, axis], in pixels.
        margin_px: By how much every box is widened on each side.

    Returns:
        bool [m, k].

    Raises:
        ValueError: If the shapes do not fit, a number is not finite, or a corner is on the wrong side.

    >>> hits_in_boxes([[5, 5], [5, 9]], [[[2, 2], [6, 6]]]).tolist()
    [[True], [False]]
    """
    corners = _rows("boxes", boxes, (2, -1))
    at = _rows("places", places, (-1,))
    if not at.size or not corners.size:
        return np.zeros((len(at), len(corners)), dtype=np.bool_)
    if corners.shape[2] != at.shape[1]:
        raise ValueError(f"found places with {at.shape[1]} axes and boxes with {corners.shape[2]}; needed the same")
    low, high = corners[:, 0], corners[:, 1]
    if (low > high).any():
        raise ValueError("boxes: found a lowest corner above the highest one; needed [lowest, highest] for each box")
    outside = np.maximum(low - at[:, None], at[:, None] - high)  # [m, k, axis]
    hit: Bools = outside.max(axis=2) <= margin_px
    return hit


def hits_in_mask(places: ArrayLike, lesions: ArrayLike) -> Bools:
    """A mark hits a lesion if the pixel nearest to it belongs to the lesion; beyond the picture it hits nothing.

    Args:
        places: Places of the marks [m, axis], in pixels.
        lesions: Lesion number of every pixel, whole numbers [*grid]: 0 for none, 1 to k without a gap.

    Returns:
        bool [m, k].

    Raises:
        ValueError: If the shapes do not fit, a number is not finite, or the lesions are not numbered 1 to k.
    """
    numbered = np.asarray(lesions)
    found = np.unique(numbered)
    names = found[found != 0]
    if numbered.dtype.kind not in "iub" or not np.array_equal(names, np.arange(1, len(names) + 1)):
        raise ValueError("lesions: needed whole numbers, 0 for none and 1 to the number of lesions without a gap")
    at = _rows("places", places, (-1,))
    if not at.size:
        return np.zeros((len(at), len(names)), dtype=np.bool_)
    if at.shape[1] != numbered.ndim:
        raise ValueError(f"found places with {at.shape[1]} axes on a grid with {numbered.ndim}; needed the same")
    pixel = np.floor(at + 0.5).astype(np.int64)
    within = ((pixel >= 0) & (pixel < numbered.shape)).all(axis=1)
    number: NDArray[np.int64] = np.zeros(len(at), dtype=np.int64)
    number[within] = numbered[tuple(pixel[within].T)]
    hit: Bools = number[:, None] == names.astype(np.int64)
    return hit


def hits_near(places: ArrayLike, centres: ArrayLike, radii_mm: ArrayLike, spacing_mm: Sequence[float]) -> Bools:
    """A mark hits a lesion if it lies no further from the lesion's centre than the lesion's radius.

    Args:
        places: Places of the marks [m, axis], in pixels.
        centres: Centres of the lesions [k, axis], in pixels.
        radii_mm: Radius of each lesion [k], in mm.
        spacing_mm: Size of a pixel along each axis, in mm.

    Returns:
        bool [m, k].

    Raises:
        ValueError: If the shapes do not fit, a number is not finite, or the spacing is not positive.

    Source: the rule of LUNA16, Setio et al., arXiv:1612.08012.
    """
    at, middles = _rows("places", places, (-1,)), _rows("centres", centres, (-1,))
    radii = _rows("radii_mm", radii_mm, ())
    same_length(centres=middles, radii_mm=radii)
    if not at.size or not middles.size:
        return np.zeros((len(at), len(middles)), dtype=np.bool_)
    step = np.asarray(spacing_mm, dtype=np.float64)
    if not at.shape[1] == middles.shape[1] == len(step) or not (step > 0.0).all():
        raise ValueError(
            f"found places with {at.shape[1]} axes, centres with {middles.shape[1]} and the spacing {step.tolist()}; "
            "needed the same axes everywhere and a positive spacing for each"
        )
    away = np.linalg.norm((at[:, None] - middles) * step, axis=2)
    near: Bools = away <= radii
    return near


def _rows(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Floats:
    """Finite numbers [n, *shape], -1 for any length; an empty list is no rows."""
    array = np.asarray(values, dtype=np.float64)
    if array.size == 0:
        rows = len(array) if array.ndim else 0
        return np.zeros((rows, *(max(side, 0) for side in shape)))
    fits = array.ndim == len(shape) + 1 and all(s in (-1, n) for s, n in zip(shape, array.shape[1:], strict=True))
    if not fits:
        wanted = ", ".join(["n", *("axis" if side < 0 else str(side) for side in shape)])
        raise ValueError(f"{name}: found an array of shape {array.shape}; needed [{wanted}]")
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: found NaN or infinite; needed finite numbers")
    return array
