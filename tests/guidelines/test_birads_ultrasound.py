"""BI-RADS for ultrasound. Source: clinical reference, section 1.13, and RadLex RID34353."""

import pytest

from secondread.guidelines.birads_lexicon import word
from secondread.guidelines.birads_ultrasound import WORDS, orientation, simple_cyst

SEEN = {"depth_mm": 8.0, "width_mm": 12.0, "calibrated": True, "skin_on_top": True}
CYST = {"shape": "oval", "margin": "circumscribed", "echo_pattern": "anechoic", "posterior": "enhancement"}


@pytest.mark.parametrize(("depth_mm", "lies"), [(8, "parallel"), (11.9, "parallel"), (12.1, "not parallel")])
def test_a_mass_taller_than_wide_is_not_parallel(depth_mm, lies):
    assert orientation(**SEEN | {"depth_mm": depth_mm}).value == lies


def test_a_round_mass_is_not_parallel():
    assert orientation(**SEEN | {"depth_mm": 12.0}).value == "not parallel"


@pytest.mark.parametrize("guess", [{"calibrated": False}, {"skin_on_top": False}])
def test_without_calibration_or_when_rotated_nothing_is_said(guess):
    ruling = orientation(**SEEN | guess)
    assert ruling.value is None
    assert ruling.reason.startswith("not applicable: the picture is")


@pytest.mark.parametrize("name", SEEN)
def test_nothing_is_said_of_what_is_not_known(name):
    assert orientation(**SEEN | {name: None}).reason == f"not computable: {name} is not known"


@pytest.mark.parametrize("wrong", [0.0, -3.0, float("inf")])
def test_a_size_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match="width_mm"):
        orientation(**SEEN | {"width_mm": wrong})


def test_a_simple_cyst_is_benign():
    assert simple_cyst(**CYST).value == "2"
    assert simple_cyst(**CYST | {"shape": "round"}).value == "2"


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("shape", "irregular"),
        ("margin", "microlobulated"),
        ("echo_pattern", "hypoechoic"),
        ("echo_pattern", "complex cystic and solid"),
        ("posterior", "none"),
        ("posterior", "shadowing"),
    ],
)
def test_one_feature_against_it_is_enough(name, term):
    ruling = simple_cyst(**CYST | {name: term})
    assert ruling.value is None
    assert term in ruling.reason
    assert simple_cyst(**CYST | {name: None}).reason == f"not computable: {name} is not known"


def test_words_that_the_lexicon_has_not_are_refused():
    with pytest.raises(ValueError, match="echo pattern: found 'black'"):
        simple_cyst(**CYST | {"echo_pattern": "black"})
    assert [word(WORDS, "vascularity", term) for term in ("absent", "internal", "rim")]
