"""Marks judged on maps with hills whose hits can be counted."""

import numpy as np
import pytest

from secondread.learn.examples import Examples
from secondread.learn.judge_marks import at_threshold, judge_marks, marked, threshold_of
from secondread.stats.marks import Marks

SIDE = 64


@pytest.fixture(autouse=True)
def _fewer_draws(monkeypatch):
    monkeypatch.setattr("secondread.learn.judge_marks.RESAMPLES", 40)


def hills(*places: tuple[int, int, float]) -> np.ndarray:
    """uint8 [h, w]."""
    y, x = np.indices((SIDE, SIDE))
    whole = sum((h * np.exp(-((y - r) ** 2 + (x - c) ** 2) / 18.0) for r, c, h in places), np.zeros((SIDE, SIDE)))
    return np.rint(255 * whole.clip(0, 1)).astype(np.uint8)


def examples_of(boxes: list[list[list[float]]] | None = None, masks: np.ndarray | None = None) -> Examples:
    count = len(boxes if boxes is not None else masks)
    names = np.array([f"p{n}" for n in range(count)])
    corners = () if boxes is None else tuple(np.array(b, dtype=np.float64).reshape(-1, 4) for b in boxes)
    black = np.zeros((count, 1, SIDE, SIDE), np.uint8)
    return Examples(black, np.full(count, -1), names, {}, names, masks=masks, boxes=corners)


def test_a_mark_hits_the_box_that_its_peak_lies_in_and_no_other():
    outlines = np.stack([hills((20, 30, 0.9), (50, 10, 0.5)), hills()])[:, None]
    (first, second) = marked(examples_of([[[15, 25, 26, 36], [44, 40, 60, 60]], []]), outlines, 0)
    assert first.hits.tolist() == [[True, False], [False, False]]
    assert first.scores[0] > first.scores[1]
    assert (len(second.scores), second.hits.shape, second.patient) == (0, (0, 0), "p1")


def test_a_box_holds_exactly_the_pixels_it_covers():
    outline = hills((20, 30, 0.9))[None, None]
    edges = [[20, 30, 21, 31], [21, 30, 22, 31], [20, 31, 21, 32], [19, 29, 20, 30]]  # only the first is that pixel
    assert marked(examples_of([edges]), outline, 0)[0].hits.tolist() == [[True, False, False, False]]


def test_without_boxes_the_connected_parts_of_the_masks_are_the_lesions():
    mask = np.zeros((1, SIDE, SIDE), np.uint8)
    mask[0, 15:25, 25:35], mask[0, 44:56, 5:15], mask[0, 30:34, 50:54] = 2, 2, 1
    outline = np.stack([hills(), hills((20, 30, 0.9), (50, 40, 0.6))])[None]
    (found,) = marked(examples_of(masks=mask), outline, 1)
    assert found.hits.tolist() == [[True, False], [False, False]]
    assert marked(examples_of(masks=mask), outline, 0)[0].hits.shape == (0, 1)


def test_a_set_without_lesions_has_only_false_marks():
    mask = np.zeros((2, SIDE, SIDE), np.uint8)
    marks = marked(examples_of(masks=mask), np.stack([hills((20, 30, 0.9)), hills()])[:, None], 0)
    point = at_threshold(marks, 0.5)
    assert (point["lesions"], point["sensitivity"], point["false_marks"]) == (0, None, 1)
    assert point["false_marks_per_image"]["value"] == 0.5


def one(scores: list[float], hits: list[int], patient: str) -> Marks:
    """Marks on a picture with one lesion."""
    return Marks(np.array(scores), np.array(hits, dtype=bool)[:, None], patient)


def test_the_threshold_comes_from_validation_and_the_figures_from_test():
    val = [one([0.9, 0.6, 0.3], [1, 0, 0], "a"), one([0.8, 0.2], [1, 0], "b")]
    test = [one([0.7, 0.5], [1, 0], "c"), one([0.4], [1], "d"), one([0.95], [0], "e"), one([0.5], [1], "f")]
    part = judge_marks(val, test, 1.0)
    assert part["threshold"] == threshold_of(val, 1.0) == 0.3  # two false marks on two pictures
    assert part["at_threshold"]["lesions_found"] == 3
    assert part["at_threshold"]["false_marks"] == 2
    assert part["sensitivity_at_rate"]["value"] == part["curve"]["1"] == pytest.approx(0.75)
    assert part["points"][0] == [0.0, 0.0]
    assert part["points"][-1] == [0.5, 0.75]
    strict = judge_marks(val, test, 0.0)
    assert (strict["threshold"], strict["at_threshold"]["lesions_found"]) == (0.8, 0)


def test_where_nothing_was_marked_on_validation_nothing_is_shown():
    silent = [Marks(np.zeros(0), np.zeros((0, 1), bool), "a")]
    assert threshold_of(silent, 1.0) == 1.0
    part = judge_marks(silent, [one([0.7], [1], "c"), one([0.9], [1], "d")], 1.0)
    assert part["at_threshold"]["lesions_found"] == 0
    assert part["sensitivity_at_rate"]["value"] == 1.0
