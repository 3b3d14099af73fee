"""The ICH score, row by row (Hemphill 2001)."""

from dataclasses import fields, replace

import pytest

from secondread.guidelines.ich_score import MORTALITY_PERCENT, IchCase, ich_score

MILD = IchCase(gcs=15, volume_ml=10.0, intraventricular=False, infratentorial=False, age_years=60.0, traumatic=False)


def test_a_published_case_gets_its_points_and_its_mortality():
    ruling = ich_score(IchCase(7, 35.0, intraventricular=True, infratentorial=False, age_years=82.0, traumatic=False))
    assert (ruling.value, ruling.unit) == (4, "{score}")
    assert "97 %" in ruling.advice
    assert any("clinician" in warning for warning in ruling.warnings)


@pytest.mark.parametrize(
    ("change", "points"),
    [
        ({}, 0),
        ({"gcs": 13}, 0),
        ({"gcs": 12}, 1),
        ({"gcs": 5}, 1),
        ({"gcs": 4}, 2),
        ({"gcs": 3}, 2),
        ({"volume_ml": 29.99}, 0),
        ({"volume_ml": 30.0}, 1),
        ({"intraventricular": True}, 1),
        ({"infratentorial": True}, 1),
        ({"age_years": 79.9}, 0),
        ({"age_years": 80.0}, 1),  # one point, not the two of some calculators
    ],
)
def test_each_row_of_the_table(change, points):
    assert ich_score(replace(MILD, **change)).value == points


def test_mortality_never_falls_with_the_score_and_six_is_an_estimate():
    assert MORTALITY_PERCENT == (0, 13, 26, 72, 97, 100, 100)
    worst = ich_score(IchCase(3, 60.0, intraventricular=True, infratentorial=True, age_years=90.0, traumatic=False))
    assert worst.value == 6
    assert any("estimate" in warning for warning in worst.warnings)


@pytest.mark.parametrize("name", [f.name for f in fields(IchCase) if f.name != "traumatic"])
def test_what_is_missing_is_named_and_never_counted_as_nought(name):
    ruling = ich_score(replace(MILD, **{name: None}))
    assert ruling.value is None
    assert ruling.reason == f"not computable: {name} is not known"


def test_an_injury_is_out_of_scope_and_an_unknown_cause_is_a_warning():
    assert ich_score(replace(MILD, traumatic=True)).reason.startswith("not applicable: ")
    assert ich_score(replace(MILD, volume_ml=0.0)).reason.startswith("not applicable: ")
    assert any("cause" in warning for warning in ich_score(replace(MILD, traumatic=None)).warnings)


def test_a_child_gets_a_warning():
    assert any(warning.startswith("unverified") for warning in ich_score(replace(MILD, age_years=9)).warnings)


@pytest.mark.parametrize(
    "wrong",
    [{"gcs": 2}, {"gcs": 16}, {"gcs": 7.5}, {"volume_ml": float("nan")}, {"volume_ml": -1.0}, {"age_years": -1}],
)
def test_numbers_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ich_score(replace(MILD, **wrong))
