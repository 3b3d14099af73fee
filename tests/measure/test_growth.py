"""Growth of nodules. Source of the numbers: clinical reference, section 1.2."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.measure.growth import (
    Scan,
    comparison_warnings,
    growth,
    growth_of_diameters,
    volume_doubling_time_days,
    volume_doubling_time_of_diameters_days,
)
from secondread.measure.nodule_size import sphere_volume_mm3

SCAN = Scan(1.0, "B30f", contrast=False)
volumes = st.floats(1, 1e5)
spans = st.floats(1, 4000)


@pytest.mark.parametrize(
    ("before", "after", "days", "doubling"), [(100, 200, 90, 90.0), (100, 130, 90, 237.77), (300, 200, 90, -153.86)]
)
def test_a_doubling_time_follows_from_two_volumes(before, after, days, doubling):
    assert volume_doubling_time_days(before, after, days) == pytest.approx(doubling, abs=5e-3)


def test_diameters_and_volumes_of_spheres_give_one_doubling_time():
    of_diameters = volume_doubling_time_of_diameters_days(8, 10, 180)
    of_volumes = volume_doubling_time_days(sphere_volume_mm3(8), sphere_volume_mm3(10), 180)
    assert of_diameters == pytest.approx(186.38, abs=5e-3)
    assert of_volumes == pytest.approx(of_diameters)


@given(volumes, spans)
def test_what_doubled_took_its_doubling_time(before, days):
    assert volume_doubling_time_days(before, 2 * before, days) == pytest.approx(days)


@given(volumes, st.floats(1.01, 10), spans, st.floats(0.1, 10))
def test_the_unit_of_volume_does_not_matter_and_time_backwards_turns_the_sign(before, ratio, days, scale):
    doubling = volume_doubling_time_days(before, ratio * before, days)
    assert volume_doubling_time_days(scale * before, scale * ratio * before, days) == pytest.approx(doubling)
    assert volume_doubling_time_days(ratio * before, before, days) == pytest.approx(-doubling)


def test_equal_sizes_are_stable_and_never_double():
    for found in (growth(100, 100, 90), growth_of_diameters(8, 8, 90)):
        assert (found.trend, found.doubling_time_days, found.nelson) == ("stable", None, "negative")
    assert volume_doubling_time_days(100, 100, 90) is None
    assert volume_doubling_time_of_diameters_days(8, 8, 90) is None


def test_what_shrinks_is_regressing_and_has_no_doubling_time():
    found = growth(300, 200, 90)
    assert (found.trend, found.doubling_time_days, found.bts) == ("regressing", None, "next CT")
    assert growth_of_diameters(10, 7, 90).trend == "regressing"


@pytest.mark.parametrize(
    ("after", "trend"),
    [(124.9, "within noise"), (125.0, "growing"), (75.1, "within noise"), (75.0, "regressing")],
)
def test_a_quarter_of_the_volume_is_the_limit_of_noise(after, trend):
    found = growth(100, after, 90)
    assert found.trend == trend
    assert "under 25 % is measurement noise" in found.text
    assert (found.doubling_time_days is not None) is (trend == "growing")


@pytest.mark.parametrize(
    ("after", "trend"),
    [(9.4, "within noise"), (9.5, "uncertain"), (9.9, "uncertain"), (10.0, "growing"), (6.5, "uncertain")],
)
def test_one_and_a_half_to_two_millimetres_are_the_limit_of_noise(after, trend):
    found = growth_of_diameters(8.0, after, 180)
    assert found.trend == trend
    assert "1.5 to 2 mm is measurement noise" in found.text


@pytest.mark.parametrize(
    ("days", "nelson", "bts"),
    [
        (399, "positive", "work-up"), (400, "indeterminate", "work-up"), (401, "indeterminate", "next CT"),
        (600, "indeterminate", "next CT"), (601, "negative", "next CT"),
    ],
)  # fmt: skip
def test_the_classes_follow_from_the_doubling_time(days, nelson, bts):
    found = growth(100, 200, days)
    assert (found.nelson, found.bts) == (nelson, bts)
    assert found.text == f"growing: volume +100 % in {days} days, doubling time {days} days; " + (
        "a change of volume under 25 % is measurement noise"
    )


def test_noise_is_never_called_fast_growth():
    found = growth(100, 120, 10)  # a doubling time of 38 days, were it real
    assert (found.doubling_time_days, found.nelson, found.bts) == (None, "negative", "next CT")


@pytest.mark.parametrize("wrong", [0.0, -1.0, float("nan"), float("inf")])
def test_sizes_and_days_are_positive_and_finite(wrong):
    for call in (growth, growth_of_diameters):
        for given_ in ((wrong, 1.0, 1.0), (1.0, wrong, 1.0), (1.0, 1.0, wrong)):
            with pytest.raises(ValueError, match="needed a positive finite number"):
                call(*given_)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"slice_thickness_mm": 1.25}, "slice thickness differs"),
        ({"slice_thickness_mm": 2.6}, "thicker than 2.5 mm"),
        ({"kernel": "B60f"}, "reconstruction kernel differs"),
        ({"contrast": True}, "contrast differs"),
        ({"kernel": None}, "reconstruction kernel is not known of both"),
    ],
)
def test_scans_that_are_not_alike_are_said_to_be(change, said):
    assert comparison_warnings(SCAN, SCAN) == ()
    for pair in ((SCAN, replace(SCAN, **change)), (replace(SCAN, **change), SCAN)):
        assert any(said in text for text in comparison_warnings(*pair))
    assert comparison_warnings(replace(SCAN, slice_thickness_mm=2.5), replace(SCAN, slice_thickness_mm=2.5)) == ()
