"""The unit in which an answer moves: how far the log odds of a network differ from picture to picture."""

import numpy as np
from numpy.typing import NDArray

LEAST_SPREAD = 0.01  # of log odds; of answers that are all one number any step would be without end


def spread_of(odds: NDArray[np.float64]) -> float:
    """One spread: the standard deviation of the log odds [n] of the pictures as they are."""
    return max(float(odds.std()), LEAST_SPREAD)
