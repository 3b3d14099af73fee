"""What a share of low attenuation is called. Source: clinical reference, section 1.6."""

import pytest

from secondread.guidelines.emphysema import extent


@pytest.mark.parametrize(
    ("percent", "grade"),
    [
        (0, "none shown"), (4.99, "none shown"), (5, "present"), (9.9, "present"), (10, "moderate"), (24.9, "moderate"),
        (25, "severe"), (100, "severe"),
    ],
)  # fmt: skip
def test_each_share_has_its_grade(percent, grade):
    ruling = extent(laa950_percent=percent, inspiration=True)
    assert ruling.value == grade
    assert any(warning.startswith("unverified: ") for warning in ruling.warnings) == (percent >= 10)


def test_the_breath_matters():
    assert extent(laa950_percent=6, inspiration=False).reason.startswith("not applicable: the limits are for full")
    assert any("full inspiration is not known" in text for text in extent(laa950_percent=6, inspiration=None).warnings)


def test_what_is_missing_or_cannot_be():
    assert extent(laa950_percent=None, inspiration=True).reason == "not computable: laa950_percent is not known"
    with pytest.raises(ValueError, match="laa950_percent"):
        extent(laa950_percent=101, inspiration=True)
