"""A coarse grid knows its way back."""

import numpy as np
import pytest

from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.measure.coarse_grid import coarse, on_source

STEPS = (4.0, 1.5, 2.0)


def affine(flips: tuple[int, int, int] = (1, 1, 1)) -> np.ndarray:
    """k to the head, j to the back, i to the left; a flip turns an axis round."""
    whole = np.zeros((4, 4))
    for axis, (world, flip) in enumerate(zip((2, 1, 0), flips, strict=True)):
        whole[world, axis] = flip * STEPS[axis]
    whole[3, 3] = 1.0
    return whole


def ball(flips: tuple[int, int, int] = (1, 1, 1)) -> Volume:
    k, j, i = np.indices((20, 50, 40))
    inside = ((k - 12) * 4.0) ** 2 + ((j - 20) * 1.5) ** 2 + ((i - 25) * 2.0) ** 2 < 20.0**2
    values = np.where(inside, 100.0, 0.0)[:: flips[0], :: flips[1], :: flips[2]].astype(np.float32)
    return Volume(values, Geometry(values.shape, affine(flips)), "HU")


@pytest.mark.parametrize("flips", [(1, 1, 1), (-1, 1, 1), (1, -1, 1), (1, 1, -1), (-1, -1, -1)])
def test_a_region_comes_back_to_the_voxels_it_was_made_of_whichever_way_the_axes_run(flips):
    volume = ball(flips)
    grid = coarse(volume, 3.0)
    back, truth = on_source(grid.values > 50.0, grid), volume.values > 50.0
    assert 2.0 * (back & truth).sum() / (back.sum() + truth.sum()) > 0.93


def test_flips_of_the_array_do_not_change_the_coarse_grid():
    assert np.array_equal(coarse(ball(), 3.0).values, coarse(ball((-1, -1, -1)), 3.0).values)


def test_an_empty_region_comes_back_empty():
    grid = coarse(ball(), 3.0)
    assert not on_source(np.zeros(grid.values.shape, bool), grid).any()


@pytest.mark.parametrize("flips", [(1, 1, 1), (-1, -1, -1)])
def test_a_point_of_the_coarse_grid_is_the_same_place_in_the_patient(flips):
    volume = ball(flips)
    grid = coarse(volume, 3.0)
    bright = np.argwhere(grid.values > 50.0).mean(axis=0)
    place = volume.geometry.world(grid.source_points(bright[None])[0])
    truth = volume.geometry.world(np.argwhere(volume.values > 50.0).mean(axis=0))
    assert np.abs(place - truth).max() < 1.0
