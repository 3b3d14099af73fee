from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.dicom.deidentification.dates import shifted

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1))


@given(DAYS, DAYS, st.integers(-365, -1))
def test_intervals_between_dates_stay(first, second, days):
    moved = [date.fromisoformat(shifted(f"{day:%Y%m%d}", "DA", days)) for day in (first, second)]
    assert moved[1] - moved[0] == second - first
    assert (moved[0] - first).days == days


@given(DAYS, st.times(), st.integers(-365, -1))
def test_a_moment_keeps_its_time_of_day_and_zone_and_its_date_moves_as_dates_do(day, time, days):
    moved = shifted(f"{day:%Y%m%d}{time:%H%M%S.%f}+0900", "DT", days)
    assert moved == f"{shifted(f'{day:%Y%m%d}', 'DA', days)}{time:%H%M%S.%f}+0900"


def test_the_vector_of_an_offset_over_a_leap_day():
    assert (shifted("20240228", "DA", -254), shifted("20240331", "DA", -254)) == ("20230619", "20230721")


@pytest.mark.parametrize(
    ("text", "vr"),
    [
        ("Kim 20240101", "DA"), ("2024", "DA"), ("20241301", "DA"), ("00010101", "DA"), ("2024", "DT"),
        ("202403", "DT"), ("20240101Kim", "DT"), ("25", "TM"), ("Kim", "TM"), ("+2500", "SH"), ("Seoul", "SH"),
    ],
)  # fmt: skip
def test_what_is_no_date_is_never_passed_on(text, vr):
    assert shifted(text, vr, -1) is None


@pytest.mark.parametrize(
    ("text", "vr", "moved"),
    [
        ("2024.01.02", "DA", "20240101"), ("2024-01-02 ", "DA", "20240101"), ("10:15:00", "TM", "101500"),
        ("", "DA", ""), ("20240102", "DT", "20240101"), ("-0500", "SH", "-0500"),
    ],
)  # fmt: skip
def test_careless_forms_are_read_and_written_right(text, vr, moved):
    assert shifted(text, vr, -1) == moved
