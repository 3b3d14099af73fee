"""Where each case stands among the cases of the other class: what DeLong's variance is made of.

Source: DeLong, DeLong and Clarke-Pearson, Biometrics 1988;44:837-845; ranks instead of pairs as in Sun and Xu, IEEE
    Signal Processing Letters 2014;21:1389-1393.
"""

import numpy as np

from secondread.stats.checks import Bools, Floats, counts


def midranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of their ranks."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(count) - (count - 1) / 2)[place]
    return ranks


def placements(positive: Bools, values: Floats) -> tuple[Floats, Floats]:
    """For each positive case the share of negatives below it, for each negative the share of positives above it."""
    ranks = midranks(values)
    n_pos, n_neg = counts(positive)
    below = (ranks[positive] - midranks(values[positive])) / n_neg
    above = 1.0 - (ranks[~positive] - midranks(values[~positive])) / n_pos
    return below, above


def covariance(a: tuple[Floats, Floats], b: tuple[Floats, Floats]) -> float:
    """Covariance of two areas from their placements; exactly 0 when the placements of either do not vary."""
    parts = zip(a, b, strict=True)
    return sum(float((_centred(u) * _centred(v)).sum()) / (len(u) - 1) / len(u) for u, v in parts)


def _centred(values: Floats) -> Floats:
    shifted: Floats = values - values[0]  # equal values become exact zeros, which a rounded mean would not give
    shifted -= shifted.mean()
    return shifted
