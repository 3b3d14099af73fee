import pytest

from secondread.dicom.deidentification.forms import has_form


@pytest.mark.parametrize(
    ("value", "vr"), [("1.5", "DS"), (" -2e3 ", "DS"), ("", "IS"), ("12", "IS"), ("1.2.3", "UI"), ("045Y", "AS")]
)
def test_what_looks_like_its_type_passes(value, vr):
    assert has_form([value], vr)


@pytest.mark.parametrize(
    ("value", "vr"), [("Kim", "DS"), ("nan", "DS"), ("1_000", "IS"), ("1.2.Kim", "UI"), ("45", "AS"), ("1Kim", "DS")]
)
def test_what_could_be_a_word_does_not(value, vr):
    assert not has_form(["1" if vr == "DS" else value, value], vr)
