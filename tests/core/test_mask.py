"""Regions are measured in the patient, not in pixels."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from grids import affines, few, geometries, rotations, shears
from secondread.core.code import SCT, Code
from secondread.core.errors import SpacingError
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask

LUNG = Code(SCT, "39607008", "Lung")
REGION = np.array([[[1, 0, 0], [1, 1, 0]], [[0, 0, 0], [1, 1, 1]]], dtype=bool)
regions = arrays(np.bool_, st.tuples(*[st.integers(1, 3)] * 3))
flat_regions = arrays(np.bool_, st.tuples(*[st.integers(1, 5)] * 2))
steps_mm = st.floats(0.05, 5.0)


def volume_ml(inside, affine):
    return Mask(inside, Geometry(inside.shape, affine), LUNG).volume_ml


def test_twelve_thousand_voxels_of_a_head_ct_are_14_7_millilitres():
    """12345 voxels of 0.488281 x 0.488281 x 5 mm."""
    inside = np.arange(5 * 50 * 50).reshape(5, 50, 50) < 12345
    assert volume_ml(inside, np.diag([5.0, 0.488281, 0.488281, 1.0])) == pytest.approx(14.7164, abs=5e-5)


@few
@given(regions, affines)
def test_volume_is_the_number_of_voxels_times_their_volume(inside, affine):
    one = abs(np.dot(affine[:3, 0], np.cross(affine[:3, 1], affine[:3, 2])))
    assert volume_ml(inside, affine) == pytest.approx(np.count_nonzero(inside) * one / 1000)


@few
@given(regions, affines, st.integers(0, 2), st.floats(0.1, 10.0))
def test_volume_scales_with_the_spacing_of_each_axis(inside, affine, axis, factor):
    before = volume_ml(inside, affine)
    affine[:3, axis] *= factor
    assert volume_ml(inside, affine) == pytest.approx(before * factor)


@few
@given(regions, affines, st.sampled_from(list(permutations(range(3)))), st.sets(st.integers(0, 2)))
def test_volume_does_not_change_when_the_axes_are_stored_in_another_order_or_direction(inside, affine, order, turned):
    before = volume_ml(inside, affine)
    affine[:3, :3] = affine[:3, order]
    affine[:3, list(turned)] *= -1
    assert volume_ml(np.flip(inside.transpose(order), tuple(turned)), affine) == pytest.approx(before)


@few
@given(affines, rotations, shears)
def test_volume_does_not_change_when_the_patient_is_turned_moved_or_the_gantry_tilted(affine, turn, tilt):
    before = volume_ml(REGION, affine)
    affine[:3, :3] = turn @ tilt @ affine[:3, :3]
    affine[:3, 3] = 0.0
    assert volume_ml(REGION, affine) == pytest.approx(before)


@few
@given(affines, st.integers(0, 2))
def test_volume_does_not_change_when_every_voxel_is_cut_in_two(affine, axis):
    before = volume_ml(REGION, affine)
    affine[:3, axis] /= 2
    assert volume_ml(np.repeat(REGION, 2, axis), affine) == pytest.approx(before)


def test_a_ball_on_a_turned_tilted_uneven_grid_has_the_volume_of_a_ball():
    affine = np.eye(4)
    affine[:3, :3] = [[0.1, 0.3, 0.6], [-0.2, 0.9, -0.2], [1.4, 0.2, 0.1]]
    affine[:3, 3] = (-40.0, -30.0, -40.0)
    grid = Geometry((64, 80, 96), affine)
    places = grid.world(np.moveaxis(np.indices(grid.shape), 0, -1))
    middle = grid.world((np.array(grid.shape) - 1) / 2)
    ball = Mask(np.linalg.norm(places - middle, axis=-1) <= 12.0, grid, LUNG)
    assert ball.volume_ml == pytest.approx(4 / 3 * np.pi * 1.2**3, rel=0.01)


@few
@given(flat_regions, steps_mm, steps_mm)
def test_area_is_right_however_the_picture_is_turned_or_refined(inside, rows_mm, columns_mm):
    area = Mask(inside, (rows_mm, columns_mm), LUNG).area_mm2
    assert area == pytest.approx(np.count_nonzero(inside) * rows_mm * columns_mm)
    assert Mask(inside.T, (columns_mm, rows_mm), LUNG).area_mm2 == pytest.approx(area)
    assert Mask(inside[::-1, ::-1], (rows_mm, columns_mm), LUNG).area_mm2 == pytest.approx(area)
    assert Mask(np.repeat(inside, 2, 0), (rows_mm / 2, columns_mm), LUNG).area_mm2 == pytest.approx(area)


def test_a_size_that_cannot_be_known_is_not_guessed():
    flat, over_slices = np.ones((2, 3), bool), np.ones((1, 2, 3), bool)
    for grid in (None, (0.2, 0.2)):
        with pytest.raises(SpacingError, match="needs a mask over slices"):
            _ = Mask(flat, grid, LUNG).volume_ml
    for unknown in (Mask(flat, None, LUNG), Mask(over_slices, Geometry((1, 2, 3), np.eye(4)), LUNG)):
        with pytest.raises(SpacingError, match="flat mask with known pixel spacing"):
            _ = unknown.area_mm2


def test_an_empty_region_has_no_volume_and_no_area():
    assert Mask(np.zeros((1, 2, 3), bool), Geometry((1, 2, 3), np.eye(4)), LUNG).volume_ml == 0.0
    assert Mask(np.zeros((2, 3), bool), (0.2, 0.2), LUNG).area_mm2 == 0.0


@few
@given(geometries)
def test_a_region_lies_on_every_place_of_its_grid(geometry):
    assert Mask(np.ones(geometry.shape, bool), geometry, LUNG).inside.shape == geometry.shape
    for shape in ((*geometry.shape[:2], geometry.shape[2] + 1), geometry.shape[1:]):
        with pytest.raises(ValueError, match="its grid"):
            Mask(np.ones(shape, bool), geometry, LUNG)


@pytest.mark.parametrize("grid", [None, (0.2, 0.2)])
def test_a_region_over_slices_needs_to_know_where_they_lie(grid):
    with pytest.raises(ValueError, match="needs a Geometry"):
        Mask(np.ones((2, 2, 2), bool), grid, LUNG)


@pytest.mark.parametrize("bad", [0.0, -0.2, float("nan"), float("inf")])
def test_a_spacing_that_is_no_positive_length_is_refused_in_both_directions(bad):
    for spacing in ((bad, 0.2), (0.2, bad)):
        with pytest.raises(ValueError, match="spacing must be positive"):
            Mask(np.ones((2, 2), bool), spacing, LUNG)
