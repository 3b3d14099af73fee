import numpy as np
import pytest
from scipy import ndimage

from secondread.audit.shifts.broken import BREAKS, CORNER_SHARE, broken
from secondread.audit.shifts.damage import changed

IMAGES = np.rint(ndimage.gaussian_filter(np.random.default_rng(0).random((4, 2, 32, 32)), (0, 0, 3, 3)) * 255).astype(
    np.uint8
)
OWNERS = np.array(["a", "a", "b", "c"])


@pytest.mark.parametrize("name", list(BREAKS))
def test_every_damage_keeps_shape_and_owners_and_is_the_same_each_time(name):
    made = broken(name, IMAGES, OWNERS, 1)
    assert made.images.shape == IMAGES.shape
    assert made.owners.tolist() == OWNERS.tolist()
    assert not np.array_equal(made.images, IMAGES)
    assert np.array_equal(made.images, broken(name, IMAGES, OWNERS, 1).images)


def test_inverted_twice_and_turned_twice_are_as_before():
    for name in ("inverted", "upside down"):
        assert np.array_equal(broken(name, broken(name, IMAGES, OWNERS, 1).images, OWNERS, 1).images, IMAGES), name


def test_a_corner_is_the_same_corner_in_every_channel_and_starts_at_the_edge():
    same = np.repeat(IMAGES[:, :1], 2, axis=1)
    made = broken("corner enlarged", same, OWNERS, 3).images
    assert np.array_equal(made[:, 0], made[:, 1])
    half = round(32 * CORNER_SHARE)
    corners = [
        IMAGES[0, 0, :half, :half],
        IMAGES[0, 0, :half, half:],
        IMAGES[0, 0, half:, :half],
        IMAGES[0, 0, half:, half:],
    ]
    assert any(made[0, 0, 0, 0] == corner[0, 0] and made[0, 0, -1, -1] == corner[-1, -1] for corner in corners)


def test_noise_has_the_deviation_that_its_name_says():
    grey = np.full((1, 1, 64, 64), 128, np.uint8)
    made = broken("added noise (sd 0.15)", grey, np.array(["a"]), 1).images
    assert made.std() / 255 == pytest.approx(0.15, rel=0.05)


def test_an_empty_slice_cannot_blur_and_is_not_counted_as_broken():
    images = np.random.default_rng(0).integers(0, 256, (4, 2, 32, 32), dtype=np.uint8)
    images[1] = 40
    for name, told in (
        ("moved sideways", [1, 0, 1, 1]),
        ("upside down", [1, 0, 1, 1]),
        ("added noise (sd 0.15)", [1] * 4),
    ):
        made = broken(name, images, OWNERS, 1)
        assert made.counted.tolist() == [bool(n) for n in told], name
        assert len(made.images) == 4, "it stays a part of its examination"


def test_a_change_counts_from_one_grey_level_on():
    before = np.full((2, 1, 8, 8), 100, np.uint8)
    after = before + np.array([0, 1], np.uint8)[:, None, None, None]
    after[0, 0, 0, :4] += 1
    assert changed(before, after).tolist() == [False, True]
    assert changed(after, before).tolist() == [False, True], "bytes do not wrap round"


def test_blurred_pictures_have_smaller_steps():
    for name in ("out of focus", "moved sideways"):
        made = broken(name, IMAGES, OWNERS, 1).images.astype(float)
        assert np.abs(np.diff(made, axis=3)).mean() < np.abs(np.diff(IMAGES.astype(float), axis=3)).mean(), name
