"""Medial temporal atrophy: ratings of both sides held against a named cut-off."""

import pytest

from secondread.guidelines.mta import CUTOFFS, GRADES, mta

ABNORMAL, FINE = "abnormal for age", "not abnormal for age"


@pytest.mark.parametrize(
    ("left", "right", "age", "cutoff", "value"),
    [
        (1, 1, 74, "traditional", FINE),
        (2, 0, 74, "traditional", ABNORMAL),  # the higher side counts
        (2, 2, 75, "traditional", FINE),
        (2, 3, 75, "traditional", ABNORMAL),
        (1, 0, 74, "memory clinic 2021", FINE),  # the mean counts: 0.5
        (1, 1, 74, "memory clinic 2021", ABNORMAL),
        (1, 1, 75, "memory clinic 2021", FINE),
        (2, 1, 75, "memory clinic 2021", ABNORMAL),  # 1.5
    ],
)
def test_each_row_of_each_cutoff(left, right, age, cutoff, value):
    ruling = mta(left=left, right=right, age_years=age, cutoff=cutoff)
    assert (ruling.value, ruling.unit) == (value, "")


@pytest.mark.parametrize("cutoff", CUTOFFS)
def test_the_cutoff_is_always_told_with_its_source_and_its_rival(cutoff):
    ruling = mta(left=1, right=2, age_years=70, cutoff=cutoff)
    assert cutoff in ruling.edition
    assert cutoff in ruling.advice
    assert CUTOFFS[cutoff].source in ruling.source
    assert any(other in warning for other in set(CUTOFFS) - {cutoff} for warning in ruling.warnings)


def test_the_same_ratings_may_be_judged_differently():
    same = {"left": 1, "right": 1, "age_years": 70}
    assert mta(**same).value != mta(**same, cutoff="memory clinic 2021").value


@pytest.mark.parametrize("cutoff", CUTOFFS)
def test_more_atrophy_is_never_judged_better(cutoff):
    for age in (60, 80):
        judged = [mta(left=grade, right=grade, age_years=age, cutoff=cutoff).value for grade in range(5)]
        assert judged == sorted(judged, reverse=True)  # "not abnormal" before "abnormal"


def test_there_are_five_grades():
    assert len(GRADES) == 5


def test_a_missing_side_or_age_is_named():
    assert mta(left=None, right=2, age_years=70).reason == "not computable: left is not known"
    assert mta(left=1, right=2, age_years=None).reason == "not computable: age_years is not known"


@pytest.mark.parametrize(
    "wrong", [{"left": 5}, {"right": -1}, {"left": 1.5}, {"age_years": float("nan")}, {"cutoff": "mine"}]
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        mta(**{"left": 1, "right": 1, "age_years": 70, **wrong})
