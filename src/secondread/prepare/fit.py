"""The centre of a picture on a grid of a given size: cut where it is larger, padded with 0 where it is smaller."""

import numpy as np
from numpy.typing import NDArray

from secondread.prepare.placement import Placement


def centred(shape: tuple[int, ...], size_px: tuple[float, ...]) -> Placement:
    """Where the centre of a grid goes; no pixel changes its size.

    Args:
        shape: Of the grid.
        size_px: Wanted, one for each axis, whole numbers of at least 1.

    Raises:
        ValueError: If the sizes do not fit.

    >>> centred((10, 4), (6, 6)).low
    (2.0, -1.0)
    """
    if len(size_px) != len(shape) or min(size_px) < 1 or any(size != int(size) for size in size_px):
        raise ValueError(f"size_px is {size_px}; needed a whole number of at least 1 for each of {len(shape)} axes")
    pairs = [(min(have, int(want)), have, int(want)) for have, want in zip(shape, size_px, strict=True)]
    low = tuple(float((have - kept) // 2 - (want - kept) // 2) for kept, have, want in pairs)
    high = tuple(start + want for start, (_, _, want) in zip(low, pairs, strict=True))
    return Placement(shape, tuple(want for _, _, want in pairs), low, high)


def moved_by_pixels(values: NDArray[np.float32], place: Placement) -> NDArray[np.float32]:
    """Values [*before] on a grid whose pixels are the same ones; 0 where there were none."""
    out = np.zeros(place.after, np.float32)
    starts = [round(start) for start in place.low]
    pairs = list(zip(starts, place.before, place.after, strict=True))
    source = tuple(slice(max(0, start), max(0, min(n, start + m))) for start, n, m in pairs)
    target = tuple(slice(max(0, -start), max(0, min(m, n - start))) for start, n, m in pairs)
    out[target] = values[source]
    return out
