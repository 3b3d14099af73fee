"""Brain, middle, ventricles and distances on MR."""

import numpy as np
import pytest

from phantoms.brain_mr import head, laid_otherwise, seen, volume_of
from secondread.core.errors import GeometryError
from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.measure.brain_mr import brain_mr, nearest_mm, turned, ventricles


def test_the_ventricles_have_the_size_they_have() -> None:
    phantom, brain, fluid = seen()
    assert float(fluid.sum()) * brain.voxel_ml == pytest.approx(phantom.fluid_ml, rel=0.12)
    assert (fluid & phantom.fluid).sum() > 0.97 * fluid.sum()


def test_a_turned_head_has_its_middle_where_its_halves_meet() -> None:
    _, brain, _ = seen(turn_deg=8.0, shift_mm=-9.0)
    assert abs(brain.frame.yaw_deg) == pytest.approx(8.0, abs=0.6)
    k, j, i = (n // 2 for n in brain.values.shape)
    assert abs(float(brain.aside_mm[k, j, i])) < 1.0


def test_left_of_the_middle_is_the_patients_left() -> None:
    _, brain, _ = seen()
    assert brain.aside_mm[20, 100, -1] > 50.0
    assert brain.aside_mm[20, 100, 0] < -50.0


def test_however_the_file_is_laid_the_same_brain_is_found() -> None:
    phantom = head((5.0, 2.0, 2.0), shift_mm=6.0)
    plain = volume_of(phantom.flair, phantom.steps)
    other = laid_otherwise(plain, (2, 0, 1), (-1, -1, 1))
    first, second = brain_mr(plain), brain_mr(other)
    assert np.array_equal(first.inside, second.inside)
    back = np.argwhere(second.to_source(second.inside))
    there = np.argwhere(first.to_source(first.inside))
    assert np.allclose(other.geometry.world(back).mean(0), plain.geometry.world(there).mean(0), atol=1e-6)


def test_sizes_scale_with_the_spacing_of_voxels() -> None:
    phantom = head((5.0, 2.0, 2.0))
    small = brain_mr(volume_of(phantom.flair, (4.5, 1.8, 1.8)))
    large = brain_mr(volume_of(phantom.flair, (5.0, 2.0, 2.0)))
    assert small.brain_ml / large.brain_ml == pytest.approx(0.9**3, rel=0.03)


def test_slices_that_lie_askew_are_refused() -> None:
    angle = np.deg2rad(40.0)
    affine = np.eye(4)[[2, 1, 0, 3]].copy()
    turn = np.array([[np.cos(angle), 0, -np.sin(angle)], [0, 1, 0], [np.sin(angle), 0, np.cos(angle)]])
    affine[:3, :3] = turn @ affine[:3, :3]
    with pytest.raises(GeometryError, match="askew"):
        turned(Volume(np.zeros((4, 4, 4), np.float32), Geometry((4, 4, 4), affine), "grey"))


def test_a_dark_part_of_a_tumour_is_no_ventricle() -> None:
    _, brain, fluid = seen()
    assert not (ventricles(brain, fluid) & fluid).any()


def test_the_distance_of_regions_is_that_between_their_nearest_voxels() -> None:
    region, other = np.zeros((3, 20, 20), bool), np.zeros((3, 20, 20), bool)
    region[1, 5, 5], other[1, 5, 15] = True, True
    assert nearest_mm(region, other, (5.0, 1.0, 0.5)) == pytest.approx(5.0)
    other[1, 5, 6] = True
    assert nearest_mm(region, other, (5.0, 1.0, 0.5)) == 0.0
    assert nearest_mm(region, np.zeros_like(region), (5.0, 1.0, 0.5)) is None
