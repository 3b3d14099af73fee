from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from secondread.accept.volume import Wanted, choose, fitting, warnings, why_not
from secondread.core.facts import SeriesFacts
from secondread.core.report import Refusal
from secondread.core.study import FileRef, Series, Study

CHEST = Wanted("CT", "a chest CT", frozenset({"chest"}), frozenset({"axial"}), thickest_mm=3.0)
BRAIN = Wanted("MR", "a brain MR", frozenset({"head"}), sequences=("FLAIR", "T2"))


def ct(sop: str = "1", *, facts: dict[str, Any] | None = None, **changes: Any) -> Series:
    known = {"slices": 200, "body_parts": ("chest",), "plane": "axial", "spacing_mm": 1.0, "origin": "original"}
    whole = Series(
        uid=f"9.{sop}",
        modality="CT",
        kind="dicom",
        files=(FileRef(Path("b.dcm"), "", sop), FileRef(Path("a.dcm"), "", f"{sop}.5")),
        facts=SeriesFacts(**(known | (facts or {}))),
    )
    return replace(whole, **changes)


def mr(sop: str, sequence: str, **facts: Any) -> Series:
    known = {"body_parts": ("head",), "sequence": sequence, "spacing_mm": 1.0} | facts
    return ct(sop, facts=known, modality="MR")


def nifti(sop: str = "7") -> Series:
    return Series(uid=sop, modality="", kind="nifti", files=(FileRef(Path("a.nii"), "", sop),))


def study(*series: Series) -> Study:
    return Study("1", "key", series)


def reason(verdict: Series | Refusal | None) -> str:
    assert isinstance(verdict, Refusal), f"was accepted: {verdict}"
    return verdict.reason


def test_the_series_that_is_needed_is_chosen_from_a_mixed_study():
    wanted = ct("4")
    assert choose(study(mr("1", "T1"), nifti("2"), ct("3", facts={"body_parts": ("head",)}), wanted), CHEST) is wanted


