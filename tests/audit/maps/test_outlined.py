"""An outline beside the same shape elsewhere, and beside the truth."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra `learn`")

from secondread.audit.maps.outlined import beside_truth, moved_places, without


@pytest.fixture
def place():
    inside = np.zeros((20, 30), dtype=bool)
    inside[3:8, 4:10] = True
    return inside


def test_moved_places_have_the_same_size_and_do_not_touch_the_outline(place):
    moved = moved_places(place, seed=1)
    assert len(moved) == 4
    for other in moved:
        assert other.sum() == place.sum()
        assert not (other & place).any()


def test_a_place_too_large_to_be_moved_has_none():
    assert moved_places(np.ones((6, 6), dtype=bool), seed=1) == []


def test_the_share_of_probability_in_the_truth(place):
    whole = np.where(place, 0.8, 0.0)
    truth = np.zeros_like(place)
    truth[3:8, 4:7] = True
    found = beside_truth(whole, truth)
    assert found["inside"] == pytest.approx(0.5)
    assert found["area"] == pytest.approx(15 / 600)
    assert found["beyond_area"] == pytest.approx(0.5 - 15 / 600)
    assert found["pointed"] == 0.0  # half of the strongest places lie outside
    assert beside_truth(whole, np.zeros_like(place)) == {}


def test_a_volume_is_filled_slice_by_slice(place):
    volume = np.random.default_rng(0).random((1, 3, 20, 30), dtype=np.float32)
    gone = np.stack([place, np.zeros_like(place), place])
    filled = without(volume, gone, seed=0)
    np.testing.assert_array_equal(filled[:, ~gone], volume[:, ~gone])
    assert (filled[:, gone] != volume[:, gone]).all()
