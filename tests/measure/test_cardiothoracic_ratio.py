"""Cardiothoracic ratio. Source: clinical reference, section 1.7."""

import numpy as np
import pytest
import SimpleITK
from hypothesis import given
from hypothesis import strategies as st

from secondread.core.code import LOCAL, Code
from secondread.core.errors import SpacingError
from secondread.core.mask import Mask
from secondread.measure.cardiothoracic_ratio import from_distances, from_masks

SHAPE = (100, 140)
CODE = Code(LOCAL, "shadow", "Shadow")
ROW, COLUMN = np.mgrid[: SHAPE[0], : SHAPE[1]]


def oval(row: float, column: float, high: float, wide: float) -> np.ndarray:
    return ((ROW - row) / high) ** 2 + ((COLUMN - column) / wide) ** 2 <= 1


LUNGS = oval(45, 40, 40, 25) | oval(45, 100, 35, 25)
HEART = oval(65, 76, 15, 22)


def mask(inside: np.ndarray, spacing=(0.2, 0.2)) -> Mask:
    return Mask(inside, spacing, CODE)


def seen(heart=HEART, lungs=LUNGS, spacing=(0.2, 0.2), **how):
    return from_masks(mask(heart, spacing), mask(lungs, spacing), **{"projection": "PA", "upright": True} | how)


@pytest.mark.parametrize(("right", "left", "thorax", "ratio"), [(30, 100, 260, 0.5), (40, 115, 290, 0.53448)])
def test_the_examples_of_the_reference(right, left, thorax, ratio):
    found = from_distances(right_mm=right, left_mm=left, thorax_mm=thorax)
    assert found.value == pytest.approx(ratio, abs=5e-6)
    assert found.unit == "1"


@given(st.floats(0.01, 100))
def test_a_ratio_needs_no_scale(scale):
    found = from_distances(right_mm=40 * scale, left_mm=115 * scale, thorax_mm=290 * scale)
    assert found.value == pytest.approx(155 / 290)


def test_masks_give_their_widest_extents():
    found = seen()
    assert found.heart_columns == (54, 98)
    assert found.thorax_columns == (15, 125)
    assert found.ratio.value == pytest.approx(45 / 111)
    assert found.warnings == ()
    assert LUNGS[found.thorax_row, [15, 125]].all()


def test_an_independent_program_measures_the_same_box_of_the_heart():
    shape = SimpleITK.LabelShapeStatisticsImageFilter()
    shape.Execute(SimpleITK.GetImageFromArray(HEART.astype(np.uint8)))
    first, _, wide, _ = shape.GetBoundingBox(1)
    assert seen().heart_columns == (first, first + wide - 1)


def test_the_chest_is_measured_in_one_row():
    low_left = oval(60, 100, 30, 25) | oval(35, 40, 30, 25)  # lungs whose widest places lie in different rows
    widths = [np.ptp(np.flatnonzero(row)) + 1 for row in low_left if row.any()]
    columns = seen(oval(60, 70, 5, 3), low_left).thorax_columns
    assert columns[1] - columns[0] + 1 == max(widths) < 111


def test_one_lung_alone_is_no_chest():
    with pytest.raises(ValueError, match="beyond the lungs"):
        seen(lungs=oval(45, 40, 40, 25))


def test_neither_scale_nor_mirrors_change_it():
    same = seen().ratio
    assert seen(spacing=None).ratio == same
    assert seen(spacing=(0.143, 0.143)).ratio == same
    assert seen(HEART[:, ::-1], LUNGS[:, ::-1]).ratio == same
    assert seen(HEART[::-1], LUNGS[::-1]).ratio == same
    assert seen(projection="AP").ratio == same


def test_pixels_that_are_not_square_are_refused():
    with pytest.raises(SpacingError, match="square pixels"):
        seen(spacing=(0.2, 0.3))


def test_a_lateral_or_turned_picture_is_refused_and_an_unchecked_one_warned_of():
    with pytest.raises(ValueError, match="projection: found 'lateral'"):
        seen(projection="lateral")
    with pytest.raises(ValueError, match="turned in its plane"):
        seen(upright=False)
    assert seen(upright=None).warnings == ("whether the picture is turned in its plane was not checked",)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="beyond the lungs"):
        seen(oval(65, 76, 15, 70))
    with pytest.raises(ValueError, match="empty"):
        seen(np.zeros(SHAPE, dtype=bool))
    with pytest.raises(ValueError, match="different grids"):
        from_masks(mask(HEART), mask(LUNGS, None), projection="PA", upright=True)
    with pytest.raises(ValueError, match="left_mm"):
        from_distances(right_mm=30, left_mm=float("nan"), thorax_mm=260)
    with pytest.raises(ValueError, match="heart: found a width"):
        from_distances(right_mm=130, left_mm=130, thorax_mm=260)
