"""A small network that was taught to tell inputs of a bundle from damaged ones and from pictures of something else."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Gauges = Mapping[str, NDArray[np.float32] | NDArray[np.int8]]

TINY = 1e-12
CLIP = 6.0  # standard deviations: further away is as strange
MOST_LOGIT = 25.0


def numbers(
    statistics: Mapping[str, Floats], embedding: NDArray[np.float32], distances: Mapping[str, Floats]
) -> Floats:
    """What it looks at, [n, number]: the statistics, the embedding, and logarithms of the distances.

    Args:
        statistics: Name of a group to [n, number].
        embedding: float32 [n, d].
        distances: Name to [n].
    """
    logs = np.log(np.maximum(np.stack(list(distances.values()), axis=1), TINY))
    return np.concatenate([*statistics.values(), embedding.astype(np.float64), logs], axis=1)


def strangeness(gauges: Gauges, values: Floats) -> Floats:
    """Odds that an input is none of the bundle's own, [n] of :func:`numbers`; of use only beside a threshold.

    Args:
        gauges: ``taught.mean``, ``taught.spread`` [number]; ``taught.first`` int8 [number, unit], in ``taught.steps``
            [unit]; ``taught.first_bias`` and ``taught.last`` [unit], ``taught.last_bias`` [1].
        values: Of each input.
    """
    mean, spread, first, steps, first_bias, last, last_bias = (
        gauges[f"taught.{part}"].astype(np.float64)
        for part in ("mean", "spread", "first", "steps", "first_bias", "last", "last_bias")
    )
    hidden = np.maximum(((values - mean) / spread).clip(-CLIP, CLIP) @ (first * steps) + first_bias, 0.0)
    return np.asarray(np.exp((hidden @ last + last_bias[0]).clip(-MOST_LOGIT, MOST_LOGIT)))
