"""Moving pictures carry their time."""

import numpy as np
import pytest

from secondread.core.cine import Cine

FRAMES = np.zeros((3, 4, 5), np.uint8)
BAD = [0.0, -1.0, float("nan"), float("inf")]


@pytest.mark.parametrize(("given_as", "kept_as"), [(np.uint8, np.uint8), (np.uint16, np.float32), (float, np.float32)])
def test_frames_stay_bytes_or_become_single_precision(given_as, kept_as):
    assert Cine(FRAMES.astype(given_as), 33.3).frames.dtype == kept_as


@pytest.mark.parametrize("bad", BAD)
def test_frames_without_a_time_between_them_are_refused(bad):
    with pytest.raises(ValueError, match="frame time must be positive"):
        Cine(FRAMES, bad)


@pytest.mark.parametrize("bad", BAD)
def test_a_spacing_that_is_no_positive_length_is_refused_in_both_directions(bad):
    for spacing in ((bad, 0.2), (0.2, bad)):
        with pytest.raises(ValueError, match="spacing must be positive"):
            Cine(FRAMES, 33.3, spacing)
    assert Cine(FRAMES, 33.3, (0.1, 0.2)).spacing_mm == (0.1, 0.2)


def test_frames_are_grey_or_red_green_and_blue():
    assert Cine(np.zeros((3, 4, 5, 3), np.uint8), 33.3).frames.ndim == 4
    for shape in ((4, 5), (3, 4, 5, 3, 1), (3, 4, 5, 4), (3, 4, 5, 1)):
        with pytest.raises(ValueError, match="found"):
            Cine(np.zeros(shape, np.uint8), 33.3)
