import math

import pytest

from secondread.stats.interval import Interval, normal_quantile


def test_an_interval_reads_like_a_sentence():
    assert str(Interval(0.912, 0.89, 0.934, "Wilson")) == "0.912 (0.890 to 0.934)"


def test_an_interval_cannot_be_changed():
    with pytest.raises(AttributeError):
        Interval(0.5, 0.4, 0.6, "Wilson").low = 0.1


@pytest.mark.parametrize(
    ("numbers", "found"),
    [((0.5, 0.6, 0.4), "above the upper"), ((math.nan, 0.1, 0.2), "finite"), ((0.5, 0.1, math.inf), "finite")],
)
def test_bounds_that_make_no_sense_are_refused(numbers, found):
    with pytest.raises(ValueError, match=found):
        Interval(*numbers, "Wilson")


def test_a_level_in_percent_is_refused():
    with pytest.raises(ValueError, match="level: found 95"):
        Interval(0.5, 0.4, 0.6, "Wilson", level=95)


def test_the_usual_quantiles_are_the_printed_ones():
    assert normal_quantile(0.95) == pytest.approx(1.959963984540054, abs=1e-12)
    assert normal_quantile(0.99) == pytest.approx(2.575829303548901, abs=1e-12)
