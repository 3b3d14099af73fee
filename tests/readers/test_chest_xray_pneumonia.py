import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import fakes
from secondread.core.errors import CardError
from secondread.core.output import Output
from secondread.core.reader import GateView, Prepared
from secondread.core.report import Priority, Refusal
from secondread.core.study import Series
from secondread.explain.reasons import Reasons
from secondread.prepare.model_space import to_model_space
from secondread.readers import chest_xray_pneumonia as reader
from secondread.readers.chest_xray_pneumonia import READER

CARD = fakes.card()
FRONTAL = {"frontal": 0.9, "inverted": 0.02, "rotated": 0.02, "cropped": 0.03, "other": 0.03}


def view(**probabilities: float) -> GateView:
    return GateView(probabilities=FRONTAL | probabilities, thresholds={"frontal": 0.5})


def reason(verdict: Series | Refusal | tuple[str, ...]) -> str:
    assert isinstance(verdict, Refusal), f"was accepted: {verdict}"
    return verdict.reason


def check(image: NDArray[np.float32] | None = None, gate: GateView | None = None, **study: object):
    whole = fakes.study(**study)
    return READER.check(fakes.case(whole, image=fakes.image(image)), gate or view(), CARD)


def unasked(batch: NDArray[np.float32]) -> NDArray[np.float64]:
    raise AssertionError("the map in the graph asks nothing more")


def interpret(probabilities: tuple[float, float, float], cam: NDArray[np.float32] | None = None, **card: object):
    prepared = Prepared(np.zeros((1, 1, 32, 32), np.float32), lambda values: values)
    maps = np.zeros((1, 3, 6, 6), np.float32) if cam is None else cam[None].astype(np.float32)
    output = Output(np.zeros((1, 3), np.float32), maps, np.zeros((1, 2), np.float32))
    return reader.interpret(np.array(probabilities), output, Reasons(prepared, unasked), fakes.card(**card))[0]


def test_a_frontal_chest_x_ray_is_selected_and_accepted_without_a_word():
    study = fakes.study()
    assert READER.select(study, CARD) == study.series[0]
    assert READER.check(fakes.case(study), view(), CARD) == ()


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"modality": "CT"}, "modality"),
        ({"modality": "", "kind": "nifti"}, "modality"),
        ({"body_part": "HAND"}, "body-part"),
        ({"body_part": "ABDOMEN"}, "body-part"),
        ({"view": "LL"}, "view"),
        ({"view": "RL"}, "view"),
        ({"view": "LLO"}, "view"),
        ({"view": "LATERAL"}, "view"),
        ({"view": "CHEST LAT"}, "view"),
        ({"view": "LLD"}, "view"),
        ({"orientation": ("A", "F")}, "view"),
        ({"intent": "FOR PROCESSING"}, "processing"),
        ({"orientation": ("R", "F")}, "orientation"),
        ({"orientation": ("F", "R")}, "orientation"),
        ({"orientation": ("L", "H")}, "orientation"),
    ],
)
def test_tags_that_speak_against_a_frontal_chest_x_ray_refuse_it(tags, expected):
    assert reason(READER.select(fakes.study(fakes.series(**tags)), CARD)) == expected


@pytest.mark.parametrize(
    "tags",
    [
        {"body_part": "THORAX"},
        {"body_part": "LUNG"},
        {"body_part": ""},
        {"view": "AP"},
        {"view": "CHEST PA"},
        {"view": ""},
        {"orientation": ()},
        {"orientation": ("LA", "FP")},
        {"modality": "CR"},
        {"modality": "", "kind": "raster", "body_part": "", "view": "", "orientation": (), "intent": ""},
    ],
)
def test_tags_that_say_frontal_chest_or_nothing_are_accepted(tags):
    assert isinstance(READER.select(fakes.study(fakes.series(**tags)), CARD), Series)


