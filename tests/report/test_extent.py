"""Where a region lies, in few numbers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from secondread.report.extent import AXES, extent

REGIONS = array_shapes(min_dims=2, max_dims=3, max_side=6).flatmap(lambda shape: arrays(np.bool_, shape))


def test_a_known_blob_is_found_at_its_columns_and_rows():
    inside = np.zeros((10, 20), dtype=bool)
    inside[2:4, 15:20] = True
    found = extent(inside)
    assert (found.pixels, found.centroid) == (10, {"column": 17.5, "row": 3.0})
    assert found.bounding_box == {"column": (15, 20), "row": (2, 4)}


def test_nothing_has_no_place():
    assert extent(np.zeros((3, 3), dtype=bool)) is None


def test_slices_are_named_last():
    inside = np.zeros((4, 3, 2), dtype=bool)
    inside[3, 0, 1] = True
    assert extent(inside).centroid == {"column": 1.5, "row": 0.5, "slice": 3.5}


@given(REGIONS)
def test_centre_and_box_agree_with_scipy(inside):
    found = extent(inside)
    if found is None:
        assert not inside.any()
        return
    axes = AXES[: inside.ndim][::-1]
    centre = dict(zip(axes, ndimage.center_of_mass(inside), strict=True))
    box = dict(zip(axes, ndimage.find_objects(inside.astype(int))[0], strict=True))
    for axis in axes:
        assert abs(found.centroid[axis] - 0.5 - centre[axis]) < 1e-9
        assert found.bounding_box[axis] == (box[axis].start, box[axis].stop)
        assert found.bounding_box[axis][0] < found.centroid[axis] < found.bounding_box[axis][1]


@given(REGIONS, st.integers(0, 1))
def test_mirroring_the_picture_mirrors_the_place(inside, axis):
    name, size = AXES[axis], inside.shape[inside.ndim - 1 - axis]
    found, mirrored = extent(inside), extent(np.flip(inside, inside.ndim - 1 - axis))
    if found is not None:
        assert abs(mirrored.centroid[name] - (size - found.centroid[name])) < 1e-9
