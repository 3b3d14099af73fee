"""How much of each pixel of an axis another grid takes. Centres lie at half pixels, counted from the first edge."""

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.floating]


def nearest(places: Places, pixels: int) -> NDArray[np.intp]:
    """The pixel in which each place lies; -1 outside.

    >>> nearest(np.array([-0.1, 0.2, 1.9, 2.0]), 2).tolist()
    [-1, 0, 1, -1]
    """
    index = np.floor(places).astype(np.intp)
    return np.asarray(np.where((index >= 0) & (index < pixels), index, -1))


def linear(places: Places, pixels: int) -> NDArray[np.float32]:
    """float32 [place, pixel]: weights of linear interpolation; edges go on to the border, outside of it is 0.

    >>> linear(np.array([1.0, 0.25, 2.5]), 2).tolist()
    [[0.5, 0.5], [1.0, 0.0], [0.0, 0.0]]
    """
    held = np.clip(places, 0.5, max(pixels - 0.5, 0.5))
    weights = np.maximum(1.0 - np.abs(held[:, None] - (np.arange(pixels) + 0.5)), 0.0)
    inside = (places >= 0.0) & (places <= pixels)
    return np.asarray(weights * inside[:, None], dtype=np.float32)


def averaging(places: Places, pixels: int, side: float) -> NDArray[np.float32]:
    """float32 [place, pixel]: a triangle as wide as the new pixel, at least as the old, so that shrinking averages.

    Args:
        places: Centres of the new pixels.
        pixels: Number of the old.
        side: Side of a new pixel, in old ones.
    """
    width = max(side, 1.0)
    held = np.clip(places, 0.5, max(pixels - 0.5, 0.5))
    weights = np.maximum(1.0 - np.abs(held[:, None] - (np.arange(pixels) + 0.5)) / width, 0.0)
    return np.asarray(weights / weights.sum(1, keepdims=True), dtype=np.float32)
