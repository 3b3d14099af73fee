"""Findings: a probability, a threshold, and what follows from them."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from secondread.core.code import DCM, SCT, Code
from secondread.core.finding import Finding, Map

PNEUMONIA = Code(SCT, "233604007", "Pneumonia")
ACTIVATION = Code(DCM, "130402", "Class activation")
shares = st.floats(0.0, 1.0)
inner = st.floats(0.0, 1.0, exclude_min=True, exclude_max=True)
outside = st.floats().filter(lambda value: not 0.0 <= value <= 1.0)


@given(shares, inner)
def test_a_finding_is_positive_exactly_at_or_above_its_threshold(probability, threshold):
    assert Finding(PNEUMONIA, probability, threshold).positive == (probability >= threshold)


@given(inner)
def test_a_probability_at_the_threshold_is_positive(threshold):
    assert Finding(PNEUMONIA, threshold, threshold).positive


def test_positive_is_derived_and_cannot_be_said_otherwise():
    finding = Finding(PNEUMONIA, 0.9, 0.5)
    assert "positive" not in {field.name for field in fields(Finding)}
    assert not replace(finding, probability=0.1).positive
    assert not replace(finding, threshold=0.95).positive
    with pytest.raises(TypeError):
        Finding(PNEUMONIA, 0.9, 0.5, positive=False)


@given(outside)
def test_a_probability_lies_in_zero_to_one(value):
    with pytest.raises(ValueError, match="a probability lies in"):
        Finding(PNEUMONIA, value, 0.5)


@given(shares, outside)
def test_the_probability_of_every_detail_does_too(good, value):
    assert Finding(PNEUMONIA, 0.5, 0.5, details=((PNEUMONIA, good),)).details[0][1] == good
    with pytest.raises(ValueError, match="a probability lies in"):
        Finding(PNEUMONIA, 0.5, 0.5, details=((PNEUMONIA, good), (PNEUMONIA, value)))


@given(outside | st.sampled_from([0.0, 1.0]))
def test_a_threshold_lies_strictly_between_zero_and_one(value):
    with pytest.raises(ValueError, match="a threshold lies between"):
        Finding(PNEUMONIA, 0.5, value)


@given(arrays(np.float32, array_shapes(min_dims=2, max_dims=2), elements=st.floats(0.0, 1.0, width=32)))
def test_a_map_in_zero_to_one_is_kept_as_it_is(values):
    assert np.array_equal(Map(values, 3.0, ACTIVATION).values, values)


@given(st.floats(width=32).filter(lambda value: not 0.0 <= value <= 1.0), st.integers(0, 5))
def test_one_value_outside_zero_to_one_spoils_a_map(value, place):
    values = np.full((2, 3), 0.5, np.float32)
    values.flat[place] = value
    with pytest.raises(ValueError, match="a map lies in"):
        Map(values, 3.0, ACTIVATION)


@pytest.mark.parametrize("shape", [(4,), (1, 2, 3)])
def test_a_map_has_rows_and_columns(shape):
    with pytest.raises(ValueError, match="dimensions, needed 2"):
        Map(np.zeros(shape), 3.0, ACTIVATION)
