"""The cheapest way down a table of costs: a border that runs from row to row without jumping."""

import numpy as np
from numpy.typing import NDArray

FORBIDDEN = 1e3  # the cost of a place that no border may take


def cheapest_path(cost: NDArray[np.float64], *, farthest: int = 2, stiffness: float = 0.04) -> NDArray[np.intp]:
    """One column for each row, so that the costs on the way and those of its turns are least.

    Args:
        cost: float64 [row, column], finite.
        farthest: Columns that the path may move from one row to the next.
        stiffness: Cost of a move, times the square of its columns.

    Returns:
        Column of each row. Of two equally cheap ways always the same one.

    Raises:
        ValueError: If there is nothing to go through.

    Source: dynamic programming after Bellman, 1957.

    >>> cheapest_path(np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]])).tolist()
    [0, 1, 2]
    """
    if cost.ndim != 2 or not cost.size:
        raise ValueError(f"costs: found shape {cost.shape}; needed [row, column], not empty")
    rows, columns = cost.shape
    total, came = cost[0].copy(), np.zeros(cost.shape, dtype=np.intp)
    moves = sorted(range(-farthest, farthest + 1), key=abs)
    for row in range(1, rows):
        ways = np.stack([_moved(total, move) + stiffness * move * move for move in moves])
        best = ways.argmin(axis=0)
        came[row] = np.take(moves, best)
        total = ways[best, np.arange(columns)] + cost[row]
    path = np.zeros(rows, dtype=np.intp)
    path[-1] = total.argmin()
    for row in range(rows - 1, 0, -1):
        path[row - 1] = path[row] - came[row, path[row]]
    return path


def _moved(values: NDArray[np.float64], move: int) -> NDArray[np.float64]:
    """What a place costs that was reached from ``move`` columns before it; infinite from outside."""
    moved = np.full_like(values, np.inf)
    if move > 0:
        moved[move:] = values[:-move]
    elif move < 0:
        moved[:move] = values[-move:]
    else:
        moved[:] = values
    return moved
