"""Sizes are judged by the header."""

import pytest

from secondread.core.errors import FormatError, TooLargeError
from secondread.core.limits import MAX_PIXELS, check_size


def test_a_picture_of_exactly_the_limit_passes_and_one_row_more_does_not():
    check_size("x", rows=10_000, columns=MAX_PIXELS // 10_000)
    with pytest.raises(TooLargeError, match="x: the header announces 10001 x 10000"):
        check_size("x", rows=10_001, columns=10_000)


def test_frames_and_samples_count_too():
    check_size("x", rows=10, columns=10, frames=2, samples=3, limit=600)
    with pytest.raises(TooLargeError, match="2 frames"):
        check_size("x", rows=10, columns=10, frames=2, samples=3, limit=599)


@pytest.mark.parametrize("name", ["rows", "columns", "frames", "samples"])
def test_a_count_below_one_is_damage_and_not_a_small_picture(name):
    counts = {"rows": 4, "columns": 4, "frames": 1, "samples": 1, name: 0}
    with pytest.raises(FormatError, match="at least 1"):
        check_size("x", **counts)
