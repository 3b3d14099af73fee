"""Coded concepts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.core.code import DCM, LN, LOCAL, SCT, SYSTEMS, Code

texts = st.text(min_size=1)


@given(st.sampled_from(sorted(SYSTEMS)), texts, texts)
def test_codes_are_equal_and_hash_alike_when_their_parts_are(system, value, display):
    assert Code(system, value, display) == Code(system, value, display)
    assert len({Code(system, value, display), Code(system, value, display)}) == 1
    assert Code(system, value, display) != Code(system, value + "0", display)


@given(st.text().filter(lambda text: text not in SYSTEMS))
def test_a_system_that_is_not_published_is_refused(system):
    with pytest.raises(ValueError, match="is unknown; use one of"):
        Code(system, "1", "One")


@pytest.mark.parametrize(("value", "display"), [("", "One"), ("1", ""), ("", "")])
def test_a_code_without_a_value_or_its_meaning_is_refused(value, display):
    with pytest.raises(ValueError, match="needs a value and a display"):
        Code(SCT, value, display)


def test_the_named_systems_are_among_those_in_use_and_our_own_says_so():
    assert {SCT, DCM, LN, LOCAL} <= SYSTEMS
    assert LOCAL.startswith("99")  # DICOM PS3.16 clause 8.2: designators of local schemes begin with 99
