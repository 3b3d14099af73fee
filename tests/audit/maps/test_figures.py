"""Figures of maps on a network whose reasons are known."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra `learn`")

from secondread.audit.maps.figures import by_chance, means, of_blind, of_map, of_region

SPOT = (slice(2, 8), slice(20, 28))


@pytest.fixture
def picture():
    grey = np.full((1, 32, 32), 0.1, np.float32)
    grey[(0, *SPOT)] = 0.9
    return grey


def chances(batch):
    """The probability of the one question is how bright a spot is."""
    return batch[:, 0, SPOT[0], SPOT[1]].astype(np.float64).mean(axis=(1, 2))[:, None]


def test_the_true_map_beats_chance_and_the_guesses(picture):
    chance = by_chance(chances, picture, seed=3)
    true = np.zeros((32, 32), np.float32)
    true[SPOT] = 1.0
    found = of_map(chances, picture, true, 0, chance, seed=3)
    for guess in ("centre", "edge"):
        assert found["deletion"] > of_blind(guess, 0, chance)["deletion"]
        assert found["insertion"] > of_blind(guess, 0, chance)["insertion"]


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
