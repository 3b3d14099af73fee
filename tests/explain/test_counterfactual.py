"""What would have to be otherwise."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secondread.core.code import LOCAL, Code
from secondread.core.finding import Finding, Limit
from secondread.core.measurement import Measurement
from secondread.explain.counterfactual import narrower, of_limit, of_ruling
from secondread.guidelines.again import AGAIN
from secondread.guidelines.brock import Screened, brock
from secondread.guidelines.fleischner import Incidental, fleischner
from secondread.guidelines.ich_score import IchCase, ich_score
from secondread.guidelines.lung_rads import Nodule, lung_rads

DENIED = {"known_cancer": False, "immunosuppressed": False, "screening": False}
CODE = Code(LOCAL, "a", "A")


def measured(value, limit, unit="mm", *, below=False):
    return Finding(
        CODE, measurements=(Measurement("width", value, unit, "by hand"),), limit=Limit(limit, "a rule", below)
    )


@given(st.floats(0.01, 1000.0), st.floats(0.01, 1000.0), st.booleans())
def test_the_number_that_is_told_changes_the_call(value, limit, below):
    finding = measured(value, limit, below=below)
    told = of_limit(finding)
    if not told:
        return
    change = float(told.split(" by ")[1].split()[0])
    other = value + (change if " more " in told else -change)
    moved = replace(finding, measurements=(Measurement("width", other, "mm", "by hand"),))
    assert moved.positive != finding.positive
    assert change <= 0.5 * limit + 1.0


@pytest.mark.parametrize(
    ("finding", "told"),
    [
        (measured(12.3, 10.0, "deg"), "The call would change if the width were less by 2.4 degrees."),
        (measured(9.3, 10.0, "deg"), "The call would change if the width were more by 0.70 degrees."),
        (measured(46.0, 48.0, "[hnsf'U]", below=True), "The call would change if the width were more by 2.1 HU."),
        (measured(0.48, math.nextafter(0.5, 1.0), "1"), "The call would change if the width were more by 0.021."),
    ],
)
def test_how_much_less_or_more_is_told_with_its_unit(finding, told):
    assert of_limit(finding) == told


@pytest.mark.parametrize(
    "finding",
    [
        measured(85.0, 1.0, "mL"),
        measured(0.0, 1.0, "mL"),
        measured(2.0, 1.0, "1"),
        Finding(CODE, 0.7, 0.5),
        Finding(CODE),
    ],
    ids=["far off", "nothing measured", "a count", "a network's probability", "a description"],
)
def test_nothing_is_made_up(finding):
    assert of_limit(finding) == ""


def test_a_heart_is_told_in_millimetres():
    assert narrower(168.0, 300.0, 0.5, ("the heart", "mm")) == "At 0.50 if the heart were 18 mm narrower."
    assert narrower(140.0, 300.0, 0.5, ("the heart", "mm")) == ""


def test_a_bleeding_just_below_thirty_millilitres():
    case = IchCase(gcs=14, volume_ml=28.3, intraventricular=False, infratentorial=False, age_years=60.0)
    ruling = ich_score(case)
    told = of_ruling(ruling, AGAIN[ruling.guideline], most=2)
    assert told[0] == "ICH score: 1 points instead of 0 points if the volume were 30 mL instead of 28.3 mL."
    assert ich_score(replace(case, volume_ml=30.0)).value == 1
    assert ich_score(replace(case, volume_ml=29.9)).value == 0
    assert len(told) == 2


def test_a_nodule_at_the_edge_of_a_lung_rads_category():
    ruling = lung_rads(Nodule(screening=True, kind="solid", seen="baseline", mean_diameter_mm=6.2))
    (told,) = of_ruling(ruling, AGAIN[ruling.guideline])
    assert told == "ACR Lung-RADS: 2 instead of 3 if the mean diameter were 5.9 mm instead of 6.2 mm."


def test_yes_or_no_comes_after_every_number():
    ruling = lung_rads(Nodule(screening=True, kind="solid", seen="baseline", mean_diameter_mm=10.0))
    told = of_ruling(ruling, AGAIN[ruling.guideline], most=3)
    assert "mean diameter" in told[0]
    assert told[-1].endswith("if more spoke for cancer.")


def test_fleischner_and_brock_are_told_by_their_advice():
    found = fleischner(
        Incidental(age_years=60, kind="solid", mean_diameter_mm=5.4, multiple=False, high_risk=False, **DENIED)
    )
    (told,) = of_ruling(found, AGAIN[found.guideline])
    assert "instead of 5.4 mm" in told
    screened = Screened(
        age_years=60,
        female=True,
        family_history_of_lung_cancer=False,
        emphysema=False,
        longest_diameter_mm=12.0,
        kind="solid",
        upper_lobe=False,
        nodule_count=1,
    )
    ruling = brock(screened)
    for sentence in of_ruling(ruling, AGAIN[ruling.guideline], most=9):
        assert "10 % or more" in sentence.split(" instead of ")[0]


def test_a_ruling_without_value_or_with_other_inputs_is_left_alone():
    unknown = ich_score(IchCase(gcs=14))
    assert of_ruling(unknown, AGAIN[unknown.guideline]) == ()
    known = ich_score(IchCase(gcs=14, volume_ml=28.0, intraventricular=False, infratentorial=False, age_years=60.0))
    assert of_ruling(replace(known, inputs={"gcs": 14}), AGAIN[known.guideline]) == ()
    assert of_ruling(replace(known, value=3), AGAIN[known.guideline]) == ()


@settings(max_examples=25)
@given(st.integers(3, 15), st.floats(0.5, 200.0), st.booleans(), st.booleans(), st.floats(18.0, 100.0))
def test_every_change_that_is_told_comes_from_asking_again(gcs, volume, ventricles, below, age):
    ruling = ich_score(
        IchCase(
            gcs=gcs, volume_ml=volume, intraventricular=ventricles, infratentorial=below, age_years=age, traumatic=False
        )
    )
    for told in of_ruling(ruling, AGAIN[ruling.guideline], most=4):
        new, old = (int(part.split()[0]) for part in told.removeprefix("ICH score: ").split(" instead of ")[:2])
        assert old == ruling.value
        assert abs(new - old) in {1, 2}
