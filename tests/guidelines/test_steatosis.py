"""Fat in the liver. Source: clinical reference, section 1.14; Pickhardt 2012, Limanond 2004, Boyce."""

import pytest

from secondread.guidelines.steatosis import ct_grade, mr_grade

PLAIN = {"contrast": False}


@pytest.mark.parametrize(
    ("liver_hu", "spleen_hu", "grade"),
    [
        (38, 50, "moderate to severe"),  # the reference's vectors: difference -12, ratio 0.76
        (58, 48, "none shown"),
        (48, 40, "moderate to severe"),  # by the liver alone
        (48.1, 40, "none shown"),
        (52, 62.1, "moderate to severe"),  # by the difference alone
        (52, 62, "possible"),  # -10 itself is not below -10
        (55, 50, "possible"),  # ratio 1.1
        (55.1, 50, "none shown"),
    ],
)
def test_every_limit_with_its_edge(liver_hu, spleen_hu, grade):
    assert ct_grade(liver_hu=liver_hu, spleen_hu=spleen_hu, **PLAIN).value == grade


def test_after_contrast_there_is_no_answer():
    ruling = ct_grade(liver_hu=38, spleen_hu=50, contrast=True)
    assert ruling.value is None
    assert ruling.reason.startswith("not applicable: attenuation tells of fat on unenhanced CT only")


def test_what_is_not_known_is_named():
    assert ct_grade(liver_hu=38, spleen_hu=50, contrast=None).reason == "not computable: contrast is not known"
    assert ct_grade(liver_hu=None, spleen_hu=50, **PLAIN).reason == "not computable: liver_hu is not known"


def test_without_the_spleen_the_liver_is_judged_alone_and_says_so():
    ruling = ct_grade(liver_hu=50, spleen_hu=None, **PLAIN)
    assert ruling.value == "none shown"
    assert any("only the liver itself" in warning for warning in ruling.warnings)
    assert any("none shown is not none present" in warning for warning in ruling.warnings)


def test_the_limit_that_was_not_checked_says_so_where_it_counts():
    by_ratio = ct_grade(liver_hu=38, spleen_hu=50, **PLAIN)
    assert any(warning.startswith("unverified: ") for warning in by_ratio.warnings)
    assert not any("unverified" in warning for warning in ct_grade(liver_hu=48, spleen_hu=55, **PLAIN).warnings)


def test_a_spleen_at_or_below_zero_gives_no_ratio():
    assert ct_grade(liver_hu=60, spleen_hu=-5, **PLAIN).value == "none shown"
    with pytest.raises(ValueError, match="liver_hu"):
        ct_grade(liver_hu=4000, spleen_hu=50, **PLAIN)


def test_far_below_the_limit_the_fat_fraction_is_told_too():
    assert "about 15 %" in ct_grade(liver_hu=39.9, spleen_hu=None, **PLAIN).advice
    assert "about 15 %" not in ct_grade(liver_hu=40, spleen_hu=None, **PLAIN).advice


@pytest.mark.parametrize(
    ("percent", "grade"), [(4.9, "none"), (5, "borderline"), (6.3, "borderline"), (6.4, "steatosis")]
)
def test_fat_fraction_of_mr(percent, grade):
    ruling = mr_grade(fat_fraction_percent=percent)
    assert ruling.value == grade
    assert bool(ruling.warnings) == (grade == "borderline")


def test_a_fat_fraction_is_a_percentage():
    assert mr_grade(fat_fraction_percent=None).reason == "not computable: fat_fraction_percent is not known"
    with pytest.raises(ValueError, match="fat_fraction_percent"):
        mr_grade(fat_fraction_percent=101)
