"""The JSON says what the Python objects say, and its schema and its page say the same."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

import fakes
from report_desk import PNEUMONIA, Desk, corner_map
from secondread import report as room
from secondread.core.finding import Map
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask
from secondread.core.report import NOTICE
from secondread.core.ruling import Ruling
from secondread.core.trust import Check, Distance, SimilarCase
from secondread.report.json import to_dict, to_json

SCHEMA = json.loads(Path(room.__file__).with_name("report.schema.json").read_text(encoding="utf-8"))
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "report-json.md"
OUTCOMES = ("found", "nothing found", "undecided", "refused", "failed")


def validate(document):
    Draft202012Validator(SCHEMA).validate(document)


@pytest.fixture
def found(desk):
    return desk.report(desk.found())


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_report_of_every_outcome_keeps_to_the_schema(everyone, outcome):
    document = json.loads(to_json(everyone[outcome]))
    validate(document)
    assert document["reads"][0]["outcome"] == outcome
    assert (document["status"], document["notice"], document["schema_version"]) == ("draft", NOTICE, 3)


def test_the_same_report_gives_the_same_bytes_with_sorted_keys(desk):
    first, second = (to_json(desk.report(desk.found())) for _ in range(2))
    assert first == second
    assert first.endswith("}\n")
    assert json.dumps(json.loads(first), indent=2, sort_keys=True, ensure_ascii=False) + "\n" == first


@given(st.floats(0.5, 1.0))
def test_a_probability_comes_back_to_the_last_digit(probability):
    desk = Desk(fakes.card())
    document = json.loads(to_json(desk.report(desk.found(probability))))
    assert document["reads"][0]["findings"][0]["probability"] == probability


def test_what_is_not_a_number_is_not_written(desk):
    support = replace(corner_map(), peak=float("nan"))
    with pytest.raises(ValueError, match="Out of range float"):
        to_json(desk.report(desk.found(findings=(desk.finding(map=support),))))


def test_the_duration_is_there_only_when_there_was_a_clock(desk):
    assert "seconds" not in to_dict(desk.report(desk.found()))["reads"][0]
    timed = to_dict(desk.report(desk.found(seconds=0.25)))
    assert timed["reads"][0]["seconds"] == 0.25
    validate(timed)


def test_a_map_is_told_by_its_place_not_by_its_pixels(found):
    told = to_dict(found)["reads"][0]["findings"][0]["map"]
    assert told == {
        "quantity": {"system": "DCM", "value": "130402", "display": "Class activation"},
        "method": "in the graph",
        "peak": 6.125,
        "shape": [60, 80],
        "strong": {
            "pixels": 240,
            "centroid": {"column": 10.0, "row": 6.0},
            "bounding_box": {"column": [0, 20], "row": [0, 12]},
        },
    }
    assert len(to_json(found)) < 5000


def test_what_an_answer_can_be_trusted_on_is_told_in_full_but_for_small_pictures(desk):
    distance = Distance("fake", 1.5, (("embedding", 1.5), ("neighbours", 0.5)), 2)
    similar = SimilarCase("fake", "pneumonia", 0.25, "A data set", (("age", "54"),), b"\xff\xd8\xff\xd9")
    checks = (Check("modality", "passed"), Check("view", "warned", "No view is stated."))
    finding = desk.unsure(point=("fake", "pneumonia"))
    read = desk.undecided(findings=(finding,), checks=checks, distances=(distance,), similar=(similar,))
    document = json.loads(to_json(desk.report(read)))
    validate(document)
    told = document["reads"][0]
    assert [(one["name"], one["verdict"]) for one in told["checks"]] == [("modality", "passed"), ("view", "warned")]
    assert (told["distances"][0]["outside"], told["distances"][0]["parts"][1]["value"]) == (True, 0.5)
    assert told["similar"][0] | {"facts": None} == {
        "bundle": "fake", "answer": "pneumonia", "distance": 0.25, "source": "A data set", "facts": None,
        "pictured": True,
    }  # fmt: skip
    assert told["findings"][0]["point"] == {"bundle": "fake", "name": "pneumonia"}
    assert (told["findings"][0]["unsure"], told["findings"][0]["undecided"]) == (True, [0.375, 0.625])


def test_a_weak_map_has_no_strong_place(desk):
    weak = Map(np.full((3, 3), 0.4), 1.0, PNEUMONIA)
    document = to_dict(desk.report(desk.found(findings=(desk.finding(map=weak),))))
    assert document["reads"][0]["findings"][0]["map"]["strong"] is None
    validate(document)


def test_a_mask_is_told_with_its_size_where_the_spacing_is_known(desk):
    def told(mask):
        document = to_dict(desk.report(desk.found(findings=(desk.finding(mask=mask),))))
        validate(document)
        return document["reads"][0]["findings"][0]["mask"]

    inside = np.zeros((4, 5), dtype=bool)
    inside[1, 2:4] = True
    assert told(Mask(inside, (0.5, 2.0), PNEUMONIA))["area_mm2"] == 2.0
    without = told(Mask(inside, None, PNEUMONIA))
    assert (without["area_mm2"], without["volume_ml"]) == (None, None)
    grid = Geometry((3, 4, 5), np.diag([10.0, 10.0, 10.0, 1.0]))
    volume = told(Mask(np.ones((3, 4, 5), dtype=bool), grid, PNEUMONIA))
    assert volume["volume_ml"] == pytest.approx(60.0)
    assert volume["inside"]["bounding_box"]["slice"] == [0, 3]


@pytest.mark.parametrize(
    ("outcome", "change"),
    [
        ("refused", {"refusal": None}),
        ("failed", {"failure": None}),
        ("nothing found", {"findings": []}),
        ("nothing found", {"outcome": "found"}),
        ("found", {"outcome": "nothing found"}),
        ("found", {"outcome": "undecided"}),
        ("undecided", {"outcome": "nothing found"}),
        ("undecided", {"outcome": "found"}),
        ("found", {"outcome": "normal"}),
        ("found", {"surprise": 1}),
        ("found", {"failure": "Both an answer and a failure."}),
    ],
)
def test_the_schema_refuses_a_read_that_contradicts_itself(everyone, outcome, change):
    document = to_dict(everyone[outcome])
    document["reads"][0] |= change
    with pytest.raises(ValidationError):
        validate(document)


def test_files_that_were_passed_over_are_named_in_order_with_the_reason(desk):
    report = desk.report(desk.found(), skipped=(("b.txt", "not DICOM (unknown)"), ("a.dcm", "a second copy of c.dcm")))
    document = json.loads(to_json(report))
    validate(document)
    assert document["skipped"] == [
        {"file": "b.txt", "reason": "not DICOM (unknown)"},
        {"file": "a.dcm", "reason": "a second copy of c.dcm"},
    ]
    assert to_dict(desk.report(desk.found()))["skipped"] == []


@pytest.mark.parametrize("skipped", [None, [{"file": "a.txt"}], [{"file": "", "reason": "empty"}], ["a.txt"]])
def test_the_schema_refuses_a_passed_over_file_without_name_or_reason(found, skipped):
    with pytest.raises(ValidationError):
        validate(to_dict(found) | {"skipped": skipped})


def fields(schema, path=""):
    """(path, property) of every field that the schema allows, its references followed."""
    if "$ref" in schema:
        yield from fields(SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]], path)
    for name, inner in schema.get("properties", {}).items():
        here = f"{path}.{name}".lstrip(".")
        yield here, inner
        yield from fields(inner, here)
    for branch in schema.get("anyOf", []):
        yield from fields(branch, path)
    if "items" in schema:
        yield from fields(schema["items"], f"{path}[]")


def test_the_schema_is_valid_and_describes_every_field():
    Draft202012Validator.check_schema(SCHEMA)
    named = dict(fields(SCHEMA))
    assert len(named) > 60
    assert [path for path, field in named.items() if not field.get("description")] == []


def test_every_field_that_is_written_is_in_the_schema_as_required_or_optional():
    def closed(schema):
        yield schema
        for part in schema.values():
            for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
                if isinstance(inner, dict):
                    yield from closed(inner)

    objects = [part for part in closed(SCHEMA) if "properties" in part and "required" in part]
    assert all(part["additionalProperties"] is False for part in objects)
    optional = {name for part in objects for name in set(part["properties"]) - set(part["required"])}
    assert optional == {"seconds", "slice"}


def test_the_page_lists_every_field_with_the_words_of_the_schema():
    listed = PAGE.read_text(encoding="utf-8").partition("## Every field")[2]
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| (.+) \|$", listed, flags=re.MULTILINE)
    assert {path: text for path, _, text in rows} == {path: field["description"] for path, field in fields(SCHEMA)}


def test_the_example_of_the_page_is_such_a_report():
    example = PAGE.read_text(encoding="utf-8").rpartition("```json\n")[2].partition("```")[0]
    validate(json.loads(example))


def test_numbers_of_a_ruling_are_plain_whatever_library_they_came_from(desk):
    inputs = {"age": np.float32(60.0), "sides": np.int64(2), "smoker": np.bool_(True), "gap": float("nan"), "who": None}
    ruling = Ruling("A score", "1", "A journal", inputs, value=np.float64(3.0), unit="{score}")
    report = desk.report(desk.found(findings=(desk.finding(rulings=(ruling,)),)))
    told = json.loads(to_json(report))["reads"][0]["findings"][0]["rulings"][0]
    assert told["inputs"] == {"age": 60.0, "sides": 2, "smoker": True, "gap": None, "who": None}
    assert told["value"] == 3.0
