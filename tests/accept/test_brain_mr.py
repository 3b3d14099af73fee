"""Which MR series shows the brain in the way a question needs."""

from dataclasses import replace

import pytest

import fakes
from secondread.accept.brain_mr import adult, flair, t1_before_and_after
from secondread.core.clinical import Clinical
from secondread.core.facts import SeriesFacts
from secondread.core.image import Image
from secondread.core.reader import Case
from secondread.core.report import Refusal
from secondread.core.study import Series, Study

FACTS = SeriesFacts(slices=30, body_parts=("head",), plane="axial", spacing_mm=5.0, sequence="FLAIR")


def series(uid: str, **facts: object) -> Series:
    return fakes.series(uid, modality="MR", body_part="HEAD", view="", facts=replace(FACTS, **facts))  # type: ignore[arg-type]


def study(*parts: Series) -> Study:
    return fakes.study(*parts, age_years=50.0)


def reason(found: Series | Refusal) -> str:
    assert isinstance(found, Refusal)
    return found.reason


def test_the_flair_is_chosen_among_others() -> None:
    one, two = series("1.1", sequence="T2"), series("1.2")
    assert flair(study(one, two)) == two


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"sequence": "T2"}, "sequence"),
        ({"sequence": ""}, "sequence"),
        ({"body_parts": ("breast",)}, "body-part"),
        ({"spacing_mm": 12.0}, "thickness"),
        ({"slices": 1}, "field-of-view"),
        ({"origin": "projection"}, "processing"),
    ],
)
def test_other_series_are_refused_with_their_reason(facts: dict[str, object], why: str) -> None:
    assert reason(flair(study(series("1.1", **facts)))) == why


def test_other_modalities_and_pictures_without_tags_are_refused() -> None:
    assert reason(flair(study(replace(series("1.1"), modality="CT")))) == "modality"
    assert reason(flair(study(replace(series("1.1"), modality="", kind="raster", facts=None)))) == "modality"
    assert reason(flair(study(replace(series("1.1"), modality="", kind="nifti", facts=None)))) == "modality"


def test_t1_series_are_told_apart_by_the_contrast_they_state() -> None:
    before, after = series("1.1", sequence="T1", contrast=False), series("1.2", sequence="T1", contrast=True)
    unsaid = series("1.3", sequence="T1")
    assert t1_before_and_after(study(unsaid, after, before)) == (before, after)
    assert t1_before_and_after(study(unsaid)) == (unsaid, None)
    assert t1_before_and_after(study(series("1.4"))) == (None, None)


def test_a_child_is_refused_and_an_unknown_age_is_told() -> None:
    chosen = series("1.1")
    case = Case(study(chosen), (chosen,), (Image(fakes.chest()),), Clinical(age_years=9.0))
    refused = adult(case, "no child was in the data")
    assert isinstance(refused, Refusal)
    assert refused.reason == "population"
    told = adult(replace(case, clinical=Clinical()), "no child was in the data")
    assert not isinstance(told, Refusal)
    assert "The age is not known; needed an adult: no child was in the data." in told
    assert adult(replace(case, clinical=Clinical(age_years=50.0)), "no child") == ()


def test_a_series_that_does_not_say_what_it_shows_is_not_called_one_of_the_head() -> None:
    head, silent = (flair(study(series("1.1", sequence="", body_parts=parts))) for parts in (("head",), ()))
    assert isinstance(head, Refusal)
    assert isinstance(silent, Refusal)
    assert "series of the head" in head.message
    assert "neither that they show the head nor that they are FLAIR" in silent.message
    assert "body part" in silent.next_step
