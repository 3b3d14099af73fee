"""Less noise and the same edges: median, bilateral filter, and non-local means."""

from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
LARGEST_SHIFTS = 1500  # of a filter that compares each pixel with its surroundings; more would take minutes


def median(values: Floats, *, size_px: int = 3) -> Floats:
    """The median of the box around each pixel: takes away single bright and dark pixels.

    Args:
        values: float32 [*grid], any unit.
        size_px: Side of the box, odd.

    Raises:
        ValueError: If the side is not odd.

    >>> median(np.array([[0, 0, 9, 0, 0]], np.float32)).tolist()
    [[0.0, 0.0, 0.0, 0.0, 0.0]]
    """
    from scipy import ndimage

    if size_px < 1 or size_px % 2 == 0:
        raise ValueError(f"size_px is {size_px}; needed an odd number")
    return np.asarray(ndimage.median_filter(values, size=size_px, mode="nearest"), dtype=np.float32)


def bilateral(values: Floats, *, sigma_px: float = 1.5, sigma_grey: float = 0.1) -> Floats:
    """The mean of the pixels around, of those that are near and alike more.

    Args:
        values: float32 [*grid], any unit.
        sigma_px: How near: standard deviation of a Gaussian, cut at twice as much.
        sigma_grey: How alike, in the unit of ``values``.

    Raises:
        ValueError: If one of them is not above 0, or the first is too large.

    Source: Tomasi and Manduchi, Bilateral filtering for gray and color images, ICCV 1998.
    """
    if not min(sigma_px, sigma_grey) > 0:
        raise ValueError(f"sigma_px and sigma_grey are {sigma_px} and {sigma_grey}; needed numbers above 0")
    reach = max(1, round(2.0 * sigma_px))
    total, weights = np.zeros(values.shape, np.float64), np.zeros(values.shape, np.float64)
    for shift, moved in _shifted(values, reach, "sigma_px"):
        near = np.exp(-sum(step * step for step in shift) / (2.0 * sigma_px**2))
        weight = near * np.exp(-((moved - values).astype(np.float64) ** 2) / (2.0 * sigma_grey**2))
        total, weights = total + weight * moved, weights + weight
    return np.asarray(total / weights, dtype=np.float32)


def non_local_means(values: Floats, *, patch_px: int = 3, search_px: int = 7, strength: float = 0.08) -> Floats:
    """The mean of the pixels around, of those whose own surroundings are alike more.

    Light: it looks ``search_px`` around, not at the whole picture, and compares boxes with equal weights.

    Args:
        values: float32 [*grid], any unit.
        patch_px: Side of the surroundings that are compared, odd.
        search_px: Side of the box in which pixels are looked for, odd.
        strength: Root mean square difference of surroundings that brings the weight down to 1 / e, in the unit of
            ``values``; about the standard deviation of the noise.

    Raises:
        ValueError: If a side is not odd or too large, or the strength is not above 0.

    Source: Buades, Coll and Morel, A non-local algorithm for image denoising, CVPR 2005.
    """
    from scipy import ndimage

    if min(patch_px, search_px) < 1 or patch_px % 2 == 0 or search_px % 2 == 0 or not strength > 0:
        raise ValueError(
            f"patch_px, search_px and strength are {patch_px}, {search_px} and {strength}; needed odd numbers and one "
            "above 0"
        )
    total, weights = np.zeros(values.shape, np.float64), np.zeros(values.shape, np.float64)
    for _, moved in _shifted(values, search_px // 2, "search_px"):
        apart = ndimage.uniform_filter((moved - values).astype(np.float64) ** 2, patch_px, mode="nearest")
        weight = np.exp(-np.maximum(apart, 0.0) / strength**2)
        total, weights = total + weight * moved, weights + weight
    return np.asarray(total / weights, dtype=np.float32)


def _shifted(values: Floats, reach: int, key: str) -> Iterator[tuple[tuple[int, ...], Floats]]:
    """Each shift of up to ``reach`` pixels along each axis, and the picture moved by it; edges are drawn out.

    Raises:
        ValueError: If there are too many.
    """
    if (2 * reach + 1) ** values.ndim > LARGEST_SHIFTS:
        raise ValueError(f"{key} asks for more than {LARGEST_SHIFTS} comparisons a pixel; needed a smaller number")
    wide = np.pad(values, reach, mode="edge")
    for shift in product(range(-reach, reach + 1), repeat=values.ndim):
        part = tuple(slice(reach + step, reach + step + side) for step, side in zip(shift, values.shape, strict=True))
        yield shift, wide[part]
