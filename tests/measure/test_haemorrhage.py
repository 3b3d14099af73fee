"""Volumes of bleedings. Source of the numbers: clinical reference, section 1.8."""

import numpy as np
import pytest
import SimpleITK
from hypothesis import given
from hypothesis import strategies as st

from grids import affines, few
from secondread.core.code import LOCAL, Code
from secondread.core.errors import SpacingError
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask
from secondread.measure.haemorrhage import (
    abc_of_mask,
    abc_volume,
    abc_volume_from_areas,
    slice_weights,
    volume_by_voxels,
)

BLOOD = Code(LOCAL, "blood", "Blood")
AREAS = (200, 600, 1200, 1600, 1500, 900, 300)
SPACING = (2.0, 0.5, 0.5)
SHAPE = (30, 120, 100)


def mask(inside, spacing=SPACING):
    return Mask(inside, Geometry(inside.shape, np.diag([*spacing, 1.0])), BLOOD)


def ellipsoid(semi_mm, spacing=SPACING, shape=SHAPE):
    """Semi-axes along (k, j, i) in mm."""
    places = np.meshgrid(*((np.arange(n) - n // 2) * s for n, s in zip(shape, spacing, strict=True)), indexing="ij")
    return mask(sum((p / a) ** 2 for p, a in zip(places, semi_mm, strict=True)) <= 1.0, spacing)


def test_voxels_are_counted_with_their_spacing():
    inside = np.zeros((5, 60, 60), dtype=bool)
    inside.flat[:12345] = True
    measured = volume_by_voxels(mask(inside, (5.0, 0.488281, 0.488281)))
    assert measured.value == pytest.approx(14.7164, abs=5e-5)
    assert measured.unit == "mL"


def test_another_program_counts_the_same_volume():
    blood = ellipsoid((20.0, 25.0, 18.0))
    image = SimpleITK.GetImageFromArray(blood.inside.astype(np.uint8))
    image.SetSpacing(SPACING[::-1])
    shape = SimpleITK.LabelShapeStatisticsImageFilter()
    shape.Execute(image)
    assert volume_by_voxels(blood).value == pytest.approx(shape.GetPhysicalSize(1) / 1000.0)


def test_the_published_formula_in_centimetres():
    assert abc_volume(a_mm=50, b_mm=40, c_mm=30).value == 30.0
    irregular = abc_volume(a_mm=50, b_mm=40, c_mm=30, irregular=True)
    assert (irregular.value, irregular.method) == (20.0, "ABC/3")


def test_slices_count_by_their_area():
    assert slice_weights(AREAS).tolist() == [0.0, 0.5, 1.0, 1.0, 1.0, 0.5, 0.0]
    assert abc_volume_from_areas(AREAS, a_mm=50, b_mm=40, slice_distance_mm=5).value == pytest.approx(20.0)


def test_the_limits_of_the_weights_belong_to_the_higher_one():
    assert slice_weights([100, 75, 74.9, 25, 24.9]).tolist() == [1.0, 1.0, 0.5, 0.5, 0.0]


@given(st.floats(0.01, 100.0))
def test_weights_do_not_depend_on_the_unit_of_area(factor):
    assert slice_weights([area * factor for area in AREAS]).tolist() == slice_weights(AREAS).tolist()


def test_the_axes_of_an_ellipsoid_are_found():
    found = abc_of_mask(ellipsoid((20.0, 26.0, 18.0)), weighted=False)
    assert found.a_mm == pytest.approx(52.0, abs=0.7)
    assert found.b_mm == pytest.approx(36.0, abs=0.7)
    assert found.c_mm == pytest.approx(40.0, abs=2.0)
    assert found.slice_index == SHAPE[0] // 2


def test_abc2_of_an_ellipsoid_is_near_its_volume_and_weights_make_it_too_small():
    blood = ellipsoid((19.0, 26.0, 18.0))
    true = volume_by_voxels(blood).value
    counted, weighted = (abc_of_mask(blood, weighted=choice).volume for choice in (False, True))
    assert counted.value / true == pytest.approx(6 / (2 * np.pi), rel=0.06)  # ABC/2 takes pi for 3
    assert weighted.value / true == pytest.approx(0.65, abs=0.05)
    assert "counted" in counted.method
    assert "weighted" in weighted.method


def test_an_irregular_bleeding_is_divided_by_three():
    blood = ellipsoid((20.0, 26.0, 18.0))
    ratio = abc_of_mask(blood, irregular=True).volume.value / abc_of_mask(blood).volume.value
    assert ratio == pytest.approx(2 / 3)


@few
@given(affines)
def test_a_bleeding_has_the_same_volume_in_any_position_and_mirrored(affine):
    inside = np.zeros((4, 6, 7), dtype=bool)
    inside[1:3, 1:5, 2:6] = inside[2, 5, 3] = inside[0, 2, 2] = True
    grid = Geometry(inside.shape, affine)
    one = abc_of_mask(Mask(inside, grid, BLOOD))
    turned = abc_of_mask(Mask(inside[::-1, ::-1, ::-1], grid, BLOOD))
    assert turned.volume.value == pytest.approx(one.volume.value)
    assert volume_by_voxels(Mask(inside, grid, BLOOD)).value == pytest.approx(
        volume_by_voxels(Mask(inside[:, ::-1], grid, BLOOD)).value
    )


@few
@given(st.floats(0.2, 5.0))
def test_twice_the_spacing_is_eight_times_the_volume(factor):
    blood = ellipsoid((14.0, 12.0, 8.0), shape=(20, 60, 60))
    larger = mask(blood.inside, tuple(s * factor for s in SPACING))
    assert abc_of_mask(larger).volume.value == pytest.approx(factor**3 * abc_of_mask(blood).volume.value)
    assert volume_by_voxels(larger).value == pytest.approx(factor**3 * volume_by_voxels(blood).value)


def test_a_tilted_gantry_does_not_stretch_c():
    blood = ellipsoid((14.0, 12.0, 8.0), shape=(20, 60, 60))
    affine = np.diag([*SPACING, 1.0])
    affine[1, 0] = 0.7  # each slice is shifted within its plane
    tilted = Mask(blood.inside, Geometry(blood.inside.shape, affine), BLOOD)
    assert abc_of_mask(tilted).c_mm == pytest.approx(abc_of_mask(blood).c_mm)


def test_without_blood_the_volume_is_nought_and_there_are_no_axes():
    nothing = mask(np.zeros((3, 4, 5), dtype=bool))
    assert volume_by_voxels(nothing).value == 0.0
    with pytest.raises(ValueError, match="found no voxel"):
        abc_of_mask(nothing)


def test_a_flat_picture_has_no_volume():
    flat = Mask(np.ones((4, 4), dtype=bool), (1.0, 1.0), BLOOD)
    for measure in (volume_by_voxels, abc_of_mask):
        with pytest.raises(SpacingError):
            measure(flat)


@pytest.mark.parametrize("wrong", [{"a_mm": 0}, {"b_mm": -1}, {"c_mm": float("nan")}])
def test_lengths_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        abc_volume(**{"a_mm": 50, "b_mm": 40, "c_mm": 30, **wrong})


@pytest.mark.parametrize("wrong", [[], [0, 0], [1, -1], [1, float("nan")]])
def test_areas_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="areas"):
        slice_weights(wrong)
