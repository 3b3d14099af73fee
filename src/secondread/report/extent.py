"""Roughly where a region lies, for a form that carries no pixels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

AXES = ("column", "row", "slice")


@dataclass(frozen=True, slots=True)
class Extent:
    """Centre and box of a region.

    Coordinates count from the outer corner of the first pixel, so the centre of pixel [row, column] is at
    (column + 0.5, row + 0.5), and a box around one pixel is 1 wide.

    Attributes:
        pixels: How many pixels or voxels it has, at least 1.
        centroid: Mean position by axis name: ``column``, ``row`` and, over slices, ``slice``.
        bounding_box: First and last edge by axis name.

    Source of the convention: DICOM PS3.3 Table C.18.6-1, Graphic Data.
    """

    pixels: int
    centroid: dict[str, float]
    bounding_box: dict[str, tuple[int, int]]


def extent(inside: NDArray[np.bool_]) -> Extent | None:
    """Where the region ``inside``, bool [j, i] or [k, j, i], lies, or None when it is empty.

    >>> extent(np.array([[False, False, False], [False, True, True]]))
    Extent(pixels=2, centroid={'column': 2.0, 'row': 1.5}, bounding_box={'column': (1, 3), 'row': (1, 2)})
    """
    others = [tuple(other for other in range(inside.ndim) if other != axis) for axis in range(inside.ndim)]
    used = [np.flatnonzero(inside.any(axis=axes)) for axes in others]
    if not used[0].size:
        return None
    edges = [(int(found[0]), int(found[-1]) + 1) for found in used]
    part = inside[tuple(slice(first, last) for first, last in edges)]  # counting is slower than looking for any
    pixels = int(np.count_nonzero(part))
    centroid: dict[str, float] = {}
    box: dict[str, tuple[int, int]] = {}
    for number, name in enumerate(AXES[: inside.ndim]):
        axis = inside.ndim - 1 - number
        first, last = box[name] = edges[axis]
        counts = np.count_nonzero(part, axis=others[axis])
        centroid[name] = int(counts @ np.arange(first, last)) / pixels + 0.5
    return Extent(pixels, centroid, box)
