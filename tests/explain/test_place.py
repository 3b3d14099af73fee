import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from secondread.explain.place import place

RIGHT, LEFT = "right side of the patient (left of the picture)", "left side of the patient (right of the picture)"


def spot(row: int, column: int, shape: tuple[int, int] = (9, 8)) -> np.ndarray:
    values = np.zeros(shape, np.float32)
    values[row, column] = 1.0
    return values


@pytest.mark.parametrize(
    ("row", "column", "expected"),
    [
        (0, 0, f"{RIGHT}, upper third"),
        (4, 7, f"{LEFT}, middle third"),
        (8, 3, f"{RIGHT}, lower third"),
    ],
)
def test_a_spot_is_named_by_its_side_and_height(row, column, expected):
    assert place(spot(row, column)) == expected


def test_spots_on_both_sides_are_on_both_sides():
    assert place(np.maximum(spot(8, 0), spot(8, 7))) == "both sides, lower third"


def test_support_spread_over_the_whole_height_has_no_third():
    values = np.zeros((9, 8), np.float32)
    values[:, 0] = 1.0
    assert place(values) == RIGHT


def test_weak_support_does_not_count():
    values = spot(8, 0)
    values[0, :] = 0.4
    assert place(values) == f"{RIGHT}, lower third"


@given(arrays(np.float32, st.tuples(st.integers(3, 9), st.integers(2, 9)), elements=st.floats(0, 1, width=32)))
def test_a_mirrored_map_lies_on_the_other_side(values):
    values = np.maximum(values, spot(1, 0, values.shape) if values.max() < 0.5 else values)
    swapped = {RIGHT: LEFT, LEFT: RIGHT, "both sides": "both sides"}
    side, _, third = place(values).partition(", ")
    mirrored, _, same = place(values[:, ::-1]).partition(", ")
    assert (mirrored, same) == (swapped[side], third)
