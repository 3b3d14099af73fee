"""Answers for a slice together with those for its neighbours: a lesion is seldom in one slice alone."""

import numpy as np
from numpy.typing import NDArray

NEAR = 1.0  # standard deviation of the weights, in slices
Floats = NDArray[np.float64]


def smoothed_along(logits: Floats, patients: NDArray[np.str_], order: Floats) -> Floats:
    """Logits averaged with those of the neighbouring slices of the same patient, by Gaussian weights.

    Args:
        logits: [n, label].
        patients: str [n].
        order: Number of each slice within its patient, [n]; one that is not known leaves its slice as it is.

    Returns:
        float64 [n, label]. Weights sum to one at the ends of a series too, and where slices are missing.
    """
    found = logits.copy()
    for patient in np.unique(patients):
        mine = np.flatnonzero((patients == patient) & np.isfinite(order))
        away = order[mine, None] - order[mine]
        weights = np.exp(-0.5 * (away / NEAR) ** 2)
        found[mine] = weights @ logits[mine] / weights.sum(1, keepdims=True)
    return found
