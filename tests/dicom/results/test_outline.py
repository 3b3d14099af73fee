from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from secondread.dicom.results.outline import MAX_VERTICES, outline, rectangle

SMALL = arrays.arrays(np.bool_, arrays.array_shapes(min_dims=2, max_dims=2, max_side=9))


def filled(points, shape):
    """Pixels whose centre lies inside the polygon, by the even-odd rule."""
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    inside = np.zeros(shape, bool)
    for (x0, y0), (x1, y1) in pairwise(points):
        if y0 != y1:
            inside ^= ((y0 > y) != (y1 > y)) & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return inside


@given(SMALL, st.data())
def test_the_line_encloses_exactly_the_area_around_the_peak(inside, data):
    values = np.where(inside, 0.5, 0.25).astype(np.float32)
    if not inside.any():
        assert outline(values) is None
        return
    peak = data.draw(st.sampled_from(np.argwhere(inside).tolist()))
    values[tuple(peak)] = 1.0
    labels, _ = ndimage.label(inside)  # pixels that touch by a side
    # The line does not cross a gap in a corner, so what can be reached through one is outside.
    area = ndimage.binary_fill_holes(labels == labels[tuple(peak)], structure=np.ones((3, 3)))
    assert np.array_equal(filled(outline(values), inside.shape), area)


def test_a_known_box_has_its_corners_at_pixel_edges():
    values = np.zeros((20, 30), np.float32)
    values[4:9, 11:27] = 0.5
    assert outline(values).tolist() == [[11, 4], [27, 4], [27, 9], [11, 9], [11, 4]]


def test_an_area_that_fills_the_picture_is_the_whole_rectangle():
    assert outline(np.ones((3, 7), np.float32)).tolist() == rectangle(3, 7).tolist()


def test_a_long_outline_is_simplified_and_still_encloses_the_same_area():
    y, x = np.mgrid[:900, :1000]
    wobble = 300 + 60 * np.sin(9 * np.arctan2(y - 450, x - 500))
    values = (np.hypot(y - 450, x - 500) < wobble).astype(np.float32)
    points = outline(values)
    assert 50 < len(points) <= MAX_VERTICES + 1
    assert points[0].tolist() == points[-1].tolist()
    difference = filled(points, values.shape) != (values > 0)
    assert difference.sum() < 0.01 * values.sum()
    assert not ndimage.binary_erosion(difference, iterations=3).any()
