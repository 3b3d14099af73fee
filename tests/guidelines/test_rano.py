"""RANO for enhancing gliomas: response against the baseline, progression against the nadir."""

from dataclasses import replace

import pytest

from secondread.guidelines.rano import EDITIONS, RanoCase, is_measurable, rano, sum_of_products_mm2

CALM = RanoCase(
    baseline=600.0,
    nadir=600.0,
    now=600.0,
    new_lesion=False,
    others_worse=False,
    flair_worse=False,
    clinically_worse=False,
    steroids="stable",
    confirmed=True,
    weeks_after_radiotherapy=40.0,
)


def judged(edition="2010", **change):
    return rano(replace(CALM, **change), edition=edition).value


@pytest.mark.parametrize("edition", EDITIONS)
def test_growth_from_the_nadir_is_progression_although_smaller_than_at_first(edition):
    sizes = [sum_of_products_mm2([pair]) for pair in ((30, 20), (20, 15), (24, 16))]
    assert sizes == [600.0, 300.0, 384.0]
    assert judged(edition, baseline=sizes[0], nadir=sizes[1], now=sizes[2]) == "PD"
    assert rano(RanoCase(*sizes), edition=edition).value == "PD"  # nothing else needs to be known


@pytest.mark.parametrize(
    ("nadir", "now", "response"),
    [(600, 300, "PR"), (600, 301, "SD"), (600, 749, "SD"), (600, 750, "PD"), (300, 374, "SD"), (300, 375, "PD")],
)
@pytest.mark.parametrize("edition", EDITIONS)
def test_thresholds_of_products_of_diameters(edition, nadir, now, response):
    assert judged(edition, nadir=nadir, now=now) == response


@pytest.mark.parametrize(
    ("nadir", "now", "response"), [(1000, 350, "PR"), (1000, 351, "SD"), (1000, 1399, "SD"), (1000, 1400, "PD")]
)
def test_thresholds_of_volumes_in_the_second_edition(nadir, now, response):
    sizes = {"baseline": 1000.0, "nadir": float(nadir), "now": float(now), "unit": "mm3"}
    ruling = rano(replace(CALM, **sizes), edition="2.0")
    assert ruling.value == response
    assert any(warning.startswith("unverified") for warning in ruling.warnings)


def test_the_first_edition_has_no_rule_for_volumes():
    assert rano(replace(CALM, unit="mm3")).reason.startswith("not applicable: ")


@pytest.mark.parametrize("sign", ["new_lesion", "others_worse", "clinically_worse", "flair_worse"])
def test_each_sign_of_progression_is_enough_even_when_the_tumour_shrank(sign):
    assert judged(nadir=100.0, now=100.0, **{sign: True}) == "PD"


def test_flair_counts_in_the_first_edition_only():
    assert judged("2.0", flair_worse=True) == "SD"
    assert rano(replace(CALM, flair_worse=None), edition="2.0").value == "SD"
    assert "flair_worse" in rano(replace(CALM, flair_worse=None)).reason


def test_a_response_needs_a_confirming_scan():
    shrunk = replace(CALM, nadir=200.0, now=200.0, confirmed=None)
    assert rano(shrunk).value == "SD"
    assert any("fits PR" in warning for warning in rano(shrunk).warnings)
    assert rano(replace(shrunk, confirmed=True)).value == "PR"


@pytest.mark.parametrize(("steroids", "response"), [("none", "CR"), ("less", "PR"), ("stable", "PR"), ("more", "SD")])
def test_steroids_limit_a_response(steroids, response):
    assert judged(nadir=0.0, now=0.0, steroids=steroids) == response


def test_more_steroids_alone_are_no_progression():
    assert judged(steroids="more") == "SD"


def test_growth_on_fewer_steroids_gets_a_warning():
    grown = replace(CALM, now=800.0, steroids="less")
    assert any("steroids" in warning for warning in rano(grown).warnings)


def test_a_tumour_that_comes_back_after_it_had_gone_has_progressed():
    assert judged(nadir=0.0, now=50.0) == "PD"


def test_soon_after_radiotherapy_growth_may_be_its_effect():
    early = replace(CALM, now=900.0, weeks_after_radiotherapy=8.0, confirmed=None)
    ruling = rano(early)
    assert ruling.value is None
    assert "8 weeks after radiotherapy" in ruling.reason
    assert rano(replace(early, sure_of_tumour=True)).value == "PD"
    assert rano(replace(early, confirmed=True)).value is None  # the first edition asks for field or histology
    assert rano(replace(early, weeks_after_radiotherapy=12.0)).value == "PD"
    second = rano(replace(early, confirmed=True), edition="2.0")
    assert second.value == "PD"
    assert any("12 weeks" in warning and warning.startswith("unverified") for warning in second.warnings)
    assert "confirming scan" in rano(early, edition="2.0").reason


def test_unknown_time_since_radiotherapy_is_told():
    assert any("weeks" in warning for warning in rano(replace(CALM, now=900.0, weeks_after_radiotherapy=None)).warnings)


@pytest.mark.parametrize(
    "name", ["baseline", "nadir", "now", "new_lesion", "others_worse", "flair_worse", "clinically_worse", "steroids"]
)
def test_what_is_missing_is_named(name):
    assert rano(replace(CALM, **{name: None})).reason == f"not computable: {name} is not known"


def test_without_measurable_tumour_at_baseline_there_is_nothing_to_compare():
    assert rano(replace(CALM, baseline=0.0, nadir=0.0, now=0.0)).reason.startswith("not applicable: ")


@pytest.mark.parametrize(
    ("diameters", "slices", "fit"), [((10, 10), 2, True), ((30, 9.9), 5, False), ((30, 20), 1, False)]
)
def test_what_may_be_measured(diameters, slices, fit):
    assert is_measurable(*diameters, slices=slices) == fit


@pytest.mark.parametrize("wrong", [[(10.0, 10.0)] * 6, [(10.0, 11.0)], [(float("nan"), 1.0)], [(10.0, -1.0)]])
def test_diameters_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="found"):
        sum_of_products_mm2(wrong)


@pytest.mark.parametrize(
    "wrong", [{"nadir": 601.0}, {"now": -1.0}, {"steroids": "some"}, {"weeks_after_radiotherapy": float("inf")}]
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        rano(replace(CALM, **wrong))


def test_an_unknown_edition_is_refused():
    with pytest.raises(ValueError, match="edition"):
        rano(CALM, edition="1990")
