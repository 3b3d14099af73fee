"""What a ruling promises."""

import pytest

from secondread.core.ruling import Ruling, missing

WHAT = {"guideline": "a rule", "edition": "2001", "source": "somewhere"}


def test_a_ruling_has_a_value_or_a_reason_and_never_both_or_neither():
    assert Ruling(**WHAT, value=3, unit="{score}").reason == ""
    assert Ruling(**WHAT, reason="not computable: age is not known").value is None
    for wrong in ({}, {"value": "4A", "reason": "not applicable: child"}, {"reason": "unclear"}):
        with pytest.raises(ValueError, match="a rule"):
            Ruling(**WHAT, **wrong)


@pytest.mark.parametrize("wrong", [{"value": 3.0}, {"value": float("nan"), "unit": "mm"}, {"value": 1, "unit": "inch"}])
def test_a_number_wears_a_unit_and_is_finite(wrong):
    with pytest.raises(ValueError, match="no finite number"):
        Ruling(**WHAT, **wrong)


def test_inputs_cannot_be_changed_afterwards():
    given = {"age": 60}
    ruling = Ruling(**WHAT, inputs=given, value="2")
    given["age"] = 61
    assert ruling.inputs["age"] == 60
    with pytest.raises(TypeError):
        ruling.inputs["age"] = 62


def test_everything_that_is_missing_is_named():
    assert missing({"a": None, "b": 0, "c": None}, ("a", "b", "c")) == "not computable: a, c are not known"
    assert missing({"a": False, "b": 0}, ("a", "b")) == ""
