import numpy as np
import pytest

from secondread.explain.pointing import pointing_game, points_inside


@pytest.fixture
def peak():
    """A map whose strongest pixel is row 3, column 5."""
    values = np.random.default_rng(0).random((8, 10))
    values[3, 5] = 2.0
    return values


@pytest.mark.parametrize(("box", "hit"), [((3, 5, 4, 6), True), ((0, 0, 3, 10), False), ((0, 0, 8, 5), False)])
def test_a_hit_is_the_strongest_pixel_in_the_box_whose_far_edges_are_outside(peak, box, hit):
    assert pointing_game(peak, [box]) is hit


def test_one_of_several_boxes_is_enough_and_no_box_is_a_miss(peak):
    assert pointing_game(peak, [(0, 0, 1, 1), (3, 4, 5, 6)])
    assert not pointing_game(peak, [])


def test_a_flat_map_points_nowhere():
    assert not pointing_game(np.ones((4, 4)), [(0, 0, 4, 3)])


@pytest.mark.parametrize("box", [(3, 3, 3, 5), (-1, 0, 2, 2), (0, 0, 9, 2), (0, 4, 2, 3)])
def test_a_box_that_is_empty_or_leaves_the_map_is_refused(peak, box):
    with pytest.raises(ValueError, match="needed a box inside 8 x 10"):
        pointing_game(peak, [box])


@pytest.mark.parametrize("values", [np.ones(4), np.full((2, 2), np.nan)])
def test_a_map_that_is_no_plane_of_numbers_is_refused(values):
    with pytest.raises(ValueError, match="map: found shape"):
        pointing_game(values, [])


def test_the_strongest_place_lies_in_a_region_of_any_shape():
    values = np.zeros((4, 4))
    values[1, 2] = 1.0
    region = np.eye(4, dtype=bool)
    assert not points_inside(values, region)
    region[1, 2] = True
    assert points_inside(values, region)


def test_of_tied_strongest_places_each_must_lie_in_the_region():
    assert not points_inside(np.ones((2, 2)), np.array([[True, True], [True, False]]))


def test_a_region_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="one shape"):
        points_inside(np.ones((2, 2)), np.ones((2, 3), dtype=bool))
