"""A card says what a network is for and what it is not for, or it does not load."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fakes
from secondread.core.card import Calibration, InputContract, Threshold
from secondread.core.errors import CardError

inner = st.floats(0.0, 1.0, exclude_min=True, exclude_max=True)


@pytest.mark.parametrize("not_for", [(), ("",), (" \n",), ("Adults.", "")])
def test_a_card_that_does_not_say_what_the_network_is_not_for_does_not_load(not_for):
    with pytest.raises(CardError, match=r"not_for is empty.*add at least one sentence"):
        fakes.card(not_for=not_for)


@pytest.mark.parametrize("labels", [(), ("normal", "viral", "normal")])
def test_labels_are_present_and_differ(labels):
    with pytest.raises(CardError, match="labels must be present and differ"):
        fakes.card(labels=labels)


@given(st.dictionaries(st.text(min_size=1), inner, min_size=1), st.data())
def test_a_threshold_is_found_by_its_name(points, data):
    card = fakes.card(thresholds=tuple(Threshold(name, value, "half") for name, value in points.items()))
    name = data.draw(st.sampled_from(sorted(points)))
    assert card.threshold(name) == points[name]
    with pytest.raises(CardError, match="no threshold"):
        card.threshold("".join(points) + "?")


def test_a_threshold_that_is_not_there_is_an_error_that_names_those_that_are():
    with pytest.raises(CardError, match=r"no threshold 'cardiomegaly'; it has \['pneumonia', 'viral'\]"):
        fakes.card().threshold("cardiomegaly")


def test_two_thresholds_of_one_name_would_leave_it_open_which_holds():
    with pytest.raises(CardError, match="thresholds share a name"):
        fakes.card(thresholds=(Threshold("pneumonia", 0.4, "half"), Threshold("pneumonia", 0.6, "half")))


@given(st.floats().filter(lambda value: not 0.0 < value < 1.0))
def test_a_threshold_lies_strictly_between_zero_and_one(value):
    with pytest.raises(CardError, match="'pneumonia' must lie between 0 and 1"):
        Threshold("pneumonia", value, "half")


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan"), float("inf")])
def test_a_temperature_that_would_spoil_every_probability_is_refused(temperature):
    with pytest.raises(CardError, match="temperature must be positive"):
        Calibration("temperature", temperature, "validation")


@pytest.mark.parametrize(
    ("method", "biases"),
    [("temperature", (0.1, -0.1)), ("temperature and bias", ()), ("temperature and bias", (math.nan,))],
)
def test_biases_belong_to_the_method_that_has_them(method, biases):
    with pytest.raises(CardError, match="does not go with the biases"):
        Calibration(method, 1.0, "validation", biases)


def test_each_label_needs_its_bias():
    with pytest.raises(CardError, match="found 1 biases, needed one a label"):
        fakes.card(calibration=Calibration("temperature and bias", 1.0, "validation", (0.5,)))


def test_an_unknown_calibration_is_not_taken_for_the_known_one():
    with pytest.raises(CardError, match="'isotonic' is unknown"):
        Calibration("isotonic", 1.0, "validation")


@pytest.mark.parametrize("size", [(0, 64), (64, 0), (-1, 64)])
def test_an_input_has_rows_and_columns(size):
    with pytest.raises(CardError, match="input size must be positive"):
        InputContract(*size, "pad", ("DX",))


def test_a_picture_is_squeezed_or_padded_and_nothing_else():
    for resize in ("squeeze", "pad"):
        assert InputContract(64, 64, resize, ("DX",)).resize == resize
    with pytest.raises(CardError, match="resize is 'crop'"):
        InputContract(64, 64, "crop", ("DX",))


@pytest.mark.parametrize("ages", [(5.0, 1.0), (float("nan"), 5.0), (1.0, float("nan"))])
def test_ages_are_told_lowest_first(ages):
    assert InputContract(64, 64, "pad", ("DX",), age_years=(1.0, 5.0)).age_years == (1.0, 5.0)
    with pytest.raises(CardError, match="the lower age first"):
        InputContract(64, 64, "pad", ("DX",), age_years=ages)


@pytest.mark.parametrize("role", ["reader", "gate", "benchmark"])
def test_every_role_has_a_name(role):
    assert fakes.card(role=role).role == role
    with pytest.raises(CardError, match=f"role '{role}s' is unknown"):
        fakes.card(role=f"{role}s")


def test_weights_without_a_hash_are_refused():
    with pytest.raises(CardError, match=r"no SHA-256 for model\.onnx"):
        fakes.card(sha256={"evaluation.json": fakes.NO_HASH})


def test_a_changed_card_is_checked_again():
    with pytest.raises(CardError, match="not_for"):
        replace(fakes.card(), not_for=())
