"""What a person draws becomes the pixels inside it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from secondread.core.signature import Outline
from secondread.dicom.results.signed_seg import filled

HALVES = st.integers(0, 38).map(lambda n: n / 2 + 0.25)  # no corner on a pixel's centre, where programs differ


@given(points=st.lists(st.tuples(HALVES, HALVES), min_size=3, max_size=7, unique=True))
def test_pixels_inside_are_those_whose_centre_a_ray_leaves_an_odd_number_of_times(points):
    inside = filled(Outline("1", "2", 0, tuple(points)), (20, 20))
    for row in range(20):
        for column in range(20):
            at = []
            for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[0]], strict=True):
                if (y0 <= row) != (y1 <= row):
                    at.append(x0 + (row - y0) * (x1 - x0) / (y1 - y0))
            if not any(abs(x - column) < 1e-9 for x in at):  # what lies on the line itself may count either way
                assert inside[row, column] == (sum(x > column for x in at) % 2 == 1), (row, column)


def test_a_triangle_is_what_another_program_fills():
    points = ((2.25, 1.25), (17.25, 4.25), (6.25, 16.25))
    picture = Image.new("1", (200, 200))
    ImageDraw.Draw(picture).polygon([((x + 0.5) * 10, (y + 0.5) * 10) for x, y in points], fill=1)
    fine = np.asarray(picture).reshape(20, 10, 20, 10).mean(axis=(1, 3))
    ours = filled(Outline("1", "2", 0, points), (20, 20))
    assert ours[fine > 0.75].all()
    assert not ours[fine < 0.25].any()


@pytest.mark.parametrize("far", [-1000.0, 1000.0])
def test_a_line_that_leaves_the_picture_fills_what_is_inside(far):
    ours = filled(Outline("1", "2", 0, ((far, -5.5), (far, 30.5), (9.5, 30.5), (9.5, -5.5))), (20, 20))
    assert ours.sum() == 200
    assert ours[:, :10].all() == (far < 0)
