from dataclasses import replace

import pytest

from secondread.core.clinical import Clinical
from secondread.guidelines.nodule_rules import Seen, by_lobe, rulings_of

NODULE = Seen(long_mm=12.0, mean_mm=10.0, kind="solid", count=1, spiculated=True)
KNOWN = Clinical(
    age_years=62.0,
    sex="F",
    indication="incidental",
    ever_smoker=True,
    years_since_quitting=5.0,
    family_history_lung_cancer=False,
    emphysema=False,
    prior_cancer=False,
    extrathoracic_cancer_over_5_years_ago=False,
    immunosuppressed=False,
    high_risk_for_lung_cancer=True,
)


def by_name(nodule, known):
    return {ruling.guideline.split()[0]: ruling for ruling in rulings_of(nodule, known)}


def test_a_nodule_found_by_chance_is_for_fleischner_alone():
    found = by_name(NODULE, KNOWN)
    assert found["Fleischner"].value == "solid, single, over 8 mm"
    assert "ACR" not in found


def test_a_nodule_of_screening_is_for_lung_rads_alone_as_on_a_first_ct():
    found = by_name(NODULE, replace(KNOWN, indication="screening"))
    assert found["ACR"].value == "4X"
    assert found["ACR"].inputs["seen"] == "baseline"
    assert by_name(replace(NODULE, spiculated=False), replace(KNOWN, indication="screening"))["ACR"].value == "4A"
    assert "Fleischner" not in found


def test_without_an_indication_neither_is_computable_and_both_say_so():
    found = by_name(NODULE, replace(KNOWN, indication=None))
    for name in ("Fleischner", "ACR"):
        assert found[name].reason.startswith("not computable: screening")


def test_models_need_the_lobe_and_without_it_both_answers_are_told():
    found = by_name(NODULE, KNOWN)
    assert "upper_lobe" in found["Brock"].reason
    assert "upper_lobe" in found["Mayo"].reason
    assert found["Veterans"].value == pytest.approx(0.3, abs=0.3)
    told = by_lobe(NODULE, KNOWN)
    assert len(told) == 2
    assert all("upper lobe" in text for text in told)


def test_with_the_lobe_the_models_answer_and_nothing_more_is_told():
    placed = replace(NODULE, upper_lobe=True)
    assert 0.0 < by_name(placed, KNOWN)["Brock"].value < 1.0
    assert by_lobe(placed, KNOWN) == ()


def test_of_who_never_smoked_no_years_since_quitting_are_asked():
    never = replace(KNOWN, ever_smoker=False, years_since_quitting=None)
    assert by_name(NODULE, never)["Veterans"].value is not None
