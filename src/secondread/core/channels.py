"""Grey pictures that are stored as red, green and blue."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def grey_channel(colour: NDArray[Any], tolerance: int = 0) -> NDArray[Any] | None:
    """The one grey channel of ``colour`` [j, i, 3], or None if the picture is coloured.

    Args:
        colour: Whole numbers, red, green and blue in the last axis.
        tolerance: Largest difference between channels that still counts as grey; lossy YCbCr needs 2.

    >>> grey_channel(np.full((2, 2, 3), 7, np.uint8)).tolist()
    [[7, 7], [7, 7]]
    >>> grey_channel(np.array([[[255, 0, 0]]], np.uint8)) is None
    True
    """
    red, green, blue = (colour[..., channel] for channel in range(3))
    if tolerance == 0:
        return green if np.array_equal(red, green) and np.array_equal(green, blue) else None
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    return green if int(spread.max()) <= tolerance else None


def luminance(colour: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 [j, i], how bright colours [j, i, 3] in [0, 1] look. Source: ITU-R BT.601-7 section 2.5.1."""
    return np.asarray(np.clip(colour @ np.array([0.299, 0.587, 0.114], np.float32), 0.0, 1.0), dtype=np.float32)
