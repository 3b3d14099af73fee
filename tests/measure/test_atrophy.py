"""Shrinkage of the brain. Source of the numbers: clinical reference, section 1.11."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from grids import affines, few
from secondread.core.code import LOCAL, Code
from secondread.core.errors import SpacingError
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask
from secondread.measure.atrophy import (
    adjust_for_head_size,
    asymmetry,
    brain_parenchymal_fraction,
    evans_index,
    evans_index_of_masks,
    hippocampal_volumes,
    is_ventriculomegaly,
)

PART = Code(LOCAL, "part", "Part of the brain")
GRID = Geometry((4, 20, 30), np.diag([2.0, 1.0, 1.0, 1.0]))
volumes = st.floats(1.0, 1e6)


def box(j, i, k=slice(None), grid=GRID):
    inside = np.zeros(grid.shape, dtype=bool)
    inside[k, j, i] = True
    return Mask(inside, grid, PART)


def across(affine):
    """The affine with i along the patient's left-right axis (x) and j, k across it."""
    grid = np.zeros((4, 4))
    grid[0, 2], grid[1, 1], grid[2, 0], grid[3, 3] = affine
    return grid


LEFT, RIGHT = box(slice(2, 12), slice(2, 8)), box(slice(2, 12), slice(20, 28))


def test_both_sides_their_sum_and_how_they_differ():
    both = hippocampal_volumes(LEFT, RIGHT, method="a test")
    assert (both.left.value, both.right.value, both.total.value) == (0.48, 0.64, pytest.approx(1.12))
    assert both.asymmetry.value == pytest.approx((0.48 - 0.64) / 0.56)
    assert both.left.unit == both.total.unit == "mL"
    assert "a test" in both.left.method


@few
@given(affines)
def test_asymmetry_does_not_depend_on_the_grid_and_turns_round_with_the_sides(affine):
    grid = Geometry(GRID.shape, affine)
    left, right = Mask(LEFT.inside, grid, PART), Mask(RIGHT.inside, grid, PART)
    one = hippocampal_volumes(left, right, method="a test")
    other = hippocampal_volumes(right, left, method="a test")
    assert one.asymmetry.value == pytest.approx(-other.asymmetry.value)
    assert one.asymmetry.value == pytest.approx(hippocampal_volumes(LEFT, RIGHT, method="a test").asymmetry.value)
    assert one.total.value == pytest.approx(other.total.value)


@given(volumes, volumes)
def test_asymmetry_lies_between_minus_and_plus_two(left, right):
    assert -2.0 <= asymmetry(left, right).value <= 2.0


def test_outlines_that_overlap_or_are_empty_or_of_no_method_are_refused():
    with pytest.raises(ValueError, match="in both"):
        hippocampal_volumes(LEFT, LEFT, method="a test")
    with pytest.raises(ValueError, match="found 0"):
        hippocampal_volumes(LEFT, box(slice(0, 0), slice(0, 0)), method="a test")
    with pytest.raises(ValueError, match="method"):
        hippocampal_volumes(LEFT, RIGHT, method="")


def test_the_published_adjustment_for_head_size():
    adjusted = adjust_for_head_size(
        volume_mm3=3000, intracranial_mm3=1_600_000, reference_mm3=1_500_000, slope=0.0015, controls="a test"
    )
    assert (adjusted.value, adjusted.unit) == (pytest.approx(2850.0), "mm3")
    assert "a test" in adjusted.method


def test_adjusted_volumes_of_the_controls_no_longer_follow_head_size():
    rng = np.random.default_rng(3)
    heads = rng.normal(1_500_000, 120_000, 60)
    found = 3000 + 0.0015 * (heads - 1_500_000) + rng.normal(0, 200, 60)
    line = stats.linregress(heads, found)
    adjusted = [
        adjust_for_head_size(
            volume_mm3=v, intracranial_mm3=h, reference_mm3=heads.mean(), slope=line.slope, controls="sixty"
        ).value
        for v, h in zip(found, heads, strict=True)
    ]
    assert stats.linregress(heads, adjusted).slope == pytest.approx(0.0, abs=1e-9)
    assert np.mean(adjusted) == pytest.approx(found.mean())


