"""Outlines judged on arrays whose figures can be worked out by hand."""

import numpy as np
import pytest

from secondread.learn.examples import Examples
from secondread.learn.judge_outlines import THRESHOLDS, choose, drawn, grey_baseline, judge_outline


@pytest.fixture(autouse=True)
def _fewer_draws(monkeypatch):
    monkeypatch.setattr("secondread.learn.judge_outlines.RESAMPLES", 40)


def examples_of(masks: np.ndarray, patients: list[str], images: np.ndarray | None = None, **more: object) -> Examples:
    names = np.array([str(n) for n in range(len(masks))])
    pictures = np.zeros((len(masks), 1, *masks.shape[1:]), np.uint8) if images is None else images
    fields = {"groups": {}, "masks": masks.astype(np.uint8)} | more
    return Examples(pictures, np.full(len(masks), -1), np.array(patients), names=names, **fields)


def box(top: int, left: int, bottom: int, right: int, value: int = 1) -> np.ndarray:
    mask = np.zeros((20, 20), np.int64)
    mask[top:bottom, left:right] = value
    return mask


def test_a_single_structure_is_drawn_at_its_threshold_and_several_where_they_are_most_probable():
    one = np.array([[[[100, 128, 200]]]], np.uint8)
    assert drawn(one, 0, 0.5).tolist() == [[[False, True, True]]]
    assert drawn(one, 0, 0.8).tolist() == [[[False, False, False]]]
    two = np.array([[[[100, 110, 60]], [[90, 40, 60]]]], np.uint8)  # what is left is the background's
    assert drawn(two, 0, 0.5).tolist() == [[[True, True, False]]]
    assert drawn(two, 1, 0.5).tolist() == [[[False, False, False]]]


def test_a_place_belongs_to_one_structure_at_most():
    random = np.random.default_rng(1)
    odds = random.random((4, 4, 9, 9))
    share = np.floor(255 * odds / odds.sum(1, keepdims=True)).astype(np.uint8)[:, 1:]
    together = np.stack([drawn(share, n, 0.5) for n in range(3)])
    assert together.sum(0).max() == 1
    assert (together.any(0) == (share.max(1) > 255 - share.sum(1, dtype=int))).mean() > 0.99


def test_the_threshold_is_the_one_with_the_best_mean_dice_and_needs_pictures_with_the_structure():
    mask = np.stack([box(2, 2, 12, 12), box(0, 0, 0, 0)])
    outline = np.full((2, 1, 20, 20), 40, np.uint8)
    outline[0, 0, 2:12, 2:12] = 90  # the lesion, above 0.35
    outline[0, 0, 12:18] = 70  # what is not, up to 0.27
    found = choose(mask.astype(np.uint8), outline)
    assert 70 / 255 < found <= 90 / 255
    assert found in THRESHOLDS
    assert choose(np.zeros((2, 20, 20), np.uint8), outline) == 0.5
    assert choose(mask.astype(np.uint8), np.repeat(outline, 2, axis=1)) == 0.5
    assert choose(None, outline) == 0.5


def test_figures_of_boxes_are_those_one_counts():
    true = np.stack([box(2, 2, 12, 12), box(4, 4, 8, 8), box(0, 0, 0, 0), box(0, 0, 0, 0)])
    found = np.stack([box(4, 2, 14, 12), box(4, 4, 8, 8), box(0, 0, 0, 0), box(10, 10, 12, 12)])
    test = examples_of(true, ["a", "b", "a", "b"])
    part = judge_outline(test, (found * 255).astype(np.uint8)[:, None], 0, 0.5)
    assert part["cases"] == 2
    assert part["dice"]["mean"]["value"] == pytest.approx((0.8 + 1.0) / 2)
    patients = [2 * 80 / 200, 2 * 16 / (16 + 20)]
    assert part["by_patient"]["mean"]["value"] == pytest.approx(np.mean(patients))
    assert part["surface"]["hd95_px"]["mean"]["value"] == pytest.approx(1.0)  # 2 for the moved box, 0 for the other
    assert part["size"]["relative_error"]["mean"]["value"] == pytest.approx(0.0)
    assert part["found"] == 1.0
    assert part["empty"] == {
        "cases": 2,
        "drawn_on": 1,
        "mean_share_of_the_picture": pytest.approx(4 / 400 / 2),
        "largest_share_of_the_picture": pytest.approx(4 / 400),
    }
    assert part["readers"] is None


