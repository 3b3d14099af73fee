import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax

from secondread.core.card import Calibration
from secondread.engine.probabilities import calibrate
from tiny_bundle import make_card

logits = arrays(np.float32, st.tuples(st.integers(1, 5), st.just(3)), elements=st.floats(-1e6, 1e6, width=32))


def card(temperature):
    return make_card(calibration=Calibration("temperature", temperature, "a test"))


@given(logits, st.floats(1e-3, 1e3))
def test_probabilities_are_the_softmax_of_the_cooled_logits(values, temperature):
    found = calibrate(values, card(temperature))
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, softmax(values.astype(np.float64) / temperature, axis=1), rtol=1e-9, atol=1e-12)


@given(logits, st.floats(1e-300, 1e300))
def test_probabilities_sum_to_one_and_the_best_label_stays_the_best(values, temperature):
    found = calibrate(values, card(temperature))
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-12)
    assert ((found >= 0) & (found <= 1)).all()
    best = values == values.max(axis=1, keepdims=True)
    assert (found[best] >= found.max(axis=1).repeat(best.sum(axis=1))).all()


@given(logits, st.floats(1e-3, 1e3), st.tuples(*[st.floats(-5, 5)] * 3))
def test_biases_shift_the_cooled_logits(values, temperature, biases):
    found = calibrate(values, make_card(calibration=Calibration("temperature and bias", temperature, "a test", biases)))
    below_best = values.astype(np.float64) - values.max(
        axis=1, keepdims=True
    )  # what large logits share is rounded away
    expected = softmax(below_best / temperature + np.array(biases), axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_a_higher_temperature_is_less_sure():
    values = [[2.0, 0.0, -1.0]]
    assert calibrate(values, card(3.0)).max() < calibrate(values, card(1.0)).max()


@pytest.mark.parametrize("shape", [(3,), (2, 4), (1, 3, 1)])
def test_logits_that_do_not_fit_the_labels_are_refused(shape):
    with pytest.raises(ValueError, match=r"needed \[n, 3\]"):
        calibrate(np.zeros(shape), card(1.0))
