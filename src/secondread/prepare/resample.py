"""Pixels of a given size in millimetres, for pictures and for volumes."""

from functools import reduce

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import SpacingError
from secondread.prepare.placement import Placement
from secondread.prepare.weights import averaging


def to_spacing(shape: tuple[int, ...], spacing_mm: tuple[float, ...] | None, wanted_mm: tuple[float, ...]) -> Placement:
    """The grid whose pixels have the wanted size, with the same centre.

    It covers the old grid within half a new pixel at each end.

    Args:
        shape: Of the grid.
        spacing_mm: Of each of its axes.
        wanted_mm: Of each axis of the new grid, or one for all; 0 leaves an axis as it is.

    Raises:
        SpacingError: If the spacing is not known.
        ValueError: If a wanted spacing is negative, or there is not one an axis.

    >>> to_spacing((10, 10), (1.0, 0.5), (1.0,)).after
    (10, 5)
    """
    if spacing_mm is None:
        raise SpacingError(
            "resample: the spacing of the pixels is not known; needed it in millimetres. Use files that tell it, or "
            "take the step out of the preparation."
        )
    wanted = wanted_mm * len(shape) if len(wanted_mm) == 1 else wanted_mm
    if len(wanted) != len(shape) or min(wanted) < 0:
        raise ValueError(f"spacing_mm is {wanted_mm}; needed one positive number, or one for each of {len(shape)} axes")
    sides = [new / old if new else 1.0 for new, old in zip(wanted, spacing_mm, strict=True)]
    after = tuple(max(1, round(n / side)) for n, side in zip(shape, sides, strict=True))
    middle = [(n / 2, m * side / 2) for n, m, side in zip(shape, after, sides, strict=True)]
    return Placement(shape, after, tuple(c - half for c, half in middle), tuple(c + half for c, half in middle))


def resampled(values: NDArray[np.float32], place: Placement) -> NDArray[np.float32]:
    """Values [*before] on the new grid: linear when pixels become smaller, averaged when they become larger.

    The filter is nowhere negative, so nothing becomes brighter than the brightest or darker than the darkest pixel.
    """
    parts = zip(place.low, place.scale, place.after, place.before, strict=True)
    weights = [averaging(low + (np.arange(n) + 0.5) * side, pixels, side) for low, side, n, pixels in parts]
    spread = reduce(
        lambda found, part: np.moveaxis(np.tensordot(part[1], found, (1, part[0])), 0, part[0]),
        enumerate(weights),
        values.astype(np.float32, copy=False),
    )
    return np.asarray(np.clip(spread, values.min(), values.max()), dtype=np.float32)
