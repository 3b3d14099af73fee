"""Long and short axes of outlines, against shapes that are known and another program."""

import numpy as np
import pytest
import scipy
import SimpleITK
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import pdist
from skimage.measure import find_contours, regionprops

from grids import affines, few
from secondread.core.code import SCT, Code
from secondread.core.errors import SpacingError
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask
from secondread.measure.diameters import (
    Edge,
    diameters_in_slice,
    largest_diameter_3d_mm,
    largest_diameters,
    without_noise,
)

LESION = Code(SCT, "52988006", "Lesion")
spacings = st.tuples(st.floats(0.3, 1.2), st.floats(0.3, 1.2))


def flat(inside, spacing=(1.0, 1.0)) -> Mask:
    return Mask(np.asarray(inside, dtype=bool), spacing, LESION)


def ellipse(long_mm: float, short_mm: float, turn: float, spacing=(1.0, 1.0)) -> Mask:
    """An ellipse with these full axes, its long one turned from the rows."""
    n = int(1.2 * long_mm / min(spacing)) + 6
    row, column = ((np.arange(n) - (n - 1) / 2) * s for s in spacing)
    y, x = np.meshgrid(row, column, indexing="ij")
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    return flat((2 * u / long_mm) ** 2 + (2 * v / short_mm) ** 2 <= 1, spacing)


