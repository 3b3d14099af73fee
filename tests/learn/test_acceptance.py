"""Whether what a recipe asks for was reached."""

import pytest

from secondread.learn.acceptance import accepted
from secondread.learn.choices import MEASURES
from secondread.learn.recipe import Acceptance

AREA = {"value": 0.8, "low": 0.7, "high": 0.9}
OUTLINE = {
    "dice": {"mean": {"value": 0.85}, "median": {"value": 0.9}},
    "by_patient": {"mean": {"value": 0.7}, "median": {"value": 0.75}},
}
RESULT = {
    "questions": {"ill": {"auroc": AREA, "ece": 0.04, "sensitivity": None}},
    "structures_found": {"lesion": OUTLINE},
    "marks": {"lesion": {"sensitivity_at_rate": {"value": 0.6}}},
    "classes": {"macro_auroc": {"value": 0.77}},
    "cross_validation": {
        "questions": {"ill": {"auroc": {"value": 0.66}}},
        "groups": {"size 64": {"macro_auroc": AREA}},
    },
    "external": {"other": {"structures_found": {"lesion": OUTLINE}, "questions": {}}},
}


@pytest.mark.parametrize(
    ("question", "measure", "on", "value"),
    [
        ("ill", "auroc", "test", 0.8),
        ("ill", "ece", "test", 0.04),
        ("lesion", "dice", "test", 0.85),
        ("lesion", "median_dice", "other", 0.9),
        ("lesion", "patient_dice", "test", 0.7),
        ("lesion", "patient_median_dice", "test", 0.75),
        ("lesion", "sensitivity_at_rate", "test", 0.6),
        ("all", "macro_auroc", "test", 0.77),
        ("ill", "auroc", "cross-validation", 0.66),
        ("size 64", "macro_auroc", "cross-validation", 0.8),
    ],
)
def test_a_figure_is_found_where_it_was_asked_for(question, measure, on, value):
    assert measure in MEASURES
    row = accepted(Acceptance(question, measure, at_least=value, on=on), RESULT)
    assert (row["reached"], row["accepted"], row["on"]) == (value, True, on)
    assert not accepted(Acceptance(question, measure, at_least=value + 0.001, on=on), RESULT)["accepted"]
    assert accepted(Acceptance(question, measure, at_most=value, on=on), RESULT)["accepted"]
    assert not accepted(Acceptance(question, measure, at_most=value - 0.001, on=on), RESULT)["accepted"]


@pytest.mark.parametrize(
    ("question", "measure", "on"),
    [
        ("ill", "sensitivity", "test"),
        ("ill", "auroc", "other"),
        ("lesion", "dice", "elsewhere"),
        ("lesion", "dice", "cross-validation"),
        ("all", "macro_auroc", "cross-validation"),
    ],
)
def test_what_could_not_be_measured_is_not_reached(question, measure, on):
    row = accepted(Acceptance(question, measure, at_least=0.0, on=on), RESULT)
    assert (row["reached"], row["accepted"]) == (None, False)
    without = RESULT | {"cross_validation": None, "classes": None}
    assert not accepted(Acceptance(question, measure, at_least=0.0, on=on), without)["accepted"]
