"""What is found on the network's input comes back to its place on the picture: points, boxes and masks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.core.card import InputContract
from secondread.core.image import Image
from secondread.prepare.model_space import to_model_space
from secondread.prepare.way_back import mask_to_source, points_to_model, points_to_source

modes = st.sampled_from(["squeeze", "pad"])
sides = st.integers(31, 230)
inputs = st.integers(40, 120)
fractions = st.floats(0.0, 1.0)


def contract(size, resize="squeeze"):
    return InputContract(*size, resize, ("CR",))


@given(modes, sides, sides, inputs, inputs, st.tuples(fractions, fractions, fractions, fractions))
def test_a_box_goes_forward_and_comes_back(mode, rows, columns, height, width, box):
    corners = np.reshape(box, (2, 2)) * (columns, rows)
    how = contract((height, width), mode)
    there = points_to_model(corners, (rows, columns), how)
    assert (there >= -1e-9).all()
    assert (there <= np.array((width, height)) + 1e-9).all()
    np.testing.assert_allclose(points_to_source(there, (rows, columns), how), corners, atol=1e-6)


@given(modes, sides, sides, inputs, inputs, st.floats(0.2, 0.8), st.floats(0.2, 0.8))
def test_a_point_lies_where_the_pixels_around_it_went(mode, rows, columns, height, width, x, y):
    """An edge at a known place of the picture is found where the point says, within half a pixel of the input."""
    column, row = round(x * columns), round(y * rows)
    values = np.zeros((rows, columns), np.float32)
    values[:row, :column] = 1.0
    how = contract((height, width), mode)
    tensor = to_model_space(Image(values), how).tensor[0, 0]
    ((left, top), (right, bottom)) = points_to_model([[0, 0], [column, row]], (rows, columns), how)
    assert tensor.sum() == pytest.approx((right - left) * (bottom - top), abs=0.5 * (right - left + bottom - top) + 0.5)


@given(modes, sides, sides, inputs, inputs, st.integers(1, 3))
def test_a_mask_comes_back_to_its_place_within_half_a_pixel(mode, rows, columns, height, width, finer):
    """Whichever pixels are larger, those of the picture or of the input."""
    how = contract((height, width), mode)
    box = np.array([[0.25 * columns, 0.3 * rows], [0.7 * columns, 0.8 * rows]])
    (left, top), (right, bottom) = points_to_model(box, (rows, columns), how) * finer
    y, x = np.mgrid[: height * finer, : width * finer] + 0.5
    back = mask_to_source((x > left) & (x < right) & (y > top) & (y < bottom), (rows, columns), how)
    assert back.shape == (rows, columns)
    found_rows, found_columns = np.flatnonzero(back.any(1)), np.flatnonzero(back.any(0))
    found = np.array([[found_columns[0], found_rows[0]], [found_columns[-1] + 1, found_rows[-1] + 1]], float)
    scale = points_to_model([[1, 1]], (rows, columns), how)[0] - points_to_model([[0, 0]], (rows, columns), how)[0]
    assert (np.abs(found - box) <= 0.5 + 0.5 / (scale * finer) + 1e-9).all()


def test_a_mask_of_the_padding_does_not_reach_the_picture():
    padding_only = np.ones((80, 80), np.bool_)
    padding_only[20:60] = False
    assert not mask_to_source(padding_only, (40, 80), contract((80, 80), "pad")).any()