def ball(radius_mm: float, spacing=(1.25, 0.7, 0.7)) -> Mask:
    shape = tuple(2 * int(radius_mm / s + 2) + 1 for s in spacing)
    places = np.meshgrid(*((np.arange(n) - n // 2) * s for n, s in zip(shape, spacing, strict=True)), indexing="ij")
    return Mask(sum(p * p for p in places) <= radius_mm**2, Geometry(shape, np.diag([*spacing, 1.0])), LESION)


@few
@given(st.integers(0, 2**32 - 1), spacings)
def test_another_program_finds_the_same_longest_diameter(seed, spacing):
    inside = np.random.default_rng(seed).random((7, 9)) < 0.4
    inside[3, 4] = True
    outline = np.concatenate(find_contours(np.pad(inside, 1).astype(float), 0.5)) * spacing
    assert diameters_in_slice(flat(inside, spacing)).long_mm == pytest.approx(pdist(outline).max())


def test_the_feret_diameter_of_another_program_is_the_long_axis():
    mask = ellipse(40, 16, 0.5)
    witness = regionprops(mask.inside.astype(np.uint8))[0].feret_diameter_max
    assert diameters_in_slice(mask).long_mm == pytest.approx(witness)


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (0.5, 0.9), (0.7, 0.7)])
@pytest.mark.parametrize("turn", [0.0, 0.5, 1.2, np.pi / 2])
def test_an_ellipse_has_its_axes_within_a_pixel(spacing, turn):
    found = diameters_in_slice(ellipse(40, 16, turn, spacing))
    assert found.long_mm == pytest.approx(40, abs=max(spacing))
    assert found.short_mm == pytest.approx(16, abs=max(spacing))


def test_a_single_pixel_is_as_wide_as_its_spacing():
    found = diameters_in_slice(flat([[0, 0, 0], [0, 1, 0], [0, 0, 0]], (0.5, 0.8)))
    assert (found.long_mm, found.short_mm) == pytest.approx((0.8, 0.5))
    line = diameters_in_slice(flat([[1, 1, 1, 1, 1]], (0.5, 0.8)))
    assert (line.long_mm, line.short_mm) == pytest.approx((4.0, 0.5))


def test_the_short_axis_is_perpendicular_in_mm_and_starts_and_ends_on_the_outline():
    spacing = np.array([0.5, 0.9])
    found = diameters_in_slice(ellipse(40, 16, 0.5, tuple(spacing)))
    (a, b), (c, d) = (np.asarray(ends) * spacing for ends in (found.long_ends, found.short_ends))
    assert np.linalg.norm(b - a) == pytest.approx(found.long_mm)
    assert np.linalg.norm(d - c) == pytest.approx(found.short_mm)
    assert (b - a) @ (d - c) == pytest.approx(0.0, abs=1e-9)
    assert found.mean_mm == pytest.approx((found.long_mm + found.short_mm) / 2)


def test_pixels_twice_as_high_are_not_counted_as_square():
    tall = np.ones((10, 4), dtype=bool)
    assert diameters_in_slice(flat(tall, (1.0, 5.0))).long_mm > diameters_in_slice(flat(tall, (1.0, 1.0))).long_mm
    wide = diameters_in_slice(flat(tall, (1.0, 5.0)))
    assert abs(wide.long_ends[0][1] - wide.long_ends[1][1]) == pytest.approx(4.0)  # now it runs along the columns


@few
@given(st.integers(0, 2**32 - 1), spacings, st.floats(0.1, 10))
def test_diameters_scale_with_the_spacing_and_do_not_change_under_flips(seed, spacing, scale):
    inside = np.random.default_rng(seed).random((6, 7)) < 0.5
    inside[2, 2] = True
    same = diameters_in_slice(flat(inside, spacing))
    scaled = diameters_in_slice(flat(inside, tuple(s * scale for s in spacing)))
    assert (scaled.long_mm, scaled.short_mm) == pytest.approx((same.long_mm * scale, same.short_mm * scale))
    turned = [flat(inside[::-1], spacing), flat(inside[:, ::-1], spacing), flat(inside.T, spacing[::-1])]
    for mask in turned:
        found = diameters_in_slice(mask)
        assert (found.long_mm, found.short_mm) == pytest.approx((same.long_mm, same.short_mm))
    assert same.short_mm <= same.long_mm + 1e-9


def test_the_slice_with_the_longest_axis_is_found():
    inside = np.zeros((5, 20, 20), dtype=bool)
    inside[1, 5:10, 5:10] = True  # large
    inside[3, 2, 2:16] = True  # long
    mask = Mask(inside, Geometry(inside.shape, np.diag([3.0, 0.5, 0.5, 1.0])), LESION)
    found = largest_diameters(mask)
    assert (found.slice_index, found.long_mm, found.short_mm) == pytest.approx((3, 7.0, 0.5))
    assert diameters_in_slice(mask, 1).slice_index == 1
    assert largest_diameters(flat(inside[3], (0.5, 0.5))).long_mm == pytest.approx(7.0)


def test_of_equally_long_slices_the_one_with_the_longer_short_axis_counts():
    inside = np.zeros((2, 7, 7), dtype=bool)
    inside[:, 3, :] = True
    inside[1, 2:5, 3] = True
    found = largest_diameters(Mask(inside, Geometry(inside.shape, np.eye(4)), LESION))
    assert (found.slice_index, found.long_mm, found.short_mm) == pytest.approx((1, 7.0, 3.0))


@pytest.mark.parametrize("bright", [1.0, -1.0], ids=["bright", "dark"])
@pytest.mark.parametrize("radius_mm", [3.0, 5.2, 14.7])
def test_grey_at_the_edge_takes_the_steps_of_the_pixels_away(radius_mm, bright):
    n, spacing = int(3 * radius_mm / 0.7), (0.7, 0.7)
    row, column = np.mgrid[:n, :n] - (n - 1) / 2 + 0.2
    beyond = radius_mm - 0.7 * np.hypot(row, column)  # falls evenly across the edge
    mask, edge = flat(beyond > 0, spacing), Edge(100.0 + bright * 30.0 * beyond, 100.0)
    steps, smooth = diameters_in_slice(mask), diameters_in_slice(mask, edge=edge)
    assert abs(smooth.long_mm - 2 * radius_mm) < 0.03
    assert abs(smooth.short_mm - 2 * radius_mm) < 0.15
    assert abs(steps.long_mm - 2 * radius_mm) > 0.2


def test_where_grey_does_not_cross_the_level_the_edge_stays_halfway():
    mask = ellipse(9.0, 5.0, 0.4)
    level = Edge(np.zeros(mask.inside.shape), 1.0)
    assert diameters_in_slice(mask, edge=level) == diameters_in_slice(mask)
    with pytest.raises(ValueError, match="needed that of the mask"):
        diameters_in_slice(mask, edge=Edge(np.zeros((2, 2)), 1.0))


@pytest.mark.parametrize("radius_mm", [3.0, 4.0, 5.0, 10.0])
def test_a_ball_has_its_diameter_within_a_pixel_in_the_slice_and_through_space(radius_mm):
    mask = ball(radius_mm)
    assert largest_diameters(mask).long_mm == pytest.approx(2 * radius_mm, abs=0.7)
    assert largest_diameters(mask).slice_index == pytest.approx(mask.inside.shape[0] // 2, abs=1)
    assert largest_diameter_3d_mm(mask) == pytest.approx(2 * radius_mm, abs=1.25)


def test_a_tool_that_measures_between_centres_differs_by_less_than_a_pixel():
    mask = ball(8.0)
    image = SimpleITK.GetImageFromArray(mask.inside.astype(np.uint8))
    image.SetSpacing((0.7, 0.7, 1.25))
    shape = SimpleITK.LabelShapeStatisticsImageFilter()
    shape.ComputeFeretDiameterOn()
    shape.Execute(image)
    assert largest_diameter_3d_mm(mask) == pytest.approx(shape.GetFeretDiameter(1), abs=1.25)


@few
@given(affines)
def test_a_lesion_is_as_large_however_its_grid_lies(affine):
    inside = np.random.default_rng(3).random((3, 4, 5)) < 0.5
    inside[1, 2, 2] = True
    mask = Mask(inside, Geometry(inside.shape, affine), LESION)
    centres = np.argwhere(inside) @ affine[:3, :3].T
    apart = np.linalg.norm(centres[:, None] - centres[None], axis=-1).max()
    voxel = np.linalg.norm(affine[:3, :3], axis=0).max()
    assert apart <= largest_diameter_3d_mm(mask) <= apart + voxel * (1 + 1e-9)
    in_plane = [np.linalg.norm(affine[:3, 1:3] @ np.diff(largest_diameters(mask).long_ends, axis=0)[0])]
    assert largest_diameters(mask).long_mm == pytest.approx(in_plane[0])
    assert largest_diameters(mask).long_mm <= largest_diameter_3d_mm(mask) + voxel * 1e-9


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(SpacingError, match="pixel spacing"):
        diameters_in_slice(flat([[1]], None))
    with pytest.raises(SpacingError, match="over slices"):
        largest_diameter_3d_mm(flat([[1]]))
    empty = Mask(np.zeros((2, 3, 3), dtype=bool), Geometry((2, 3, 3), np.eye(4)), LESION)
    for measure in (largest_diameters, largest_diameter_3d_mm, lambda mask: diameters_in_slice(mask, 0)):
        with pytest.raises(ValueError, match="needed one or more"):
            measure(empty)
    with pytest.raises(ValueError, match="slice_index"):
        diameters_in_slice(empty)
    with pytest.raises(ValueError, match="slice_index"):
        diameters_in_slice(flat([[1]]), 0)


def test_noise_makes_a_faint_disc_no_longer_than_it_is():
    grid = Geometry((1, 60, 60), np.diag([1.0, 0.7, 0.7, 1.0])[[2, 1, 0, 3]])
    y, x = (np.indices((60, 60)) - 29.6) * 0.7
    disc = scipy.ndimage.gaussian_filter(np.where(np.hypot(x, y) < 10.0, -650.0, -850.0), 1.0)
    errors = []
    for seed in range(5):
        noisy = (disc + np.random.default_rng(seed).normal(0.0, 25.0, disc.shape)).astype(np.float32)[None]
        raw = noisy > -750.0
        labels, _ = scipy.ndimage.label(raw)
        outline = scipy.ndimage.binary_fill_holes(labels[0] == labels[0, 30, 30])[None]
        kept, edge = without_noise(outline, noisy, -750.0)
        errors.append(largest_diameters(Mask(kept, grid, LESION), edge).mean_mm - 20.0)
    assert np.abs(errors).max() < 0.4
