"""Facts of a series: words from small lists, nothing that names a person."""

from dataclasses import fields

import pytest

from secondread.core.facts import SeriesFacts


@pytest.mark.parametrize(
    "wrong",
    [
        {"slices": 0},
        {"thickness_mm": -1.0},
        {"spacing_mm": -2.5},
        {"plane": "AXIAL"},
        {"kernel": "B30f"},
        {"origin": "MIP"},
        {"body_parts": ("chest", "abdomen")},
        {"body_parts": ("chest", "chest")},
        {"body_parts": ("Doe",)},
    ],
)
def test_what_is_no_allowed_word_or_no_positive_number_is_refused(wrong):
    with pytest.raises(ValueError, match=r"is not one of|are not some of|must be positive"):
        SeriesFacts(**({"slices": 1} | wrong))


def test_nothing_is_claimed_that_was_not_stated():
    facts = SeriesFacts(slices=3)
    assert (facts.body_parts, facts.plane, facts.kernel, facts.origin) == ((), "", "unknown", "unknown")
    assert (facts.thickness_mm, facts.spacing_mm, facts.contrast) == (None, None, None)


def test_there_is_no_place_for_free_text():
    assert not [field.name for field in fields(SeriesFacts) if "description" in field.name or "name" in field.name]
