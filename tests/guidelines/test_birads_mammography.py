"""BI-RADS for mammography. Source: clinical reference, section 1.12, and 21 CFR 900.12(c)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.guidelines.birads_lexicon import word
from secondread.guidelines.birads_mammography import (
    CALCIFICATION_GROUPS,
    SETTINGS,
    WORDS,
    MammographicFinding,
    assessment,
    calcification_group,
    density,
    likelihood_group,
)

MASS = MammographicFinding(
    probability=0.30, setting="diagnostic", finding=True, typically_benign=False, proven_malignant=False
)
anything = st.builds(
    MammographicFinding,
    probability=st.one_of(st.none(), st.floats(0, 1)),
    setting=st.sampled_from((None, *SETTINGS)),
    finding=st.sampled_from((None, False, True)),
    typically_benign=st.sampled_from((None, False, True)),
    proven_malignant=st.sampled_from((None, False, True)),
)


@pytest.mark.parametrize(
    ("probability", "group"),
    [
        (0.0, "3"), (0.02, "3"), (0.0201, "4A"), (0.10, "4A"), (0.1001, "4B"), (0.50, "4B"), (0.5001, "4C"),
        (0.9499, "4C"), (0.95, "5"), (1.0, "5"),
    ],
)  # fmt: skip
def test_each_likelihood_has_its_group_with_its_edges(probability, group):
    assert likelihood_group(probability)[0] == group
    assert assessment(replace(MASS, probability=probability)).value == group


@given(anything)
def test_software_never_says_6_and_at_screening_says_only_0_1_or_2(case):
    said = assessment(case).value
    assert said in (None, "0", "1", "2", "3", "4A", "4B", "4C", "5")
    if case.setting == "screening":
        assert said in (None, "0", "1", "2")


@given(anything)
def test_a_group_without_suspicion_is_never_given_against_the_probability(case):
    if case.probability is not None and case.probability > 0.02:
        assert assessment(case).value not in ("1", "2", "3")


def test_a_proven_cancer_is_left_to_a_physician():
    ruling = assessment(replace(MASS, proven_malignant=True))
    assert ruling.value is None
    assert ruling.reason.startswith("not applicable: cancer is proven by pathology")


def test_at_screening_a_finding_is_incomplete_and_nothing_or_a_benign_look_is_not():
    screening = replace(MASS, setting="screening")
    assert assessment(screening).value == "0"
    assert assessment(replace(screening, probability=0.01)).value == "0"
    assert assessment(replace(screening, probability=0.01, typically_benign=True)).value == "2"
    assert assessment(replace(screening, probability=0.01, finding=False)).value == "1"
    assert assessment(replace(screening, probability=None, finding=False)).value == "1"


def test_what_is_missing_is_named_and_never_taken_for_zero():
    assert assessment(replace(MASS, probability=None)).reason == "not computable: probability is not known"
    assert assessment(replace(MASS, setting=None, finding=None)).reason.endswith("setting, finding are not known")
    assert any("is not known" in warning for warning in assessment(replace(MASS, proven_malignant=None)).warnings)


@pytest.mark.parametrize("wrong", [-0.01, 1.01, float("nan"), 30.0])
def test_a_percentage_is_no_probability(wrong):
    with pytest.raises(ValueError, match="probability"):
        assessment(replace(MASS, probability=wrong))


def test_there_are_two_settings():
    with pytest.raises(ValueError, match="setting"):
        assessment(replace(MASS, setting="routine"))


@pytest.mark.parametrize(("letter", "told"), [("a", "not dense"), ("b", "not dense"), ("c", "dense"), ("d", "dense")])
def test_density_is_a_letter_and_patients_are_told_one_of_two_words(letter, told):
    ruling = density(letter)
    assert (ruling.value, ruling.unit) == (letter, "")
    assert f"told to patients as: {told} " in ruling.advice


def test_a_share_of_dense_pixels_is_no_density():
    for wrong in ("40", "A", "e"):
        with pytest.raises(ValueError, match="no percentage"):
            density(wrong)
    assert density(None).reason == "not computable: letter is not known"


def test_lobular_is_no_shape_of_the_fifth_edition():
    assert word(WORDS, "mass shape", "oval") == "oval"
    with pytest.raises(ValueError, match="mass shape: found 'lobular'"):
        word(WORDS, "mass shape", "lobular")
    with pytest.raises(ValueError, match="feature"):
        word(WORDS, "colour", "red")


def test_every_look_of_calcium_has_a_group():
    assert set(CALCIFICATION_GROUPS) == set(WORDS["suspicious calcification"])
    assert calcification_group("fine linear or branching").value == "4C"
    assert calcification_group("amorphous").value == "4B"
    assert calcification_group("vascular").value == "2"
    assert any(warning.startswith("unverified: ") for warning in calcification_group("amorphous").warnings)
    assert calcification_group(None).reason == "not computable: morphology is not known"
    with pytest.raises(ValueError, match="suspicious calcification"):
        calcification_group("pretty")


def test_the_edition_stands_in_every_answer():
    for ruling in (assessment(MASS), density("b"), calcification_group("rim")):
        assert ruling.edition == "5th edition, 2013"
        assert any("newer BI-RADS" in warning for warning in ruling.warnings)
