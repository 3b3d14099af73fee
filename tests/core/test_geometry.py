"""Where voxels lie in the patient."""

import nibabel
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grids import affines, few, geometries, places_mm, rotations, shears, steps_mm
from secondread.core.errors import GeometryError
from secondread.core.geometry import Geometry, flip_ras_lps, flip_xyz_kji

ONE_VOXEL = (1, 1, 1)
points = st.tuples(places_mm, places_mm).map(np.array)
factors = st.floats(0.1, 10.0)


def scaled(geometry, factor):
    affine = geometry.affine.copy()
    affine[:3, :3] *= factor
    return Geometry(geometry.shape, affine)


def changed(matrix, row, column, value):
    matrix = np.array(matrix, dtype=float)
    matrix[row, column] = value
    return matrix


@few
@given(geometries, points)
def test_index_undoes_world_and_world_undoes_index(geometry, place):
    assert np.allclose(geometry.index(geometry.world(place)), place, atol=1e-6)
    assert np.allclose(geometry.world(geometry.index(place)), place, atol=1e-6)


@few
@given(geometries, points)
def test_a_voxel_lies_where_an_independent_program_puts_it(geometry, index):
    assert np.allclose(geometry.world(index), nibabel.affines.apply_affine(geometry.affine, index), atol=1e-9)


@few
@given(geometries)
def test_the_first_voxel_is_at_the_origin_and_each_step_is_one_column(geometry):
    origin = geometry.world((0, 0, 0))
    assert np.array_equal(origin, geometry.affine[:3, 3])
    for axis, step in enumerate(np.eye(3)):
        assert np.allclose(geometry.world(step) - origin, geometry.affine[:3, axis], atol=1e-9)


@few
@given(geometries)
def test_spacing_is_the_distance_between_neighbours_in_slice_row_column_order(geometry):
    apart = [np.linalg.norm(geometry.world(step) - geometry.world((0, 0, 0))) for step in np.eye(3)]
    assert np.allclose(geometry.spacing_mm, apart, atol=1e-9)


@few
@given(geometries, factors)
def test_spacing_scales_with_the_grid_and_volume_with_its_cube(geometry, factor):
    larger = scaled(geometry, factor)
    assert np.allclose(larger.spacing_mm, np.multiply(geometry.spacing_mm, factor))
    assert larger.voxel_volume_mm3 == pytest.approx(geometry.voxel_volume_mm3 * factor**3)


@few
@given(steps_mm, rotations, shears)
def test_a_voxel_keeps_its_volume_when_the_grid_is_turned_or_tilted(spacing, turn, tilt):
    affine = np.eye(4)
    affine[:3, :3] = turn @ tilt @ np.diag(spacing)
    assert Geometry(ONE_VOXEL, affine).voxel_volume_mm3 == pytest.approx(np.prod(spacing))


@few
@given(geometries)
def test_the_volume_of_a_voxel_is_the_triple_product_of_its_edges(geometry):
    k, j, i = geometry.affine[:3, :3].T
    assert geometry.voxel_volume_mm3 == pytest.approx(abs(np.dot(k, np.cross(j, i))))


def test_points_keep_the_shape_they_come_in():
    geometry = Geometry((2, 3, 4), np.diag([5.0, 0.7, 0.8, 1.0]))
    for shape in ((3,), (1, 3), (2, 5, 3), (0, 3)):
        assert geometry.world(np.zeros(shape)).shape == shape
        assert geometry.index(np.zeros(shape)).shape == shape
    assert geometry.world((1, 2, 0.5)).tolist() == [5.0, 1.4, 0.4]


@pytest.mark.parametrize(
    "shape", [(0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1, -2), (1.5, 1, 1), (1, 1), (1, 1, 1, 1), ()], ids=str
)
def test_a_grid_without_three_axes_of_voxels_is_refused(shape):
    with pytest.raises(GeometryError, match="three axes of at least one voxel"):
        Geometry(shape, np.eye(4))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [(0, 0), (1, 3), (3, 3)])
def test_an_affine_that_is_not_finite_is_refused(value, place):
    with pytest.raises(GeometryError, match="finite 4x4"):
        Geometry(ONE_VOXEL, changed(np.eye(4), *place, value))


@pytest.mark.parametrize("shape", [(3, 3), (3, 4), (4, 3), (16,)])
def test_an_affine_of_another_shape_is_refused(shape):
    with pytest.raises(GeometryError, match="finite 4x4"):
        Geometry(ONE_VOXEL, np.ones(shape))


