from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fakes
from phantoms.breast_ultrasound import Phantom, grey, picture
from secondread.accept import ultrasound
from secondread.accept.ultrasound import check, select, skin_on_top, texture, tissue_box
from secondread.core.facts import SeriesFacts
from secondread.core.image import Image
from secondread.core.reader import Case, GateView
from secondread.core.report import Refusal
from secondread.core.study import FileRef, Series, Study

CARD = fakes.card(input=replace(fakes.card().input, modalities=("US",), age_years=None))
LABELS = ("chest X-ray", "brain MR", "breast ultrasound", "unknown")


def us(sop: str = "1.2.3.4", **changes: Any) -> Series:
    whole = Series(
        uid="1.2.3",
        modality="US",
        kind="dicom",
        files=(FileRef(Path("a.dcm"), "", sop),),
        body_part="BREAST",
        image_type=("ORIGINAL", "PRIMARY", "", "0001"),
        size=(400, 500),
        facts=SeriesFacts(1, body_parts=("breast",)),
    )
    return replace(whole, **changes)


PNG = us(kind="raster", modality="", body_part="", image_type=(), facts=None)


def study(*series: Series, **changes: Any) -> Study:
    return replace(Study("1", "key", series, age_years=50.0, sex="F"), **changes)


def image(seed: int = 0, **changes: Any) -> Image:
    pixels = picture(Phantom(**changes), seed)
    values = (pixels if pixels.ndim == 2 else pixels.max(-1)).astype(np.float32) / 255
    return Image(values, (0.12, 0.12), "patient", rgb=pixels if pixels.ndim == 3 else None)


def gate(**probabilities: float) -> GateView:
    named = {name.replace("_", " "): p for name, p in probabilities.items()}
    return GateView(dict.fromkeys(LABELS, 0.0) | named, dict.fromkeys(LABELS, 0.5))


CERTAIN = gate(**{"breast ultrasound": 0.98})


def asked(series: Series = PNG, shown: Image | None = None, view: GateView = CERTAIN, **changes: Any) -> Any:
    return check(Case(study(series, **changes), (series,), (shown or image(),)), view, CARD)


def reason(verdict: Series | Refusal | tuple[str, ...]) -> str:
    assert isinstance(verdict, Refusal), f"was accepted: {verdict}"
    return verdict.reason


def test_the_grey_picture_comes_before_the_coloured_one_and_the_larger_before_the_smaller():
    colour = us("1", image_type=("ORIGINAL", "PRIMARY", "", "0011"), size=(900, 900))
    power = us("2", image_type=("ORIGINAL", "PRIMARY", "", "0101"), size=(900, 900))
    silent = us("3", image_type=("ORIGINAL", "PRIMARY"), size=(800, 800))
    small, large = us("4", size=(300, 300)), us("5", size=(400, 500))
    for order in ((colour, power, silent, small, large), (large, small, silent, power, colour)):
        assert select(study(*order), CARD) == (large, colour)
        assert select(study(*(s for s in order if s not in {large, small})), CARD) == (silent, colour)
        assert select(study(*(s for s in order if s not in {power, colour})), CARD) == (large,)
    assert select(study(power, colour), CARD) == (colour,)  # of equals, the smaller UID


def test_the_reviewer_is_told_how_many_other_pictures_there_are():
    colour = us("9", image_type=("ORIGINAL", "PRIMARY", "", "0011"))
    pictures = (us("7"), us("8"), colour)
    told = check(Case(study(*pictures), (pictures[0],), (image(),)), CERTAIN, CARD)
    assert isinstance(told, tuple)
    assert any("2 more single pictures, 1 of them with colour; only" in warning for warning in told)


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (us(modality="CT"), "modality"),
        (us(modality="IVUS"), "modality"),
        (us(modality="", kind="nifti"), "modality"),
        (us(facts=SeriesFacts(1, body_parts=("abdomen",))), "body-part"),
        (us(facts=SeriesFacts(1), image_type=("ORIGINAL", "PRIMARY", "OBSTETRICAL", "0001")), "body-part"),
        (us(facts=None, image_type=("ORIGINAL", "PRIMARY", "TEE", "0011")), "body-part"),
        (us(files=(FileRef(Path("a"), "", "1", frames=40),)), "field-of-view"),
        (us(files=(FileRef(Path("a"), "", "1"), FileRef(Path("b"), "", "2"))), "field-of-view"),
    ],
)
def test_what_is_no_single_picture_of_a_breast_is_refused_by_its_tags(series, expected):
    assert reason(select(study(series), CARD)) == expected


def test_a_picture_that_is_accepted_after_a_refused_one_is_read():
    moving = us("1", files=(FileRef(Path("a"), "", "1", frames=40),), size=(2000, 2000))
    assert select(study(moving, us("2")), CARD) == (us("2"),)


def test_a_good_picture_with_tags_is_accepted_without_a_word():
    assert asked(us()) == ()


