"""One map for a yes/no question from the activation maps of several classes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def support(
    cam: ArrayLike, probabilities: ArrayLike, positive: Sequence[int], *, apart: bool = False
) -> NDArray[np.float32]:
    """Where a picture speaks for "yes".

    The maps of the classes that mean yes, averaged by their probabilities, less the same of the other classes. What
    speaks against is cut at zero.

    Args:
        cam: [label, h, w] in units of the logit.
        probabilities: [label], sum 1; of independent labels any.
        positive: Indices of the labels that mean yes; at least one label must remain, unless they are independent.
        apart: True where each label is a question of its own: what speaks for another one does not speak against it.

    Returns:
        float32 [h, w], >= 0, in units of the logit.

    Raises:
        ValueError: If shapes do not fit.
    """
    maps, weights = np.asarray(cam, dtype=np.float64), np.asarray(probabilities, dtype=np.float64)
    if maps.ndim != 3 or weights.shape != maps.shape[:1]:
        raise ValueError(f"found maps {maps.shape} and probabilities {weights.shape}; needed [label, h, w] and [label]")
    yes = np.isin(np.arange(len(weights)), positive)
    if not yes.any() or (yes.all() and not apart):
        raise ValueError(f"positive labels {list(positive)} leave nothing on one side of the question")
    against = 0.0 if apart else average(maps[~yes], weights[~yes])
    return np.maximum(average(maps[yes], weights[yes]) - against, 0.0).astype(np.float32)


def average(maps: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of maps [n, h, w] by weight [n]; plain when all weights vanish."""
    total = weights.sum()
    share = weights / total if total > 1e-12 else np.full(len(weights), 1.0 / len(weights))
    mean: NDArray[np.float64] = np.tensordot(share, maps, axes=1)
    return mean
