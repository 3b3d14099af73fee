"""From logits to probabilities that mean what they say."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondread.core.card import ModelCard


def calibrate(logits: ArrayLike, card: ModelCard) -> NDArray[np.float64]:
    """Probability of each label: softmax(logits / temperature), the temperature fitted on validation data.

    Args:
        logits: [n, label], in the order of ``card.labels``.
        card: Holds the temperature.

    Returns:
        float64 [n, label]; each row sums to 1.

    Raises:
        ValueError: If there is not one logit per label.

    Source: Guo et al., On Calibration of Modern Neural Networks, ICML 2017 (temperature scaling).
    """
    values = np.asarray(logits, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != len(card.labels):
        raise ValueError(f"logits have shape {values.shape}; needed [n, {len(card.labels)}], one per label")
    below_best = values - values.max(axis=1, keepdims=True)
    with np.errstate(over="ignore", under="ignore"):  # a label far behind gets the probability 0
        odds = np.exp(below_best / card.calibration.temperature)
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))
