"""Calibration of validation logits."""

import numpy as np
import pytest
from scipy.special import expit

from secondread.core.card import Calibration
from secondread.engine.probabilities import calibrated
from secondread.learn.calibrate import STEADY, fit_calibration
from secondread.learn.examples import UNKNOWN


def cases(temperature: float, biases: tuple[float, ...] = (0.0, 0.0), n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Logits of a network that is off by a temperature and biases, and labels that follow the truth."""
    random = np.random.default_rng(9)
    right = random.normal(0, 2, (n, len(biases)))
    labels = (random.random(right.shape) < expit(right)).astype(np.int64)
    return (right - biases) * temperature, labels


def loss(logits: np.ndarray, labels: np.ndarray, how: Calibration) -> float:
    z, known = logits / how.temperature + np.array(how.biases or [0.0] * logits.shape[1]), labels != UNKNOWN
    assert calibrated(logits, how, "sigmoid") == pytest.approx(1 / (1 + np.exp(-z)))
    each = np.logaddexp(0.0, np.where(labels == 1, -z, z))
    return float(each[known].mean() + STEADY * np.square(how.biases).sum() / 2)


def test_the_temperature_of_independent_labels_is_the_best_of_a_grid():
    logits, labels = cases(3.0)
    found = fit_calibration("temperature", logits, labels, "sigmoid")
    grid = np.exp(np.linspace(-1, 3, 401))
    best = min(grid, key=lambda t: loss(logits, labels, Calibration("temperature", float(t), "x")))
    assert found.temperature == pytest.approx(best, rel=5e-3)
    assert found.temperature == pytest.approx(3.0, rel=0.15)
    assert (found.biases, found.fitted_on) == ((), "validation split")


def test_biases_of_independent_labels_take_back_what_was_added():
    logits, labels = cases(2.0, (1.5, -0.7), 3000)
    found = fit_calibration("temperature and bias", logits, labels, "sigmoid")
    assert found.temperature == pytest.approx(2.0, rel=0.1)
    assert found.biases == pytest.approx((1.5, -0.7), abs=0.15)
    here = loss(logits, labels, found)
    for step in (-0.05, 0.05):
        for n in range(2):
            biases = tuple(b + step * (k == n) for k, b in enumerate(found.biases))
            assert loss(logits, labels, Calibration(found.method, found.temperature, "x", biases)) > here
        other = Calibration(found.method, found.temperature * (1 + step), "x", found.biases)
        assert loss(logits, labels, other) > here


def test_unknown_labels_do_not_count():
    logits, labels = cases(2.0)
    wild, marks = np.vstack([logits, np.full((50, 2), 30.0)]), np.vstack([labels, np.full((50, 2), UNKNOWN)])
    plain, more = (
        fit_calibration("temperature and bias", z, y, "sigmoid") for z, y in ((logits, labels), (wild, marks))
    )
    assert more.temperature == pytest.approx(plain.temperature, rel=1e-3)
    assert more.biases == pytest.approx(plain.biases, abs=1e-3)
    one = np.append(labels[:, 0], UNKNOWN)
    assert (
        fit_calibration("temperature", np.vstack([logits, [[99.0, -99.0]]]), one).temperature
        == fit_calibration("temperature", logits, labels[:, 0]).temperature
    )


def test_independent_labels_that_are_all_right_do_not_make_the_network_certain():
    logits = np.array([[3.0, -2.0], [-1.0, 4.0], [2.0, 1.0], [-3.0, -1.0]])
    found = fit_calibration("temperature and bias", logits, (logits > 0).astype(np.int64), "sigmoid")
    assert (found.temperature, found.biases) == (1.0, ())
    assert found.fitted_on.startswith("nothing")


def test_a_network_that_only_outlines_has_nothing_to_be_calibrated():
    found = fit_calibration("temperature", np.zeros((3, 0)), np.full(3, UNKNOWN))
    assert (found.temperature, found.fitted_on.split(":")[0]) == (1.0, "nothing")
