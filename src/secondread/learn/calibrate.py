"""From the logits of a validation split to the calibration of a card."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from secondread.core.card import Calibration
from secondread.learn.examples import UNKNOWN
from secondread.stats.calibration import TEMPERATURES, fit_temperature, fit_temperature_and_biases

Floats = NDArray[np.float64]
UNDECIDED = "nothing: the validation split does not determine it"
STEADY = 1e-3  # pull of every bias towards 0: a label with a handful of cases gets no extreme one


def fit_calibration(method: str, logits: Floats, labels: NDArray[np.int64], activation: str = "softmax") -> Calibration:
    """The calibration, and what decided it.

    When every validation picture is right, any smaller temperature fits better still: validation then says nothing
    about how sure the network may be, and its logits are left as they are.

    Args:
        method: One of ``CALIBRATIONS``.
        logits: [n, label].
        labels: [n], or [n, label] of independent labels; what is unknown does not count.
        activation: ``softmax`` or ``sigmoid``.
    """
    if not logits.shape[1]:
        return Calibration("temperature", 1.0, "nothing: there are no labels")
    if activation == "sigmoid":
        return fit_independent(method, logits, labels)
    known = labels != UNKNOWN
    if method == "temperature and bias":
        temperature, biases = fit_temperature_and_biases(logits[known], labels[known])
    else:
        temperature, biases = fit_temperature(logits[known], labels[known]), ()
    if temperature in TEMPERATURES:
        return Calibration("temperature", 1.0, UNDECIDED)
    return Calibration(method, temperature, "validation split", biases)


def fit_independent(method: str, logits: Floats, labels: NDArray[np.int64]) -> Calibration:
    """One temperature for all labels, and with ``temperature and bias`` one shift each, by likelihood.

    Source: as for labels that exclude each other; each label is a logistic model of its own that shares the slope.
    """
    known, n = labels != UNKNOWN, logits.shape[1]
    yes = np.where(known, labels, 0).astype(np.float64)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        slope, biases = np.exp(parameters[0]), parameters[1:]
        z = logits * slope + biases
        each = np.where(known, np.logaddexp(0.0, z) - yes * z, 0.0)
        wrong = np.where(known, expit(z) - yes, 0.0) / known.sum()
        gradient = np.concatenate([[(wrong * logits).sum() * slope], wrong.sum(0) + STEADY * biases])
        if method != "temperature and bias":
            gradient[1:] = 0.0
        return float(each.sum() / known.sum() + STEADY * (biases**2).sum() / 2), gradient

    found = minimize(loss, np.zeros(1 + n), jac=True, method="L-BFGS-B", bounds=[(-4.0, 4.0)] + [(-20.0, 20.0)] * n)
    surer = loss(found.x + np.append(1.0, np.zeros(n)))[0]
    if abs(found.x[0]) >= 4.0 or surer < found.fun:  # nothing is wrong that would speak against being surer still
        return Calibration("temperature", 1.0, UNDECIDED)
    biases = tuple(found.x[1:].tolist()) if method == "temperature and bias" else ()
    return Calibration(method, float(np.exp(-found.x[0])), "validation split", biases)