def test_the_slope_needs_the_name_of_its_controls():
    with pytest.raises(ValueError, match="controls"):
        adjust_for_head_size(volume_mm3=1, intracranial_mm3=1, reference_mm3=1, slope=0.1, controls="")


def test_the_published_brain_fraction():
    fraction = brain_parenchymal_fraction(grey_ml=600, white_ml=500, csf_ml=350)
    assert (fraction.value, fraction.unit) == (pytest.approx(0.75862, abs=5e-6), "1")


@given(volumes, volumes, volumes, st.floats(0.1, 10.0))
def test_the_brain_fraction_is_a_share_that_does_not_depend_on_spacing(grey, white, csf, factor):
    one = brain_parenchymal_fraction(grey_ml=grey, white_ml=white, csf_ml=csf).value
    scaled = brain_parenchymal_fraction(grey_ml=grey * factor, white_ml=white * factor, csf_ml=csf * factor).value
    assert 0.0 < one < 1.0
    assert scaled == pytest.approx(one)


@pytest.mark.parametrize(
    ("horns_mm", "skull_mm", "index", "wide"),
    [(35, 128, 0.27344, False), (42, 130, 0.32308, True), (30, 100, 0.30, False)],
)
def test_published_evans_indices(horns_mm, skull_mm, index, wide):
    found = evans_index(horns_mm=horns_mm, skull_mm=skull_mm, horns_slice=7, skull_slice=7)
    assert found.value == pytest.approx(index, abs=5e-6)
    assert is_ventriculomegaly(found) == wide


def test_widths_of_two_slices_make_no_evans_index():
    with pytest.raises(ValueError, match="needed the slice of the horns, 7"):
        evans_index(horns_mm=35, skull_mm=128, horns_slice=7, skull_slice=8)


@few
@given(st.floats(0.2, 3.0), st.sampled_from([-1.0, 1.0]), st.sampled_from([-1.0, 1.0]))
def test_the_skull_is_measured_where_the_horns_are_widest(step_mm, mirror_x, mirror_y):
    grid = Geometry((4, 20, 30), across((mirror_x * step_mm, mirror_y, 5.0, 1.0)))
    horns = Mask(box(slice(8, 12), slice(12, 18), 1).inside | box(slice(8, 12), slice(14, 17), 2).inside, grid, PART)
    skull = Mask(box(slice(2, 18), slice(5, 25), 1).inside | box(slice(2, 18), slice(1, 29), 2).inside, grid, PART)
    found = evans_index_of_masks(horns, skull)
    assert found.value == pytest.approx(6 / 20)  # not 6 / 28, the skull's largest width on another slice
    assert found.method.endswith("slice 1")
    flipped = evans_index_of_masks(
        Mask(horns.inside[::-1, :, ::-1], grid, PART), Mask(skull.inside[::-1, :, ::-1], grid, PART)
    )
    assert flipped.value == pytest.approx(found.value)


def test_width_runs_from_left_to_right_of_the_patient_not_along_a_fixed_index():
    affine = np.eye(4)[[1, 2, 0, 3]]  # x runs along j
    assert affine[0].tolist() == [0.0, 1.0, 0.0, 0.0]
    grid = Geometry((2, 30, 20), affine)
    skull = Mask(np.ones(grid.shape, dtype=bool), grid, PART)
    horns = box(slice(5, 15), slice(0, 4), grid=grid)
    assert evans_index_of_masks(horns, skull).value == pytest.approx(10 / 30)


def test_what_is_not_there_has_no_evans_index():
    flat = Mask(np.ones((4, 4), dtype=bool), (1.0, 1.0), PART)
    empty = box(slice(0, 0), slice(0, 0))
    with pytest.raises(SpacingError):
        evans_index_of_masks(flat, flat)
    with pytest.raises(ValueError, match="horns"):
        evans_index_of_masks(empty, LEFT)
    with pytest.raises(ValueError, match="another grid"):
        evans_index_of_masks(LEFT, box(slice(2, 4), slice(2, 4), grid=Geometry((4, 20, 30), np.eye(4))))


@pytest.mark.parametrize("wrong", [{"horns_mm": 0}, {"horns_mm": 130}, {"skull_mm": float("nan")}])
def test_widths_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        evans_index(**{"horns_mm": 35, "skull_mm": 128, "horns_slice": 1, "skull_slice": 1, **wrong})
