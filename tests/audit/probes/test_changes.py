"""Changes of pictures that leave the anatomy alone."""

import numpy as np
import pytest

from secondread.audit.probes import changes


@pytest.fixture
def pictures():
    """Three pictures of two channels with a dark lower half."""
    random = np.random.default_rng(3)
    made = random.integers(60, 200, (3, 2, 32, 48)).astype(np.uint8)
    made[:, :, 16:] //= 2
    return made


def test_a_blanked_border_tells_the_pictures_no_longer_apart(pictures):
    blanked = changes.border_blanked(pictures)
    border = changes.border_of((32, 48))
    assert (blanked[:, :, ~border] == pictures[:, :, ~border]).all()
    assert (blanked[0][:, border] == blanked[1][:, border]).all()
    assert len(np.unique(blanked[0, 0][border])) == 1


def test_a_swapped_border_is_that_of_the_other_picture(pictures):
    swapped = changes.border_swapped(pictures, pictures[::-1])
    border = changes.border_of((32, 48))
    assert (swapped[0][:, border] == pictures[2][:, border]).all()
    assert (swapped[0][:, ~border] == pictures[0][:, ~border]).all()


def test_the_border_is_as_wide_on_every_side_of_a_volume():
    border = changes.border_of((10, 20, 30), 0.1)
    assert (~border).sum() == 8 * 18 * 28


def test_a_border_wider_than_half_is_refused():
    with pytest.raises(ValueError, match="less than half"):
        changes.border_of((8, 8), 0.5)


def test_matched_greys_are_those_of_the_other_picture_in_the_own_order(pictures):
    skimage = pytest.importorskip("skimage.exposure")
    matched = changes.histogram_matched(pictures, pictures[::-1] // 2)
    witness = skimage.match_histograms(pictures[0, 0], pictures[2, 0] // 2)
    assert np.abs(matched[0, 0].astype(float) - witness).max() <= 3
    order = np.argsort(pictures[0, 0], axis=None, kind="stable")
    assert (np.diff(matched[0, 0].ravel()[order].astype(int)) >= 0).all()


def test_matched_greys_have_the_mean_and_the_spread_of_the_other_picture(pictures):
    other = (pictures[::-1] // 3 + 20).astype(np.uint8)
    matched = changes.histogram_matched(pictures, other)
    assert matched.mean((2, 3)) == pytest.approx(other.mean((2, 3)), abs=1.5)
    assert matched.std((2, 3)) == pytest.approx(other.std((2, 3)), abs=1.5)


def test_blur_takes_detail_and_sharpening_gives_it(pictures):
    roughness = {
        name: np.abs(np.diff(made.astype(float), axis=3)).mean()
        for name, made in {
            "plain": pictures,
            "blurred": changes.blurred(pictures, 1.0),
            "sharpened": changes.sharpened(pictures, 1.0),
        }.items()
    }
    assert roughness["blurred"] < roughness["plain"] < roughness["sharpened"]


def test_blur_stays_within_a_picture_and_a_channel(pictures):
    alone = pictures.copy()
    alone[1:] = 0
    alone[0, 1] = 0
    blurred = changes.blurred(alone, 1.0)
    assert not blurred[1:].any()
    assert not blurred[0, 1].any()


def test_black_stays_black_when_a_picture_grows_brighter():
    picture = np.array([0, 10, 250], np.uint8).reshape(1, 1, 1, 3)
    assert changes.brighter(picture, 0.1).ravel().tolist() == [0, 36, 255]
    assert changes.brighter(picture, -0.1).ravel().tolist() == [0, 0, 224]


def test_contrast_stretches_about_the_mean(pictures):
    stretched = changes.stretched(pictures, 1.2)
    mean = pictures[0, 0].mean()
    bright, dark = pictures[0, 0] > mean + 2, pictures[0, 0] < mean - 2
    assert (stretched[0, 0][bright] >= pictures[0, 0][bright]).all()
    assert (stretched[0, 0][dark] <= pictures[0, 0][dark]).all()


def test_a_coarse_picture_keeps_its_mean_and_loses_what_is_fine(pictures):
    fine = np.tile(np.array([0, 255], np.uint8), (1, 1, 128, 64))
    coarse = changes.coarser(fine)
    assert coarse.std() < 10
    assert coarse.mean() == pytest.approx(127.5, abs=2)
    assert changes.coarser(pictures).shape == pictures.shape


def test_a_volume_is_changed_along_all_of_its_axes():
    volume = np.random.default_rng(1).integers(0, 255, (1, 1, 12, 14, 16)).astype(np.uint8)
    for made in (changes.coarser(volume), changes.blurred(volume, 1.0), changes.border_blanked(volume)):
        assert made.shape == volume.shape
        assert made.std() < volume.std()


def test_noise_is_the_same_each_time_and_as_strong_as_asked():
    grey = np.full((1, 1, 64, 64), 128, np.uint8)
    noisy = changes.noisier(grey, 5.0, seed=1)
    assert (noisy == changes.noisier(grey, 5.0, seed=1)).all()
    assert noisy.std() == pytest.approx(5.0, abs=0.3)
