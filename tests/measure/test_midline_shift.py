"""Midline shift. Source of the numbers: clinical reference, section 1.8."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.core.measurement import Measurement
from secondread.measure.midline_shift import is_above_surgical_limit, midline_shift

widths_mm = st.floats(80.0, 200.0)
shares = st.floats(0.05, 0.95)


def test_the_published_example():
    measured = midline_shift(inner_width_mm=140, table_to_septum_mm=64)
    assert (measured.value, measured.unit) == (6.0, "mm")


@given(widths_mm, shares)
def test_measured_from_the_other_side_the_shift_turns_round(width_mm, share):
    one = midline_shift(inner_width_mm=width_mm, table_to_septum_mm=share * width_mm).value
    other = midline_shift(inner_width_mm=width_mm, table_to_septum_mm=width_mm - share * width_mm).value
    assert one == pytest.approx(-other)


@given(widths_mm, shares, st.floats(0.1, 10.0))
def test_the_shift_scales_with_the_spacing(width_mm, share, factor):
    one = midline_shift(inner_width_mm=width_mm, table_to_septum_mm=share * width_mm).value
    scaled = midline_shift(inner_width_mm=factor * width_mm, table_to_septum_mm=factor * share * width_mm).value
    assert scaled == pytest.approx(factor * one, abs=1e-9)


@pytest.mark.parametrize(("from_table_mm", "above"), [(65.0, False), (64.9, True), (75.0, False), (75.1, True)])
def test_more_than_five_millimetres_to_either_side_is_above_the_limit(from_table_mm, above):
    shift = midline_shift(inner_width_mm=140, table_to_septum_mm=from_table_mm)
    assert is_above_surgical_limit(shift) == above


def test_the_limit_is_in_millimetres():
    with pytest.raises(ValueError, match="needed mm"):
        is_above_surgical_limit(Measurement("midline shift", 0.6, "cm", "by hand"))


@pytest.mark.parametrize(
    ("width_mm", "septum_mm"), [(0, 10), (float("nan"), 10), (140, 0), (140, 140), (140, -1), (140, float("inf"))]
)
def test_a_septum_outside_the_skull_is_refused(width_mm, septum_mm):
    with pytest.raises(ValueError, match="_mm: found"):
        midline_shift(inner_width_mm=width_mm, table_to_septum_mm=septum_mm)