def test_the_frontal_picture_is_picked_wherever_it_stands_in_the_study():
    lateral, hand = fakes.series("1.2.1", view="LL"), fakes.series("1.2.2", body_part="HAND")
    frontal = fakes.series("1.2.3")
    for order in ((lateral, hand, frontal), (frontal, lateral, hand)):
        assert READER.select(fakes.study(*order), CARD) == frontal


def test_of_two_frontal_pictures_the_same_one_is_read_whatever_their_order_and_the_reviewer_is_told():
    first, second = fakes.series("1.2.1"), fakes.series("1.2.2", view="AP")
    for order in ((first, second), (second, first)):
        study = fakes.study(*order)
        assert READER.select(study, CARD) == first
        warnings = READER.check(fakes.case(study, first), view(), CARD)
        assert any("2 frontal pictures" in warning for warning in warnings)


@pytest.mark.parametrize("age", [18.0, 47.0, 90.0])
def test_adults_are_refused(age):
    assert reason(check(age_years=age)) == "population"


@pytest.mark.parametrize("age", [0.1, 6.0, 17.9])
def test_children_of_other_ages_are_read_with_a_warning(age):
    assert any("years" in warning for warning in check(age_years=age))


@pytest.mark.parametrize("age", [1.0, 3.0, 5.9])
def test_children_like_those_of_the_training_data_need_no_warning(age):
    assert check(age_years=age) == ()


def test_an_unknown_age_is_a_warning():
    assert any("age is not stated" in warning for warning in check(age_years=None))


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"body_part": ""}, "body part"),
        ({"view": ""}, "view"),
        ({"orientation": ()}, "orientation"),
        ({"modality": "", "kind": "raster"}, "without DICOM tags"),
    ],
)
def test_what_the_tags_leave_open_is_a_warning(tags, words):
    study = fakes.study(fakes.series(**tags))
    warnings = READER.check(fakes.case(study), view(), CARD)
    assert any(words in warning for warning in warnings)


def test_a_blank_picture_is_refused():
    assert reason(check(np.full((96, 96), 0.5))) == "quality"


def test_a_picture_that_is_flat_inside_its_collimation_is_refused():
    values, padding = np.full((96, 96), 0.5, np.float32), np.zeros((96, 96), bool)
    values[:20], padding[:20] = np.linspace(0, 1, 96, dtype=np.float32), True
    picture = fakes.Image(values, padding=padding)
    study = fakes.study()
    assert reason(READER.check(fakes.case(study, image=picture), view(), CARD)) == "quality"


@given(seed=st.integers(0, 1000), side=st.sampled_from([64, 90, 200]))
def test_noise_is_refused(seed, side):
    noise = np.random.default_rng(seed).random((side, side), dtype=np.float32)
    assert reason(check(noise)) == "quality"


@pytest.mark.parametrize("shape", [(63, 96), (96, 40)])
def test_a_picture_too_small_to_judge_is_refused(shape):
    assert reason(check(fakes.chest(*shape))) == "quality"


@pytest.mark.parametrize("shape", [(80, 220), (220, 80)])
def test_a_strip_is_refused(shape):
    assert reason(check(fakes.chest(*shape))) == "field-of-view"


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
    assert reason(check(gate=view(frontal=0.49, **{label: 0.4}))) == expected


def test_at_the_gates_threshold_a_picture_passes():
    assert check(gate=view(frontal=0.5)) == ()


def test_every_refusal_says_what_was_found_what_was_needed_and_what_to_do():
    refusals = [
        READER.select(fakes.study(fakes.series(modality="CT")), CARD),
        READER.select(fakes.study(fakes.series(body_part="HAND")), CARD),
        READER.select(fakes.study(fakes.series(view="LL")), CARD),
        READER.select(fakes.study(fakes.series(intent="FOR PROCESSING")), CARD),
        READER.select(fakes.study(fakes.series(orientation=("R", "F"))), CARD),
        check(age_years=40.0),
        check(np.zeros((96, 96))),
        check(fakes.chest(20, 20)),
        check(fakes.chest(80, 220)),
        check(gate=view(frontal=0.1, other=0.8)),
    ]
    for refusal in refusals:
        assert isinstance(refusal, Refusal)
        assert "Found" in refusal.message
        assert "needed" in refusal.message
        assert refusal.next_step.endswith(".")


