"""Tilted gantries: slices that are shifted against each other within their planes, and how to shift them back."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import GeometryError

TILT_DEG = 0.1
WHOLE = 1e-3  # a shift this near to a whole number of pixels is taken for one
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Shear:
    """How slices lie on an upright grid that holds all of them.

    Attributes:
        shifts: float64 [slice, 2]: rows and columns that each slice lies behind the grid's first voxel, never negative.
        size: (rows, columns) of the grid.
        start_mm: float64 [2]: the grid's first voxel as seen from the first slice's, along (columns, rows) directions:
            never positive.
        warning: What a reviewer must know about it, or "".
    """

    shifts: Vector
    size: tuple[int, int]
    start_mm: Vector
    warning: str = ""


def upright(
    positions: Vector, axes: Vector, spacing_mm: tuple[float, float], size: tuple[int, int], where: str
) -> Shear:
    """Measure the tilt of a stack, and lay an upright grid around it.

    Args:
        positions: float64 [slice, 3], LPS mm of the first pixel of each slice, in order along the normal.
        axes: float64 [3, 3]: unit vectors along the columns (next row), the rows (next column), and the normal.
        spacing_mm: (between rows, between columns).
        size: (rows, columns) of a slice.
        where: Short UID of the series for messages.

    Returns:
        No shifts where the tilt is under 0.1 degrees; the small slant then stays in the grid's affine.

    Raises:
        GeometryError: If the slices do not lie in one line, or are too narrow to be shifted.

    Source: DICOM PS3.3 C.7.6.2.1.1: the position and orientation of each plane, not Gantry/Detector Tilt
    (0018,1120), whose sign and origin differ between makers.
    """
    offsets = (positions - positions[0]) @ axes.T
    sideways, along = offsets[:, :2], offsets[:, 2]
    line = np.outer(along / along[-1], sideways[-1])
    wobble = float(np.linalg.norm(sideways - line, axis=1).max())
    if wobble > max(0.1, 0.01 * float(along[-1]) / len(along)):
        raise GeometryError(
            f"{where}: the slices are shifted sideways by up to {wobble:.3g} mm against each other. A volume needs "
            "them in line; send the original series."
        )
    angle = math.degrees(math.atan2(float(np.linalg.norm(sideways[-1])), float(along[-1])))
    if angle <= TILT_DEG:
        return Shear(np.zeros((len(positions), 2)), size, np.zeros(2))
    _check_wide(size, where)
    start = sideways.min(axis=0)
    shifts = (sideways - start) / spacing_mm
    more = np.ceil(shifts.max(axis=0) - WHOLE).astype(int)
    warning = (
        f"The gantry was tilted by {angle:.1f} degrees. The slices were shifted within their planes, by up to "
        f"{np.linalg.norm(sideways[-1]):.3g} mm, onto an upright grid."
    )
    return Shear(shifts, (size[0] + int(more[0]), size[1] + int(more[1])), start, warning)


def _check_wide(size: tuple[int, int], where: str) -> None:
    if min(size) < 2:
        raise GeometryError(
            f"{where}: the gantry was tilted, and slices of {size[0]} x {size[1]} pixels cannot be shifted upright. "
            "Send the original series."
        )


def shifted(values: NDArray[np.float32], shift: Vector, size: tuple[int, int]) -> NDArray[np.float32]:
    """One slice on a larger grid, behind its first voxel by a shift in pixels; linear between pixels.

    Args:
        values: float32 [j, i].
        shift: (rows, columns), not negative; need not be whole.
        size: (rows, columns) of the grid.

    Returns:
        float32 [j, i], NaN where there is no slice.

    >>> shifted(np.array([[2.0, 4.0]], np.float32), np.array([0.0, 0.5]), (1, 3)).tolist()
    [[nan, 3.0, nan]]
    """
    down = _along_rows(values, float(shift[0]), size[0])
    return np.ascontiguousarray(_along_rows(down.T, float(shift[1]), size[1]).T)


def _along_rows(values: NDArray[np.float32], shift: float, length: int) -> NDArray[np.float32]:
    """Shift [j, i] along j onto ``length`` rows."""
    whole = math.floor(shift + WHOLE)
    part = np.float32(shift - whole)
    moved = np.full((length, values.shape[1]), np.nan, np.float32)
    if part < WHOLE:
        moved[whole : whole + len(values)] = values
    else:
        moved[whole + 1 : whole + len(values)] = (1 - part) * values[1:] + part * values[:-1]
    return moved
