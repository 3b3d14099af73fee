"""Contrast limited adaptive histogram equalisation: local contrast, without blowing up noise."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
HALVINGS = 40  # of the interval in which the amount added to all bins is looked for


def clahe(values: NDArray[np.float32], *, clip: float = 2.0, tiles: int = 8, bins: int = 256) -> NDArray[np.float32]:
    """Equalise the histogram around each pixel, as far as ``clip`` allows.

    The picture is divided into tiles. The histogram of each is cut at ``clip`` times its mean, what was cut is spread
    over the greys that are not yet there, and its running sum is the tile's curve: from black to white, nowhere
    falling, and nowhere steeper than ``clip``. A pixel takes the curves of the four nearest tiles, weighted by their
    nearness. So a ``clip`` of 1 leaves the picture as it is, and one as large as ``bins`` equalises in full.

    Args:
        values: float32 [*grid] in [0, 1], what is beyond is cut off; a volume is taken slice by slice.
        clip: At least 1.
        tiles: Along each side of a picture.
        bins: Of the histogram.

    Returns:
        float32 in [0, 1], same shape.

    Raises:
        ValueError: If ``clip`` is below 1, or there is no tile or no bin.

    Source: Zuiderveld, Contrast Limited Adaptive Histogram Equalization, Graphics Gems IV (1994) 474-485.
    """
    if not clip >= 1.0:
        raise ValueError(f"clip is {clip}; needed a number of at least 1")
    if min(tiles, bins - 1) < 1:
        raise ValueError(f"tiles and bins are {tiles} and {bins}; needed at least 1 and 2")
    grey = np.clip(values, 0.0, 1.0).astype(np.float64)
    flat = grey.reshape(-1, *grey.shape[-2:])
    return np.stack([_slice(part, clip, tiles, bins) for part in flat]).reshape(values.shape).astype(np.float32)


def _slice(grey: Floats, clip: float, tiles: int, bins: int) -> Floats:
    """One picture [h, w]."""
    counts = [min(tiles, side) for side in grey.shape]
    sides = [-(-side // count) for side, count in zip(grey.shape, counts, strict=True)]
    counts = [-(-side // tile) for side, tile in zip(grey.shape, sides, strict=True)]
    curves = _curves(grey, counts, sides, clip, bins)
    (up, down, low), (left, right, near) = (_neighbours(*part) for part in zip(grey.shape, sides, counts, strict=True))
    low, place = low[:, None], grey * bins
    index = np.minimum(place.astype(np.intp), bins - 1)
    rest = place - index
    total = np.zeros_like(grey)
    for rows, weight in ((up, 1.0 - low), (down, low)):
        for columns, share in ((left, 1.0 - near), (right, near)):
            tile = rows[:, None] * counts[1] + columns
            start = curves[tile, index]
            total += weight * share * (start + (curves[tile, index + 1] - start) * rest)
    return total


def _curves(grey: Floats, counts: list[int], sides: list[int], clip: float, bins: int) -> Floats:
    """float64 [tile, bins + 1]: from grey to grey, 0 at 0 and 1 at 1, rising."""
    tile = (np.arange(grey.shape[0]) // sides[0])[:, None] * counts[1] + np.arange(grey.shape[1]) // sides[1]
    number = tile * bins + np.minimum((grey * bins).astype(np.intp), bins - 1)
    found = np.bincount(number.ravel(), minlength=counts[0] * counts[1] * bins).reshape(-1, bins).astype(np.float64)
    found /= found.sum(1, keepdims=True)
    kept = _limited(found, clip / bins)
    return np.concatenate([np.zeros((len(kept), 1)), np.cumsum(kept, axis=1)], axis=1)


def _limited(shares: Floats, most: float) -> Floats:
    """Shares [tile, bin] that add up to 1, none above ``most``: the same amount is added to all, as far as they may."""
    low, high = np.zeros((len(shares), 1)), np.full((len(shares), 1), most)
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        enough = np.minimum(shares + middle, most).sum(1, keepdims=True) >= 1.0
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    kept = np.minimum(shares + high, most)
    return np.asarray(kept / kept.sum(1, keepdims=True))


def _neighbours(pixels: int, side: int, count: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Of each pixel of an axis the tiles before and after, and the weight of the second."""
    place = (np.arange(pixels) + 0.5) / side - 0.5
    before = np.floor(place).astype(np.intp)
    weight = place - before
    return np.clip(before, 0, count - 1), np.clip(before + 1, 0, count - 1), weight
