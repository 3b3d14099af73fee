"""Grids on grids: points, masks and maps go there and come back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.prepare.fit import centred, moved_by_pixels
from secondread.prepare.foreground import crop_to_foreground
from secondread.prepare.placement import Placement
from secondread.prepare.resample import resampled, to_spacing

SIDES = st.integers(3, 24)
SHAPES = st.one_of(st.tuples(SIDES, SIDES), st.tuples(SIDES, SIDES, SIDES))


@given(SHAPES, st.data())
def test_cutting_and_padding_lose_nothing_of_what_they_keep(shape, data):
    size = tuple(data.draw(SIDES) for _ in shape)
    values = np.random.default_rng(1).random(shape).astype(np.float32) + 1
    place = centred(shape, size)
    moved = moved_by_pixels(values, place)
    back = moved_by_pixels(moved, centred(size, shape))
    kept = back > 0
    assert np.array_equal(back[kept], values[kept])
    assert kept.sum() == np.prod([min(have, want) for have, want in zip(shape, size, strict=True)])
    assert np.array_equal(place.mask_to_after(values), moved)
    assert np.allclose(place.map_to_before(moved)[kept], values[kept], atol=1e-5)


@given(SHAPES, st.floats(0.3, 3.0), st.floats(0.5, 2.0))
def test_resampling_goes_forward_and_back_within_half_a_pixel(shape, wanted, spacing):
    place = to_spacing(shape, (spacing,) * len(shape), (wanted,))
    ramps = [axis.astype(np.float32) + 0.5 for axis in np.indices(shape)]
    for axis, ramp in enumerate(ramps):  # the value of a ramp is where the pixel came from
        moved = resampled(ramp, place)
        centres = [(np.arange(n) + 0.5) for n in place.after]
        expected = place.points_to_before(np.stack(np.meshgrid(*centres, indexing="ij"), -1).reshape(-1, len(shape)))
        inside = (expected[:, axis] > place.scale[axis] + 0.5) & (
            expected[:, axis] < shape[axis] - place.scale[axis] - 0.5
        )
        assert np.abs(moved.ravel() - expected[:, axis])[inside].max(initial=0) < 0.5
    again = to_spacing(place.after, tuple(spacing * side for side in place.scale), (spacing,))
    assert all(abs(have - want) <= 1 + place.scale[0] for have, want in zip(again.after, shape, strict=True))


def test_finer_pixels_are_those_of_simpleitk():
    sitk = pytest.importorskip("SimpleITK")
    values = np.random.default_rng(4).random((9, 14, 11)).astype(np.float32)
    place = to_spacing(values.shape, (2.0, 1.0, 1.0), (0.8, 0.5, 0.7))
    picture = sitk.GetImageFromArray(values)
    picture.SetSpacing((1.0, 1.0, 2.0))
    first = place.points_to_before([[0.5] * 3])[0] - 0.5
    grid = sitk.Image([place.after[2], place.after[1], place.after[0]], sitk.sitkFloat32)
    grid.SetSpacing((0.7, 0.5, 0.8))
    grid.SetOrigin((first[2] * 1.0, first[1] * 1.0, first[0] * 2.0))
    witness = sitk.GetArrayFromImage(sitk.Resample(picture, grid, sitk.Transform(), sitk.sitkLinear, -1.0))
    seen = witness >= 0
    assert seen.mean() > 0.6
    assert np.abs(resampled(values, place) - witness)[seen].max() < 1e-4


def test_coarser_pixels_average_and_keep_the_mean():
    checks = (np.indices((40, 40)).sum(0) % 2).astype(np.float32)
    place = to_spacing((40, 40), (1.0, 1.0), (4.0,))
    assert np.abs(resampled(checks, place) - 0.5).max() < 0.05


def test_two_placements_are_one():
    first = Placement((20, 30), (10, 10), (2.0, 0.0), (18.0, 30.0))
    second = Placement((10, 10), (7, 5), (-1.0, 2.0), (9.5, 10.0))
    points = np.random.default_rng(1).random((5, 2)) * 20
    both = first.then(second)
    assert np.allclose(both.points_to_after(points), second.points_to_after(first.points_to_after(points)))
    assert np.allclose(both.points_to_before(both.points_to_after(points)), points)


def test_a_map_may_be_coarser_than_the_grid_it_covers():
    place = Placement((40, 40), (20, 20), (8.0, 8.0), (28.0, 28.0))
    found = place.map_to_before(np.ones((5, 5), np.float32))
    assert found[8:28, 8:28].min() == 1
    assert found.sum() == 400


def test_the_body_of_any_channel_is_kept_with_its_margin():
    values = np.zeros((2, 30, 30), np.float32)
    values[0, 5:9, 10:20], values[1, 7:15, 12:16] = 1, 1
    place = crop_to_foreground(values, margin_px=3)
    assert (place.low, place.after) == ((2.0, 7.0), (16, 16))
    assert crop_to_foreground(values, margin_px=99).after == (30, 30)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Placement((4,), (4, 4), (0.0,), (4.0,)),
        lambda: Placement((4, 4), (4, 4), (0.0, 0.0), (4.0, 0.0)),
        lambda: Placement.whole((4, 4)).then(Placement.whole((5, 4))),
        lambda: centred((4, 4), (4,)),
        lambda: centred((4, 4), (4, 0.5)),
        lambda: to_spacing((4, 4), (1.0, 1.0), (-1.0,)),
        lambda: crop_to_foreground(np.ones((1, 4, 4), np.float32), margin_px=-1),
    ],
)
def test_what_cannot_be_is_refused(make):
    with pytest.raises(ValueError, match=r"needs|empty|needed|cannot"):
        make()
