import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates

from secondread.prepare.resize import resize

sides = st.integers(1, 60)
shapes = st.tuples(sides, sides)


def pictures(shape, seed):
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


@given(shapes, shapes, st.floats(0, 1, width=32))
def test_an_even_picture_stays_even_at_any_size(shape, wanted, grey):
    done = resize(np.full(shape, grey, np.float32), wanted)
    assert done.shape == wanted
    assert done.dtype == np.float32
    np.testing.assert_array_max_ulp(done, np.full(wanted, grey, np.float32), 1)


@given(shapes, shapes, st.integers(0, 2**32 - 1))
def test_nothing_becomes_brighter_than_the_brightest_or_darker_than_the_darkest(shape, wanted, seed):
    picture = pictures(shape, seed)
    done = resize(picture, wanted)
    assert picture.min() - 1e-6 <= done.min() <= done.max() <= picture.max() + 1e-6


@given(shapes, shapes, st.integers(0, 2**32 - 1))
def test_brighter_pictures_stay_brighter_everywhere(shape, wanted, seed):
    picture = pictures(shape, seed)
    brighter = picture + pictures(shape, seed + 1)
    assert (resize(brighter, wanted) >= resize(picture, wanted) - 1e-6).all()


@given(shapes, st.integers(0, 40), st.integers(0, 40), st.integers(0, 2**32 - 1))
def test_enlarging_is_linear_interpolation_between_pixel_centres(shape, more_rows, more_columns, seed):
    picture = pictures(shape, seed)
    wanted = (shape[0] + more_rows, shape[1] + more_columns)
    rows, columns = ((np.arange(m) + 0.5) * n / m - 0.5 for n, m in zip(shape, wanted, strict=True))
    witness = map_coordinates(picture, np.meshgrid(rows, columns, indexing="ij"), order=1, mode="nearest")
    np.testing.assert_allclose(resize(picture, wanted), witness, atol=1e-5)


def test_a_part_is_taken_where_the_box_says_to_a_fraction_of_a_pixel():
    picture = pictures((20, 30), 0)
    top, left, bottom, right = 3.25, 5.5, 11.75, 21.0
    rows = top + (np.arange(17) + 0.5) * (bottom - top) / 17 - 0.5
    columns = left + (np.arange(40) + 0.5) * (right - left) / 40 - 0.5
    witness = map_coordinates(picture, np.meshgrid(rows, columns, indexing="ij"), order=1)
    np.testing.assert_allclose(resize(picture, (17, 40), (top, left, bottom, right)), witness, atol=1e-5)


def test_shrinking_averages_a_fine_pattern_to_its_mean():
    stripes = np.tile(np.array([0.0, 1.0], np.float32), (64, 32))
    inner = resize(stripes, (8, 8))[:, 1:-1]
    np.testing.assert_allclose(inner, 0.5, atol=1e-3)


def test_the_picture_given_is_neither_changed_nor_returned():
    picture = pictures((5, 7), 0)
    before = picture.copy()
    picture.flags.writeable = False
    done = resize(picture, (5, 7))
    done[:] = 0
    np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize("shape", [(4,), (0, 4), (1, 4, 4)])
def test_what_is_not_a_picture_is_refused(shape):
    with pytest.raises(ValueError, match="needed \\[rows, columns\\]"):
        resize(np.zeros(shape, np.float32), (2, 2))


def test_a_size_without_pixels_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        resize(np.zeros((4, 4), np.float32), (0, 2))


@pytest.mark.parametrize("box", [(0, 0, 5, 4), (-1, 0, 4, 4), (2, 0, 2, 4), (0, 3, 4, 1)])
def test_a_box_that_is_empty_or_sticks_out_is_refused(box):
    with pytest.raises(ValueError, match="needed a part of a picture"):
        resize(np.zeros((4, 4), np.float32), (2, 2), box)
