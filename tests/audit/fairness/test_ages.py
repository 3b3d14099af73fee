import pytest

from secondread.audit.fairness.ages import binned, years


def test_an_age_on_an_edge_belongs_to_the_range_that_begins_there():
    assert binned([17.99, 18.0, 39.9, 40.0, 79.0, 80.0, 103.0]).tolist() == [
        "0-17", "18-39", "18-39", "40-59", "60-79", "80+", "80+",
    ]  # fmt: skip


def test_ranges_can_be_chosen():
    assert binned([64.0, 65.0], (65,)).tolist() == ["0-64", "65+"]


@pytest.mark.parametrize("text", ["old", "-3", "200", "010M"])
def test_what_is_no_age_in_years_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - float says it in its own words
        years(text)