def test_a_network_that_draws_nothing_has_no_distances_and_is_not_forgiven_for_it():
    true = np.stack([box(2, 2, 12, 12), box(4, 4, 8, 8)])
    part = judge_outline(examples_of(true, ["a", "b"]), np.zeros((2, 1, 20, 20), np.uint8), 0, 0.5)
    assert (part["dice"]["mean"]["value"], part["found"], part["empty"]) == (0.0, 0.0, {"cases": 0})
    assert (part["surface"]["hd95_px"], part["surface"]["nsd"]) == (None, None)
    assert part["size"]["relative_error"]["mean"]["value"] == -1.0


def test_one_structure_of_several_is_judged_by_its_own_number():
    true = np.stack([box(2, 2, 12, 12, 2), box(4, 4, 8, 8, 1)])
    outline = np.zeros((2, 2, 20, 20), np.uint8)
    outline[0, 1, 2:12, 2:12], outline[1, 0, 4:8, 4:8] = 255, 255
    for n in (0, 1):
        part = judge_outline(examples_of(true, ["a", "b"]), outline, n, 0.5)
        assert (part["cases"], part["dice"]["mean"]["value"], part["empty"]["drawn_on"]) == (1, 1.0, 0)


def test_volumes_are_judged_like_pictures():
    true = np.zeros((2, 6, 8, 8), np.uint8)
    true[:, 1:5, 2:6, 2:6] = 1
    part = judge_outline(examples_of(true, ["a", "b"]), np.roll(true, 1, axis=1)[:, None] * np.uint8(255), 0, 0.5)
    assert part["dice"]["mean"]["value"] == pytest.approx(0.75)
    assert part["surface"]["hd95_px"]["mean"]["value"] == pytest.approx(1.0)


def test_groups_have_their_own_figure_where_they_hold_enough_patients():
    true = np.stack([box(2, 2, 12, 12)] * 7)
    outline = (true * 255).astype(np.uint8)[:, None]
    outline[5:] = 0
    test = examples_of(true, list("abcdefg"), groups={"site": np.array(["x"] * 5 + ["y"] * 2)})
    rows = {row["group"]: row for row in judge_outline(test, outline, 0, 0.5)["subgroups"]}
    assert (rows["site x"]["n"], rows["site x"]["dice"]["mean"]["value"]) == (5, 1.0)
    assert (rows["site y"]["n"], rows["site y"]["dice"]) == (2, None)


def test_probabilities_are_compared_with_the_share_of_the_readers():
    true = np.stack([box(2, 2, 12, 12)] * 2)
    shares = np.where(true, np.uint8(128), np.uint8(0)).astype(np.uint8)
    same = judge_outline(examples_of(true, ["a", "b"], shares=shares), shares[:, None], 0, 0.5)["readers"]
    assert same is not None
    assert same["distance"]["value"] == pytest.approx(0.0, abs=1e-9)
    assert same["brier"] == pytest.approx(same["disagreement"])
    sure = judge_outline(examples_of(true, ["a", "b"], shares=shares), (true * 255).astype(np.uint8)[:, None], 0, 0.5)
    assert sure["readers"]["distance"]["value"] == pytest.approx((1 - 128 / 255) ** 2, abs=1e-6)
    nothing = judge_outline(examples_of(true, ["a", "b"], shares=shares), np.zeros((2, 1, 20, 20), np.uint8), 0, 0.5)
    assert nothing["readers"] is None


@pytest.mark.parametrize("bright", [True, False])
def test_one_grey_level_finds_what_differs_in_grey_alone_and_looks_at_the_right_channel(bright):
    random = np.random.default_rng(2)
    true = np.stack([box(2 + n, 2, 12, 12) for n in range(6)])
    images = random.integers(90, 110, (6, 2, 20, 20)).astype(np.uint8)
    images[:, 1][true == 1] = 220 if bright else 10
    whole = examples_of(true, list("abcdef"), images)
    assert grey_baseline(whole, whole, 0)["mean"]["value"] == pytest.approx(1.0)
    images[:, 1] = 100
    assert grey_baseline(whole, whole, 0)["mean"]["value"] < 0.6
