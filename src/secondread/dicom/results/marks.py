"""Where a finding is marked on its picture: lines that other objects draw or refer to."""

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import OutputError
from secondread.core.finding import Finding
from secondread.dicom.results.outline import Points, outline

MOST_AREAS = 32  # of a mask that falls into more pieces, the largest are drawn


def support(finding: Finding, grid: tuple[int, int]) -> Points | None:
    """The outline of the area that spoke for a finding, as in the structured report; None without a map.

    Args:
        finding: With its map or without.
        grid: (rows, columns) of the picture.

    Returns:
        float64 [n, 2] closed line of (column, row), (0, 0) being the top left corner of the first pixel.

    Raises:
        OutputError: If the map lies on another grid.
    """
    if finding.map is None:
        return None
    _check(finding, "map", finding.map.values.shape, grid)
    return outline(finding.map.values)


def areas(finding: Finding, grid: tuple[int, int]) -> tuple[list[Points], int]:
    """The outer outlines of the connected areas of a finding's mask; holes are not drawn.

    Pixels touch by their sides.

    Returns:
        The outlines (see :func:`support`) of the largest ``MOST_AREAS``, the largest first, and how many smaller
        areas were left out.

    Raises:
        OutputError: If the mask lies on another grid, such as that of a volume.
    """
    if finding.mask is None:
        return [], 0
    _check(finding, "mask", finding.mask.inside.shape, grid)
    from scipy import ndimage

    numbered, count = ndimage.label(finding.mask.inside)
    pixels = np.bincount(numbered.ravel(), minlength=count + 1)[1:]
    largest = np.argsort(-pixels, kind="stable")[:MOST_AREAS] + 1
    boxes = ndimage.find_objects(numbered)
    drawn = [_area(numbered, int(number), boxes[number - 1]) for number in largest]
    return drawn, count - len(drawn)


def centre(points: Points) -> tuple[float, float]:
    """Column and row of the centre of gravity of what a closed line surrounds.

    Source: the shoelace formula.

    >>> centre(np.array([[1.0, 1.0], [3.0, 1.0], [3.0, 2.0], [1.0, 2.0], [1.0, 1.0]]))
    (2.0, 1.5)
    """
    origin = points[0]
    (x, y), (u, v) = (points[:-1] - origin).T, (points[1:] - origin).T
    cross = x * v - u * y
    column, row = ((x + u) * cross).sum() / 3, ((y + v) * cross).sum() / 3
    return float(origin[0] + column / cross.sum()), float(origin[1] + row / cross.sum())


def _area(numbered: NDArray[np.int32], number: int, box: tuple[slice, slice]) -> Points:
    """The outline of one area, worked out inside the box around it."""
    found = outline((numbered[box] == number).astype(np.float32))
    assert found is not None  # a numbered area has a pixel
    return np.asarray(found + np.array([box[1].start, box[0].start]))


def _check(finding: Finding, what: str, shape: tuple[int, ...], grid: tuple[int, int]) -> None:
    if shape != grid:
        raise OutputError(
            f"{what} of {finding.code.display!r}: has shape {shape}, its image {grid}. "
            "A region is written on the original grid only; map it back before writing."
        )
