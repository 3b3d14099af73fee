"""Where the colours lie, and what they leave alone."""

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

import fakes
from report_desk import ACTIVATION, corner_map, is_grey
from secondread.core.finding import Map
from secondread.core.image import Image
from secondread.report import overlay

CHEST = Image(fakes.chest(60, 80))


def as_map(values):
    return Map(np.asarray(values, dtype=np.float32), 1.0, ACTIVATION)


def test_support_in_a_corner_is_coloured_in_that_corner_and_nowhere_else():
    shown = overlay.render(CHEST, corner_map())
    expected = np.zeros((60, 80), dtype=bool)
    expected[:12, :20] = True
    np.testing.assert_array_equal(~is_grey(shown), expected)


def test_without_support_the_grey_is_untouched():
    shown = overlay.render(CHEST, as_map(np.zeros((60, 80))))
    np.testing.assert_array_equal(shown, overlay.render(CHEST, None))
    assert is_grey(shown).all()
    np.testing.assert_allclose(shown[..., 0] / 255.0, CHEST.values, atol=0.5 / 255 + 1e-6)


@given(st.floats(0, 1, width=32), st.floats(0, 1, width=32), st.floats(0, 1, width=32))
def test_more_support_moves_the_picture_further_from_grey(grey, one, other):
    weak, strong = sorted((one, other))
    picture = Image(np.full((1, 2), grey, dtype=np.float32))
    shown = overlay.render(picture, as_map([[weak, strong]])).astype(int)
    away = np.abs(shown - round(grey * 255)).sum(axis=2)[0]
    if strong - weak > 0.5:  # a clear step: neighbouring levels differ in hue too
        assert away[1] > away[0]


def test_a_map_of_another_grid_is_refused():
    with pytest.raises(ValueError, match=r"the map has shape \(2, 2\), the picture \(60, 80\)"):
        overlay.render(CHEST, as_map(np.ones((2, 2))))


def test_the_contour_runs_along_the_inside_of_the_strong_half():
    values = np.zeros((60, 80), dtype=np.float32)
    values[20:40, 30:60] = 0.5
    plain, outlined = (overlay.render(CHEST, as_map(values), contour=contour) for contour in (False, True))
    drawn = (plain != outlined).any(axis=2)
    ring = np.zeros((60, 80), dtype=bool)
    ring[20:40, 30:60] = True
    ring[22:38, 32:58] = False
    np.testing.assert_array_equal(drawn, ring)
    assert (outlined[ring] == 255).all()


def test_a_picture_smaller_than_the_limit_is_shown_as_it_is():
    support = corner_map()
    assert overlay.reduced(CHEST, support) == (CHEST, support)


@pytest.mark.parametrize("shape", [(300, 200), (200, 300), (257, 131)])
def test_reducing_keeps_the_aspect_and_every_corner_in_its_place(shape):
    values = np.zeros(shape, dtype=np.float32)
    values[: shape[0] // 5, -(shape[1] // 4) :] = 1.0
    small, support = overlay.reduced(Image(values), Map(values, 2.5, ACTIVATION), 64)
    rows, columns = small.shape
    assert max(rows, columns) == 64
    assert rows / columns == pytest.approx(shape[0] / shape[1], rel=0.02)
    for reduced in (small.values, support.values):
        assert reduced[: rows // 8, -(columns // 6) :].min() > 0.99
        assert reduced[rows // 3 :].max() < 0.01
        assert reduced[:, : columns // 2].max() < 0.01
    assert (support.peak, support.quantity) == (2.5, ACTIVATION)
    assert small.spacing_mm is None


def test_halving_takes_the_mean_of_four_pixels():
    values = np.random.default_rng(0).random((128, 96), dtype=np.float32)
    small, support = overlay.reduced(Image(values), Map(values, 1.0, ACTIVATION), 64)
    mean = values.reshape(64, 2, 48, 2).mean((1, 3))
    np.testing.assert_allclose(small.values, mean, atol=1e-6)
    np.testing.assert_allclose(support.values, mean, atol=1e-6)


def test_the_scale_bar_starts_grey_and_ends_in_the_strongest_colour():
    bar = overlay.scale_bar(64, 8)
    assert bar.shape == (8, 64, 3)
    assert is_grey(bar[:, :1]).all()
    strongest = overlay.render(Image(np.full((1, 1), 0.25)), as_map([[1.0]]))
    np.testing.assert_array_equal(bar[0, -1], strongest[0, 0])


def test_png_keeps_every_pixel_and_jpeg_nearly():
    shown = overlay.render(CHEST, corner_map())
    with Pillow.open(BytesIO(overlay.png_bytes(shown))) as png:
        np.testing.assert_array_equal(np.asarray(png), shown)
    with Pillow.open(BytesIO(overlay.jpeg_bytes(shown))) as jpeg:
        assert np.abs(np.asarray(jpeg).astype(int) - shown).mean() < 2
