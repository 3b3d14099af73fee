"""Sizes of nodules. Source of the numbers: clinical reference, section 1.1."""

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK
from hypothesis import given
from hypothesis import strategies as st

from grids import affines, few
from secondread.core.code import SCT, Code
from secondread.core.errors import SpacingError
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask
from secondread.measure.nodule_size import (
    effective_diameter,
    effective_diameter_mm,
    ellipsoid_volume_mm3,
    mean_diameter_mm,
    sphere_volume_mm3,
    volume,
)

NODULE = Code(SCT, "27925004", "Nodule")
SPACING = (1.25, 0.7, 0.7)
SHAPE = (24, 40, 40)


def ball(radius_mm: float, spacing: tuple[float, float, float] = SPACING) -> Mask:
    """A sphere in the middle of a grid of (k, j, i) spacing in mm."""
    places = np.meshgrid(*((np.arange(n) - n // 2) * s for n, s in zip(SHAPE, spacing, strict=True)), indexing="ij")
    return Mask(sum(p * p for p in places) <= radius_mm**2, Geometry(SHAPE, np.diag([*spacing, 1.0])), NODULE)


@pytest.mark.parametrize(
    ("mm", "mm3"),
    [(4, 33.51), (6, 113.10), (8, 268.08), (10, 523.60), (15, 1767.15), (20, 4188.79), (30, 14137.17)],
)
def test_a_sphere_has_its_volume(mm, mm3):
    assert sphere_volume_mm3(mm) == pytest.approx(mm3, abs=5e-3)


@pytest.mark.parametrize(("mm3", "mm"), [(100, 5.7588), (113, 5.9983), (268, 7.9992), (300, 8.3057), (524, 10.0026)])
def test_a_volume_has_the_diameter_of_its_sphere(mm3, mm):
    assert effective_diameter_mm(mm3) == pytest.approx(mm, abs=5e-5)


def test_the_volumes_of_lung_rads_are_those_of_spheres():
    assert [round(sphere_volume_mm3(mm)) for mm in (4, 6, 8, 10, 15, 30)] == [34, 113, 268, 524, 1767, 14137]


def test_the_volumes_of_the_fleischner_society_are_not():
    assert round(sphere_volume_mm3(6)) != 100
    assert round(sphere_volume_mm3(8)) != 250


@given(st.floats(0.1, 300))
def test_diameter_and_volume_of_a_sphere_lead_back_to_each_other(mm):
    assert effective_diameter_mm(sphere_volume_mm3(mm)) == pytest.approx(mm)


@given(st.floats(0.1, 300))
def test_a_sphere_is_an_ellipsoid_of_equal_axes(mm):
    assert ellipsoid_volume_mm3(mm, mm, mm) == pytest.approx(sphere_volume_mm3(mm))


def test_an_ellipsoid_has_its_volume():
    assert ellipsoid_volume_mm3(20, 15, 18) / 1000 == pytest.approx(2.8274, abs=5e-5)  # mL


def test_the_mean_diameter_lies_between_its_axes():
    assert mean_diameter_mm(9.0, 6.0) == 7.5
    with pytest.raises(ValueError, match="short_mm: found 9; needed at most long_mm, 6"):
        mean_diameter_mm(6.0, 9.0)


@pytest.mark.parametrize("wrong", [0.0, -1.0, float("nan"), float("inf")])
def test_a_size_is_positive_and_finite(wrong):
    for size in (sphere_volume_mm3, effective_diameter_mm):
        with pytest.raises(ValueError, match="needed a positive finite number"):
            size(wrong)
    with pytest.raises(ValueError, match="second_mm"):
        ellipsoid_volume_mm3(1.0, wrong, 1.0)
    with pytest.raises(ValueError, match="needed a positive finite number"):
        mean_diameter_mm(1.0, wrong)


def test_simpleitk_measures_the_same():
    nodule = ball(9.0)
    picture = SimpleITK.GetImageFromArray(nodule.inside.astype(np.uint8))
    picture.SetSpacing(SPACING[::-1])
    witness = SimpleITK.LabelShapeStatisticsImageFilter()
    witness.Execute(picture)
    assert volume(nodule).value == pytest.approx(witness.GetPhysicalSize(1))
    assert effective_diameter(nodule).value == pytest.approx(2 * witness.GetEquivalentSphericalRadius(1))
    assert (volume(nodule).unit, effective_diameter(nodule).unit) == ("mm3", "mm")


def test_a_ball_of_known_size_is_measured_within_half_a_millimetre():
    assert effective_diameter(ball(6.0)).value == pytest.approx(12.0, abs=0.5)


@few
@given(affines)
def test_a_tilted_gantry_and_a_turned_patient_change_no_volume(affine):
    nodule = Mask(ball(6.0).inside, Geometry(SHAPE, affine), NODULE)
    columns = affine[:3, :3].T
    normal = np.cross(columns[1], columns[2])
    area, apart = np.linalg.norm(normal), abs(columns[0] @ normal) / np.linalg.norm(normal)
    assert volume(nodule).value == pytest.approx(nodule.inside.sum() * area * apart)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_flips_change_nothing_and_spacing_scales(axis):
    nodule = ball(6.0)
    flipped = replace(nodule, inside=np.flip(nodule.inside, axis))
    assert volume(flipped) == volume(nodule)
    double = replace(nodule, grid=Geometry(SHAPE, np.diag([*(2 * s for s in SPACING), 1.0])))
    assert volume(double).value == pytest.approx(8 * volume(nodule).value)
    assert effective_diameter(double).value == pytest.approx(2 * effective_diameter(nodule).value)


def test_what_has_no_volume_is_refused():
    with pytest.raises(SpacingError, match="mask over slices"):
        volume(Mask(np.ones((4, 4), bool), (1.0, 1.0), NODULE))
    with pytest.raises(ValueError, match="empty mask"):
        effective_diameter(replace(ball(6.0), inside=np.zeros(SHAPE, bool)))
