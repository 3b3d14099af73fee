"""What a cardiothoracic ratio means. Source: clinical reference, section 1.7."""

import pytest

from secondread.guidelines.cardiothoracic import heart_size
from secondread.measure.cardiothoracic_ratio import from_distances

ADULT = {"projection": "PA", "age_years": 60}


def test_the_examples_of_the_reference():
    half = from_distances(right_mm=30, left_mm=100, thorax_mm=260)
    more = from_distances(right_mm=40, left_mm=115, thorax_mm=290)
    assert heart_size(ratio=half.value, **ADULT).value == "not enlarged"
    assert heart_size(ratio=more.value, **ADULT).value == "enlarged"


@pytest.mark.parametrize("view", ["AP", "AP supine"])
@pytest.mark.parametrize(
    ("ratio", "says"), [(0.50, "not enlarged"), (0.534, "indeterminate"), (0.55, "indeterminate"), (0.551, "enlarged")]
)
def test_a_magnified_heart_is_not_called_large_too_soon(view, ratio, says):
    ruling = heart_size(ratio=ratio, projection=view, age_years=60)
    assert ruling.value == says
    assert any(f"taken {view}" in warning for warning in ruling.warnings)
    assert any(warning.startswith("unverified: ") for warning in ruling.warnings)


def test_lateral_pictures_and_children_are_refused():
    assert heart_size(ratio=0.6, projection="lateral", age_years=60).reason.startswith("not applicable: a lateral")
    assert heart_size(ratio=0.6, projection="PA", age_years=3).reason.startswith("not applicable: the limits are for")


@pytest.mark.parametrize("name", ["ratio", "projection", "age_years"])
def test_the_projection_is_never_assumed(name):
    assert heart_size(**{"ratio": 0.6} | ADULT | {name: None}).reason == f"not computable: {name} is not known"


def test_what_cannot_be_is_refused():
    for wrong in ({"ratio": 1.2}, {"projection": "oblique"}, {"age_years": float("nan")}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            heart_size(**{"ratio": 0.6} | ADULT | wrong)
