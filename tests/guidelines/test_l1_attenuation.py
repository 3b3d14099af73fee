"""Attenuation of L1 against published limits."""

import pytest

from secondread.guidelines.l1_attenuation import bone_density


@pytest.mark.parametrize(
    ("hu", "value"), [(90.0, "low"), (110.0, "low"), (110.1, "not decided"), (160.0, "not decided"), (161.0, "not low")]
)
def test_limits_of_the_table(hu, value):
    ruling = bone_density(l1_hu=hu, contrast=False)
    assert ruling.value == value
    assert any(warning.startswith("unverified:") for warning in ruling.warnings)


def test_what_is_missing_is_named():
    assert bone_density(l1_hu=None, contrast=False).reason == "not computable: l1_hu is not known"
    assert bone_density(l1_hu=100.0, contrast=None).reason == "not computable: contrast is not known"


def test_after_contrast_the_limits_are_not_applied():
    assert bone_density(l1_hu=100.0, contrast=True).reason.startswith("not applicable: ")


def test_an_impossible_attenuation_is_refused():
    with pytest.raises(ValueError, match="l1_hu"):
        bone_density(l1_hu=4000.0, contrast=False)
