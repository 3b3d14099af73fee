"""Bright foci in a kidney: found, sized, placed, and nothing else counted."""

import numpy as np
import pytest
from scipy import ndimage

from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.measure.coarse_grid import coarse
from secondread.measure.kidney_stones import hull, stones

SHAPE = (60, 60, 60)


def geometry(mm: float = 1.0, upward: int = 1) -> Geometry:
    affine = np.zeros((4, 4))
    affine[2, 0], affine[1, 1], affine[0, 2], affine[3, 3] = upward * mm, mm, mm, 1.0
    return Geometry(SHAPE, affine)


def ball(middle: tuple[float, float, float], radius: float) -> np.ndarray:
    at = np.indices(SHAPE)
    distance = np.sqrt(sum((axis - centre) ** 2 for axis, centre in zip(at, middle, strict=True)))
    return np.clip(0.5 - (distance - radius), 0.0, 1.0)


def kidney(stone_mm: float, middle=(40.0, 30.0, 30.0), hu: float = 900.0, noise: float = 10.0) -> tuple:
    within = ball((30.0, 30.0, 30.0), 25.0) >= 0.5
    values = np.where(within, 30.0, -100.0)
    if stone_mm:
        values = values + ball(middle, stone_mm / 2.0) * (hu - values)
    values = ndimage.gaussian_filter(values, 0.6) + np.random.default_rng(2).normal(0.0, noise, SHAPE)
    return values.astype(np.float32), within


def found(*args, mm: float = 1.0, upward: int = 1, **more):
    noise = more.get("noise", 10.0)
    values, within = kidney(*args, **more)
    return stones(values, geometry(mm, upward), within, kidney_hu=30.0, noise_hu=noise)


@pytest.mark.parametrize("diameter", [4.0, 6.0, 10.0])
def test_a_stone_is_as_long_as_it_is(diameter):
    (stone,) = found(diameter)
    assert stone.longest_mm == pytest.approx(diameter, abs=1.2)


def test_its_volume_is_that_of_a_ball():
    (stone,) = found(10.0)
    assert stone.volume_mm3 == pytest.approx(4 / 3 * np.pi * 5.0**3, rel=0.12)


def test_sizes_scale_with_the_spacing():
    (small,), (large,) = found(6.0), found(6.0, mm=2.0)
    assert large.longest_mm == pytest.approx(2.0 * small.longest_mm)
    assert large.volume_mm3 == pytest.approx(8.0 * small.volume_mm3)


def test_noise_alone_is_no_stone():
    assert found(0.0, noise=30.0) == ()


def test_an_empty_kidney_has_no_stone():
    assert stones(np.zeros(SHAPE, np.float32), geometry(), np.zeros(SHAPE, bool), kidney_hu=30.0, noise_hu=5.0) == ()


def test_what_touches_the_surface_is_no_stone():
    assert found(4.0, (30.0, 30.0, 53.0)) == ()


def test_faint_foci_below_200_hu_are_not_counted():
    assert found(6.0, hu=180.0, noise=5.0) == ()


@pytest.mark.parametrize(("upward", "third"), [(1, "upper"), (-1, "lower")])
def test_the_third_is_that_of_the_patient_not_of_the_array(upward, third):
    (stone,) = found(6.0, (47.0, 30.0, 30.0), upward=upward)
    assert stone.place == third


def test_the_largest_stone_comes_first():
    values, within = kidney(4.0, (20.0, 30.0, 30.0))
    bigger, _ = kidney(9.0, (40.0, 30.0, 30.0))
    both = stones(np.maximum(values, bigger), geometry(), within, kidney_hu=30.0, noise_hu=10.0)
    assert [stone.longest_mm > 6.0 for stone in both] == [True, False]


def test_the_hull_closes_the_sinus_but_does_not_grow_the_kidney():
    grid = coarse(
        Volume(np.zeros((40, 40, 40), np.float32), Geometry((40, 40, 40), np.diag([3.0, 3, 3, 1])), "HU"), 3.0
    )
    at = np.indices((40, 40, 40)) - 20
    outer, sinus = (at**2).sum(0) < 12**2, (at[1] ** 2 + at[2] ** 2 < 3**2) & (at[0] > 0)
    whole = hull(outer & ~sinus, grid)
    assert whole[22, 20, 20]
    assert whole.sum() <= outer.sum() * 1.02
