"""From a probability map to marks."""

import numpy as np
import pytest

from secondread.engine.marks import APART, FAINTEST, SMOOTH, marks_of

SIDE = 96


def hill(row: float, column: float, height: float, width: float = 4.0) -> np.ndarray:
    y, x = np.indices((SIDE, SIDE))
    return height * np.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * width**2))


def test_two_hills_give_two_marks_the_higher_one_first():
    places, scores = marks_of(hill(20, 30, 0.6) + hill(70, 64, 0.9))
    assert places.tolist() == [[70.0, 64.0], [20.0, 30.0]]
    lower = 4.0**2 / (4.0**2 + SMOOTH**2)  # a Gaussian hill smoothed by a Gaussian
    assert scores == pytest.approx([0.9 * lower, 0.6 * lower], rel=0.01)


@pytest.mark.parametrize("level", [0.0, FAINTEST * 0.9])
def test_a_map_with_nothing_on_it_gives_no_mark(level):
    places, scores = marks_of(np.full((SIDE, SIDE), level))
    assert (places.shape, scores.shape) == ((0, 2), (0,))


@pytest.mark.parametrize("axis", [0, 1])
def test_a_mirrored_map_gives_the_mirrored_marks(axis):
    random = np.random.default_rng(4)
    whole = sum(hill(*random.uniform(8, 88, 2), random.uniform(0.2, 0.9), 3.0) for _ in range(6)).clip(0, 1)
    places, scores = marks_of(whole)
    turned, again = marks_of(np.flip(whole, axis))
    turned[:, axis] = SIDE - 1 - turned[:, axis]
    assert len(places) > 3
    assert turned == pytest.approx(places)
    assert again == pytest.approx(scores)


def test_a_flat_top_gives_one_mark_in_its_middle():
    whole = np.zeros((SIDE, SIDE))
    whole[30:60, 20:40] = 1.0  # a large lesion of which the network is sure
    places, scores = marks_of(whole)
    assert places == pytest.approx(np.array([[44.5, 29.5]]))
    assert scores == pytest.approx([1.0])
    even, _ = marks_of(np.full((SIDE, SIDE), 0.3))
    assert even == pytest.approx(np.array([[47.5, 47.5]]))


def test_the_ragged_top_of_one_hill_gives_one_mark():
    random = np.random.default_rng(5)
    ragged = (hill(48, 48, 0.8, 8.0) * random.uniform(0.8, 1.0, (SIDE, SIDE))).clip(0, 1)
    places, _ = marks_of(ragged)
    assert np.abs(places[0] - 48).max() < 6
    assert len([place for place in places if np.abs(place - 48).max() < APART * SIDE]) == 1


def test_a_lower_hill_close_to_a_higher_one_gives_no_mark_of_its_own():
    near, far = APART * SIDE * 0.6, APART * SIDE * 3
    assert len(marks_of(hill(48, 48, 0.9, 1.0) + hill(48, 48 + near, 0.5, 1.0))[0]) == 1
    assert len(marks_of(hill(48, 48, 0.9, 1.0) + hill(48, 48 + far, 0.5, 1.0))[0]) == 2


def test_a_hill_at_the_border_is_marked_within_the_picture():
    places, _ = marks_of(hill(0, 95, 0.9))
    assert len(places) == 1
    assert (places >= 0).all()
    assert (places <= SIDE - 1).all()
    assert np.abs(places - [0, 95]).max() <= 3
