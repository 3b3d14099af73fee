"""What a person says about a network, beside what its files say."""

import dataclasses
import re
import tomllib
from pathlib import Path

import pytest

pytest.importorskip("torch")

from secondread.core.card import Threshold
from secondread.core.errors import CardError, SourceError
from secondread.engine.card import parse_card, render_card
from secondread.learn.importing.facts import (
    CardFile,
    Facts,
    InputTable,
    ModelTable,
    check_complete,
    make_card,
    merged,
    published,
    read_card_file,
)
from secondread.learn.importing.normalise import Normalise

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "bring-your-own-model.md"
WHOLE = Facts(
    name="x",
    intended_use="Tests.",
    not_for=("Anything else.",),
    structures=("spleen",),
    licence="Apache-2.0",
    training_data=("None.",),
    sources=("None.",),
    limits=("It sees patches.",),
    height_px=8,
    width_px=9,
    depth_px=4,
    channels=2,
    modalities=("CT",),
    transposed=False,
    normalise=Normalise(),
)


def said(tmp_path, text):
    path = tmp_path / "card-file.toml"
    path.write_text(text, encoding="utf-8")
    return read_card_file(path)


def test_what_a_person_says_replaces_the_source_and_limits_stand_side_by_side(tmp_path):
    text = """
    [model]
    licence = "MIT"
    limits = ["Slow."]
    labels = ["a", "b"]
    [input]
    depth_px = 0
    height_px = 16
    transposed = false
    [normalise]
    low = [-1.0]
    high = [1.0]
    [[thresholds]]
    name = "a"
    value = 0.3
    rule = "half"
    """
    found = merged(dataclasses.replace(WHOLE, transposed=True), said(tmp_path, text))
    assert found.licence == "MIT"
    assert found.limits == ("Slow.", "It sees patches.")
    assert (found.labels, found.structures) == (("a", "b"), ())
    assert (found.height_px, found.width_px, found.depth_px) == (16, 9, 4)
    assert found.transposed is False
    assert found.normalise == Normalise(low=(-1.0,), high=(1.0,))
    assert found.thresholds == (Threshold("a", 0.3, "half"),)
    assert found.not_for == WHOLE.not_for


def test_without_a_card_file_the_source_stands_alone():
    assert read_card_file(None) == CardFile()
    assert merged(WHOLE, CardFile()) == WHOLE


def test_a_missing_card_file_is_refused_without_its_folder(tmp_path):
    with pytest.raises(CardError, match=r"^card file own\.toml: not readable"):
        read_card_file(tmp_path / "own.toml")


@pytest.mark.parametrize(
    "key", ["intended_use", "not_for", "licence", "training_data", "sources", "modalities", "structures", "width_px"]
)
def test_a_fact_that_a_card_needs_is_asked_for(key):
    empty = type(getattr(WHOLE, key))()
    with pytest.raises(CardError, match=f"{key}.*--card"):
        check_complete(dataclasses.replace(WHOLE, **{key: empty}))
    check_complete(WHOLE)


@pytest.mark.parametrize("key", ["normalise", "transposed"])
def test_what_the_input_means_is_asked_for(key):
    with pytest.raises(CardError, match=key):
        check_complete(dataclasses.replace(WHOLE, **{key: None}))


def test_labels_need_an_activation():
    with pytest.raises(CardError, match="activation"):
        check_complete(dataclasses.replace(WHOLE, structures=(), labels=("a", "b")))


def test_a_card_is_one_that_loads_and_says_that_nothing_was_evaluated():
    card = make_card(dataclasses.replace(WHOLE, results={"dice": "0.9"}), {"model.onnx": "0" * 64})
    assert parse_card(render_card(card), "here") == card
    assert card.input.tensor_shape == (2, 4, 8, 9)
    assert card.role == "benchmark"
    assert card.version == "unversioned"
    assert card.results == {"Evaluation": "not evaluated here", "Stated by its makers, not checked here: dice": "0.9"}
    assert "not evaluated here" in card.limits[-1]


def test_operating_points_belong_to_labels_one_by_one():
    facts = dataclasses.replace(WHOLE, labels=("a", "", "c"), operating_points=(0.2, 0.3, float("nan")))
    assert [(point.name, point.value) for point in published(facts)] == [("a", 0.2)]
    with pytest.raises(SourceError, match="2 operating points and 3 labels"):
        published(dataclasses.replace(facts, operating_points=(0.2, 0.3)))


def test_the_card_files_of_the_how_to_are_read(tmp_path):
    blocks = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        assert tomllib.loads(block)
        assert said(tmp_path, block)


def test_the_how_to_names_every_key_of_a_card_file():
    page = PAGE.read_text(encoding="utf-8")
    keys = [item.name for table in (ModelTable, InputTable, Normalise) for item in dataclasses.fields(table)]
    assert [key for key in keys if key != "meaning" and f"`{key}`" not in page and f"{key} =" not in page] == []


@pytest.mark.parametrize("name", ["../elsewhere", ".unfinished", "a/b", "a b"])
def test_a_name_that_no_folder_of_bundles_can_have_is_refused(name):
    with pytest.raises(CardError, match="as of a folder"):
        check_complete(dataclasses.replace(WHOLE, name=name))
