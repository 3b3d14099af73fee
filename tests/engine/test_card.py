import re
import tomllib

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from secondread.core.card import Calibration, InputContract, Threshold
from secondread.core.errors import CardError
from secondread.engine.card import parse_card, render_card
from tiny_bundle import make_card

texts = st.text(min_size=1)
lists = st.lists(texts, max_size=4).map(tuple)
above_zero = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
shares = st.floats(0, 1, exclude_min=True, exclude_max=True)
ages = st.tuples(st.floats(0, 120), st.floats(0, 120)).map(lambda pair: tuple(sorted(pair)))
file_names = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,20}", fullmatch=True).filter(lambda n: n != "card.toml")
hashes = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
cards = st.builds(
    make_card,
    name=texts,
    version=texts,
    role=st.sampled_from(["reader", "gate", "benchmark"]),
    sha256=st.dictionaries(file_names, hashes, max_size=3).map(lambda files: files | {"model.onnx": "a" * 64}),
    intended_use=texts,
    not_for=st.lists(texts.filter(str.strip), min_size=1, max_size=3).map(tuple),
    labels=st.lists(texts, min_size=1, max_size=4, unique=True).map(tuple),
    thresholds=st.lists(st.builds(Threshold, texts, shares, texts), max_size=3, unique_by=lambda t: t.name).map(tuple),
    calibration=st.builds(Calibration, st.just("temperature"), above_zero, texts),
    input=st.builds(
        InputContract,
        st.integers(1, 4096),
        st.integers(1, 4096),
        st.sampled_from(["squeeze", "pad"]),
        lists,
        lists,
        st.none() | ages,
    ),
    training_data=lists,
    licence=texts,
    sources=lists,
    limits=lists,
    results=st.dictionaries(texts, texts, max_size=3),
    subgroups=st.lists(
        st.fixed_dictionaries({"group": texts, "n": st.integers(0, 10**6), "measure": texts, "value": texts}),
        max_size=3,
    ).map(tuple),
    tolerance=above_zero,
)


@given(cards)
def test_a_card_that_is_written_reads_back_as_the_same_card(card):
    assert parse_card(render_card(card), "tiny/card.toml") == card


def test_a_card_without_results_can_be_written_and_read():
    draft = make_card(results=())
    assert dict(parse_card(render_card(draft), "tiny/card.toml").results) == {}


@pytest.fixture
def content():
    return tomllib.loads(render_card(make_card(results={"AUROC": "0.9 (0.8 to 1.0)"})))


def complaint(content):
    with pytest.raises(CardError) as caught:
        parse_card(tomli_w.dumps(content), "tiny/card.toml")
    message = str(caught.value)
    assert message.startswith("tiny/card.toml: ")
    return message


REQUIRED = [
    (section, key)
    for section, keys in {
        "model": "name version role intended_use not_for labels licence training_data sources",
        "input": "height_px width_px resize modalities",
        "calibration": "method temperature fitted_on",
    }.items()
    for key in keys.split()
]


@pytest.mark.parametrize(("section", "key"), REQUIRED)
def test_a_missing_key_is_named(content, section, key):
    del content[section][key]
    assert f"[{section}] has no {key!r}" in complaint(content)


@pytest.mark.parametrize("section", ["model", "input", "calibration", "sha256", "thresholds"])
def test_a_missing_section_is_named(content, section):
    del content[section]
    assert f"the top level has no {section!r}" in complaint(content)


@pytest.mark.parametrize("section", ["model", "input", "calibration"])
def test_an_unknown_key_is_named_and_the_known_ones_listed(content, section):
    content[section]["lables"] = ["normal"]
    message = complaint(content)
    assert f"[{section}] has the unknown key 'lables'" in message
    assert f"known are {next(iter(content[section]))}" in message


def test_an_unknown_section_is_named(content):
    content["treshold"] = {}
    assert "the top level has the unknown key 'treshold'" in complaint(content)


