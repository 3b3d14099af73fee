"""Severity of a curve. Source: clinical reference, section 1.15."""

import pytest

from secondread.guidelines.scoliosis import severity


@pytest.mark.parametrize(
    ("deg", "grade"),
    [
        (0, "no scoliosis"), (9.9, "no scoliosis"), (10, "mild"), (22.6199, "mild"), (24.9, "mild"), (25, "moderate"),
        (40, "moderate"), (40.1, "severe"), (120, "severe"),
    ],
)  # fmt: skip
def test_each_angle_has_its_grade(deg, grade):
    assert severity(cobb_deg=deg, standing=True).value == grade


def test_an_angle_that_cannot_be_told_from_a_limit_says_so():
    near = severity(cobb_deg=22.6199, standing=True)
    assert any("nearer to a limit" in warning for warning in near.warnings)
    assert not any("nearer" in warning for warning in severity(cobb_deg=17, standing=True).warnings)


def test_lying_down_or_not_known_to_stand_is_said():
    assert any("lay during" in warning for warning in severity(cobb_deg=30, standing=False).warnings)
    assert any("may have lain" in warning for warning in severity(cobb_deg=30, standing=None).warnings)
    assert not any("lay" in warning for warning in severity(cobb_deg=30, standing=True).warnings)


def test_what_is_missing_or_cannot_be():
    assert severity(cobb_deg=None, standing=True).reason == "not computable: cobb_deg is not known"
    with pytest.raises(ValueError, match="cobb_deg"):
        severity(cobb_deg=-1, standing=True)


def test_the_limits_are_labelled_as_not_checked():
    assert any(warning.startswith("unverified: ") for warning in severity(cobb_deg=30, standing=True).warnings)
