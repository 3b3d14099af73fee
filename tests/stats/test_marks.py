import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.stats.marks import Marks, hits_in_boxes, hits_in_mask, hits_near

places = st.lists(st.tuples(st.integers(-2, 9), st.integers(-2, 9)), max_size=8)


def test_a_mark_hits_a_box_it_lies_in_or_on_and_no_other():
    boxes = [[[0, 0], [3, 5]], [[3, 5], [8, 8]], [[9, 9], [9, 9]]]
    hits = hits_in_boxes([[0, 0], [3, 5], [4, 4], [9, 9]], boxes)
    assert hits.tolist() == [[True, False, False], [True, True, False], [False, False, False], [False, False, True]]


def test_a_margin_widens_every_box_on_every_side():
    around = [[1, 4], [7, 4], [4, 1], [4, 7]]
    assert not hits_in_boxes(around, [[[2, 2], [6, 6]]]).any()
    assert hits_in_boxes(around, [[[2, 2], [6, 6]]], margin_px=1).all()


@given(places)
def test_a_lesion_that_fills_its_box_is_hit_by_the_same_marks_either_way(at):
    grid = np.zeros((8, 8), dtype=np.uint8)
    grid[1:4, 2:7], grid[5:8, 0:3] = 1, 2
    boxes = [[[1, 2], [3, 6]], [[5, 0], [7, 2]]]
    np.testing.assert_array_equal(hits_in_mask(at, grid), hits_in_boxes(at, boxes))


def test_a_place_between_pixels_belongs_to_the_nearest():
    grid = np.array([[0, 1, 0]])
    assert hits_in_mask([[0.4, 0.6], [0, 1.4], [0, 0.4], [0, 1.6]], grid).ravel().tolist() == [True, True, False, False]


def test_nearness_is_measured_in_millimetres():
    hits = hits_near([[0, 0, 3], [2, 0, 0], [3, 0, 0]], [[0, 0, 0]], [5.0], (2.5, 0.7, 0.7))
    assert hits.ravel().tolist() == [True, True, False]


def test_pictures_without_marks_or_without_lesions_have_a_table_all_the_same():
    assert hits_in_boxes([], [[[0, 0], [1, 1]]]).shape == (0, 1)
    assert hits_in_boxes([[1, 1]], []).shape == (1, 0)
    assert hits_in_mask([], np.array([[0, 1], [2, 0]])).shape == (0, 2)
    assert hits_in_mask([[0, 0]], np.zeros((2, 2), dtype=int)).shape == (1, 0)
    assert hits_near([[1, 1]], [], [], (1, 1)).shape == (1, 0)
    assert hits_near([], [[1, 1]], [2], (1, 1)).shape == (0, 1)


def test_marks_cannot_be_changed_from_outside():
    scores, hits = np.array([0.5]), np.array([[True]])
    marks = Marks(scores, hits, "p")
    scores[0], hits[0, 0] = 0.9, False
    assert (marks.scores.tolist(), marks.hits.tolist()) == ([0.5], [[True]])
    with pytest.raises(ValueError, match="read-only"):
        marks.scores[0] = 1


@pytest.mark.parametrize(
    ("call", "found"),
    [
        (lambda: Marks([0.1, 0.2], [[True]], "p"), r"scores of shape \(2,\) and hits of \(1, 1\)"),
        (lambda: Marks([0.1], [True], "p"), r"hits of \(1,\)"),
        (lambda: Marks([np.nan], [[True]], "p"), "scores: found NaN"),
        (lambda: Marks([0.1], [[True]], ""), "patient: found an empty key"),
        (lambda: hits_in_boxes([1, 2], [[[0, 0], [1, 1]]]), r"places: found an array of shape \(2,\)"),
        (lambda: hits_in_boxes([[1, 2]], [[0, 0, 1, 1]]), r"boxes: found an array of shape \(1, 4\)"),
        (lambda: hits_in_boxes([[1, 2, 3]], [[[0, 0], [1, 1]]]), "places with 3 axes and boxes with 2"),
        (lambda: hits_in_boxes([[1, 2]], [[[3, 0], [1, 1]]]), "lowest corner above"),
        (lambda: hits_in_boxes([[1, np.inf]], [[[3, 0], [1, 1]]]), "places: found NaN or infinite"),
        (lambda: hits_in_mask([[1, 2]], np.array([[0, 2]])), "lesions: needed whole numbers"),
        (lambda: hits_in_mask([[1, 2]], np.array([[0, 0.5]])), "lesions: needed whole numbers"),
        (lambda: hits_in_mask([[1, 2, 3]], np.array([[0, 1]])), "places with 3 axes on a grid with 2"),
        (lambda: hits_near([[1, 2]], [[1, 2]], [1, 2], (1, 1)), "1 in centres, 2 in radii_mm"),
        (lambda: hits_near([[1, 2]], [[1, 2]], [1], (1, 0)), "positive spacing"),
    ],
)
def test_what_does_not_fit_is_refused(call, found):
    with pytest.raises(ValueError, match=found):
        call()
