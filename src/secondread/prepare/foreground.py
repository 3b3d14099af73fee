"""What of a picture is body and what is the air around it; cutting down to it."""

import numpy as np
from numpy.typing import NDArray

from secondread.prepare.placement import Placement

BINS = 256


def otsu(values: NDArray[np.float32]) -> float:
    """The level that parts values into two groups with the largest variance between them; any shape and unit.

    Source: Otsu, A threshold selection method from gray-level histograms, IEEE Trans. SMC 9 (1979) 62-66.

    >>> round(otsu(np.array([0, 0, 1, 9, 10, 10], np.float32)), 1) in (1.0, 5.0, 9.0)
    True
    """
    counts, edges = np.histogram(values, BINS)
    centres = (edges[:-1] + edges[1:]) / 2
    below, above = np.cumsum(counts), np.cumsum(counts[::-1])[::-1]
    mean_below = np.cumsum(counts * centres) / np.maximum(below, 1)
    mean_above = (np.cumsum((counts * centres)[::-1]) / np.maximum(np.cumsum(counts[::-1]), 1))[::-1]
    between = below[:-1] * above[1:] * (mean_below[:-1] - mean_above[1:]) ** 2
    best = np.flatnonzero(between == between.max())
    return float(edges[1:-1][best].mean())


def foreground(values: NDArray[np.float32]) -> NDArray[np.bool_]:
    """The largest thing brighter than the level of Otsu, its holes filled: bool of the same shape.

    Everything when the values are all the same.

    Args:
        values: float32 [*grid], two or three axes, air darker than body.
    """
    from scipy import ndimage

    if values.max() <= values.min():
        return np.ones(values.shape, np.bool_)
    parts, count = ndimage.label(values > otsu(values))
    if not count:
        return np.ones(values.shape, np.bool_)
    largest = 1 + int(np.bincount(parts.ravel())[1:].argmax())
    return np.asarray(ndimage.binary_fill_holes(parts == largest), np.bool_)


def crop_to_foreground(values: NDArray[np.float32], *, margin_px: int = 0) -> Placement:
    """The smallest box around the foreground of any channel, and a margin, within the picture.

    Args:
        values: float32 [channel, *grid].
        margin_px: Pixels left around it.

    Raises:
        ValueError: If the margin is negative.
    """
    if margin_px < 0:
        raise ValueError(f"margin_px is {margin_px}; needed 0 or more")
    inside = np.logical_or.reduce([foreground(channel) for channel in values])
    low, high = [], []
    for axis, pixels in enumerate(inside.shape):
        seen = np.flatnonzero(inside.any(tuple(other for other in range(inside.ndim) if other != axis)))
        low.append(max(0, int(seen[0]) - margin_px))
        high.append(min(pixels, int(seen[-1]) + 1 + margin_px))
    after = tuple(end - start for start, end in zip(low, high, strict=True))
    return Placement(inside.shape, after, tuple(map(float, low)), tuple(map(float, high)))
