"""The colours must be ordered for every eye, and not be mistaken for grey."""

import numpy as np
import pytest

from secondread.report.colours import NAMES, OPACITY, blend, palette


def luminance(rgb):
    """CIE Y of sRGB levels. Source: IEC 61966-2-1."""
    share = rgb / 255.0
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def lightness(rgb):
    """CIE 1976 L*. Source: CIE 015."""
    y = luminance(rgb)
    return np.where(y > 216 / 24389, 116 * np.cbrt(y) - 16, y * 24389 / 27)


def channels():
    """What is shown, [channel, support, grey]."""
    return np.moveaxis(blend().view(np.uint8).reshape(256, 256, 4)[..., :3], 2, 0)


def test_every_level_of_support_is_lighter_than_the_one_before():
    steps = np.diff(lightness(palette()[::8]))
    assert steps.min() > 0.5
    assert steps.max() < 5 * steps.min()


def test_no_colour_is_near_grey():
    assert (np.ptp(palette().astype(int), axis=1) > 80).all()


def test_the_palette_is_the_published_one():
    listed = pytest.importorskip("matplotlib._cm_listed")
    published = np.array(listed.cmaps["plasma"].colors) * 255
    assert np.abs(palette() - published).max() < 0.02 * 256  # eighteen stops stand for its 256


def test_no_support_shows_the_grey_itself():
    table = channels()
    np.testing.assert_array_equal(table[:, 0], np.tile(np.arange(256), (3, 1)))


def test_full_support_leaves_the_picture_visible_below():
    table = channels().astype(int)
    seen = table[:, 255, 255] - table[:, 255, 0]
    np.testing.assert_allclose(seen, (1 - OPACITY) * 255, atol=1)


def test_the_names_follow_the_hues_along_the_scale():
    red, green, blue = palette()[np.linspace(0, 255, len(NAMES)).astype(int)].astype(int).T
    assert NAMES == ("dark blue", "purple", "magenta", "orange", "yellow")
    assert blue[0] > 2 * red[0]
    assert min(red[1], blue[1]) > 3 * green[1]
    assert red[2] > blue[2] > green[2]
    assert red[3] > green[3] > blue[3]
    assert min(red[4], green[4]) > 3 * blue[4]
