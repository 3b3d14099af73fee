"""Endplates are drawn where they lie."""

import numpy as np

from secondread.explain.spine_picture import ENDS, LOWER, UPPER, frontal_picture, straight_picture

LINES = [
    (((10.0, 5.0), (12.0, 25.0)), ((20.0, 5.0), (20.0, 25.0))),
    (((26.0, 5.0), (26.0, 25.0)), ((35.0, 5.0), (35.0, 25.0))),
]


def at(rgb: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return np.argwhere((rgb == colour).all(axis=2))


def test_the_endplates_of_the_angle_have_a_colour_of_their_own():
    rgb = frontal_picture(np.full((45, 30), 0.5, np.float32), LINES, (0, 1)).rgb
    ends = at(rgb, ENDS)
    assert sorted(set(ends[:, 0])) == [10, 11, 12, 35]
    assert set(at(rgb, LOWER)[:, 0]) == {20}
    assert set(at(rgb, UPPER)[:, 0]) == {26}


def test_a_large_picture_is_thinned_and_its_lines_with_it():
    lines = [(((1000.0, 500.0), (1000.0, 900.0)), ((1100.0, 500.0), (1100.0, 900.0)))]
    rgb = frontal_picture(np.full((1800, 1200), 0.5, np.float32), lines, (0, 0)).rgb
    assert rgb.shape[0] <= 900
    assert set(at(rgb, ENDS)[:, 0]) == {500, 550}


def test_both_views_stand_side_by_side_and_points_outside_are_left_out():
    view = np.full((45, 30), 200.0, np.float32)
    outside = [(((100.0, 5.0), (100.0, 25.0)), ((20.0, 5.0), (20.0, 25.0)))]
    rgb = straight_picture(view, view, outside, LINES).rgb
    assert rgb.shape == (135, 184, 3)
    assert (at(rgb, UPPER)[:, 1] > 90).all()