@pytest.mark.parametrize(("column", "value"), [(0, 0.1), (2, 1.0), (3, 0.5), (3, 0.0)])
def test_a_matrix_that_is_not_affine_is_refused(column, value):
    with pytest.raises(GeometryError, match="last row"):
        Geometry(ONE_VOXEL, changed(np.eye(4), 3, column, value))


@few
@given(affines, st.integers(0, 2), st.integers(0, 2), st.floats(-3.0, 3.0))
def test_a_grid_with_two_axes_along_one_line_is_refused(affine, axis, other, factor):
    affine[:3, axis] = affine[:3, other] * (factor if axis != other else 0.0)
    with pytest.raises(GeometryError, match="cannot be inverted"):
        Geometry(ONE_VOXEL, affine)


def test_a_very_fine_grid_is_not_mistaken_for_a_flat_one():
    geometry = Geometry(ONE_VOXEL, np.diag([1e-3, 1e-3, 1e-3, 1.0]))
    assert geometry.voxel_volume_mm3 == pytest.approx(1e-9)


@few
@given(geometries, st.tuples(*[st.integers(0, 2)] * 2))
def test_grids_are_equal_exactly_when_shape_and_affine_are_and_then_hash_alike(geometry, place):
    same = Geometry(geometry.shape, geometry.affine.tolist())
    assert same == geometry
    assert len({same, geometry}) == 1
    assert Geometry((*geometry.shape[:2], geometry.shape[2] + 1), geometry.affine) != geometry
    assert Geometry(geometry.shape, changed(geometry.affine, 0, 3, 501.0)) != geometry
    assert geometry != (geometry.shape, geometry.affine)


def test_zero_and_minus_zero_are_one_place_for_equality_and_hash():
    plus, minus = (Geometry(ONE_VOXEL, changed(np.eye(4), 0, 3, zero)) for zero in (0.0, -0.0))
    assert plus == minus
    assert hash(plus) == hash(minus)


def test_whole_numbers_of_any_kind_make_the_same_shape():
    geometry = Geometry((np.int64(2), 3.0, 4), np.eye(4))
    assert geometry == Geometry((2, 3, 4), np.eye(4))
    assert all(type(n) is int for n in geometry.shape)


@few
@given(affines)
def test_each_conversion_undoes_itself_and_leaves_its_input_alone(affine):
    before = affine.copy()
    for flip in (flip_ras_lps, flip_xyz_kji):
        assert np.array_equal(flip(flip(affine)), affine)
        assert not np.array_equal(flip(affine), affine)
    assert np.array_equal(affine, before)


@few
@given(affines, points)
def test_ras_and_lps_differ_in_the_sign_of_x_and_y_only(affine, index):
    lps, ras = (nibabel.affines.apply_affine(matrix, index) for matrix in (affine, flip_ras_lps(affine)))
    assert np.allclose(ras, lps * [-1.0, -1.0, 1.0])


@few
@given(affines, points)
def test_a_voxel_named_x_y_z_or_k_j_i_is_the_same_place(affine, index):
    xyz, kji = (
        nibabel.affines.apply_affine(m, p) for m, p in ((affine, index), (flip_xyz_kji(affine), index[:, ::-1]))
    )
    assert np.allclose(xyz, kji)


def test_axial_slices_of_known_spacing_and_position_lie_where_the_standard_puts_them():
    """Spacing (0.7 between rows, 0.8 between columns), slices 2.5 mm apart, first pixel at (-100, -120, 50) in LPS."""
    lps = np.diag([0.8, 0.7, 2.5, 1.0])
    lps[:3, 3] = (-100.0, -120.0, 50.0)
    ras = np.diag([-0.8, -0.7, 2.5, 1.0])
    ras[:3, 3] = (100.0, 120.0, 50.0)
    assert np.array_equal(flip_ras_lps(lps), ras)
    assert nibabel.aff2axcodes(flip_ras_lps(lps)) == ("L", "P", "S")
    geometry = Geometry((3, 4, 5), flip_xyz_kji(lps))
    assert geometry.spacing_mm == (2.5, 0.7, 0.8)
    assert np.allclose(geometry.world((2, 3, 4)), (-100 + 4 * 0.8, -120 + 3 * 0.7, 50 + 2 * 2.5))


def test_no_conversion_makes_a_minus_zero():
    assert not np.signbit(flip_ras_lps(np.zeros((4, 4)))).any()
