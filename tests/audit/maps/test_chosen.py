"""Boxes of a manifest on the grid of the picture."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra `learn`")

from secondread.audit.maps.chosen import drawn_boxes


def test_a_box_counts_1024_pixels_columns_first():
    region = drawn_boxes([[512.0, 256.0, 128.0, 64.0]], (64, 64))
    rows, columns = np.nonzero(region)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (16, 19, 32, 39)


def test_several_boxes_join_and_a_tiny_one_is_a_pixel():
    assert drawn_boxes([[0.0, 0.0, 1.0, 1.0], [1000.0, 1000.0, 24.0, 24.0]], (32, 32)).sum() == 2
