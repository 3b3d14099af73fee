"""Numbers of a card as a person reads them."""

from secondread.learn.card_rows.words import mean_and_median, text

AREA = {"value": 0.91, "low": 0.88, "high": 0.934}


def test_an_interval_that_is_not_defined_says_so():
    assert text(AREA) == "0.910 (0.880 to 0.934)"
    assert text(None) == "not defined"


def test_cases_without_the_measure_are_told_beside_its_mean():
    summary = {"mean": AREA, "median": AREA, "cases": 9, "undefined": 0}
    assert mean_and_median(summary) == "mean 0.910 (0.880 to 0.934), median 0.910 (0.880 to 0.934), 9 cases"
    assert mean_and_median(summary | {"undefined": 2}).endswith("9 cases, not defined in 2 more")
    assert mean_and_median(summary | {"cases": 1}, "patient").endswith("1 patient")
    assert mean_and_median(None) == "not defined"
