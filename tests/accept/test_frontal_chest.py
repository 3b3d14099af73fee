from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import fakes
from secondread.accept.frontal_chest import check, select
from secondread.accept.person import OLDEST_YEARS
from secondread.core.card import ModelCard
from secondread.core.reader import Case, GateView
from secondread.core.report import Refusal
from secondread.core.study import Series

FRONTAL = {"frontal": 0.9, "inverted": 0.02, "rotated": 0.02, "cropped": 0.03, "other": 0.03}


def made_for(*years: float) -> ModelCard:
    return fakes.card(input=replace(fakes.card().input, age_years=years or None))


CHILDREN, ADULTS, ANYONE, UNSAID = made_for(1.0, 5.0), made_for(18.0, OLDEST_YEARS), made_for(1.0, 90.0), made_for()


def view(**probabilities: float) -> GateView:
    return GateView(probabilities=FRONTAL | probabilities, thresholds={"frontal": 0.5})


def reason(verdict: object) -> str:
    assert isinstance(verdict, Refusal), f"was accepted: {verdict}"
    return verdict.reason


def asked(
    image: NDArray[np.float32] | None = None, gate: GateView | None = None, card: ModelCard = CHILDREN, **study: object
) -> Refusal | tuple[str, ...]:
    whole = fakes.study(**study)
    return check(Case(whole, whole.series, (fakes.image(image),)), gate or view(), card)


@pytest.mark.parametrize(
    ("card", "age", "fits"),
    [
        (CHILDREN, 3.0, True),
        (CHILDREN, 17.9, True),
        (CHILDREN, 18.0, False),
        (CHILDREN, 80.0, False),
        (ADULTS, 17.9, False),
        (ADULTS, 0.5, False),
        (ADULTS, 18.0, True),
        (ADULTS, 99.0, True),
        (ANYONE, 3.0, True),
        (ANYONE, 80.0, True),
        (UNSAID, 3.0, True),
        (UNSAID, 80.0, True),
    ],
)
def test_a_card_for_children_refuses_adults_and_one_for_adults_refuses_children(card, age, fits):
    verdict = asked(card=card, age_years=age)
    assert isinstance(verdict, Refusal) != fits
    if not fits:
        assert reason(verdict) == "population"
        assert "Found a" in verdict.message
        assert "needed a" in verdict.message


def test_the_refusal_of_a_child_names_an_adult_and_the_other_way_round():
    assert "Found a child (9 years); needed an adult" in asked(card=ADULTS, age_years=9.0).message
    assert "Found an adult (30 years); needed a child" in asked(card=CHILDREN, age_years=30.0).message


@pytest.mark.parametrize("card", [CHILDREN, ADULTS, ANYONE])
def test_an_unknown_age_is_a_warning_never_an_assumption(card):
    assert any("age is not stated" in warning for warning in asked(card=card, age_years=None))


@pytest.mark.parametrize(("card", "age"), [(CHILDREN, 5.9), (ADULTS, 44.0), (UNSAID, 7.0)])
def test_people_like_those_of_the_card_need_no_warning(card, age):
    assert asked(card=card, age_years=age) == ()


def test_a_child_of_another_age_than_the_training_data_is_read_with_a_warning():
    assert any("6.5 years" in warning for warning in asked(card=CHILDREN, age_years=6.5))


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"modality": "CT"}, "modality"),
        ({"modality": "MG"}, "modality"),
        ({"modality": "US"}, "modality"),
        ({"modality": "MR"}, "modality"),
        ({"modality": "", "kind": "nifti"}, "modality"),
        ({"body_part": "HAND"}, "body-part"),
        ({"body_part": "SPINE"}, "body-part"),
        ({"view": "LL"}, "view"),
        ({"view": "LATERAL"}, "view"),
        ({"orientation": ("A", "F")}, "view"),
        ({"intent": "FOR PROCESSING"}, "processing"),
        ({"orientation": ("R", "F")}, "orientation"),
    ],
)
def test_tags_that_speak_against_a_frontal_chest_x_ray_refuse_it(tags, expected):
    assert reason(select(fakes.study(fakes.series(**tags)), ADULTS)) == expected


@pytest.mark.parametrize("tags", [{"view": ""}, {"view": "AP"}, {"body_part": ""}, {"orientation": ()}])
def test_tags_that_say_frontal_chest_or_nothing_are_accepted(tags):
    assert isinstance(select(fakes.study(fakes.series(**tags)), ADULTS), Series)


def test_of_two_frontal_pictures_the_same_one_is_read_whatever_their_order():
    first, second = fakes.series("1.2.1"), fakes.series("1.2.2")
    assert select(fakes.study(first, second), ADULTS) == select(fakes.study(second, first), ADULTS) == first


def test_a_blank_picture_and_one_too_small_are_refused():
    blank = asked(np.full((96, 96), 0.5, np.float32))
    assert reason(blank) == "quality"
    assert "(1 grey level)" in blank.message
    assert reason(asked(fakes.chest(63, 96))) == "quality"
    assert reason(asked(fakes.chest(80, 220))) == "field-of-view"


@given(seed=st.integers(0, 1000), side=st.sampled_from([64, 200]))
def test_noise_is_refused(seed, side):
    noise = np.random.default_rng(seed).random((side, side), dtype=np.float32)
    assert reason(asked(noise)) == "quality"


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("inverted", "inversion"),
        ("rotated", "orientation"),
        ("cropped", "field-of-view"),
        ("other", "not-a-chest-x-ray"),
    ],
)
def test_the_gate_refuses_with_the_reason_of_its_strongest_other_label(label, expected):
    assert reason(asked(gate=view(frontal=0.49, **{label: 0.4}))) == expected
