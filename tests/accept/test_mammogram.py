from dataclasses import replace

import numpy as np
import pytest

import dicom_factory
import fakes
from phantoms.mammogram import mammogram, write
from secondread.accept.looked_at import LookedAt
from secondread.accept.mammogram import Placed, check, placed, select
from secondread.accept.said_by_tags import mirrored
from secondread.core.image import Image
from secondread.core.reader import Case
from secondread.core.report import Refusal
from secondread.dicom.open import open_dicom
from secondread.readers.mammogram import METHOD

FOUR = [(side, view) for side in "RL" for view in ("CC", "MLO")]


@pytest.fixture(scope="module")
def picture():
    phantom = mammogram(2, view="CC", spacing_mm=0.25, size_mm=(120.0, 90.0))
    return Image((phantom.pixels / 4095.0).astype(np.float32), (0.25, 0.25), "detector")


def series(side: str = "L", view: str = "CC", **tags):
    down = ("R" if side == "L" else "L") if view == "CC" else "F"
    stated = {"modality": "MG", "body_part": "BREAST", "laterality": side, "view": view, "orientation": ("A", down)}
    return fakes.series(tags.pop("uid", f"1.2.{ord(side)}{len(view)}"), **{**stated, **tags})


def reason(verdict) -> str:
    assert isinstance(verdict, Refusal), verdict
    assert "Found" in verdict.message
    assert "needed" in verdict.message
    return verdict.reason


def checked(picture, *chosen, **changes):
    study = fakes.study(*chosen)
    return check(Case(replace(study, **changes), chosen, tuple(picture for _ in chosen)), None, METHOD)


def test_side_view_and_coded_view_are_read_from_the_file(tmp_path):
    for side, view in FOUR:
        dicom_factory.mammogram(tmp_path / f"{side}{view}.dcm", side=side, view=view)
    study = open_dicom(sorted(tmp_path.iterdir()))
    assert {(one.laterality, one.view) for one in study.series} == set(FOUR)


def test_the_four_views_are_chosen_in_one_order_wherever_they_stand():
    views = [series(side, view) for side, view in FOUR]
    for order in (views, views[::-1]):
        chosen = select(fakes.study(*order), METHOD)
        assert [(one.laterality, one.view) for one in chosen] == [("R", "CC"), ("L", "CC"), ("R", "MLO"), ("L", "MLO")]


def test_one_view_is_enough_and_of_two_alike_the_same_one_is_read(picture):
    first, second = series(uid="1.2.1"), series(uid="1.2.2")
    for order in ((first, second), (second, first)):
        assert select(fakes.study(*order), METHOD) == (first,)
        study = fakes.study(*order)
        told = check(Case(study, (first,), (picture,)), None, METHOD)
        assert any("2 L CC pictures" in warning for warning in told)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"modality": "DX"}, "modality"),
        ({"modality": "US"}, "modality"),
        ({"modality": "", "kind": "raster"}, "modality"),
        ({"body_part": "CHEST"}, "body-part"),
        ({"intent": "FOR PROCESSING"}, "processing"),
        ({"view": "ML"}, "view"),
        ({"view": ""}, "view"),
        ({"laterality": ""}, "view"),
        ({"laterality": "B"}, "view"),
    ],
)
def test_tags_that_speak_against_a_standard_view_refuse_it(tags, expected):
    assert reason(select(fakes.study(replace(series(), **tags)), METHOD)) == expected


def test_tomosynthesis_slices_are_refused():
    one = series()
    slices = replace(one, files=(replace(one.files[0], frames=50),))
    assert reason(select(fakes.study(slices), METHOD)) == "view"


def test_a_picture_for_processing_beside_one_for_presentation_is_left_out_and_told(picture):
    raw, good = series(uid="1.2.1", intent="FOR PROCESSING"), series(uid="1.2.2")
    study = fakes.study(raw, good)
    assert select(study, METHOD) == (good,)
    told = check(Case(study, (good,), (picture,)), None, METHOD)
    assert any(warning.startswith("Not read") for warning in told)


