"""Whether a map depends on what the network learnt: how alike maps are before and after its weights were shuffled."""

import numpy as np
from numpy.typing import NDArray

WINDOW = 7


def rank_correlation(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """Spearman's rank correlation of two maps [h, w]; 0 where one of them is the same everywhere.

    A map that shuffling has wiped out is as unlike as can be.

    Raises:
        ValueError: If shapes differ.

    Source: Adebayo and others, Sanity checks for saliency maps, NeurIPS 2018, section 3.
    """
    from scipy.stats import rankdata

    if a.shape != b.shape:
        raise ValueError(f"found maps {a.shape} and {b.shape}; needed one shape")
    first, second = (rankdata(values.ravel()) for values in (a, b))
    if np.ptp(first) == 0.0 or np.ptp(second) == 0.0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def structural_similarity(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """Mean structural similarity of two maps [h, w] of at least 7 pixels a side, each first brought to [0, 1].

    Raises:
        ValueError: If shapes differ or a side is too short.

    Source: Wang, Bovik, Sheikh and Simoncelli, IEEE Transactions on Image Processing 2004;13:600-612, with uniform
        windows of 7 pixels, as scikit-image has it.
    """
    from scipy.ndimage import uniform_filter

    if a.shape != b.shape or min(a.shape) < WINDOW:
        raise ValueError(f"found maps {a.shape} and {b.shape}; needed one shape of at least {WINDOW} pixels a side")
    x, y = (to_one(values) for values in (a, b))
    bias = WINDOW**2 / (WINDOW**2 - 1)
    mean_x, mean_y = uniform_filter(x, WINDOW), uniform_filter(y, WINDOW)
    var_x, var_y, both = (
        bias * (uniform_filter(p * q, WINDOW) - uniform_filter(p, WINDOW) * uniform_filter(q, WINDOW))
        for p, q in ((x, x), (y, y), (x, y))
    )
    c1, c2 = 0.01**2, 0.03**2
    above = (2 * mean_x * mean_y + c1) * (2 * both + c2)
    below = (mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)
    edge = WINDOW // 2
    return float((above / below)[edge:-edge, edge:-edge].mean())


def to_one(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """A map from 0 to 1; one that is the same everywhere becomes 0."""
    low, high = float(values.min()), float(values.max())
    spread = high - low
    whole = np.asarray(values, dtype=np.float64) - low
    return whole / spread if spread > 0.0 else whole
