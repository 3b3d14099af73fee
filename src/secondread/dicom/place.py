"""The values of a stack onto its grid: straight where slices lie on it, interpolated where they do not."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from secondread.dicom.gaps import sources
from secondread.dicom.slices import Opened, read_values
from secondread.dicom.stack import Stack
from secondread.dicom.tilt import shifted


def placed(stack: Stack, slices: Sequence[Opened], outside: float | None) -> NDArray[np.float32]:
    """Read every slice of a stack onto its grid. Memory: the volume and a few slices.

    Args:
        stack: The grid and how the slices lie on it.
        slices: In the order of the stack.
        outside: Value beside tilted slices; the lowest value of the volume when None.

    Returns:
        float32 [k, j, i], of the shape of the grid.

    Raises:
        FormatError: If the pixels of a slice are damaged.
    """
    values = np.empty(stack.geometry.shape, np.float32)
    if stack.is_plain:
        for item, plane in zip(
            slices, values, strict=True
        ):  # two threads were no faster: see benchmarks/series_load.py
            read_values(item, plane)
        return values
    _interpolate(stack, slices, values)
    lowest = outside
    if lowest is None:
        lowest = min(float(low) for plane in values if np.isfinite(low := np.fmin.reduce(plane, axis=None)))
    for plane in values:
        np.nan_to_num(plane, copy=False, nan=lowest)
    return values


def _interpolate(stack: Stack, slices: Sequence[Opened], values: NDArray[np.float32]) -> None:
    """Fill the grid slice by slice, linearly between the two nearest; NaN beside them."""
    near: dict[int, NDArray[np.float32]] = {}
    for k, (before, share) in enumerate(sources(stack.spread)):
        needed = (before, before + 1) if share else (before,)
        near = {n: near[n] if n in near else _upright(stack, slices[n], n) for n in needed}
        values[k] = near[before]
        if share:
            values[k] *= np.float32(1 - share)
            values[k] += np.float32(share) * near[before + 1]


def _upright(stack: Stack, item: Opened, number: int) -> NDArray[np.float32]:
    read = read_values(item)
    return shifted(read, stack.shear.shifts[number], stack.shear.size) if stack.shear.warning else read
