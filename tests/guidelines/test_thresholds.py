"""A number is held fairly against a threshold."""

from hypothesis import given
from hypothesis import strategies as st

from secondread.guidelines.thresholds import reaches


def test_binary_rounding_does_not_move_a_threshold():
    assert 24 / 20 - 1 < 0.2  # what a naive comparison sees
    assert reaches(24 / 20 - 1, 0.2)
    assert reaches(30.0, 30.0)
    assert not reaches(29.99, 30.0)


@given(st.floats(0.001, 1e6), st.floats(0.001, 1e6))
def test_what_is_clearly_above_reaches_and_what_is_clearly_below_does_not(value, threshold):
    if abs(value - threshold) > 1e-6 * threshold:
        assert reaches(value, threshold) == (value > threshold)