def test_a_picture_without_tags_must_look_like_breast_ultrasound():
    strange = asked(view=gate(chest_X_ray=0.9))
    assert reason(strange) == "content"
    assert "with a probability of less than 1 %: it looks" in strange.message
    assert reason(asked(view=gate(unknown=0.99, breast_ultrasound=0.01))) == "content"
    assert reason(asked(view=gate(unknown=0.6, brain_MR=0.3, breast_ultrasound=0.1))) == "content"
    unsure = asked(view=gate(unknown=0.7, breast_ultrasound=0.3))
    assert any("does not recognise" in warning for warning in unsure)
    assert any("without DICOM tags" in warning for warning in unsure)


def test_a_picture_that_the_gate_does_not_know_needs_the_texture_of_ultrasound_too():
    noise = np.random.default_rng(0).random((200, 200)).astype(np.float32)
    assert reason(asked(shown=Image(noise), view=gate(unknown=0.7, breast_ultrasound=0.3))) == "content"


def test_ultrasound_of_an_unnamed_part_must_look_like_a_breast():
    for series in (us(facts=SeriesFacts(1)), us(facts=None, image_type=("ORIGINAL", "PRIMARY", "SMALL PARTS", "0001"))):
        assert reason(asked(series, view=gate(unknown=0.99, breast_ultrasound=0.01))) == "content"
        assert isinstance(asked(series), tuple)
    named = us(facts=None, image_type=("ORIGINAL", "PRIMARY", "BREAST", "0001"))
    assert isinstance(asked(named, view=gate(unknown=0.99, breast_ultrasound=0.01)), tuple)


def test_tags_count_more_than_the_gate():
    told = asked(us(), view=gate(brain_MR=0.9, breast_ultrasound=0.1))
    assert any("does not recognise" in warning for warning in told)


def test_a_picture_turned_on_its_side_is_refused_and_a_mirrored_one_is_not():
    upright = image()
    for turn in (1, 3):
        assert reason(asked(us(), Image(np.rot90(upright.values, turn).copy()))) == "orientation"
    assert asked(us(), replace(upright, values=np.fliplr(upright.values).copy())) == ()


def test_texture_says_whether_depth_runs_down_the_picture():
    for seed in range(3):
        shown = image(seed)
        assert skin_on_top(shown) is True
        assert texture(Image(np.rot90(shown.values).copy())) == pytest.approx(-texture(shown), abs=1e-3)
    assert skin_on_top(Image(np.zeros((200, 200), np.float32))) is None
    noise = np.random.default_rng(0).random((300, 300)).astype(np.float32)
    assert skin_on_top(Image(noise)) is None


def test_a_colour_scale_along_the_edge_does_not_turn_the_picture():
    assert skin_on_top(image(box=True, flow="core")) is True


@pytest.mark.parametrize(
    "values", [np.zeros((300, 300)), np.full((300, 300), 0.5), np.random.default_rng(0).random((60, 300))]
)
def test_blank_and_tiny_pictures_are_refused(values):
    assert reason(asked(us(), Image(values.astype(np.float32)))) == "quality"


def test_a_man_is_refused():
    assert reason(asked(us(), sex="M")) == "population"


def test_what_the_tags_do_not_say_is_told():
    assert any("body part" in warning for warning in asked(us(facts=SeriesFacts(1))))
    assert any("not calibrated" in warning for warning in asked(us(), Image(image().values)))


def test_a_disputed_body_part_is_read_with_a_warning():
    disputed = us(facts=SeriesFacts(1, body_parts=("chest",), disputed=True))
    assert select(study(disputed), CARD) == (disputed,)
    assert any("different body parts" in warning for warning in asked(disputed))


def test_tissue_is_found_on_a_dark_screen_and_a_cut_picture_stays_whole():
    tissue = grey(Phantom()).astype(np.float32) / 255
    assert tissue_box(tissue) == (0, 0, *tissue.shape)
    screen = np.zeros((600, 900), np.float32)
    screen[100 : 100 + tissue.shape[0], 300 : 300 + tissue.shape[1]] = tissue
    screen[20:40, 30:200] = 0.8  # a name field
    screen[150:350, 880:890] = np.linspace(0, 1, 200)[:, None]  # a grey scale
    box = tissue_box(screen)
    assert box == pytest.approx((100, 300, 100 + tissue.shape[0], 300 + tissue.shape[1]), abs=8)
    assert tissue_box(np.zeros((300, 300), np.float32)) == (0, 0, 300, 300)


def test_every_refusal_says_what_was_found_needed_and_what_to_do():
    for verdict in (asked(us(), sex="M"), asked(view=gate(unknown=1.0)), select(study(us(modality="CT")), CARD)):
        assert isinstance(verdict, Refusal)
        assert "Found" in verdict.message
        assert "needed" in verdict.message
        assert verdict.next_step


def test_the_gate_s_words_are_those_of_its_card():
    from secondread.engine.bundle import find_bundles, load_bundle, shipped

    labels = load_bundle(find_bundles([shipped()])["examination-gate"]).card.labels
    assert {ultrasound.WANTED, ultrasound.UNKNOWN} <= set(labels)


def test_one_grey_level_is_told_as_one():
    refusal = asked(us(), Image(np.zeros((300, 300), np.float32)))
    assert "(1 grey level);" in refusal.message
