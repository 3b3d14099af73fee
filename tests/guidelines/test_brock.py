"""The Brock models against worked cases. Source: clinical reference, section 1.3."""

from dataclasses import replace

import pytest

from secondread.guidelines.bounds import probability
from secondread.guidelines.brock import SIZE_CENTRE, WITH_SPICULATION, Screened, brock, log_odds


def case(given):
    age, female, family, emphysema, mm, kind, upper, count, spiculation = given
    return Screened(
        age_years=age,
        female=bool(female),
        family_history_of_lung_cancer=bool(family),
        emphysema=bool(emphysema),
        longest_diameter_mm=mm,
        kind=kind,
        upper_lobe=bool(upper),
        nodule_count=count,
        spiculation=bool(spiculation),
        prior_cancer=False,
    )


CASES = [
    ((62, 0, 0, 0, 4, "solid", 0, 4, 0), -6.7892, 0.001125, -6.8071, 0.001105),
    ((60, 1, 0, 1, 8, "solid", 1, 1, 0), -2.5509, 0.072366, -2.3836, 0.084430),
    ((60, 1, 0, 1, 8, "solid", 1, 1, 1), -1.7780, 0.144551, None, None),
    ((70, 0, 1, 0, 15, "part-solid", 0, 3, 0), -1.6862, 0.156277, -1.4942, 0.183290),
    ((55, 1, 0, 0, 20, "non-solid", 1, 2, 0), -0.9867, 0.271567, -0.9465, 0.279599),
    ((75, 1, 1, 1, 25, "solid", 1, 1, 1), 1.5636, 0.826875, None, None),
]


@pytest.mark.parametrize(("given", "x", "p", "x_without", "p_without"), CASES)
def test_both_full_models_give_the_worked_probabilities(given, x, p, x_without, p_without):
    nodule = case(given)
    assert log_odds(nodule) == pytest.approx(x, abs=5e-5)
    assert brock(nodule).value == pytest.approx(p, abs=5e-7)
    if x_without is not None:
        unknown = replace(nodule, spiculation=None)
        assert log_odds(unknown) == pytest.approx(x_without, abs=5e-5)
        assert brock(unknown).value == pytest.approx(p_without, abs=5e-7)


def test_the_size_is_centred_once():
    assert pytest.approx((4 / 10) ** -0.5, abs=1e-8) == SIZE_CENTRE
    uncentred = (
        WITH_SPICULATION["intercept"]
        - WITH_SPICULATION["age_years"] * 62
        - WITH_SPICULATION["size"] * SIZE_CENTRE
        - WITH_SPICULATION["nodule_count"] * 4
    )
    assert uncentred == pytest.approx(0.2761, abs=1e-4)  # the intercept that PMC6717521 prints
    assert 0 < brock(replace(case(CASES[0][0]), longest_diameter_mm=3)).value < brock(case(CASES[0][0])).value


def test_the_answer_names_its_model_and_its_unit():
    nodule = case(CASES[1][0])
    assert (brock(nodule).unit, brock(nodule).edition) == ("1", "2013, full model with spiculation")
    unknown = brock(replace(nodule, spiculation=None))
    assert unknown.edition == "2013, full model without spiculation"
    assert unknown.warnings == ("spiculation is not known; the model without it was taken",)


def test_larger_spiculated_upper_nodules_are_likelier():
    nodule = case(CASES[0][0])
    for change in ({"longest_diameter_mm": 5}, {"spiculation": True}, {"upper_lobe": True}, {"nodule_count": 1}):
        assert brock(replace(nodule, **change)).value > brock(nodule).value


def test_after_a_cancer_the_model_says_nothing():
    assert brock(Screened(prior_cancer=True)).reason.startswith("not applicable: ")
    assert "prior cancer is not known" in brock(replace(case(CASES[0][0]), prior_cancer=None)).warnings[0]


@pytest.mark.parametrize(
    "name",
    [
        "age_years", "female", "family_history_of_lung_cancer", "emphysema", "longest_diameter_mm", "kind",
        "upper_lobe", "nodule_count",
    ],
)  # fmt: skip
def test_what_is_missing_is_named(name):
    assert brock(replace(case(CASES[0][0]), **{name: None})).reason == f"not computable: {name} is not known"


@pytest.mark.parametrize(
    ("change", "warned"),
    [
        ({"age_years": 40}, False), ({"age_years": 90}, False), ({"longest_diameter_mm": 30}, False),
        ({"age_years": 39}, True), ({"age_years": 91}, True), ({"longest_diameter_mm": 31}, True),
    ],
)  # fmt: skip
def test_far_from_the_people_it_was_made_on_it_warns(change, warned):
    assert bool(brock(replace(case(CASES[0][0]), **change)).warnings) is warned


def test_bts_asks_for_pet_ct_from_ten_percent_and_eight_millimetres_on():
    below, above = brock(case(CASES[1][0])), brock(case(CASES[2][0]))
    assert (below.value < 0.1, above.value > 0.1) == (True, True)
    assert "surveillance" in below.advice
    assert "PET-CT" in above.advice
    assert brock(replace(case(CASES[2][0]), longest_diameter_mm=7.9)).advice == ""
    assert "PET-CT" not in brock(case(CASES[3][0])).advice  # part-solid nodules are followed first


@pytest.mark.parametrize(
    "change", [{"age_years": -1}, {"longest_diameter_mm": 0}, {"nodule_count": 0}, {"kind": "ground glass"}]
)
def test_what_cannot_be_true_is_refused(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        brock(replace(case(CASES[0][0]), **change))


def test_probability_is_the_logistic_function_of_the_log_odds():
    nodule = case(CASES[5][0])
    assert brock(nodule).value == probability(log_odds(nodule))
