"""Likeness is a correlation: of itself 1, and what it does not see is named in the docs."""

import numpy as np
import pytest
from scipy.stats import pearsonr

from secondread.learn.inspection.likeness import REACH, coarse, detail, moved_likeness, unit
from small_set import noise


def test_the_coarse_product_is_the_correlation_of_the_means():
    small = np.stack([noise(n, 64) for n in range(5)])
    means = small.reshape(5, 16, 4, 16, 4).mean((2, 4)).reshape(5, -1)
    prints = coarse(small)
    assert float(prints[0] @ prints[3]) == pytest.approx(pearsonr(means[0], means[3])[0], abs=1e-5)


def test_what_a_whole_set_shares_is_taken_off():
    shared = np.kron(noise(1, 16).astype(float), np.ones((4, 4)))
    many = np.stack([(0.8 * shared + 0.2 * noise(n, 64)).astype(np.uint8) for n in range(60)])
    alike = coarse(many) @ coarse(many).T
    assert np.abs(alike[np.triu_indices(60, 1)]).mean() < 0.2
    few = coarse(many[:10]) @ coarse(many[:10]).T
    assert few[np.triu_indices(10, 1)].mean() > 0.8


def test_a_picture_without_contrast_is_like_nothing():
    small = np.stack([noise(1, 64), np.full((64, 64), 7, np.uint8)])
    assert (coarse(small)[1] == 0).all()
    assert (unit(np.ones((2, 5), np.float32)) == 0).all()


def test_moving_a_picture_within_reach_leaves_it_alike_and_beyond_does_not():
    picture = noise(3, 128)
    own = detail(picture)[0]
    assert moved_likeness(own, own) == pytest.approx(1.0, abs=1e-5)
    near, far = (detail(np.roll(picture, shift, (0, 1)))[0] for shift in ((REACH, -REACH), (4 * REACH, 0)))
    assert moved_likeness(own, near) > 0.95
    assert moved_likeness(own, far) < 0.4


def test_brightness_and_contrast_make_no_difference_and_mirroring_does():
    picture = noise(3, 128)
    own = detail(picture)[0]
    assert moved_likeness(own, detail((picture * 0.5 + 60).astype(np.uint8))[0]) > 0.9
    assert moved_likeness(own, detail(picture[:, ::-1].copy())[0]) < 0.4


def test_an_empty_picture_shows_nothing():
    nothing, share = detail(np.zeros((64, 64), np.uint8))
    assert share == 0.0
    assert moved_likeness(nothing, nothing) == 0.0
