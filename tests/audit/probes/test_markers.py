"""Letters in pictures."""

import numpy as np
import pytest

from secondread.audit.probes.markers import marker, marker_pasted, markers_blanked, strokes


@pytest.fixture
def plain():
    """A smooth picture without letters, bright in the middle."""
    rows, columns = np.mgrid[:160, :160] / 159.0 - 0.5
    return (160 * np.exp(-6 * (rows**2 + columns**2)) + 30).astype(np.uint8)[None, None]


@pytest.mark.parametrize(("text", "rest"), [("L", 0.1), ("R", 0.1), ("PORTABLE", 0.6)])
def test_what_was_pasted_is_found_and_painted_over_as_far_as_it_stands_in_the_corner(plain, text, rest):
    pasted = marker_pasted(plain, text)
    back = markers_blanked(pasted)
    covered = marker(text, (160, 160)) > 0.5
    wrong = np.abs(pasted[0, 0].astype(int) - plain[0, 0])[covered].mean()
    left = np.abs(back[0, 0].astype(int) - plain[0, 0])[covered].mean()
    assert wrong > 50
    assert left < rest * wrong


def test_a_picture_without_letters_stays_as_it_is(plain):
    assert (markers_blanked(plain) == plain).all()


def test_left_stands_on_the_right_of_the_picture_and_right_on_the_left():
    columns = np.arange(200)[None, :]
    for text, right_half in (("L", True), ("R", False)):
        cover = marker(text, (200, 200))
        assert ((cover * columns).sum() / cover.sum() > 100) is np.bool_(right_half)


def test_a_long_bright_line_through_a_corner_is_no_marker(plain):
    picture = plain[0, 0].copy()
    picture[10:12, :] = 250
    assert not strokes(picture)[0].any()


def test_something_bright_in_the_middle_is_no_marker(plain):
    picture = plain[0, 0].copy()
    picture[78:84, 78:82] = 255
    assert not strokes(picture)[0].any()


def test_an_unknown_marker_is_refused():
    with pytest.raises(ValueError, match="needed one of"):
        marker("X", (10, 10))
