"""From logits to probabilities that mean what they say."""

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from secondread.core.card import Calibration, ModelCard


def calibrate(logits: ArrayLike, card: ModelCard) -> NDArray[np.float64]:
    """Probability of each label: the card's activation of logits / temperature + biases, fitted on validation data.

    Args:
        logits: [n, label], in the order of ``card.labels``.
        card: Holds the calibration.

    Returns:
        float64 [n, label]; with ``softmax`` each row sums to 1.

    Raises:
        ValueError: If there is not one logit per label.

    Source: Guo et al., On Calibration of Modern Neural Networks, ICML 2017 (temperature); Alexandari, Kundaje and
    Shrikumar, Maximum likelihood with bias-corrected calibration, ICML 2020 (biases).
    """
    values = np.asarray(logits, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != len(card.labels):
        raise ValueError(f"logits have shape {values.shape}; needed [n, {len(card.labels)}], one per label")
    return calibrated(values, card.calibration, card.activation)


def calibrated(logits: NDArray[np.float64], how: Calibration, activation: str = "softmax") -> NDArray[np.float64]:
    """As :func:`calibrate`, for whoever has fitted a calibration and has no card yet."""
    if activation == "sigmoid":
        return np.asarray(
            scipy.special.expit(logits / how.temperature + np.array(how.biases or [0.0] * logits.shape[1]))
        )
    with np.errstate(over="ignore", under="ignore"):  # a label far behind gets the probability 0
        scaled = (logits - logits.max(axis=1, keepdims=True)) / how.temperature
        scaled += np.array(how.biases or [0.0] * logits.shape[1])
        odds = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))
