"""Lesions of two times are told apart and put together by where they lie."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secondread.core.geometry import Geometry
from secondread.measure.match_lesions import Lesion, Pair, lesion_of, merged, pairs

GRID = Geometry((40, 40, 40), np.diag([2.0, 1.0, 1.0, 1.0])[[2, 1, 0, 3]])


def ball(x, y, z, radius=3.0):
    place = GRID.world(np.indices(GRID.shape).transpose(1, 2, 3, 0))
    inside = np.linalg.norm(place - (x, y, z), axis=-1) <= radius
    box = tuple(slice(int(n.min()), int(n.max()) + 1) for n in np.nonzero(inside))
    return lesion_of(inside[box], box, GRID)


def at(*centres, volume=100.0):
    nothing = (slice(0, 1),) * 3
    return [Lesion(np.array(c, float), volume, 6.0, 5.0, nothing, np.ones((1, 1, 1), bool)) for c in centres]


def places(lesions):
    return np.array([one.centre_mm for one in lesions]).reshape(-1, 3)


def found(before, after, limit=10.0):
    return {(p.before, p.after) for p in pairs(before, after, places(before), limit)}


def test_a_lesion_is_measured_in_the_patient():
    one = ball(20, 18, 30, radius=6.0)
    assert one.centre_mm == pytest.approx((20, 18, 30), abs=0.3)
    assert one.volume_mm3 == pytest.approx(4 / 3 * np.pi * 6**3, rel=0.06)
    assert one.long_mm == pytest.approx(12.0, abs=1.2)
    assert one.whole(GRID).sum() * GRID.voxel_volume_mm3 == one.volume_mm3


def test_an_empty_mask_is_no_lesion():
    with pytest.raises(ValueError, match="empty"):
        lesion_of(np.zeros((2, 2, 2), bool), (slice(0, 2),) * 3, GRID)


def test_the_nearest_are_one_and_the_rest_is_new_or_gone():
    before, after = at((0, 0, 0), (50, 0, 0)), at((2, 0, 0), (0, 80, 0))
    assert found(before, after) == {(0, 0), (None, 1), (1, None)}


def test_more_pairs_count_more_than_the_nearest_one():
    before, after = at((0, 0, 0), (8, 0, 0)), at((7, 0, 0), (16, 0, 0))
    assert found(before, after) == {(0, 0), (1, 1)}


def test_a_large_lesion_may_move_its_centre_by_its_radius():
    before, after = at((0, 0, 0), volume=4.0), at((14, 0, 0), volume=4 / 3 * np.pi * 15**3)
    assert found(before, after) == {(0, 0)}
    assert found(before, at((14, 0, 0), volume=4.0)) == {(None, 0), (0, None)}


def test_a_small_lesion_inside_a_large_one_may_have_grown_together_with_it():
    before = at((0, 0, 0), (6, 0, 0))
    after = at((2, 0, 0), volume=4 / 3 * np.pi * 8**3)
    result = pairs(before, after, places(before), 10.0)
    assert merged(after, places(before), result) == (1,)


def test_nothing_before_and_nothing_after_are_answers():
    assert pairs([], [], np.zeros((0, 3)), 10.0) == ()
    assert pairs([], at((0, 0, 0)), np.zeros((0, 3)), 10.0) == (Pair(None, 0),)
    assert pairs(at((0, 0, 0)), [], np.zeros((1, 3)), 10.0) == (Pair(0, None),)


def test_wrong_places_and_limits_are_refused():
    with pytest.raises(ValueError, match="one each"):
        pairs(at((0, 0, 0)), [], np.zeros((2, 3)), 10.0)
    with pytest.raises(ValueError, match="positive"):
        pairs([], [], np.zeros((0, 3)), 0.0)


points = st.lists(st.tuples(*[st.floats(-100, 100)] * 3), max_size=7)


@settings(max_examples=60, deadline=None)
@given(points, points)
def test_every_lesion_is_told_once_and_no_pair_is_too_far(first, second):
    before, after = at(*first), at(*second)
    result = pairs(before, after, places(before), 10.0)
    assert sorted(p.before for p in result if p.before is not None) == list(range(len(before)))
    assert sorted(p.after for p in result if p.after is not None) == list(range(len(after)))
    assert all(p.apart_mm <= 10.0 for p in result if p.apart_mm is not None)
    assert all((p.apart_mm is None) == (p.before is None or p.after is None) for p in result)
