from types import SimpleNamespace

import numpy as np
import pytest
from scipy import ndimage

pytest.importorskip("torch", reason="needs the extra `learn`")

from secondread.audit.shifts.broken import BREAKS, UPSIDE_DOWN, broken, usual
from secondread.audit.shifts.damage import damaged
from secondread.audit.shifts.lessons import DRAWN, FEWEST, MOST, how_many, textures

IMAGES = np.rint(ndimage.gaussian_filter(np.random.default_rng(0).random((3, 2, 32, 48)), (0, 0, 3, 3)) * 255).astype(
    np.uint8
)


@pytest.mark.parametrize("name", list(DRAWN))
def test_every_lesson_changes_the_picture_keeps_its_shape_and_is_the_same_each_time(name):
    made = damaged(DRAWN[name], IMAGES, 5)
    assert made.shape == IMAGES.shape
    assert all(not np.array_equal(one, before) for one, before in zip(made, IMAGES, strict=True))
    assert np.array_equal(made, damaged(DRAWN[name], IMAGES, 5))


def test_every_damage_that_a_bundle_is_tried_on_has_a_lesson():
    assert set(BREAKS) <= set(DRAWN)


def test_channels_of_one_input_are_damaged_alike():
    same = np.repeat(IMAGES[:, :1], 2, axis=1)
    for name in ("corner enlarged", "JPEG quality 5", "moved sideways", "half missing", "exposure", "pixelated"):
        made = damaged(DRAWN[name], same, 9)
        assert np.array_equal(made[:, 0], made[:, 1]), name


def test_half_missing_is_black_on_one_side_and_untouched_on_the_other():
    white = np.full((8, 1, 20, 20), 200, np.uint8)
    for made in damaged(DRAWN["half missing"], white, 1)[:, 0]:
        black = made == 0
        assert 0.25 <= black.mean() <= 0.65
        assert black.all(0).any() != black.all(1).any(), "a whole band of rows or of columns"
        assert set(np.unique(made)) == {0, 200}


def test_textures_are_of_every_coarseness_and_alike_in_all_channels():
    made = textures((2, 64, 64), 40, 3)
    assert np.array_equal(made[:, 0], made[:, 1])
    steps = np.abs(np.diff(made[:, 0].astype(float), axis=1)).mean((1, 2)) / made[:, 0].std((1, 2))
    assert steps.min() < 0.2
    assert steps.max() > 0.8


def test_a_half_turn_breaks_nothing_where_pictures_were_turned_at_will():
    def recipe(degrees):
        return SimpleNamespace(augment=SimpleNamespace(rotate_deg=degrees))

    assert usual(recipe(180.0)) == {UPSIDE_DOWN}
    assert not usual(recipe(25.0))
    owners = np.array(["a", "b", "c"])
    assert broken(UPSIDE_DOWN, IMAGES, owners, 1, usual=True).kind == "usual"


def test_large_inputs_have_fewer_lessons():
    assert how_many(28 * 28, "train") == MOST
    assert how_many(5 * 192 * 192, "train") == FEWEST
