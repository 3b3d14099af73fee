"""The look of a device."""

import numpy as np
import pytest

from secondread.audit.probes.changes import blurred
from secondread.audit.probes.devices import fine_detail, large_enough, put_on, style_of


@pytest.fixture
def cases():
    """Pictures with smooth shapes and some noise."""
    random = np.random.default_rng(5)
    smooth = blurred(random.integers(0, 256, (12, 1, 48, 48)).astype(np.uint8), 3.0).astype(float)
    stretched = (smooth - 127.5) * 6 + 110 + random.normal(0, 4, smooth.shape)
    return stretched.clip(1, 255).astype(np.uint8)


def test_the_finest_detail_of_noise_is_its_standard_deviation():
    noise = np.random.default_rng(1).normal(128, 6, (8, 1, 64, 64)).round().astype(np.uint8)
    assert fine_detail(noise) == pytest.approx(6, rel=0.05)


def test_a_picture_put_on_another_device_has_its_greys_and_its_noise(cases):
    darker = (cases * 0.6).astype(np.uint8)
    noisy = (darker + np.random.default_rng(2).normal(0, 8, darker.shape)).clip(0, 255).astype(np.uint8)
    other = style_of(noisy)
    made = put_on(cases, style_of(cases), other, seed=1)
    assert made.mean() == pytest.approx(noisy.mean(), abs=3)
    assert fine_detail(made) == pytest.approx(other.fine, rel=0.15)


def test_a_rough_picture_becomes_smooth_on_a_smooth_device(cases):
    smooth = blurred(cases, 1.0)
    made = put_on(cases, style_of(cases), style_of(smooth), seed=1)
    assert fine_detail(made) < 0.6 * fine_detail(cases)


def test_a_picture_put_on_its_own_device_hardly_changes(cases):
    own = style_of(cases)
    assert np.abs(put_on(cases, own, own, seed=1).astype(int) - cases).mean() < 1.5


def test_rare_and_unnamed_devices_are_left_out():
    values = np.array(["a"] * 3 + ["b"] * 5 + ["c"] + [""] * 9)
    assert list(large_enough(values, 3)) == ["b", "a"]
