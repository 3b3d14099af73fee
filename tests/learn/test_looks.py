"""Where a network looks."""

import numpy as np
import pytest

from secondread.core.output import Output
from secondread.learn import looks
from secondread.learn.recipe import Region
from secondread.stats.calibration import softmax

SIDE = 50


class Corner:
    """Stands for a network that says yes by the brightest pixel of the upper left quarter."""

    engine = "fake"

    def run(self, batch):
        bright = 8.0 * batch[:, 0, : SIDE // 2, : SIDE // 2].max((1, 2))
        logits = np.stack([np.zeros_like(bright), bright], 1).astype(np.float32)
        return Output(logits, np.zeros((len(batch), 2, 2, 2), np.float32), np.zeros((len(batch), 1), np.float32))


def pictures(n):
    images = np.random.default_rng(2).integers(0, 60, (n, SIDE, SIDE)).astype(np.uint8)
    images[:, 5:15, 5:15] = 250
    return images


def ask(found, n):
    return looks.faithfulness(Corner(), pictures(n), found, lambda logits: softmax(logits / 2.0)[:, 1])


def test_covered_and_alone_share_the_picture_between_them():
    images = pictures(3)
    parts = looks.border_pictures(images)
    covered, alone = (parts[name] == images for name in ("covered", "alone"))
    assert (covered | alone).all()
    assert covered[:, 6:-6, 6:-6].all()
    assert alone[:, :6].all()
    assert alone[:, :, -6:].all()
    for n, mean in enumerate(images.mean((1, 2)).astype(int)):
        assert (parts["covered"][n, :6] == mean).all()
        assert (parts["alone"][n, 6:-6, 6:-6] == mean).all()


def test_a_region_is_drawn_where_its_corners_say():
    right_half = Region("right", (((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)),))
    mask = looks.region_mask(right_half, (20, 40))
    assert mask.shape == (20, 40)
    assert mask[:, 21:].all()
    assert not mask[:, :19].any()


def test_energy_counts_only_maps_that_are_not_empty():
    found = np.zeros((3, SIDE, SIDE), np.float32)
    found[0, :3] = 1.0
    found[1, 20:30, 20:30] = 2.0
    whole = Region("all", (((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),))
    border, everywhere = looks.energy(found, (whole,)).values()
    assert (border["median_share"], border["maps"]) == (0.5, 2)
    assert everywhere["median_share"] == everywhere["area_share"] == pytest.approx(1.0)


def test_without_a_map_there_is_no_share():
    (border,) = looks.energy(np.zeros((2, SIDE, SIDE), np.float32), ()).values()
    assert (border["median_share"], border["maps"]) == (None, 0)


def test_a_true_map_gains_and_a_false_one_loses():
    right, wrong = np.zeros((2, 6, SIDE, SIDE), np.float32)
    right[:, 5:15, 5:15] = 1.0
    wrong[:, 35:45, 35:45] = 1.0
    assert ask(right, 6)["gain"]["low"] > 0.0
    assert ask(right, 6)["share_of_cases_above_random"] == 1.0
    assert ask(wrong, 6)["gain"]["value"] < 0.0


def test_one_case_has_no_interval():
    assert ask(np.ones((1, SIDE, SIDE), np.float32), 1) == {"cases": 1, "gain": None}
