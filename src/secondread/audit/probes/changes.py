"""Changes of pictures that leave the anatomy alone: border, grey levels, sharpness, resolution.

All take and give uint8 [n, channel, *grid] in model space; the grid has two axes, or three for volumes.
"""

from collections.abc import Callable

import numpy as np
import scipy
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
Bools = NDArray[np.bool_]
BORDER = 0.12  # of the shorter side
BLUR = 1 / 160  # standard deviation of the mild blur, of the shorter side; at least half a pixel
COARSE_PX = 64  # elements of the shorter side of a coarse picture; half of what it has where it has no more
MOST = 255.0


def border_of(grid: tuple[int, ...], fraction: float = BORDER) -> Bools:
    """The outermost places, bool [*grid].

    Raises:
        ValueError: If the fraction leaves (0, 0.5).

    >>> int(border_of((10, 10), 0.1).sum())
    36
    """
    if not 0.0 < fraction < 0.5:
        raise ValueError(f"found a border of {fraction}; needed more than 0 and less than half of each side")
    inner, width = np.zeros(grid, np.bool_), max(1, round(min(grid) * fraction))
    inner[tuple(slice(width, side - width) for side in grid)] = True
    return ~inner


def grid_axes(pictures: Pictures) -> tuple[int, ...]:
    """The axes that are places."""
    return tuple(range(2, pictures.ndim))


def border_blanked(pictures: Pictures) -> Pictures:
    """The border painted with one grey a channel: the mean of the borders of all of the pictures."""
    border = border_of(pictures.shape[2:])
    grey = np.rint(pictures[:, :, border].mean((0, 2))).astype(np.uint8)
    return np.where(border, grey.reshape(1, -1, *(1,) * border.ndim), pictures)


def border_swapped(pictures: Pictures, others: Pictures) -> Pictures:
    """The border of another picture around each picture."""
    return np.where(border_of(pictures.shape[2:]), others, pictures)


def histogram_matched(pictures: Pictures, others: Pictures) -> Pictures:
    """The grey levels of another picture, in the order of brightness of each picture; channel by channel.

    Source: histogram specification, Gonzalez and Woods, Digital Image Processing, section 3.3.
    """
    return _each_channel(_matched, pictures, others)


def _matched(picture: Pictures, other: Pictures) -> Pictures:
    share = np.cumsum(np.bincount(picture.ravel(), minlength=256)) / picture.size
    wanted = np.cumsum(np.bincount(other.ravel(), minlength=256)) / other.size
    new = np.searchsorted(wanted, share - 1e-9).clip(0, 255).astype(np.uint8)
    return np.asarray(new[picture])


def _each_channel(change: Callable[..., Pictures], *sets: Pictures) -> Pictures:
    flat = [part.reshape(-1, *part.shape[2:]) for part in sets]
    return np.stack([change(*ones) for ones in zip(*flat, strict=True)]).reshape(sets[0].shape)


def blur_px(pictures: Pictures) -> float:
    """Standard deviation of the mild blur, in picture elements."""
    return max(0.5, float(min(pictures.shape[2:])) * BLUR)


def blurred(pictures: Pictures, sigma_px: float) -> Pictures:
    """Smoothed by a Gaussian of this standard deviation."""
    width = (0.0, 0.0) + (sigma_px,) * (pictures.ndim - 2)
    return as_bytes(scipy.ndimage.gaussian_filter(pictures.astype(np.float32), width))


def sharpened(pictures: Pictures, sigma_px: float) -> Pictures:
    """Twice the difference from the blurred picture: an unsharp mask of strength 1."""
    values = pictures.astype(np.float32)
    return as_bytes(2.0 * values - blurred(pictures, sigma_px).astype(np.float32))


def brighter(pictures: Pictures, share: float) -> Pictures:
    """This share of the grey scale added everywhere but to black; a negative one darkens."""
    return np.where(pictures == 0, pictures, as_bytes(pictures.astype(np.float32) + np.float32(share * MOST)))


def stretched(pictures: Pictures, factor: float) -> Pictures:
    """Contrast about the mean of each picture times a factor; black stays black."""
    mean = pictures.mean(grid_axes(pictures), keepdims=True, dtype=np.float32)
    return np.where(pictures == 0, pictures, as_bytes((pictures - mean) * np.float32(factor) + mean))


def coarse_px(pictures: Pictures) -> int:
    """How many elements the shorter side of a coarse picture has."""
    side = min(pictures.shape[2:])
    return COARSE_PX if side > COARSE_PX else side // 2


def coarser(pictures: Pictures) -> Pictures:
    """Brought down to a coarse grid and back, linearly; what is finer than its elements is averaged first."""
    factor = coarse_px(pictures) / min(pictures.shape[2:])
    small = [max(2, round(side * factor)) for side in pictures.shape[2:]]
    values = blurred(pictures, 0.4 / factor).astype(np.float32)
    for axis, size in enumerate(small, start=2):
        values = _resampled(_resampled(values, axis, size), axis, pictures.shape[axis])
    return as_bytes(values)


def _resampled(values: NDArray[np.float32], axis: int, size: int) -> NDArray[np.float32]:
    """Linear interpolation along one axis at the middles of the new elements."""
    old = values.shape[axis]
    at = np.clip((np.arange(size) + 0.5) * old / size - 0.5, 0, old - 1)
    low = np.floor(at).astype(np.intp)
    high = np.minimum(low + 1, old - 1)
    shape = [1] * values.ndim
    shape[axis] = size
    share = (at - low).astype(np.float32).reshape(shape)
    return np.asarray(np.take(values, low, axis) * (1 - share) + np.take(values, high, axis) * share)


def noisier(pictures: Pictures, deviation: float, seed: int) -> Pictures:
    """Normal noise of this standard deviation, in grey levels of 255, added."""
    noise = np.random.default_rng(seed).normal(0.0, deviation, pictures.shape)
    return as_bytes(pictures.astype(np.float32) + noise.astype(np.float32))


def as_bytes(values: NDArray[np.float32]) -> Pictures:
    """Rounded into 0 to 255."""
    return np.asarray(np.rint(np.clip(values, 0.0, MOST)), dtype=np.uint8)
