"""The Veterans Affairs model. Source: clinical reference, section 1.3."""

import pytest

from secondread.guidelines.va import va


def test_the_model_gives_the_worked_probability():
    ruling = va(age_years=62, ever_smoker=False, diameter_mm=10)
    assert ruling.value == pytest.approx(0.079, abs=5e-4)  # x = -2.454
    assert ruling.unit == "1"


def test_having_quit_lowers_the_risk():
    smokes, quit_long_ago = (
        va(age_years=62, ever_smoker=True, diameter_mm=10, years_since_quitting=years).value for years in (0, 10)
    )
    assert quit_long_ago < smokes
    odds = [p / (1 - p) for p in (smokes, quit_long_ago)]
    assert odds[1] / odds[0] == pytest.approx(2.718281828**-0.567)  # 0.567 in 10 years


def test_who_never_smoked_needs_no_years_since_quitting():
    assert va(age_years=62, ever_smoker=False, diameter_mm=10, years_since_quitting=None).reason == ""
    assert va(age_years=62, ever_smoker=True, diameter_mm=10).reason == (
        "not computable: years_since_quitting is not known"
    )


def test_everything_that_is_missing_is_named():
    assert va(age_years=None, ever_smoker=False, diameter_mm=None).reason == (
        "not computable: age_years, diameter_mm are not known"
    )


def test_what_cannot_be_true_is_refused():
    with pytest.raises(ValueError, match="diameter_mm: found 0"):
        va(age_years=62, ever_smoker=False, diameter_mm=0)
    with pytest.raises(ValueError, match="never smoked"):
        va(age_years=62, ever_smoker=False, diameter_mm=10, years_since_quitting=5)
