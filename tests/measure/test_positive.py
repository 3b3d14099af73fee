"""What cannot be a size is refused by name."""

import pytest

from secondread.measure.positive import check_positive


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_what_is_not_above_zero_and_finite_is_refused_by_name(value):
    with pytest.raises(ValueError, match=r"^short_mm: found .*; needed a positive finite number$"):
        check_positive(long_mm=8.0, short_mm=value)


def test_the_smallest_size_is_a_size():
    check_positive(short_mm=5e-324)
