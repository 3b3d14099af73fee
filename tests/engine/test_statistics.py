import io

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from secondread.engine.statistics import blockiness, greys, noise, statistics


def picture(seed: int = 0, side: int = 64) -> np.ndarray:
    """A smooth picture with a bright upper half, float64 [1, side, side] in [0, 1]."""
    random = np.random.default_rng(seed)
    cloud = ndimage.gaussian_filter(random.random((side, side)), 4)
    cloud = (cloud - cloud.min()) / np.ptp(cloud)
    return (0.2 + 0.4 * cloud + 0.3 * (np.arange(side) < side // 2)[:, None])[None]


@pytest.mark.parametrize("deviation", [0.02, 0.05, 0.1])
def test_noise_is_measured_whatever_it_lies_on(deviation):
    slope = np.linspace(0, 0.5, 128)[None, None] * np.ones((1, 128, 128))
    noisy = slope + np.random.default_rng(1).normal(0, deviation, slope.shape)
    assert noise(noisy)[0] == pytest.approx(deviation, rel=0.05)


def test_blocks_of_jpeg_are_seen_and_a_smooth_picture_has_none():
    clean = picture()
    buffer = io.BytesIO()
    Image.fromarray(np.rint(clean[0] * 255).astype(np.uint8)).save(buffer, "JPEG", quality=5)
    crushed = np.asarray(Image.open(buffer), dtype=np.float64)[None] / 255
    assert np.max(blockiness(crushed)) > np.max(blockiness(clean)) + 0.3


def test_quantiles_are_those_of_numpy_and_black_is_counted():
    values = np.zeros((1, 1, 100))
    values[..., 25:] = 0.5
    found = greys(values)[0]
    assert found[[0, 4]].tolist() == [0.0, np.quantile(values, 0.5)]
    assert found[9] == pytest.approx(np.sqrt(0.25))


def test_upside_down_changes_the_layout_and_neither_greys_nor_noise():
    upright = picture()[None].astype(np.float32)
    one, other = statistics(upright), statistics(np.ascontiguousarray(upright[..., ::-1, ::-1]))
    assert np.allclose(one["greys"], other["greys"])
    assert np.corrcoef(one["layout"][0], other["layout"][0])[0, 1] < -0.5


def test_a_picture_sent_for_three_slices_shows_no_step_between_them():
    slices = np.concatenate([picture(seed) for seed in range(3)])[None].astype(np.float32)
    same = np.repeat(slices[:, :1], 3, axis=1)
    assert (statistics(same)["grain"][0, -2:] < statistics(slices)["grain"][0, -2:] - 2).all()


def test_bytes_and_what_is_read_in_floats_are_told_alike():
    values = picture()[None].astype(np.float32)
    as_bytes = (np.rint(values * 255) / 255).astype(np.float32)
    for name, numbers in statistics(values).items():
        assert np.allclose(numbers, statistics(as_bytes)[name], atol=1e-3), name


def test_a_volume_has_one_row_an_input_and_a_blank_one_is_finite():
    volumes = np.stack([np.random.default_rng(0).random((1, 8, 16, 16)), np.zeros((1, 8, 16, 16))]).astype(np.float32)
    found = statistics(volumes)
    assert {name: values.shape[0] for name, values in found.items()} == {"greys": 2, "grain": 2, "layout": 2}
    assert all(np.isfinite(values).all() for values in found.values())
