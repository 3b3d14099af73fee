"""Integrated gradients of functions whose integral is known."""

import numpy as np
import pytest

from secondread.explain.integrated import integrated_gradients, spoke_for

WEIGHTS = np.random.default_rng(0).normal(size=(2, 6, 5)).astype(np.float32)
PICTURE, BASELINE = np.random.default_rng(1).random((2, 2, 6, 5), dtype=np.float32)


def test_of_a_linear_network_each_pixel_gets_its_weight_times_its_change():
    found = integrated_gradients(lambda batch: np.repeat(WEIGHTS[None], len(batch), 0), PICTURE, BASELINE, steps=3)
    np.testing.assert_allclose(found, WEIGHTS * (PICTURE - BASELINE), rtol=1e-5)


def test_they_sum_to_the_difference_of_the_scores():
    # f = (w.x)^3, whose gradient is 3 (w.x)^2 w
    def score(image):
        return float((WEIGHTS * image).sum() ** 3)

    def slope(batch):
        inner = (WEIGHTS * batch).sum(axis=(1, 2, 3), keepdims=True)
        return 3.0 * inner**2 * WEIGHTS

    found = integrated_gradients(slope, PICTURE, BASELINE, steps=200)
    assert found.sum() == pytest.approx(score(PICTURE) - score(BASELINE), rel=1e-3)


def test_a_pixel_that_does_not_differ_from_the_baseline_gets_nothing():
    baseline = BASELINE.copy()
    baseline[0, 2, 3] = PICTURE[0, 2, 3]
    found = integrated_gradients(np.ones_like, PICTURE, baseline)
    assert found[0, 2, 3] == 0.0


def test_the_map_adds_channels_and_cuts_off_what_speaks_against():
    attribution = np.zeros((2, 40, 40), np.float32)
    attribution[:, 10, 10], attribution[0, 30, 30] = 2.0, -3.0
    found = spoke_for(attribution, smooth=0.05)
    assert np.unravel_index(found.argmax(), found.shape) == (10, 10)
    assert found.min() == 0.0
    assert found.sum() == pytest.approx(4.0, rel=0.01)


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="one shape"):
        integrated_gradients(lambda batch: batch, PICTURE, BASELINE[:1])
