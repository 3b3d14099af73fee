"""Endplates are found where they are, with their tilts; what is no spine gives none."""

import numpy as np
import pytest

from phantoms.spine import Vertebra, curved, xray
from secondread.measure.cobb_angle import largest_cobb_angle
from secondread.measure.endplates import between, vertebrae
from secondread.measure.spine_xray import band

PIXEL = 0.7


def found_in(picture: np.ndarray, pixel: float = PIXEL):
    spine = band(picture, (pixel, pixel))
    assert spine is not None
    return vertebrae(picture, (pixel, pixel), spine.centre, spine.half_width_mm)


def cobb(found, pixel: float = PIXEL) -> float:
    return largest_cobb_angle([(one.upper, one.lower) for one in found], (pixel, pixel))[0].value


@pytest.mark.parametrize("degrees", [0.0, 8.0, 20.0, 45.0, 60.0])
def test_the_cobb_angle_of_a_projection_is_that_of_its_vertebrae(degrees):
    found = found_in(xray(curved(degrees)))
    assert len(found) == 9
    assert cobb(found) == pytest.approx(degrees, abs=2.0)


@pytest.mark.parametrize("noise", [0.03, 0.06])
def test_noise_moves_the_angle_by_less_than_its_stated_error(noise):
    assert cobb(found_in(xray(curved(25.0), noise=noise))) == pytest.approx(25.0, abs=5.0)


def test_a_mirrored_picture_has_mirrored_endplates():
    picture = xray(curved(30.0))
    plain, mirrored = found_in(picture), found_in(np.ascontiguousarray(picture[:, ::-1]))
    last = picture.shape[1] - 1
    for one, other in zip(plain, mirrored, strict=True):
        assert other.upper[0][0] == pytest.approx(one.upper[1][0], abs=2.0)
        assert other.upper[0][1] == pytest.approx(last - one.upper[1][1], abs=4.0)


def test_the_angle_does_not_depend_on_the_size_of_pixels():
    coarse = xray(curved(30.0), pixel_mm=1.0)
    assert cobb(found_in(coarse, 1.0), 1.0) == pytest.approx(30.0, abs=2.0)


def test_a_single_tilted_vertebra_is_found_with_its_tilt():
    column = tuple(Vertebra(tilt_deg=12.0 if n == 4 else 0.0) for n in range(9))
    found = found_in(xray(column))
    (_, left), (row, right) = (0, found[4].upper[0][1]), found[4].upper[1]
    tilt = np.degrees(np.arctan((row - found[4].upper[0][0]) / (right - left)))
    assert abs(tilt) == pytest.approx(12.0, abs=2.5)


def test_the_region_between_endplates_lies_between_them():
    picture = xray(curved(20.0))
    found = found_in(picture)
    inside = between(found, picture.shape)
    for one in found:
        middle = np.mean([end for line in (one.upper, one.lower) for end in line], axis=0).round().astype(int)
        assert inside[tuple(middle)]
    assert inside.sum() < 0.2 * inside.size


def test_noise_is_no_spine():
    noise = np.random.default_rng(0).random((500, 400)).astype(np.float32)
    assert band(noise, (1.0, 1.0)) is None


def test_a_bright_bar_without_endplates_has_no_vertebrae_of_any_strength():
    picture = np.full((500, 400), 0.2, np.float32)
    picture[:, 180:220] = 0.8
    picture += np.random.default_rng(0).normal(0.0, 0.01, picture.shape).astype(np.float32)
    spine = band(picture, (1.0, 1.0))
    assert spine is not None
    assert spine.centre == pytest.approx(199.5, abs=2.0)


def test_a_short_picture_is_not_looked_at():
    assert band(np.zeros((40, 200), np.float32), (1.0, 1.0)) is None
    assert vertebrae(np.zeros((20, 50), np.float32), (1.0, 1.0), np.full(20, 25.0), 14.0) == ()
