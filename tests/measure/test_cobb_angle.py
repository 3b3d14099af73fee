"""Cobb angle. Source: clinical reference, section 1.15."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.measure.cobb_angle import cobb_angle, largest_cobb_angle

# (row, column) of the reference's endplates, given there as (x, y)
UPPER, LOWER = [(0, 0), (20, 100)], [(200, 0), (180, 100)]
SQUARE = (1.0, 1.0)

tilts_deg = st.floats(-44.0, 44.0)


def endplate(tilt_deg: float, row: float = 0.0) -> np.ndarray:
    """A line through ``row``, tilted against the rows."""
    rise = np.tan(np.radians(tilt_deg)) * 100.0
    return np.array([[row, 0.0], [row + rise, 100.0]])


def test_the_example_of_the_reference():
    angle = cobb_angle(UPPER, LOWER, SQUARE)
    assert angle.value == pytest.approx(22.6199, abs=5e-5)
    assert (angle.unit, angle.uncertainty) == ("deg", 5.0)


@given(tilts_deg, tilts_deg)
def test_the_angle_is_the_difference_of_the_tilts(upper, lower):
    assert cobb_angle(endplate(upper), endplate(lower, 200), SQUARE).value == pytest.approx(
        abs(upper - lower), abs=1e-9
    )


@given(tilts_deg, tilts_deg, st.floats(0.1, 10))
def test_scale_mirrors_and_the_order_of_points_do_not_matter(upper, lower, scale):
    one, other = endplate(upper), endplate(lower, 200)
    same = cobb_angle(one, other, SQUARE).value
    assert cobb_angle(one, other, (scale, scale)).value == pytest.approx(same, abs=1e-9)
    assert cobb_angle(one * [1, -1], other * [1, -1], SQUARE).value == pytest.approx(same, abs=1e-9)
    assert cobb_angle(one[::-1], other, SQUARE).value == pytest.approx(same, abs=1e-9)
    assert cobb_angle(other, one, SQUARE).value == pytest.approx(same, abs=1e-9)


def test_pixels_that_are_not_square_are_measured_in_the_patient():
    stretched = cobb_angle(UPPER, LOWER, (2.0, 1.0)).value
    assert stretched == pytest.approx(2 * np.degrees(np.arctan(0.4)))
    assert stretched == pytest.approx(cobb_angle([(0, 0), (40, 100)], [(400, 0), (360, 100)], SQUARE).value)


def test_the_end_vertebrae_are_the_ones_tilted_most_against_each_other():
    tilts = (2, 12, 5, -8, -14, -3)
    spine = [(endplate(tilt, 50 * n), endplate(tilt + 1, 50 * n + 30)) for n, tilt in enumerate(tilts)]
    angle, upper, lower = largest_cobb_angle(spine, SQUARE)
    assert (upper, lower) == (1, 4)
    assert angle.value == pytest.approx(12 + 13)


def test_what_is_no_endplate_is_refused():
    for wrong in ([(0, 0), (0, 0)], [(0, 0)], [(0, 0), (np.nan, 1)]):
        with pytest.raises(ValueError, match="endplate"):
            cobb_angle(wrong, LOWER, SQUARE)
    with pytest.raises(ValueError, match="spacing_mm"):
        cobb_angle(UPPER, LOWER, (0.0, 1.0))
    with pytest.raises(ValueError, match="vertebrae"):
        largest_cobb_angle([(UPPER, LOWER)], SQUARE)
