"""LI-RADS v2018, cell by cell. Source: clinical reference, section 1.14, and the ACR's table."""

from dataclasses import fields, replace
from itertools import product

import pytest

from secondread.guidelines.li_rads import Observation, category, threshold_growth

SEEN = Observation(
    age_years=60,
    high_risk=True,
    vascular_cirrhosis=False,
    diameter_mm=15,
    nonrim_aphe=True,
    washout=False,
    capsule=False,
    threshold_growth=False,
    targetoid=False,
    tumour_in_vein=False,
)
# (arterial enhancement, diameter in mm): none, only capsule, only washout, only growth, any two, all
ROWS = {
    (False, 9.0): ("LR-3", "LR-3", "LR-3", "LR-3", "LR-4", "LR-4"),
    (False, 19.9): ("LR-3", "LR-3", "LR-3", "LR-3", "LR-4", "LR-4"),
    (False, 20.0): ("LR-3", "LR-4", "LR-4", "LR-4", "LR-4", "LR-4"),
    (True, 9.9): ("LR-3", "LR-4", "LR-4", "LR-4", "LR-4", "LR-4"),
    (True, 10.0): ("LR-3", "LR-4", "LR-5", "LR-5", "LR-5", "LR-5"),
    (True, 19.9): ("LR-3", "LR-4", "LR-5", "LR-5", "LR-5", "LR-5"),
    (True, 20.0): ("LR-4", "LR-5", "LR-5", "LR-5", "LR-5", "LR-5"),
}


@pytest.mark.parametrize(("aphe", "mm"), ROWS)
def test_the_table_row_by_row(aphe, mm):
    for capsule, washout, growth in product((False, True), repeat=3):
        case = replace(
            SEEN, nonrim_aphe=aphe, diameter_mm=mm, capsule=capsule, washout=washout, threshold_growth=growth
        )
        count = capsule + washout + growth
        column = (0, 1 if capsule else 2 if washout else 3, 4, 5)[count]
        assert category(case).value == ROWS[aphe, mm][column]


def test_a_vein_comes_before_a_targetoid_look_and_that_before_the_table():
    large = replace(SEEN, diameter_mm=40, washout=True)
    assert category(replace(large, targetoid=True, tumour_in_vein=True)).value == "LR-TIV"
    assert category(replace(large, targetoid=True)).value == "LR-M"
    assert category(large).value == "LR-5"


@pytest.mark.parametrize(
    "other",
    [{"high_risk": False}, {"age_years": 17}, {"vascular_cirrhosis": True}],
    ids=lambda other: next(iter(other)),
)
def test_it_is_not_made_for_other_patients(other):
    assert category(replace(SEEN, **other)).reason.startswith("not applicable: ")


@pytest.mark.parametrize("name", [field.name for field in fields(Observation)])
def test_a_feature_nobody_looked_for_is_not_absent(name):
    assert category(replace(SEEN, **{name: None})).reason == f"not computable: {name} is not known"


def test_after_a_vein_or_a_targetoid_look_the_features_need_not_be_known():
    blind = replace(
        SEEN, diameter_mm=None, nonrim_aphe=None, washout=None, capsule=None, threshold_growth=None, targetoid=True
    )
    assert category(blind).value == "LR-M"
    assert category(replace(blind, targetoid=None, tumour_in_vein=True)).value == "LR-TIV"


@pytest.mark.parametrize(
    ("before_mm", "now_mm", "months", "grew"),
    [(10, 15, 6, True), (10, 14.9, 6, False), (10, 15, 6.1, False), (10.2, 15.3, 3, True), (None, 15, 6, None)],
)
def test_growth_counts_from_half_more_within_six_months(before_mm, now_mm, months, grew):
    assert threshold_growth(before_mm=before_mm, now_mm=now_mm, months=months) is grew


def test_what_cannot_be_is_refused():
    for wrong in ({"diameter_mm": 0.0}, {"diameter_mm": float("nan")}, {"age_years": -1}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            category(replace(SEEN, **wrong))
    with pytest.raises(ValueError, match="months"):
        threshold_growth(before_mm=10, now_mm=15, months=-1)


def test_what_is_left_out_stands_in_every_answer():
    warnings = category(SEEN).warnings
    assert any("LR-1, LR-2" in warning for warning in warnings)
    assert any("ancillary" in warning for warning in warnings)
    assert any(warning.startswith("unverified: ") for warning in warnings)
