"""What the files of a MONAI bundle say, and where they are silent."""

import pytest

torch = pytest.importorskip("torch")

import foreign_networks as foreign  # noqa: E402 - torch decides whether this file runs
from secondread.core.errors import SourceError  # noqa: E402
from secondread.learn.importing.monai_facts import facts_of  # noqa: E402
from secondread.learn.importing.normalise import INSIDE, PICTURE, SCALE, Normalise  # noqa: E402

SOFTMAX = [{"_target_": "Activationsd", "keys": "pred", "softmax": True}]
STANDARD = {"_target_": "NormalizeIntensityd", "keys": "image", "channel_wise": True}


def facts(*steps, after=(), image=None, pred=None, meta=None, **more):
    metadata = foreign.metadata(**(meta or {}))
    form = metadata["network_data_format"]
    form["inputs"]["image"].update(image or {})
    form["outputs"]["pred"].update(pred or {})
    return facts_of(metadata, foreign.inference(foreign.UNET, *steps, after=after, **more), "some bundle")


def test_metadata_become_facts():
    found = facts(foreign.LOAD, foreign.SPACING, foreign.WINDOW, after=SOFTMAX, inferer=foreign.SLIDING)
    assert found.name == "some-bundle"
    assert found.version == "0.2.0"
    assert found.structures == ("spleen",)
    assert found.labels == ()
    assert found.modalities == ("CT",)
    assert found.grid == (8, 16, 16)  # MONAI's column, row, slice the other way round
    assert found.transposed is True
    assert found.not_for == ()
    assert found.results == {"mean_dice": "0.96"}
    assert found.intended_use == "An example, not to be used for diagnostic purposes"
    said = " ".join(found.limits)
    assert "-57 HU and 164 HU" in said
    assert "Spacing (pixdim [1.5, 1.5, 2.0]" in said
    assert "patches" in said


def test_a_loader_that_keeps_the_order_of_axes_is_heard():
    kept = {"_target_": "LoadImage", "reverse_indexing": False}
    found = facts(kept, foreign.WINDOW)
    assert found.transposed is False
    assert found.grid == (16, 16, 8)
    assert facts(foreign.WINDOW).transposed is None


@pytest.mark.parametrize(
    ("steps", "image", "wanted"),
    [
        ([foreign.WINDOW], {}, (SCALE, 0.0, 2.0)),
        ([{"_target_": "ScaleIntensityd", "minv": -1.0, "maxv": 1.0}], {}, (SCALE, -1.0, 1.0)),
        (
            [{"_target_": "ScaleIntensityRanged", "a_min": 0, "a_max": 9, "b_min": -1, "b_max": 0}],
            {},
            (SCALE, -1.0, 0.0),
        ),
        ([STANDARD], {"is_patch_data": False}, (PICTURE, 0.0, 1.0)),
        ([STANDARD | {"nonzero": True}], {"is_patch_data": False}, (INSIDE, 0.0, 1.0)),
        ([STANDARD], {"is_patch_data": True}, (SCALE, -5.0, 10.0)),
    ],
)
def test_intensity_is_taken_from_the_preprocessing(steps, image, wanted):
    how = facts(foreign.LOAD, *steps, image=image).normalise
    assert (how.how, how.low[0], how.high[0]) == wanted
    assert how.meaning


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [foreign.WINDOW, STANDARD],
        [foreign.WINDOW, {"_target_": "Lambdad", "func": "$lambda x: 1 - x"}],
        [{"_target_": "ScaleIntensityd", "minv": None, "maxv": None, "factor": 2}],
        [STANDARD | {"subtrahend": 3}],
    ],
)
def test_where_intensity_is_not_sure_nothing_is_assumed(steps):
    assert facts(foreign.LOAD, *steps).normalise is None


def test_channels_standardised_together_are_not_assumed_to_be_so_apart():
    assert facts(foreign.LOAD, STANDARD | {"channel_wise": False}, image={"num_channels": 2}).normalise is None


def test_an_expression_in_what_is_needed_is_refused():
    with pytest.raises(SourceError, match="Nothing was run"):
        facts(foreign.LOAD, foreign.WINDOW | {"b_max": "$1 + 1"})


def test_without_preprocessing_the_range_of_values_counts_only_when_it_is_that_of_grey():
    assert facts(image={"value_range": [0, 1]}).normalise == Normalise()
    assert facts(image={"value_range": [-1, 1]}).normalise is None
    assert facts(image={"value_range": []}).normalise is None


@pytest.mark.parametrize(
    ("after", "activation"),
    [
        (SOFTMAX, "softmax"),
        ([{"_target_": "Activationsd", "sigmoid": True}], "sigmoid"),
        ([{"_target_": "AsDiscreted", "argmax": True}], "softmax"),
        ([], ""),
    ],
)
def test_how_labels_exclude_each_other_is_taken_from_the_end_of_its_inference(after, activation):
    pred = {"type": "probabilities", "format": "classes", "channel_def": {"0": "in body", "1": "out body"}}
    found = facts(foreign.LOAD, foreign.WINDOW, after=after, pred=pred)
    assert found.labels == ("in body", "out body")
    assert found.structures == ()
    assert found.activation == activation


@pytest.mark.parametrize(
    ("named", "structures"),
    [
        ({"0": "background", "1": "left", "2": "right"}, ("left", "right")),
        ({"0": "tumour core", "1": "whole tumour", "2": "enhancing"}, ()),
        ({"0": "spleen"}, ("spleen",)),
        ({}, ()),
    ],
)
def test_structures_are_named_only_when_the_background_is_known(named, structures):
    assert facts(foreign.LOAD, pred={"channel_def": named}).structures == structures


def test_channels_that_are_not_numbered_from_0_on_are_refused():
    with pytest.raises(SourceError, match="channel_def"):
        facts(pred={"channel_def": {"1": "a", "2": "b"}})


@pytest.mark.parametrize("count", ["one", 1.5, -1, [1]])
def test_a_number_of_channels_that_is_none_is_refused(count):
    with pytest.raises(SourceError, match="num_channels"):
        facts(foreign.LOAD, STANDARD, image={"num_channels": count})


def test_a_list_where_a_word_belongs_says_nothing():
    found = facts(foreign.LOAD, image={"modality": ["CT"]}, pred={"format": ["segmentation"], "type": ["image"]})
    assert (found.modalities, found.structures) == ((), ())


def test_ends_of_a_scale_that_are_no_numbers_are_not_assumed():
    assert facts({"_target_": "ScaleIntensityd", "minv": "dark", "maxv": 1.0}).normalise is None


@pytest.mark.parametrize("shape", [["16*n", "16*n"], ["*"], [0, 16], [16], "16", [16, 16, 16, 16]])
def test_sides_that_are_not_fixed_are_left_open(shape):
    assert facts(image={"spatial_shape": shape}).grid == (0, 0)


def test_a_bundle_that_says_nothing_gives_empty_facts():
    found = facts_of({}, {}, "Bare Bundle")
    assert (found.name, found.labels, found.structures, found.normalise) == ("bare-bundle", (), (), None)
