"""Occlusion of a network whose true map is known."""

import numpy as np
import pytest

from secondread.explain.occlusion import blurred, grid, occlusion

WEIGHTS = np.random.default_rng(0).normal(size=(2, 12, 16))


def linear(batch):
    """Two answers, each a weighted sum of the pixels."""
    return np.einsum("qji,nji->nq", WEIGHTS, batch[:, 0].astype(np.float64))


def test_of_a_linear_network_each_cell_gets_what_its_pixels_add():
    picture = np.random.default_rng(1).random((1, 12, 16), dtype=np.float32)
    found = occlusion(linear, picture, cells=12, filling=np.zeros_like(picture))
    assert found.shape == (2, 3, 4)
    wanted = (WEIGHTS * picture).reshape(2, 3, 4, 4, 4).sum(axis=(2, 4))
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_of_a_linear_network_the_cells_sum_to_the_whole_difference():
    picture = np.random.default_rng(2).random((1, 12, 16), dtype=np.float32)
    whole = linear(np.stack([picture, blurred(picture)]))
    found = occlusion(linear, picture, cells=20)
    np.testing.assert_allclose(found.sum(axis=(1, 2)), whole[0] - whole[1], atol=1e-4)


@pytest.mark.parametrize(("shape", "cells"), [((28, 28), 49), ((96, 288), 49), ((5, 7), 64), ((192, 192), 1)])
def test_the_cells_cover_every_pixel_once(shape, cells):
    times = np.zeros(shape, int)
    down, across = grid(shape, cells)
    for rows in down:
        for columns in across:
            times[rows, columns] += 1
    assert (times == 1).all()
    assert len(down) * len(across) == pytest.approx(min(cells, shape[0] * shape[1]), rel=0.15)


def test_a_filling_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="filling"):
        occlusion(linear, np.ones((1, 12, 16), np.float32), filling=np.ones((1, 4, 4), np.float32))