@given(st.tuples(*[st.floats(0.01, 1.0)] * 3))
def test_pneumonia_is_whatever_is_not_normal_and_its_causes_share_it(weights):
    probabilities = tuple(np.array(weights) / np.sum(weights))
    finding = interpret(probabilities)
    assert finding.probability == pytest.approx(1 - probabilities[0])
    assert sum(p for _, p in finding.details) == pytest.approx(finding.probability)
    assert finding.positive == (finding.probability >= CARD.threshold("pneumonia"))


def test_labels_are_found_by_name_not_by_place():
    plain = interpret((0.7, 0.2, 0.1))
    turned = interpret((0.2, 0.1, 0.7), labels=("bacterial", "viral", "normal"))
    assert turned.probability == pytest.approx(plain.probability)
    assert [p for _, p in turned.details] == pytest.approx([p for _, p in plain.details])


def test_a_bundle_with_other_labels_is_an_error_of_the_bundle():
    with pytest.raises(CardError, match="normal, bacterial and viral"):
        interpret((0.7, 0.2, 0.1), labels=("normal", "pneumonia", "covid"))


def test_a_finding_below_its_threshold_shows_neither_map_nor_place():
    cam = np.zeros((3, 6, 6))
    cam[1, 4, 1] = 9.0
    finding = interpret((0.8, 0.15, 0.05), cam)
    assert not finding.positive
    assert finding.map is None
    assert finding.location is None


def test_the_map_is_what_speaks_for_pneumonia_and_against_normal_in_logits():
    cam = np.zeros((3, 6, 6))
    cam[0, 0, 0] = 5.0  # speaks for normal: must not show
    cam[1, 4, 1] = 8.0
    cam[2, 4, 1] = 4.0
    finding = interpret((0.0, 0.75, 0.25), cam)
    assert finding.map is not None
    assert finding.map.peak == pytest.approx(0.75 * 8 + 0.25 * 4)
    assert finding.map.values[4, 1] == 1.0
    assert np.count_nonzero(finding.map.values) == 1
    assert (finding.map.quantity.system, finding.map.quantity.value) == ("DCM", "130402")


def test_the_left_of_the_picture_is_the_right_side_of_the_patient():
    cam = np.zeros((3, 6, 6))
    cam[1, 5, 0] = 3.0
    finding = interpret((0.1, 0.8, 0.1), cam)
    assert finding.location == "map strongest on right side of the patient (left of the picture), lower third"


def test_a_positive_finding_without_support_anywhere_has_no_map():
    finding = interpret((0.1, 0.8, 0.1))
    assert finding.positive
    assert finding.map is None


def test_the_map_lies_on_the_grid_of_the_picture_itself():
    image = fakes.image(fakes.chest(120, 100))
    prepared = to_model_space(image, CARD.input)
    cam = np.random.default_rng(0).normal(size=(1, 3, 4, 4)).astype(np.float32)
    output = Output(np.zeros((1, 3), np.float32), cam, np.zeros((1, 2), np.float32))
    finding = reader.interpret(np.array([0.1, 0.6, 0.3]), output, Reasons(prepared, unasked), CARD)[0]
    assert finding.map is not None
    assert finding.map.values.shape == (120, 100)


def test_pneumonia_is_urgent_and_its_absence_routine():
    assert READER.priority((interpret((0.1, 0.8, 0.1)),)) is Priority.URGENT
    assert READER.priority((interpret((0.9, 0.08, 0.02)),)) is Priority.ROUTINE
