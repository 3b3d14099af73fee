"""Midline shift and unlike ventricles."""

import numpy as np
import pytest

from phantoms.brain_mr import seen
from secondread.measure.brain_mr_shift import (
    frontal_horn_width_mm,
    shift_of,
    ventricle_asymmetry,
    ventricle_sides,
)

CASES = (
    ({}, 0.0, ""),
    ({"shift_mm": 6.0}, 6.0, "left"),
    ({"turn_deg": 8.0, "shift_mm": -9.0}, 9.0, "right"),
    ({"shift_mm": 4.0, "horns": (1.0, 0.6)}, 4.0, "left"),
)


@pytest.mark.parametrize(("kind", "true_mm", "side"), CASES)
def test_a_shift_is_measured_within_a_millimetre(kind: dict[str, float], true_mm: float, side: str) -> None:
    _, brain, fluid = seen(**kind)
    shift = shift_of(brain, fluid)
    assert shift is not None
    assert shift.value.value == pytest.approx(true_mm, abs=1.0)
    assert shift.value.uncertainty is not None
    assert abs(shift.value.value - true_mm) <= shift.value.uncertainty
    assert side in ("", shift.towards)


def test_where_no_wall_is_seen_no_shift_is_told() -> None:
    _, brain, fluid = seen()
    assert shift_of(brain, fluid & (brain.aside_mm > 0)) is None
    assert shift_of(brain, np.zeros_like(fluid)) is None


def test_the_smaller_ventricle_is_told_by_its_side() -> None:
    _, brain, fluid = seen(shift_mm=4.0, horns=(1.0, 0.6))
    left, right = ventricle_sides(brain, fluid, shift_of(brain, fluid))
    assert 1.3 < left.sum() / right.sum() < 2.2
    unlike = ventricle_asymmetry(float(left.sum()), float(right.sum()))
    assert unlike is not None
    assert unlike.value > 0.3


def test_no_ventricles_have_no_asymmetry() -> None:
    assert ventricle_asymmetry(0.0, 0.0) is None


def test_the_horns_are_as_wide_as_they_are() -> None:
    _, brain, fluid = seen()
    found = frontal_horn_width_mm(brain, fluid)
    assert found is not None
    wide, skull, _ = found
    assert wide == pytest.approx(2 * (2 * 9.0 + 1.5), abs=5.0)
    assert skull == pytest.approx(140.0, abs=5.0)