@pytest.mark.parametrize("columns", [False, True])
def test_the_chest_wall_is_turned_to_the_left_by_tags_or_by_the_picture(picture, columns):
    image = Image(np.ascontiguousarray(picture.values[:, ::-1]), picture.spacing_mm, "detector") if columns else picture
    stated = placed(series(orientation=("P" if columns else "A", "R")), image)
    silent = placed(series(orientation=()), image)
    assert isinstance(stated, Placed)
    assert isinstance(silent, Placed)
    assert stated.turn.columns is silent.turn.columns is columns
    assert (stated.vertical, silent.vertical) == (True, False)


@pytest.mark.parametrize(
    ("side", "view", "down", "rows"),
    [
        ("L", "CC", "R", False),
        ("L", "CC", "L", True),
        ("R", "CC", "L", False),
        ("R", "CC", "R", True),
        ("L", "MLO", "F", False),
        ("R", "MLO", "H", True),
        ("R", "MLO", "FL", False),
    ],
)
def test_the_outer_side_or_the_head_is_turned_to_the_top(picture, side, view, down, rows):
    way = placed(series(side, view, orientation=("A", down)), picture)
    assert isinstance(way, Placed)
    assert way.turn.rows is rows


@pytest.mark.parametrize("orientation", [("P", "R"), ("F", "A"), ("A", "F")])
def test_a_chest_wall_elsewhere_than_the_tags_say_and_a_turned_picture_are_refused(picture, orientation):
    assert reason(checked(picture, series(orientation=orientation))) == "orientation"


def test_a_mammogram_shows_by_its_chest_wall_whether_it_is_mirrored(picture):
    def verdict(**tags):
        chosen = series(**tags)
        case = Case(fakes.study(chosen), (chosen,), (picture,))
        return mirrored(LookedAt("mammogram", case, METHOD, None, None, None)).verdict

    assert verdict() == "passed"
    assert verdict(orientation=()) == "not checked"
    refusal = checked(picture, series(orientation=("P", "R")))
    assert isinstance(refusal, Refusal)
    assert refusal.check == "mirrored"


def test_a_picture_that_shows_no_breast_is_refused():
    chest = Image(fakes.chest(600, 500), (0.3, 0.3), "detector")
    assert reason(checked(chest, series())) == "content"
    assert reason(checked(chest, series(orientation=()))) == "orientation"


def test_a_thumbnail_is_refused():
    assert reason(checked(Image(np.zeros((150, 120), np.float32)), series())) == "quality"


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"orientation": ()}, "do not state the orientation"),
        ({"intent": ""}, "for presentation"),
        ({"image_type": ("DERIVED", "PRIMARY", "TOMOSYNTHESIS", "GENERATED_2D")}, "computed from tomosynthesis"),
    ],
)
def test_what_the_tags_leave_open_is_a_warning(picture, tags, words):
    told = checked(picture, series(**tags))
    assert not isinstance(told, Refusal)
    assert any(words in warning for warning in told)


def test_the_detector_a_missing_spacing_and_a_man_are_told(picture):
    assert any("on the detector" in warning for warning in checked(picture, series()))
    unknown = Image(picture.values)
    assert any("neither masses nor calcifications" in warning for warning in checked(unknown, series()))
    assert any("breast of a man" in warning for warning in checked(picture, series(), sex="M"))


def test_a_written_phantom_lies_as_its_tags_say(tmp_path):
    for side in "RL":
        write(tmp_path, mammogram(3, spacing_mm=0.5, size_mm=(150.0, 120.0)), side=side, view="CC")
    chosen = select(open_dicom(sorted(tmp_path.iterdir())), METHOD)
    assert [one.orientation[0] for one in chosen] == ["P", "A"]