def test_an_unknown_key_in_a_row_says_which_row(content):
    content["thresholds"].append({"name": "viral", "value": 0.2, "rule": "x", "unit": "1"})
    assert "[[thresholds]] 2 has the unknown key 'unit'" in complaint(content)


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("model", "name", 3),
        ("model", "name", ""),
        ("model", "labels", "normal"),
        ("model", "labels", ["normal", 2]),
        ("model", "not_for", [""]),
        ("model", "tolerance", -0.1),
        ("model", "tolerance", float("nan")),
        ("input", "height_px", 16.0),
        ("input", "width_px", True),
        ("input", "age_years", [5, 1]),
        ("input", "age_years", [1]),
        ("calibration", "temperature", "1"),
        ("calibration", "temperature", True),
        ("calibration", "temperature", float("inf")),
        ("calibration", "biases", [0.0, True]),
        ("calibration", "biases", 0.5),
    ],
)
def test_a_value_of_the_wrong_kind_is_shown_beside_what_was_needed(content, section, key, value):
    content[section][key] = value
    assert re.search(rf"'{key}' of \[{section}\] is .*; needed .*\. Correct it\.", complaint(content))


@pytest.mark.parametrize(
    ("section", "value"), [("model", []), ("thresholds", {"name": "x"}), ("thresholds", [1]), ("results", "good")]
)
def test_a_section_of_the_wrong_kind_is_named(content, section, value):
    content[section] = value
    assert f"{section!r} of the top level is" in complaint(content)


def test_a_card_that_does_not_say_what_it_is_not_for_is_refused(content):
    content["model"]["not_for"] = []
    assert "not_for is empty" in complaint(content)


@pytest.mark.parametrize(
    ("section", "key", "value", "words"),
    [
        ("model", "role", "oracle", "role 'oracle'"),
        ("model", "labels", ["a", "a"], "labels must be present and differ"),
        ("input", "resize", "crop", "resize is 'crop'"),
        ("input", "height_px", 0, "input size must be positive"),
        ("calibration", "method", "platt", "calibration method 'platt'"),
        ("calibration", "temperature", 0, "temperature must be positive"),
        ("calibration", "biases", [0.5, -0.5], "does not go with the biases"),
    ],
)
def test_what_the_card_itself_forbids_is_told_with_the_name_of_the_file(content, section, key, value, words):
    content[section][key] = value
    assert words in complaint(content)


def test_a_threshold_that_decides_nothing_is_refused(content):
    content["thresholds"][0]["value"] = 1.0
    assert "threshold 'pneumonia' must lie between 0 and 1" in complaint(content)


def test_two_thresholds_of_one_name_are_refused(content):
    content["thresholds"] *= 2
    assert "thresholds share a name" in complaint(content)


@pytest.mark.parametrize("version", [0, 2, "1", True, 1.5])
def test_another_schema_version_is_refused(content, version):
    content["schema"] = version
    assert f"the schema version found is {version!r}; needed 1" in complaint(content)


def test_a_card_without_a_schema_version_is_refused(content):
    del content["schema"]
    assert "the schema version found is none; needed 1" in complaint(content)


@pytest.mark.parametrize(
    "name", ["../model.onnx", "/etc/passwd", "a/b.onnx", "a\\b.onnx", "..", "", ".hidden", "C:x", "card.toml"]
)
def test_a_card_cannot_name_files_outside_its_folder_or_itself(content, name):
    content["sha256"][name] = "0" * 64
    assert f"[sha256] names {name!r}" in complaint(content)


@pytest.mark.parametrize("digest", ["0" * 63, "G" * 64, "A" * 64])
def test_a_hash_that_is_none_is_refused(content, digest):
    content["sha256"]["model.onnx"] = digest
    assert "is not a SHA-256" in complaint(content)


def test_a_card_without_the_hash_of_its_network_is_refused(content):
    content["sha256"] = {"evaluation.json": "0" * 64}
    assert "no SHA-256 for model.onnx" in complaint(content)


def test_text_that_is_not_toml_is_refused_with_the_place():
    with pytest.raises(CardError, match=r"tiny/card.toml: not valid TOML: .*line 2"):
        parse_card("schema = 1\nmodel = = 3\n", "tiny/card.toml")
