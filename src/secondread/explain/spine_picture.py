"""Pictures of a spine with its endplates: the upper ones orange, the lower ones sky blue."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from secondread.core.illustration import Illustration
from secondread.explain.outlined_planes import COLOURS, beside, outlined

Points = Sequence[tuple[float, float]]  # (row, column) of the picture
Endplates = Sequence[tuple[Points, Points]]  # (upper, lower) of each vertebra

UPPER, LOWER, ENDS = COLOURS[0], COLOURS[1], COLOURS[4]
CT_WINDOW, TIMES, LONGEST_PX = (225.0, 550.0), 3, 900


def frontal_picture(values: NDArray[np.float32], found: Endplates, ends: tuple[int, int]) -> Illustration:
    """An X-ray with its endplates, those of the angle in vermilion.

    Args:
        values: float32 [row, column] in [0, 1].
        found: Endplates from the head down.
        ends: The upper and the lower end vertebra.
    """
    jump = max(1, int(np.ceil(max(values.shape) / LONGEST_PX)))
    rgb = outlined((values[::jump, ::jump], ()), (0.5, 1.0))
    for n, (upper, lower) in enumerate(found):
        _drawn(rgb, upper, 1.0 / jump, ENDS if n == ends[0] else UPPER)
        _drawn(rgb, lower, 1.0 / jump, ENDS if n == ends[1] else LOWER)
    caption = "Upper endplates orange, lower ones sky blue; the two of the angle vermilion."
    return Illustration("Endplates", rgb, caption)


def straight_picture(
    side_view: NDArray[np.float32], front_view: NDArray[np.float32], side: Endplates, front: Endplates
) -> Illustration:
    """The straightened spine from the side and from the front, with its endplates; views in HU."""
    sheet = []
    for view, found in ((side_view, side), (front_view, front)):
        rgb = outlined((view, ()), CT_WINDOW, TIMES)
        for upper, lower in found:
            _drawn(rgb, upper, TIMES, UPPER)
            _drawn(rgb, lower, TIMES, LOWER)
        sheet.append(rgb)
    caption = (
        "The vertebral bodies along their column, laid straight: from the side (front on the right) and from the front "
        "(the patient's right on the left). Upper endplates orange, lower ones sky blue."
    )
    return Illustration("Straightened spine", beside(sheet), caption)


def _drawn(rgb: NDArray[np.uint8], points: Points, times: float, colour: tuple[int, int, int]) -> None:
    """Colour the pixels along a line given in pixels of the picture before it was made ``times`` as large."""
    for (row, column), (last_row, last_column) in pairwise(points):
        steps = int(np.ceil(max(abs(last_row - row), abs(last_column - column)) * times)) * 2 + 2
        rows = np.round((np.linspace(row, last_row, steps) + 0.5) * times - 0.5).astype(int)
        columns = np.round((np.linspace(column, last_column, steps) + 0.5) * times - 0.5).astype(int)
        seen = (rows >= 0) & (rows < rgb.shape[0]) & (columns >= 0) & (columns < rgb.shape[1])
        rgb[rows[seen], columns[seen]] = colour
