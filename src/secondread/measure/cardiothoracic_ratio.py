"""Cardiothoracic ratio: the width of the heart's shadow over the inner width of the chest.

Source: maximum right plus maximum left distance of the heart from the midline, over the largest inner width of the
chest (RCEM Learning, cardiac shadow: (a + b) / c).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import SpacingError
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.measure.positive import check_positive

NAME = "cardiothoracic ratio"


@dataclass(frozen=True, slots=True)
class HeartWidth:
    """The ratio from masks, and where it was measured.

    Attributes:
        ratio: Without unit.
        heart_columns: First and last column of the heart.
        thorax_columns: First and last column of the lungs in the row where they reach furthest.
        thorax_row: That row.
        warnings: What limits the ratio.
    """

    ratio: Measurement
    heart_columns: tuple[int, int]
    thorax_columns: tuple[int, int]
    thorax_row: int
    warnings: tuple[str, ...]


def from_distances(*, right_mm: float, left_mm: float, thorax_mm: float) -> Measurement:
    """The ratio of distances that were measured by hand, all in one unit.

    Args:
        right_mm: Largest distance of the heart's border from the midline to the patient's right.
        left_mm: The same to the left.
        thorax_mm: Largest inner width of the chest, between the ribs' inner edges.

    Raises:
        ValueError: If a distance is not positive, or the heart is as wide as the chest.

    >>> from_distances(right_mm=30, left_mm=100, thorax_mm=260).value
    0.5
    """
    check_positive(right_mm=right_mm, left_mm=left_mm, thorax_mm=thorax_mm)
    return _ratio(right_mm + left_mm, thorax_mm, "(right + left distance from the midline) / inner width of the chest")


def from_masks(heart: Mask, lungs: Mask, *, projection: str, upright: bool | None) -> HeartWidth:
    """The ratio of the widest extents of the heart and of the lungs along the rows.

    The lungs' outer edges stand for the inner edges of the ribs. The heart's extent is that of its whole shadow, so its
    right and left borders may lie in different rows, as in the measurement by hand.

    Args:
        heart: Shadow of the heart, [j, i].
        lungs: Both lungs in one mask on the same grid.
        projection: ``PA``, ``AP`` or ``AP supine``.
        upright: Whether the picture was found not to be turned in its plane; None if nobody looked.

    Raises:
        SpacingError: If rows and columns are known to be spaced differently.
        ValueError: If the picture is lateral or turned, the masks do not fit, or the heart is not between the lungs.
    """
    if projection not in ("PA", "AP", "AP supine"):
        raise ValueError(f"projection: found {projection!r}, needed PA, AP or AP supine")
    if upright is False:
        raise ValueError("the picture is turned in its plane: turn it upright before the ratio is measured")
    _same_grid(heart, lungs)
    rows = np.flatnonzero(lungs.inside.any(axis=1))
    ends = [_ends(lungs.inside, int(row)) for row in rows]
    widest = max(range(len(rows)), key=lambda n: ends[n][1] - ends[n][0])
    columns = np.flatnonzero(heart.inside.any(axis=0))
    thorax, beating = ends[widest], (int(columns[0]), int(columns[-1]))
    if not thorax[0] < beating[0] <= beating[1] < thorax[1]:
        raise ValueError("heart: its shadow reaches beyond the lungs, so one of the two outlines is wrong")
    ratio = _ratio(beating[1] - beating[0] + 1, thorax[1] - thorax[0] + 1, "widest extents of heart and lungs by rows")
    warnings = () if upright else ("whether the picture is turned in its plane was not checked",)
    return HeartWidth(ratio, beating, thorax, int(rows[widest]), warnings)


def _ratio(heart: float, thorax: float, method: str) -> Measurement:
    if heart >= thorax:
        raise ValueError(f"heart: found a width of {heart} in a chest of {thorax}, needed less")
    return Measurement(NAME, heart / thorax, "1", method)


def _same_grid(heart: Mask, lungs: Mask) -> None:
    """Raise unless both are flat, filled, and on one grid with square or unknown pixels."""
    if heart.inside.ndim != 2 or heart.inside.shape != lungs.inside.shape or heart.grid != lungs.grid:
        raise ValueError("heart and lungs: found different grids, needed two flat masks on one")
    if not (heart.inside.any() and lungs.inside.any()):
        raise ValueError("heart and lungs: found an empty mask")
    if isinstance(heart.grid, tuple) and not math.isclose(*heart.grid, rel_tol=1e-3):
        raise SpacingError(f"cardiothoracic ratio: rows and columns are spaced {heart.grid} mm; needed square pixels")


def _ends(inside: NDArray[np.bool_], row: int) -> tuple[int, int]:
    """First and last column inside, in a row that has one."""
    places = np.flatnonzero(inside[row])
    return int(places[0]), int(places[-1])
