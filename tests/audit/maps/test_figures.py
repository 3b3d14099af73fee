"""Figures of maps on a network whose reasons are known."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra `learn`")

from secondread.audit.maps.figures import by_chance, gained, means, of_region
from secondread.audit.spread import spread_of
from secondread.explain.curves import by_road, curves, order_of

SPOT = (slice(2, 8), slice(20, 28))


@pytest.fixture
def picture():
    grey = np.full((1, 32, 32), 0.1, np.float32)
    grey[(0, *SPOT)] = 0.9
    return grey


def odds(batch):
    """The log odds of the one question are how bright a spot is, far above even."""
    return 15.0 + batch[:, 0, SPOT[0], SPOT[1]].astype(np.float64).mean(axis=(1, 2))[:, None]


def test_the_true_map_beats_chance_and_the_guesses(picture):
    chance = by_chance(odds, picture, seed=3)
    true = np.zeros((32, 32), np.float32)
    true[SPOT] = 1.0
    road = chance.road[..., 0]
    found = gained(curves(odds, picture, order_of(true), by_road(3))[..., 0], road, 1.0)
    for guess in ("centre", "edge"):
        blind = gained(chance.blind[guess][..., 0], road, 1.0)
        assert found["deletion"] > blind["deletion"]
        assert found["insertion"] > blind["insertion"]


def test_a_gain_is_told_in_spreads_where_the_probability_hardly_moves():
    marked, road = np.array([[9.0, 9.0], [15.0, 15.0]]), np.full((3, 2, 2), 15.0)
    found = gained(marked, road, 3.0)
    assert found["deletion"] == pytest.approx(2.0)
    assert found["insertion"] == pytest.approx(0.0)
    assert found["deletion_probability"] == pytest.approx(1 / (1 + np.exp(-15.0)) - 1 / (1 + np.exp(-9.0)))
    assert found["deletion_probability"] < 0.001


def test_a_spread_is_the_deviation_of_the_answers_and_never_nothing():
    assert spread_of(np.array([-1.0, 1.0])) == pytest.approx(1.0)
    assert spread_of(np.zeros(4)) > 0.0


def test_a_map_that_knows_nothing_has_the_share_of_the_area(picture):
    region = picture[0] > 0.5
    found = of_region(np.ones((32, 32), np.float32), region)
    assert found["beyond_area"] == pytest.approx(0.0, abs=1e-6)
    assert of_region(np.zeros((32, 32), np.float32), region) == {}
    assert of_region(np.ones((32, 32), np.float32), None) == {}


def test_means_count_the_pictures_that_have_a_measure():
    rows = [{"deletion": 0.1}, {"deletion": 0.3, "inside": 0.5}, {"deletion": 0.2, "inside": 0.7}]
    found = means(rows, np.array(["a", "b", "c"]))
    assert found["deletion"][0] == pytest.approx(0.2)
    assert found["deletion"][1] <= 0.2 <= found["deletion"][2]
    assert found["inside"][0] == pytest.approx(0.6)
    assert found["marked_pictures"] == 2


def test_one_patient_has_no_interval():
    assert means([{"deletion": 0.1}, {"deletion": 0.2}], np.array(["a", "a"])) == {"deletion": None}
