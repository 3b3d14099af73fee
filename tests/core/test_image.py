"""Pictures and what is known about their scale."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.core.errors import SpacingError
from secondread.core.image import SPACING_SOURCES, Image

PICTURE = np.full((2, 3), 0.5, np.float32)
BAD = [0.0, -0.1, float("nan"), float("inf")]
known = st.sampled_from(sorted(SPACING_SOURCES - {"none"}))
positive = st.floats(1e-3, 1e3)


@given(positive, positive, known)
def test_a_known_spacing_comes_back_row_first_with_its_source(rows_mm, columns_mm, source):
    image = Image(PICTURE, (rows_mm, columns_mm), source)
    assert image.require_spacing_mm() == (rows_mm, columns_mm)
    assert image.spacing_source == source


def test_a_length_in_mm_is_refused_where_the_spacing_is_unknown():
    with pytest.raises(SpacingError, match="no pixel spacing"):
        Image(PICTURE).require_spacing_mm()


@pytest.mark.parametrize("source", sorted(SPACING_SOURCES))
@pytest.mark.parametrize("spacing", [None, (0.2, 0.2)])
def test_a_spacing_has_a_source_and_a_source_has_a_spacing(spacing, source):
    if (spacing is None) == (source == "none"):
        assert Image(PICTURE, spacing, source).spacing_mm == spacing
    else:
        with pytest.raises(ValueError, match="a spacing needs a source"):
            Image(PICTURE, spacing, source)


def test_a_source_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="'guess' is not one of"):
        Image(PICTURE, (0.2, 0.2), "guess")


@pytest.mark.parametrize("bad", BAD)
def test_a_spacing_that_is_no_positive_length_is_refused_in_both_directions(bad):
    for spacing in ((bad, 0.2), (0.2, bad)):
        with pytest.raises(ValueError, match="spacing must be positive"):
            Image(PICTURE, spacing, "patient")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_value_that_is_not_finite_spoils_the_picture(bad):
    values = PICTURE.copy()
    values[1, 2] = bad
    with pytest.raises(ValueError, match="finite values"):
        Image(values)


@pytest.mark.parametrize("shape", [(4,), (2, 3, 1), (0, 3)])
def test_a_picture_has_rows_and_columns(shape):
    with pytest.raises(ValueError, match="found"):
        Image(np.zeros(shape, np.float32))


def test_the_shape_is_rows_then_columns():
    assert Image(PICTURE).shape == (2, 3)


def test_padding_lies_on_the_same_pixels():
    assert Image(PICTURE, padding=PICTURE > 1).padding.dtype == np.bool_
    for shape in ((3, 2), (2,), (2, 3, 1)):
        with pytest.raises(ValueError, match=r"padding has shape .*, the image \(2, 3\)"):
            Image(PICTURE, padding=np.zeros(shape, bool))
