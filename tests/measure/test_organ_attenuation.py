"""The attenuation of an organ is that of its inside."""

import numpy as np
import pytest

from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.measure.coarse_grid import coarse
from secondread.measure.organ_attenuation import attenuation, inner, noise_hu


def grid_of(values: np.ndarray):
    return coarse(
        Volume(values.astype(np.float32), Geometry(values.shape, np.diag([3.0, 3, 3, 1])[[2, 1, 0, 3]]), "HU"), 3.0
    )


def block() -> tuple[np.ndarray, np.ndarray]:
    inside = np.zeros((20, 20, 20), bool)
    inside[4:16, 4:16, 4:16] = True
    return inside, np.where(inside, 50.0, -100.0)


def test_vessels_and_a_stone_do_not_move_the_median():
    inside, values = block()
    values[9:11, 9:11, 5:14] = 180.0
    values[12, 12, 12] = 1200.0
    measured = attenuation("liver", inside, grid_of(values), 6.0)
    assert measured is not None
    assert measured.value == pytest.approx(50.0)
    assert measured.unit == "[hnsf'U]"


def test_the_rim_is_left_out():
    inside, values = block()
    shell = inside & ~inner(inside, grid_of(values), 6.0)
    values[shell] = -20.0
    measured = attenuation("liver", inside, grid_of(values), 6.0)
    assert measured is not None
    assert measured.value == pytest.approx(50.0)


def test_what_is_too_thin_to_have_an_inside_has_no_attenuation():
    inside, values = block()
    inside[:] = False
    inside[8:10] = True
    assert attenuation("spleen", inside, grid_of(values), 6.0) is None


def test_the_edge_of_the_scan_is_no_rim():
    inside, values = block()
    inside[:4, 4:16, 4:16] = True
    assert inner(inside, grid_of(values), 6.0)[0].any()


def test_noise_is_the_spread_and_few_bright_voxels_do_not_move_it():
    rng = np.random.default_rng(0)
    values = rng.normal(30.0, 12.0, 20_000).astype(np.float32)
    values[:200] = 900.0
    assert noise_hu(np.ones(values.shape, bool), values) == pytest.approx(12.0, rel=0.06)
    assert noise_hu(np.zeros(values.shape, bool), values) == 0.0
