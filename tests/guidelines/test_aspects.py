"""ASPECTS: ten regions, one point each (Barber 2000)."""

import pytest

from secondread.guidelines.aspects import CODES, REGIONS, aspects


def test_the_published_example():
    ruling = aspects(affected={"I", "M2", "M5"}, territory="MCA")
    assert (ruling.value, ruling.unit) == (7, "{score}")
    assert ruling.inputs["affected"] == "I, M2, M5"


@pytest.mark.parametrize("code", CODES)
def test_every_region_costs_one_point_and_only_once(code):
    assert aspects(affected=[code, code], territory="MCA").value == 9


def test_a_normal_scan_has_ten_and_a_whole_territory_none():
    assert aspects(affected=(), territory="MCA").value == 10
    assert aspects(affected=CODES, territory="MCA").value == 0


def test_seven_regions_lie_at_the_level_of_the_ganglia_and_three_above():
    levels = [region.level for region in REGIONS]
    assert (levels.count("ganglionic"), levels.count("supraganglionic")) == (7, 3)


def test_below_seven_is_pointed_out():
    assert aspects(affected=CODES[:3], territory="MCA").advice == ""
    assert "below 7" in aspects(affected=CODES[:4], territory="MCA").advice


def test_not_having_looked_is_not_a_normal_scan():
    assert aspects(affected=None, territory="MCA").reason == "not computable: affected is not known"


def test_a_region_that_cannot_be_judged_leaves_a_span():
    ruling = aspects(affected=["C"], not_assessable=["M1", "M4"], territory="MCA")
    assert ruling.value is None
    assert ruling.reason == "not computable: M1, M4 not assessable; the score lies between 7 and 9"


def test_other_territories_are_out_of_scope_and_an_unknown_one_is_a_warning():
    assert aspects(affected=(), territory="PCA").reason.startswith("not applicable: ")
    assert any("territory" in warning for warning in aspects(affected=()).warnings)


@pytest.mark.parametrize(
    "wrong", [{"affected": ["M7"]}, {"affected": "M1"}, {"affected": ["M1"], "not_assessable": ["M1"]}]
)
def test_unknown_and_contradicting_regions_are_refused(wrong):
    with pytest.raises(ValueError, match="found"):
        aspects(**wrong)
