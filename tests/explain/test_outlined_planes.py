"""Planes are drawn with the edges of their regions, and nothing else is coloured."""

import numpy as np

from secondread.explain.outlined_planes import COLOURS, beside, outlined


def test_only_the_edge_of_a_region_is_coloured():
    inside = np.zeros((20, 20), bool)
    inside[5:15, 5:15] = True
    rgb = outlined((np.full((20, 20), 40.0, np.float32), [(inside, COLOURS[0])]), (40.0, 400.0), 2)
    coloured = (rgb == COLOURS[0]).all(axis=2)
    assert rgb.shape == (40, 40, 3)
    assert coloured.sum() == 4 * 19
    assert not coloured[14:26, 14:26].any()


def test_dark_is_black_and_bright_is_white():
    rgb = outlined((np.array([[-1000.0, 1000.0]], np.float32), ()), (40.0, 400.0))
    assert rgb[0, 0].tolist() == [0, 0, 0]
    assert rgb[0, 1].tolist() == [255, 255, 255]


def test_pictures_of_different_height_stand_side_by_side():
    sheet = beside([np.full((4, 3, 3), 9, np.uint8), np.full((2, 5, 3), 7, np.uint8)])
    assert sheet.shape == (4, 12, 3)
    assert sheet[3, 11].tolist() == [0, 0, 0]
