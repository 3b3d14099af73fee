"""Answers for a slice together with those for its neighbours: a lesion is seldom in one slice alone."""

import numpy as np
from numpy.typing import NDArray


def together(probabilities: NDArray[np.float64], near: float) -> NDArray[np.float64]:
    """Means of the logits of neighbouring slices with Gaussian weights, back to probabilities.

    Args:
        probabilities: float64 [n, label], slices in order.
        near: Standard deviation of the weights, in slices.

    Returns:
        float64 [n, label]; weights sum to one at the ends too.

    >>> together(np.array([[0.5], [0.5]]), 1.0).tolist()
    [[0.5], [0.5]]
    """
    clipped = probabilities.clip(1e-6, 1.0 - 1e-6)
    logits = np.log(clipped / (1.0 - clipped))
    away = np.arange(len(logits))[:, None] - np.arange(len(logits))
    weights = np.exp(-0.5 * (away / near) ** 2)
    mean = weights @ logits / weights.sum(axis=1, keepdims=True)
    return np.asarray(1.0 / (1.0 + np.exp(-mean)))
