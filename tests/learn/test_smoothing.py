"""Neighbouring slices answer together."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from secondread.learn.smoothing import smoothed_along


def series(n=20):
    logits = np.random.default_rng(3).normal(size=(n, 2))
    return logits, np.array(["a"] * n), np.arange(n, dtype=float)


def test_slices_inside_a_series_are_averaged_as_by_scipy():
    logits, patients, order = series()
    found = smoothed_along(logits, patients, order)
    np.testing.assert_allclose(found[5:15], gaussian_filter1d(logits, 1.0, axis=0, truncate=6)[5:15], atol=1e-3)


def test_the_order_of_the_rows_and_other_patients_do_not_matter():
    logits, patients, order = series()
    shuffled = np.random.default_rng(0).permutation(20)
    both = np.concatenate([logits[shuffled], logits + 9]), np.array(["a"] * 20 + ["b"] * 20)
    found = smoothed_along(*both, np.concatenate([order[shuffled], order]))
    np.testing.assert_allclose(found[:20], smoothed_along(logits, patients, order)[shuffled])


def test_a_far_slice_and_one_without_a_number_stay_as_they_are():
    logits = np.array([[1.0], [2.0], [8.0], [5.0]])
    found = smoothed_along(logits, np.array(["a"] * 4), np.array([1.0, 2.0, 30.0, np.nan]))
    assert found[2:].ravel().tolist() == [pytest.approx(8.0), 5.0]
    assert 1.0 < found[0, 0] < found[1, 0] < 2.0
