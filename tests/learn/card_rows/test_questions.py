"""Which questions a card answers, and how it says that it does not."""

import pytest

from secondread.learn.card_rows.questions import (
    against,
    all_questions,
    alone_rows,
    class_rows,
    macro_rows,
    not_answered,
    of_members,
    predictive,
)

AREA = {"value": 0.91, "low": 0.88, "high": 0.934}


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


def area(low: float, high: float) -> dict:
    return {"value": (low + high) / 2, "low": low, "high": high}


def label(positives: int, found: dict | None, n: int = 285) -> dict:
    """One independent label of an evaluation."""
    return {
        "n": n,
        "positives": positives,
        "auroc_by_patient": found,
        "sensitivity": AREA,
        "specificity": AREA,
        "ece": 0.02,
        "shortcut": {"auroc": AREA, "difference": 0.1, "p": 0.01},
        "at_prevalence": [],
        "numbers_alone": {},
    }


@pytest.mark.parametrize(
    ("part", "why"),
    [
        (label(15, area(0.6, 0.8)), None),
        (label(14, area(0.6, 0.8)), "too few cases (14)"),
        (label(0, None), "too few cases (0)"),
        (label(280, area(0.6, 0.8)), "too few cases (5)"),
        (label(40, area(0.47, 0.66)), "interval reaches 0.5 (0.47 to 0.66)"),
        (label(40, area(0.5, 0.66)), "interval reaches 0.5 (0.50 to 0.66)"),
    ],
)
def test_a_label_without_enough_cases_or_no_better_than_chance_has_no_score(part, why):
    result = {"classes": {"least": 15}, "activation": "sigmoid", "role": "reader"}
    result["questions"] = {"Effusion": label(24, area(0.7, 0.9)), "Mass": part}
    assert not_answered(result).get("Mass") == why
    rows = all_questions(result)
    assert any(name.startswith("Mass") for name in rows) == (why is None)
    assert rows.get("Not answered") == (None if why is None else f"Mass, {why}")
    assert rows["Effusion: AUROC"] == "0.800 (0.700 to 0.900), 24 of 285 pictures positive"


def test_labels_that_exclude_each_other_are_answered_however_few():
    part = label(9, area(0.45, 0.9))
    assert not_answered({"classes": {"accuracy": AREA}, "questions": {"ill": part}}) == {}
    assert not_answered({"classes": {"accuracy": AREA}, "questions": {"ill": label(1, None)}}) == {
        "ill": "too few cases (1)"
    }


def test_the_mean_over_labels_tells_how_many_it_is_over():
    (row,) = macro_rows({"macro_auroc": AREA, "least": 15, "judged": ["a", "b"], "not_judged": ["c"]}).values()
    assert row == "0.910 (0.880 to 0.934), over 2 labels with at least 15 positive and 15 negative cases"
    folds = {"macro_auroc": AREA, "least": 15, "labels": {"a": {}, "b": {}, "c": {}}, "not_judged": ["c"]}
    assert list(macro_rows(folds).values()) == [row]
    (row,) = macro_rows({"macro_auroc": None, "least": 15}).values()
    assert row == "not defined: no label with 15 positive and 15 negative cases"
    assert class_rows(None) == {}


def test_the_age_alone_is_told_with_the_paired_test():
    found = {"age": {"n": 60, "auroc": AREA, "difference": -0.02, "p": 0.4}}
    assert alone_rows({"numbers_alone": found}) == {
        "AUROC of age alone": "0.910 (0.880 to 0.934); the network's less this is -0.020, p = 0.4, 60 cases"
    }
    cross = {"age": {"n": 60, "auroc": AREA, "difference": area(-0.1, 0.1), "p": 0.9}}
    (row,) = alone_rows({"numbers_alone": cross}).values()
    assert "the network's less this is 0.000 (-0.100 to 0.100), p = 0.9" in row
    nothing = {"age": {"n": 0, "auroc": None, "difference": None, "p": None}}
    assert alone_rows({"numbers_alone": nothing}) == {"AUROC of age alone": "not defined, 0 cases"}
