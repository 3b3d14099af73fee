"""The field of a coil is found: it is the one that was put in, and the one that N4 finds."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from secondread.prepare.bias_field import bias_field, log_field
from secondread.prepare.foreground import foreground


def head(*shape):
    """float32: an oval of skin, two tissues in folds and a dark centre, with noise, in black air."""
    random = np.random.default_rng(5)
    grid = np.indices(shape)
    far = np.sqrt(sum(((axis - (side - 1) / 2) / (side / 2)) ** 2 for axis, side in zip(grid, shape, strict=True)))
    values = np.where(far < 0.85, 60.0, 0.0)
    values[far < 0.75] = 110.0
    values[(far < 0.7) & (gaussian_filter(random.normal(size=shape), 3) > 0)] = 150.0
    values[far < 0.2] = 40.0
    return np.maximum(values + random.normal(0, 3, shape), 0).astype(np.float32)


def coil(*shape):
    """The logarithm of a smooth field: brighter towards one corner."""
    axes = np.meshgrid(*[np.linspace(-1, 1, side) for side in shape], indexing="ij")
    return 0.25 * axes[-1] + 0.15 * axes[-2] - 0.2 * axes[-1] ** 2 + 0.1 * axes[0] * axes[-1]


@pytest.mark.parametrize("shape", [(96, 96), (24, 40, 40)])
def test_the_field_that_was_put_in_is_taken_out(shape):
    seen = (head(*shape) * np.exp(coil(*shape))).astype(np.float32)
    body, found = foreground(seen), log_field(seen, 3, 50)
    true = coil(*shape)
    assert np.corrcoef(found[body], true[body])[0, 1] > 0.99
    assert np.std((true - found)[body]) < 0.15 * np.std(true[body])
    assert found[body].mean() == pytest.approx(0, abs=1e-9)


def test_the_field_is_the_one_that_n4_finds():
    sitk = pytest.importorskip("SimpleITK")
    seen = (head(96, 96) * np.exp(0.5 * coil(96, 96))).astype(np.float32)  # N4 loses its way in a stronger one here
    body = foreground(seen)
    judge = sitk.N4BiasFieldCorrectionImageFilter()
    judge.SetMaximumNumberOfIterations([20] * 2)
    picture = sitk.GetImageFromArray(seen)
    judge.Execute(picture, sitk.GetImageFromArray(body.astype(np.uint8)))
    witness = sitk.GetArrayFromImage(judge.GetLogBiasFieldAsImage(picture))
    assert np.corrcoef(log_field(seen, 3, 50)[body], witness[body])[0, 1] > 0.97


def test_an_even_picture_is_left_alone():
    plain = head(96, 96)
    body = foreground(plain)
    assert np.std(np.log(bias_field(plain)[body] / np.maximum(plain[body], 1e-3))) < 0.02


def test_the_unit_stays_and_air_stays_black():
    seen = (head(64, 64) * np.exp(coil(64, 64))).astype(np.float32)
    found = bias_field(seen)
    assert np.array_equal(found == 0, seen == 0)
    assert np.allclose(bias_field(seen * 7), found * 7, rtol=1e-3, atol=1e-2)


def test_a_picture_without_body_is_returned_as_it_is():
    assert np.array_equal(bias_field(np.zeros((20, 20), np.float32)), np.zeros((20, 20), np.float32))


@pytest.mark.parametrize("told", [{"degree": 0}, {"rounds": 0}])
def test_what_cannot_be_is_refused(told):
    with pytest.raises(ValueError, match="needed"):
        bias_field(head(20, 20), **told)
    with pytest.raises(ValueError, match="negative"):
        bias_field(head(20, 20) - 50)
