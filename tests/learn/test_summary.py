"""What stands in a card is what was measured, in words that are true."""

import pytest

from secondread.learn.summary import against, asked_for, card_subgroups, counted, of_members, predictive, text

AREA = {"value": 0.91, "low": 0.88, "high": 0.934}


def test_an_interval_that_is_not_defined_says_so():
    assert text(AREA) == "0.910 (0.880 to 0.934)"
    assert text(None) == "not defined"


def test_a_split_tells_pictures_made_from_others_and_patients_apart():
    assert counted({"pictures": 90, "made": 30, "patients": 20}) == "90 pictures (30 made from the others), 20 patients"
    assert counted({"pictures": 90, "made": 0, "patients": 90}) == "90 pictures, each counted as a patient"


@pytest.mark.parametrize(
    ("p", "words"), [(None, "p not defined"), (0.0, "p < 0.0001"), (0.00012, "p = 0.00012"), (0.3, "p = 0.3")]
)
def test_a_p_value_is_never_told_more_exactly_than_it_is_known(p, words):
    told = against({"auroc": AREA, "difference": -0.05, "p": p})
    assert told == f"0.910 (0.880 to 0.934); the network's less this is -0.050, {words}"


def test_one_seed_has_no_spread():
    assert of_members(None) == {}
    assert of_members({"auroc": [0.9], "mean": 0.9, "standard_deviation": None}) == {}
    (row,) = of_members({"auroc": [0.8, 0.9], "mean": 0.85, "standard_deviation": 0.0707}).values()
    assert row == "0.8000, 0.9000; mean 0.8500, standard deviation 0.0707"


def test_a_predictive_value_without_a_positive_call_is_left_out():
    rows = predictive({"at_prevalence": [{"prevalence": 0.05, "ppv": 0.5}, {"prevalence": 0.2, "ppv": None}]})
    assert rows == {"positive predictive value at a prevalence of 5%": "0.500"}


def test_what_was_asked_for_and_missed_is_told():
    row = {"question": "ill", "measure": "ece", "at_least": None, "at_most": 0.03, "reached": 0.0456, "accepted": False}
    assert asked_for(row) == ("Asked for: ill, ece at most 0.03", "missed with 0.0456")


def test_a_group_that_is_too_small_has_no_figure():
    rows = [
        {"group": "sex F", "n": 80, "suppressed": False, "auroc": AREA},
        {"group": "sex M", "n": 7, "suppressed": True, "auroc": None},
    ]
    assert [row["value"] for row in card_subgroups({"questions": {"ill": {"subgroups": rows}}})] == [
        "0.910 (0.880 to 0.934)",
        "too few cases",
    ]
