"""Local contrast: what the clip promises, and that scikit-image sees the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secondread.prepare.clahe import clahe


def hills(height, width, seed=1):
    """float32 [height, width] in [0, 1]: smooth hills of low contrast, with grain."""
    from scipy.ndimage import gaussian_filter

    random = np.random.default_rng(seed)
    smooth = gaussian_filter(random.normal(size=(height, width)), 6)
    return (0.45 + 0.1 * smooth / np.abs(smooth).max() + random.normal(0, 0.004, smooth.shape)).astype(np.float32)


def test_it_does_what_scikit_image_does():
    exposure = pytest.importorskip("skimage.exposure")
    picture = hills(96, 128)
    picture = (picture - picture.min()) / np.ptp(picture)  # it spreads the greys first
    for clip in (2.0, 4.0):
        witness = exposure.equalize_adapthist(picture, kernel_size=(24, 32), clip_limit=clip / 64, nbins=64)
        found = clahe(picture, clip=clip, tiles=4, bins=64)
        assert np.corrcoef(found.ravel(), witness.ravel())[0, 1] > 0.99


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 40), st.integers(2, 40), st.integers(1, 9), st.integers(0, 99))
def test_a_clip_of_one_leaves_every_picture_as_it_is(height, width, tiles, seed):
    picture = np.random.default_rng(seed).random((height, width)).astype(np.float32) ** 3
    assert np.abs(clahe(picture, clip=1.0, tiles=tiles) - picture).max() < 1e-6


def test_one_tile_gives_one_curve_that_never_falls_and_is_never_steeper_than_the_clip():
    picture = hills(40, 50)
    order = np.argsort(picture.ravel())
    before, after = picture.ravel()[order].astype(np.float64), clahe(picture, clip=3.0, tiles=1).ravel()[order]
    rise, step = np.diff(after.astype(np.float64)), np.diff(before)
    assert rise.min() >= 0
    assert (rise <= 3.0 * step + 1e-5).all()
    assert rise.sum() > 2.5 * step.sum()  # it uses what it may


def test_without_a_limit_one_tile_is_equalised_in_full():
    picture = hills(64, 64)
    counts, _ = np.histogram(clahe(picture, clip=1024.0, tiles=1, bins=1024), 8, (0, 1))
    assert counts.min() > 0.9 * picture.size / 8


def test_there_are_no_seams_between_tiles():
    ramp = np.linspace(0.3, 0.6, 128, dtype=np.float32)[None].repeat(128, 0)
    steps = np.diff(clahe(ramp, clip=2.0, tiles=4), axis=1)
    assert steps.min() > -1e-3
    assert steps.max() < 0.03


def test_a_volume_is_taken_slice_by_slice():
    volume = np.stack([hills(24, 32, seed) for seed in range(3)])
    assert np.array_equal(clahe(volume)[1], clahe(volume[1]))


@pytest.mark.parametrize("told", [{"clip": 0.5}, {"clip": float("nan")}, {"tiles": 0}, {"bins": 1}])
def test_what_cannot_be_is_refused(told):
    with pytest.raises(ValueError, match="needed"):
        clahe(hills(8, 8), **told)
