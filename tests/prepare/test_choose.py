"""Which series a reader takes of a mixed study."""

from itertools import permutations

import pytest

import fakes
from dicom_factory import ct_series, shared
from secondread.core.facts import SeriesFacts
from secondread.core.report import Refusal
from secondread.dicom.open import open_dicom
from secondread.prepare.choose import Choice, Wanted, choose, sketch

CHEST = Wanted(("CT",), "chest", ("axial",), min_slices=50, max_thickness_mm=3.0, kernel="soft", contrast=False)


def series(uid, modality="CT", **facts):
    known = {
        "slices": 300, "body_parts": ("chest",), "plane": "axial", "thickness_mm": 1.25, "spacing_mm": 1.25,
        "kernel": "soft", "contrast": False, "origin": "original",
    }  # fmt: skip
    return fakes.series(uid, modality=modality, view="", facts=SeriesFacts(**(known | facts)))


BEST = series("1.2.100")
LESSER = {
    "its body part is not sure": series("1.2.1", body_parts=()),
    "not original": series("1.2.2", origin="derived"),
    "another kernel": series("1.2.3", kernel="sharp"),
    "another contrast": series("1.2.4", contrast=True),
    "thicker slices": series("1.2.5", thickness_mm=2.5),
    "fewer slices": series("1.2.6", slices=120),
    "equal, a later UID": series("1.2.999"),
}
UNFIT = {
    "not CT": series("1.3.1", "MR"),
    "it is a localizer image": series("1.3.2", origin="localizer"),
    "it is a projection image": series("1.3.3", origin="projection"),
    "of the head": series("1.3.4", body_parts=("head",)),
    "coronal, not axial": series("1.3.5", plane="coronal"),
    "fewer than 50 slices": series("1.3.6", slices=30),
    "thicker than 3 mm": series("1.3.7", thickness_mm=5.0),
}


@pytest.mark.parametrize("why", LESSER)
def test_the_better_series_is_chosen_and_says_why_in_any_order(why):
    for study in (fakes.study(BEST, LESSER[why]), fakes.study(LESSER[why], BEST)):
        choice = choose(study, CHEST)
        assert isinstance(choice, Choice)
        assert choice.series is BEST
        assert why in choice.reason


@pytest.mark.parametrize("why", UNFIT)
def test_an_unfit_series_is_passed_over_and_alone_refused_with_the_reason(why):
    choice = choose(fakes.study(UNFIT[why], BEST), CHEST)
    assert isinstance(choice, Choice)
    assert choice.series is BEST
    assert why in choice.reason
    refusal = choose(fakes.study(UNFIT[why]), CHEST)
    assert isinstance(refusal, Refusal)
    assert why in refusal.message


def test_the_sentence_names_the_choice_and_the_others():
    choice = choose(fakes.study(BEST, LESSER["another kernel"]), CHEST)
    assert isinstance(choice, Choice)
    assert choice.reason == (
        "Chose 1.25 mm axial soft-kernel plain CT series of 300 slices (1.2.100.1); others: 1.25 mm axial sharp-kernel "
        "plain CT series of 300 slices (1.2.3.1): another kernel."
    )


def test_many_others_are_counted():
    choice = choose(fakes.study(BEST, *LESSER.values()), CHEST)
    assert isinstance(choice, Choice)
    assert choice.reason.endswith("; and 3 more.")


@pytest.mark.parametrize("order", list(permutations([BEST, LESSER["thicker slices"], LESSER["equal, a later UID"]])))
def test_the_order_of_the_series_changes_nothing(order):
    first = choose(fakes.study(BEST, LESSER["thicker slices"], LESSER["equal, a later UID"]), CHEST)
    assert choose(fakes.study(*order), CHEST) == first


@pytest.mark.parametrize(
    ("study", "reason"),
    [
        (fakes.study(UNFIT["not CT"]), "modality"),
        (fakes.study(UNFIT["of the head"]), "body-part"),
        (fakes.study(UNFIT["thicker than 3 mm"]), "quality"),
    ],
)
def test_a_refusal_has_a_key_and_says_what_was_needed(study, reason):
    refusal = choose(study, CHEST)
    assert isinstance(refusal, Refusal)
    assert refusal.reason == reason
    assert "of the chest, axial, of at least 50 slices, of at most 3 mm" in refusal.message


def test_a_disputed_body_part_is_taken_only_when_there_is_nothing_better():
    doubtful = series("1.2.0", body_parts=("head",), disputed=True)
    assert choose(fakes.study(doubtful, BEST), CHEST).series is BEST
    assert choose(fakes.study(doubtful), CHEST).series is doubtful


def test_pixels_overrule_tags_and_are_asked_only_of_what_would_be_taken():
    asked = []

    def regions(one):
        asked.append(one)
        return ("abdomen",) if one is BEST else ("chest",)

    other = LESSER["thicker slices"]
    choice = choose(fakes.study(other, BEST, UNFIT["of the head"]), CHEST, regions)
    assert choice.series is other
    assert asked == [BEST, other]
    assert "its pixels show abdomen, not chest" in choice.reason


def test_pixels_that_do_not_tell_change_nothing():
    assert choose(fakes.study(BEST), CHEST, lambda _: ()).series is BEST


def test_files_without_facts_are_unknown_in_everything_but_their_number():
    bare = fakes.series("1.2.7", modality="CT", view="")
    assert sketch(bare) == "CT series of 1 slice (1.2.7.1)"
    assert choose(fakes.study(bare), Wanted(("CT",), "chest")).series is bare


def test_a_body_part_that_does_not_exist_cannot_be_wanted():
    with pytest.raises(ValueError, match="lung"):
        Wanted(("CT",), "lung")


def test_of_a_mixed_folder_the_thin_soft_axial_chest_is_chosen(tmp_path):
    sagittal = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
    paths = list(shared("lung-ct", "A0002", "soft-kernel").iterdir())
    study_uid = open_dicom(paths).uid
    same = {"StudyInstanceUID": study_uid, "Manufacturer": "SIEMENS", "PatientID": "A0002"}
    made = ct_series(tmp_path / "sharp", SliceThickness="1", step=1.0, ConvolutionKernel="B70f", **same)
    made += ct_series(tmp_path / "thin", step=1.0, SliceThickness="1", ConvolutionKernel="B30f", **same)
    made += ct_series(tmp_path / "sagittal", orientation=sagittal, ConvolutionKernel="B30f", **same)
    made += ct_series(tmp_path / "head", BodyPartExamined="HEAD", ConvolutionKernel="B30f", **same)
    choice = choose(open_dicom(made), Wanted(("CT",), "chest", ("axial",), kernel="soft"))
    assert {file.path.parent.name for file in choice.series.files} == {"thin"}
    for why in ("another kernel", "sagittal, not axial", "of the head"):
        assert why in choice.reason
