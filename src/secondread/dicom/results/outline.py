"""The outline of the area that spoke for a finding."""

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

MAX_VERTICES = 256  # far below what one Graphic Data element can hold (65,534 bytes), and a viewer draws it at once
FINENESS = 512.0  # a simplified line may leave the true one by this part of its own extent


def outline(values: NDArray[np.float32], level: float = 0.5) -> Points | None:
    """The outer edge of the connected area around the highest value, where the values reach ``level``.

    Pixels touch by their sides. The line runs along the edges of pixels, clockwise as seen on the screen; holes
    are not drawn. An outline of more than ``MAX_VERTICES`` corners is simplified.

    Args:
        values: float32 [j, i].
        level: Lowest value inside.

    Returns:
        float64 [n, 2] pairs (column, row), the first repeated at the end, or None when nothing reaches ``level``.
        (0, 0) is the top left corner of the first pixel, so the centre of element [j, i] is (i + 0.5, j + 0.5).

    Source: DICOM PS3.3 C.18.6.1.2 (column, row; sub-pixel; origin at the corner).

    >>> outline(np.array([[0, 0, 0], [0, 1, 1]], dtype=np.float32)).tolist()
    [[1.0, 1.0], [3.0, 1.0], [3.0, 2.0], [1.0, 2.0], [1.0, 1.0]]
    """
    peak = int(values.argmax())
    if not values.flat[peak] >= level:
        return None
    row, column = divmod(peak, values.shape[1])
    inside = values >= level
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    window = np.pad(inside[top : rows[-1] + 1, left : columns[-1] + 1], 1)
    corners = _outer_edge(window.tobytes(), window.shape[1], row - top, column - left)
    points = _simplify(corners) + np.array([left, top])
    return np.concatenate([points, points[:1]])


def rectangle(rows: int, columns: int) -> Points:
    """The whole picture as a closed line of (column, row) pairs."""
    return np.array([(0, 0), (columns, 0), (columns, rows), (0, rows), (0, 0)], dtype=np.float64)


def _outer_edge(grid: bytes, width: int, row: int, column: int) -> Points:
    """Corners (column, row) of the outer edge of the area that holds the pixel; ``grid`` has a border of zeros."""
    while True:
        while grid[(row + 1) * width + column]:  # the pixel to the left
            column -= 1
        corners = _follow_edge(grid, width, (row + 1) * width + column)
        if _area(corners) > 0:
            return np.roll(corners, -int(np.lexsort((corners[:, 0], corners[:, 1]))[0]), axis=0)
        # This was the edge of a hole: go on from the pixel to the left of the hole.
        leftmost = int(corners[:, 0].argmin())
        column = int(corners[leftmost, 0]) - 1
        ends = corners[corners[:, 0] == corners[leftmost, 0]]
        row = int(ends[:, 1].min())


def _follow_edge(grid: bytes, width: int, start: int) -> Points:
    """Walk upwards from a corner, the area on the right hand, until the walk closes; the corners where it turns."""
    # Corner (row, column) has the number row * width + column. For the directions up, right, down, left: the step
    # to the next corner, and the two pixels that lie ahead of it.
    step = (-width, 1, width, -1)
    ahead_left, ahead_right = (0, 1, width + 1, width), (1, width + 1, width, 0)
    position, direction, turns = start, 0, []
    while True:
        position += step[direction]
        if not grid[position + ahead_right[direction]]:
            turn = 1
        elif grid[position + ahead_left[direction]]:
            turn = 3
        else:
            turn = 0
        if turn:
            turns.append(position)
            direction = (direction + turn) % 4
        if position == start and direction == 0:
            break
    row, column = np.divmod(np.array(turns), width)
    return np.stack([column, row], axis=1).astype(np.float64)


def _area(points: Points) -> float:
    """Signed area in pixels, positive when clockwise on the screen. Source: the shoelace formula."""
    x, y = points.T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def _simplify(points: Points) -> Points:
    """The closed polygon itself, or one of at most ``MAX_VERTICES`` of its corners that stays near it."""
    kept, tolerance = points, max(1.0, float(np.ptp(points, axis=0).max()) / FINENESS)
    while len(kept) > MAX_VERTICES:
        kept = points[_important(points, tolerance)]
        tolerance *= 2
    return kept


def _important(points: Points, tolerance: float) -> NDArray[np.bool_]:
    """Which corners to keep so that no other lies farther than ``tolerance`` pixels from the line.

    Source: D. Douglas, T. Peucker, Cartographica 10(2):112-122, 1973.
    """
    closed = np.concatenate([points, points[:1]])
    far = int(np.hypot(*(points - points[0]).T).argmax())
    keep = np.zeros(len(closed), dtype=np.bool_)
    keep[[0, far]] = True
    spans = [(0, far), (far, len(points))]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        (dx, dy), between = closed[last] - closed[first], closed[first + 1 : last] - closed[first]
        length = float(np.hypot(dx, dy))
        away = np.abs(between[:, 0] * dy - between[:, 1] * dx) / length if length else np.hypot(*between.T)
        worst = int(away.argmax())
        if away[worst] > tolerance:
            middle = first + 1 + worst
            keep[middle] = True
            spans += [(first, middle), (middle, last)]
    return keep[:-1]
