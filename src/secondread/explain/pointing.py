"""Whether the strongest place of a map lies on what a person marked."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]


def pointing_game(map_: NDArray[np.floating], boxes: Sequence[Box]) -> bool:
    """Whether the strongest pixel of a map lies in a marked box; of tied strongest pixels, every one must.

    Args:
        map_: [h, w], finite.
        boxes: (top, left, bottom, right) in pixels of the map; bottom and right are not part of the box.

    Raises:
        ValueError: If the map is not a finite [h, w] array, or a box is empty or leaves the map.

    Source: the pointing game of Zhang and others, Top-down neural attention by excitation backprop, ECCV 2016, here
        without its tolerance of 15 pixels.

    >>> pointing_game(np.array([[0.0, 0.2], [0.1, 0.9]]), [(1, 1, 2, 2)])
    True
    """
    values = np.asarray(map_, dtype=np.float64)
    if values.ndim != 2 or not values.size or not np.isfinite(values).all():
        raise ValueError(f"map: found shape {values.shape}, finite or not; needed finite values [h, w]")
    marked = np.zeros(values.shape, dtype=bool)
    height, width = values.shape
    for top, left, bottom, right in boxes:
        if not (0 <= top < bottom <= height and 0 <= left < right <= width):
            raise ValueError(f"box: found {(top, left, bottom, right)}; needed a box inside {height} x {width} pixels")
        marked[top:bottom, left:right] = True
    return bool(marked[values == values.max()].all())


def points_inside(map_: NDArray[np.floating], region: NDArray[np.bool_]) -> bool:
    """The same for a region of any shape, bool [h, w]: whether every strongest pixel of the map lies in it.

    Raises:
        ValueError: If shapes differ or the map is not finite.

    >>> points_inside(np.array([[0.0, 0.2], [0.1, 0.9]]), np.array([[False, False], [True, True]]))
    True
    """
    values = np.asarray(map_, dtype=np.float64)
    if values.shape != region.shape or not values.size or not np.isfinite(values).all():
        raise ValueError(f"found a map {values.shape} and a region {region.shape}; needed finite values of one shape")
    return bool(region[values == values.max()].all())