def test_the_choice_does_not_depend_on_the_order_of_the_series():
    series = [ct("1", facts={"spacing_mm": 2.0}), ct("2"), ct("3"), ct("4", facts={"spacing_mm": 2.5})]
    assert {choose(study(*order), CHEST).uid for order in (series, series[::-1], series[2:] + series[:2])} == {"9.2"}


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (mr("1", "T1"), "modality"),
        (ct(modality="PT"), "modality"),
        (ct(kind="raster", modality="", facts=None), "modality"),
        (ct(facts={"slices": 1}), "field-of-view"),
        (ct(facts={"origin": "localizer"}), "processing"),
        (ct(facts={"origin": "projection"}), "processing"),
        (ct(facts={"body_parts": ("head",)}), "body-part"),
        (ct(facts={"plane": "sagittal"}), "view"),
        (ct(facts={"spacing_mm": 5.0}), "thickness"),
        (ct(facts={"spacing_mm": None, "thickness_mm": 5.0}), "thickness"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(series, expected):
    refusal = choose(study(series), CHEST)
    assert reason(refusal) == expected
    assert refusal.message.startswith("Found ")
    assert "needed " in refusal.message
    assert refusal.next_step


@pytest.mark.parametrize(
    "facts",
    [
        {"body_parts": ()},
        {"body_parts": ("abdomen", "chest", "pelvis")},
        {"body_parts": ("head",), "disputed": True},
        {"plane": ""},
        {"spacing_mm": None},
        {"origin": "derived"},
        {"spacing_mm": 3.0},
    ],
)
def test_what_may_fit_as_far_as_its_tags_say_is_taken(facts):
    assert why_not(ct(facts=facts), CHEST) is None


def test_of_several_reasons_the_one_nearest_to_what_was_wanted_is_told():
    head, scout, thick = (
        ct("1", facts={"body_parts": ("head",)}),
        ct("2", facts={"slices": 1}),
        ct("3", facts={"spacing_mm": 5.0}),
    )
    for order in ((head, scout, thick), (thick, scout, head)):
        assert reason(choose(study(*order), CHEST)) == "thickness"
    assert reason(choose(study(scout, head), CHEST)) == "body-part"


def test_thin_slices_come_before_thick_ones_and_unknown_ones_last():
    thin, thick, silent = (
        ct("9", facts={"spacing_mm": 0.8}),
        ct("5", facts={"spacing_mm": 2.5}),
        ct("1", facts={"spacing_mm": None}),
    )
    assert fitting(study(silent, thick, thin), CHEST) == (thin, thick, silent)


def test_a_series_with_tags_comes_before_a_volume_without_any():
    assert choose(study(nifti("1"), ct("2")), CHEST).kind == "dicom"


def test_a_question_may_prefer_something_else():
    soft, sharp = ct("1", facts={"kernel": "soft", "spacing_mm": 2.0}), ct("2", facts={"kernel": "sharp"})
    wanted = replace(CHEST, prefer=lambda series: float(series.facts is None or series.facts.kernel != "soft"))
    assert choose(study(sharp, soft), wanted) is soft


def test_a_sequence_that_is_wanted_more_comes_first_whatever_its_slices():
    t2, flair = mr("1", "T2"), mr("2", "FLAIR", spacing_mm=4.0)
    assert choose(study(t2, flair), BRAIN) is flair
    assert choose(study(t2, mr("3", "T1")), BRAIN) is t2
    assert reason(choose(study(mr("3", "T1")), BRAIN)) == "sequence"


def test_a_series_that_does_not_name_its_sequence_is_taken_only_where_no_other_is():
    silent, t2 = mr("1", ""), mr("2", "T2")
    assert choose(study(silent, t2), BRAIN) is t2
    assert choose(study(silent), BRAIN) is silent


def test_a_volume_without_tags_is_taken_only_where_the_question_allows_it():
    assert choose(study(nifti()), CHEST).kind == "nifti"
    assert reason(choose(study(nifti()), replace(CHEST, untagged=False))) == "modality"


def test_what_was_not_read_and_what_could_not_be_checked_is_told():
    pair = study(ct("1"), ct("2"), ct("3", facts={"body_parts": ("head",)}))
    assert warnings(study(ct("1")), ct("1"), CHEST) == ()
    assert any("1 more series" in text for text in warnings(pair, pair.series[0], CHEST))
    assert any("without tags" in text for text in warnings(study(nifti()), nifti(), CHEST))
    silent, disputed = ct(facts={"body_parts": ()}), ct(facts={"body_parts": ("head",), "disputed": True})
    assert any("do not state the body part" in text for text in warnings(study(silent), silent, CHEST))
    assert any("different body parts" in text for text in warnings(study(disputed), disputed, CHEST))


def test_an_empty_wish_takes_any_plane_sequence_and_thickness():
    anything = Wanted("CT", "a CT", frozenset({"chest"}))
    assert why_not(ct(facts={"plane": "coronal", "spacing_mm": 10.0}), anything) is None


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"slices": 1, "body_parts": ("head",)}, "body-part"),
        ({"origin": "localizer", "body_parts": ("head",)}, "body-part"),
        ({"slices": 1}, "field-of-view"),
        ({"slices": 1, "body_parts": ()}, "field-of-view"),
    ],
)
def test_a_single_slice_of_another_body_part_is_not_asked_for_the_rest_of_it(facts, expected):
    assert reason(why_not(ct(facts=facts), CHEST)) == expected


def test_a_single_slice_of_another_sequence_is_told_its_sequence():
    assert reason(why_not(mr("1", "T1", slices=1), BRAIN)) == "sequence"


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"spacing_mm": 10.0, "widest_mm": 10.0}, "Found slices 10 mm apart; needed at most 3 mm."),
        ({"spacing_mm": 3.0039, "widest_mm": 3.0041}, "Found slices 3.01 mm apart; needed at most 3 mm."),
        ({"spacing_mm": 3.00001}, "Found slices 3.01 mm apart; needed at most 3 mm."),
        ({"spacing_mm": 8.0039, "widest_mm": 14.0}, "Found slices up to 14 mm apart; needed at most 3 mm."),
        ({"spacing_mm": None, "thickness_mm": 5.0}, "Found slices 5 mm apart; needed at most 3 mm."),
    ],
)
def test_the_largest_distance_is_told_and_never_reads_as_enough(facts, found):
    refusal = why_not(ct(facts=facts), CHEST)
    assert refusal.message == found
    assert "thinner" in refusal.next_step


def test_slices_that_were_left_out_are_asked_for_and_told():
    far = why_not(ct(facts={"spacing_mm": 10.0, "left_out": True}), CHEST)
    assert reason(far) == "thickness"
    assert far.next_step == "Send the whole series: its instance numbers skip, slices may be missing."
    near = ct(facts={"spacing_mm": 3.0, "widest_mm": 3.0, "left_out": True})
    (told,) = warnings(study(near), near, CHEST)
    assert told.check == "missing-part"
    assert told.startswith("Slices lie up to 3 mm apart, far more than they are thick, and their instance numbers skip")
