"""Where a map lies, in words."""

import numpy as np
from numpy.typing import NDArray

# Shares of the weight: three quarters on one side is that side, half in one third is that third.
ONE_SIDE = 0.75
ONE_THIRD = 0.5


def place(values: NDArray[np.float32]) -> str:
    """Side and height of the stronger half of a map over a frontal picture, the patient's right on its left.

    Args:
        values: float32 [j, i], at least 3 x 2, 1 at the strongest place.

    >>> place(np.array([[0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]], dtype=np.float32))
    'right side of the patient (left of the picture), lower third'
    """
    strong = np.where(values >= 0.5, values, 0.0).astype(np.float64)
    rows, columns = strong.shape
    halves = np.clip(columns / 2 - np.arange(columns), 0.0, 1.0)  # how much of each column lies left of the middle
    total, left = strong.sum(), (strong.sum(axis=0) * halves).sum()
    side = "both sides"
    if left >= ONE_SIDE * total:
        side = "right side of the patient (left of the picture)"
    elif total - left >= ONE_SIDE * total:
        side = "left side of the patient (right of the picture)"
    thirds = np.add.reduceat(strong.sum(axis=1), [0, rows // 3, rows - rows // 3])
    height = ("upper", "middle", "lower")[int(thirds.argmax())]
    return f"{side}, {height} third" if thirds.max() >= ONE_THIRD * total else side
