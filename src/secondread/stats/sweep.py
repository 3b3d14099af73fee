"""What every possible threshold would give."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from secondread.stats.checks import Floats, Ints, cases


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """Counts at every distinct score taken as the threshold, from the highest down; positive at or above it.

    Attributes:
        thresholds: float64 [t], strictly falling.
        tp: int64 [t], true positives.
        fp: int64 [t], false positives.
        n_pos: Number of positive cases.
        n_neg: Number of negative cases.
    """

    thresholds: Floats
    tp: Ints
    fp: Ints
    n_pos: int
    n_neg: int


def sweep(y: ArrayLike, scores: ArrayLike) -> Sweep:
    """Sort once, count everywhere.

    Args:
        y: Labels 0/1 [n].
        scores: Finite scores [n], higher = more likely positive.

    Raises:
        ValueError: If a label is not 0 or 1, a score is not finite, or their numbers differ.
    """
    positive, values = cases(y, scores)
    order = np.argsort(-values, kind="stable")
    ranked, hits = values[order], positive[order]
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    tp = np.cumsum(hits, dtype=np.int64)[last]
    fp = last.astype(np.int64) + 1 - tp
    return Sweep(ranked[last], tp, fp, int(tp[-1]), int(fp[-1]))
