import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from secondread.measure.border_path import FORBIDDEN, cheapest_path


def price(cost, path, stiffness):
    turns = np.diff(path)
    return cost[np.arange(len(path)), path].sum() + stiffness * (turns**2).sum()


@given(arrays.arrays(np.float64, (4, 4), elements=st.integers(0, 20).map(float)), st.sampled_from([0.0, 0.5, 3.0]))
def test_no_other_way_is_cheaper(cost, stiffness):
    found = cheapest_path(cost, farthest=2, stiffness=stiffness)
    ways = (np.array(way) for way in itertools.product(range(4), repeat=4) if np.abs(np.diff(way)).max() <= 2)
    assert price(cost, found, stiffness) == pytest.approx(min(price(cost, way, stiffness) for way in ways))


def test_a_border_steps_over_a_gap_and_around_what_is_forbidden():
    cost = np.ones((7, 7))
    cost[:, 3] = 0.0
    cost[3, 3] = FORBIDDEN
    path = cheapest_path(cost)
    assert path[3] in (2, 4)
    assert (np.delete(path, 3) == 3).all()


def test_a_path_needs_somewhere_to_go():
    with pytest.raises(ValueError, match="not empty"):
        cheapest_path(np.zeros((0, 3)))
