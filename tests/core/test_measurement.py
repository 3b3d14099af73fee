"""A number without a unit cannot exist."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.core.measurement import UCUM, Measurement

finite = st.floats(allow_nan=False, allow_infinity=False)
units = st.sampled_from(sorted(UCUM))


@given(finite, units, st.none() | st.floats(0.0, allow_infinity=False))
def test_a_measurement_keeps_its_value_unrounded_with_its_unit(value, unit, uncertainty):
    measured = Measurement("length", value, unit, "by hand", uncertainty)
    assert (measured.value, measured.unit, measured.uncertainty) == (value, unit, uncertainty)


def test_a_number_needs_to_be_told_its_unit():
    with pytest.raises(TypeError, match="unit"):
        Measurement("length", 1.0, method="by hand")


@given(st.text().filter(lambda text: text not in UCUM))
def test_a_unit_that_is_not_a_ucum_code_in_use_is_refused(unit):
    with pytest.raises(ValueError, match="is not a UCUM code in use"):
        Measurement("length", 1.0, unit, "by hand")


@pytest.mark.parametrize(("name", "method"), [("", "by hand"), ("length", ""), ("", "")])
def test_a_measurement_says_what_was_measured_and_how(name, method):
    with pytest.raises(ValueError, match="a name and a method"):
        Measurement(name, 1.0, "mm", method)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_a_finite_number_is_no_measurement(bad):
    with pytest.raises(ValueError, match="must be finite"):
        Measurement("length", bad, "mm", "by hand")
    with pytest.raises(ValueError, match="uncertainty must be finite"):
        Measurement("length", 1.0, "mm", "by hand", bad)


def test_an_uncertainty_may_be_nothing_but_not_negative():
    assert Measurement("length", 1.0, "mm", "by hand", 0.0).uncertainty == 0.0
    with pytest.raises(ValueError, match="not negative"):
        Measurement("length", 1.0, "mm", "by hand", -0.1)
