"""A finding that was measured, or only described, says so in every form, and never looks as if a network had spoken."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydicom import dcmread

import fakes
from dicom_reads import complaints
from fhir_witness import validate
from hl7_witness import parse
from secondread.core.code import LOCAL, Code
from secondread.core.finding import Finding, Limit
from secondread.core.measurement import Measurement
from secondread.core.method import method_card
from secondread.core.report import Outcome, Priority, Refusal
from secondread.core.ruling import Ruling
from secondread.dicom.uids import uid_source
from secondread.report.fhir import to_fhir_json
from secondread.report.hl7 import to_oru
from secondread.report.html import to_html
from secondread.report.json import to_dict
from secondread.report.write import EVERY_FORMAT, write_outputs

NOW = datetime(2026, 3, 4, 10, 22, 5, tzinfo=UTC)
CARD = method_card(
    name="heart-size",
    version="1.0.0",
    modalities=("DX",),
    intended_use="Measures the heart.",
    not_for=("Children.",),
    method=("It compares widths.",),
    limits=("Never tried on people.",),
    sources=("A book.",),
)
WIDE = Code(LOCAL, "wide-heart", "Wide heart")
RATIO = Measurement("cardiothoracic ratio", 0.56, "1", "widest extents")
RULE = Limit(0.5, "above 0.50 on a PA view")
SCORE = Ruling("A score", "2nd edition", "A journal", {"age": None}, reason="not computable: age is not known")


def read_of(desk, *findings, outcome=Outcome.FOUND, evidence=None):
    answer = desk.read(outcome, findings=findings, provenance={"method": CARD.name, "version": "1.0.0"})
    return replace(answer, reader="heart-size", evidence=evidence or answer.evidence)


@pytest.fixture
def report(desk, dicom_evidence):
    measured = Finding(WIDE, measurements=(RATIO,), limit=RULE, rulings=(SCORE,), notes=("The view is PA.",))
    described = Finding(Code(LOCAL, "lungs", "Lung fields"), measurements=(Measurement("area", 9.0, "cm", "outline"),))
    read = read_of(desk, measured, described, evidence=dicom_evidence())
    return desk.report(read, priority=Priority.URGENT)


CARDS = {CARD.name: CARD}


@pytest.mark.parametrize(("value", "positive"), [(0.5, True), (0.56, True), (0.4999, False)])
def test_a_measurement_decides_at_or_beyond_its_limit(value, positive):
    assert Finding(WIDE, measurements=(replace(RATIO, value=value),), limit=RULE).positive is positive
    below = replace(RULE, below=True)
    assert Finding(WIDE, measurements=(replace(RATIO, value=value),), limit=below).positive is (value <= 0.5)


def test_what_is_only_described_is_never_positive():
    assert not Finding(WIDE, measurements=(RATIO,)).positive
    assert Finding(WIDE).basis == "description"


@pytest.mark.parametrize(
    "parts",
    [
        {"probability": 0.5},
        {"threshold": 0.5},
        {"limit": RULE},
        {"probability": 0.5, "threshold": 0.5, "limit": RULE, "measurements": (RATIO,)},
    ],
)
def test_a_finding_rests_on_one_thing_that_is_whole(parts):
    with pytest.raises(ValueError, match="Wide heart"):
        Finding(WIDE, **parts)


def test_the_json_keeps_to_its_schema_and_says_what_the_call_rests_on(report):
    import secondread.report as room

    document = to_dict(report)
    schema = json.loads(Path(room.__file__).with_name("report.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(document)
    first, second = document["reads"][0]["findings"]
    assert (first["basis"], first["probability"], first["positive"]) == ("measurement", None, True)
    assert first["limit"]["value"] == 0.5
    assert first["rulings"][0]["reason"] == "not computable: age is not known"
    assert (second["basis"], second["positive"]) == ("description", False)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_speaks_of_a_method_and_of_no_probability(report, language):
    page = to_html(report, CARDS, language=language)
    assert "0.560" in page
    assert "above 0.50 on a PA view" in page
    assert "not computable: age is not known" in page
    assert {"en": "About the method", "ko": "방법에 대하여"}[language] in page
    assert {"en": "About the model", "ko": "모델에 대하여"}[language] not in page
    assert {"en": "Of 100 pictures", "ko": "영상 100장"}[language] not in page


def test_fhir_says_present_of_what_was_measured_and_nothing_of_what_was_described(report):
    bundle = json.loads(to_fhir_json(report, CARDS))
    found = {
        entry["resource"]["code"]["text"]: entry["resource"]
        for entry in bundle["entry"]
        if entry["resource"]["resourceType"] == "Observation"
    }
    assert "valueCodeableConcept" in found["Wide heart"]
    assert "valueCodeableConcept" not in found["Lung fields"]
    assert any("not computable" in note["text"] for note in found["Wide heart"]["note"])
    assert not any("Certainty" in json.dumps(part) for part in found["Wide heart"]["component"])


def test_hl7_gives_the_measurement_its_limit_and_no_probability(report):
    message = to_oru(report, CARDS, message_id="1")
    (line,) = [line for line in message.split("\r") if "cardiothoracic ratio" in line and line.startswith("OBX")]
    assert line.split("|")[5:8] == ["0.56", "1^1^UCUM", "<0.5"]
    assert "Certainty" not in message


def test_the_structured_report_and_the_capture_are_written_of_a_method_too(report, tmp_path):
    files = write_outputs(report, CARDS, tmp_path / "out", formats=("dicom", "pdf"), uid=uid_source("a"), now=NOW)
    assert {file.name for file in files} == {"heart-size.sr.dcm", "heart-size.sc.dcm", "report.pdf"}
    elements = dcmread(tmp_path / "out" / "heart-size.sr.dcm").iterall()
    text = "\n".join(str(element.value) for element in elements if element.keyword in {"TextValue", "CodeMeaning"})
    assert "above 0.50 on a PA view" in text
    assert "The view is PA." in text
    assert "A score (2nd edition): not computable: age is not known." in text
    assert "Certainty of Finding" not in text


def test_a_method_without_what_it_is_not_for_is_no_card():
    from secondread.core.errors import CardError

    with pytest.raises(CardError, match="not_for"):
        replace(CARD, not_for=())
    with pytest.raises(CardError, match="SHA-256"):
        replace(CARD, sha256={"model.onnx": fakes.NO_HASH})


def test_a_reader_that_chose_no_picture_stands_below_every_answer_and_without_its_card(report, desk):
    refusal = Refusal("thickness", "Found slices 8 mm apart; needed at most 5 mm.", "Send thinner slices.")
    idle = desk.read(Outcome.REFUSED, refusal=refusal, evidence=None, provenance={"method": "other"})
    other = replace(CARD, name="other", intended_use="Measures something else.")
    both = replace(report, reads=(replace(idle, reader="another"), *report.reads))
    page = to_html(both, {**CARDS, "other": other})
    assert page.index("Found: Wide heart") < page.index("Found slices 8 mm apart")
    assert "Measures the heart." in page
    assert "Measures something else." not in page
    assert [read.reader for read in both.concerned] == ["heart-size", "another"]
    for reason in ("modality", "body-part"):
        away = replace(idle, reader="another", refusal=replace(refusal, reason=reason))
        assert [read.reader for read in replace(report, reads=(away, *report.reads)).concerned] == ["heart-size"]


def test_readers_of_other_examinations_are_idle_too_where_all_others_refused_by_the_tags(report, desk):
    def refused(reader, reason):
        refusal = Refusal(reason, "Found this; needed that.", "Send that.")
        read = desk.read(Outcome.REFUSED, refusal=refusal, evidence=None, provenance={"method": "other"})
        return replace(read, reader=reader)

    chest, head, off = refused("chest", "view"), refused("head", "modality"), refused("off", "switched-off")
    report = replace(report, reads=(), priority="unread")
    assert replace(report, reads=(chest, head)).concerned == (chest,)
    assert replace(report, reads=(head, off)).concerned == (head, off)  # nobody had anything to do with it: all told


def test_what_was_looked_for_twice_is_named_once_and_several_pictures_are_not_called_one(report):
    (read,) = report.reads
    twice = replace(read, findings=(*read.findings, read.findings[0]))
    page = to_html(replace(report, reads=(twice,)), CARDS)
    assert "This reader looks only for: Wide heart, Lung fields." in re.sub("<[^>]*>", "", page)
    assert "Only the picture shown was read." in page
    many = replace(twice, evidence=replace(read.evidence, others=(read.evidence.series,)))
    assert "Only the picture shown was read." not in to_html(replace(report, reads=(many,)), CARDS)


def test_figures_are_not_told_where_two_networks_have_the_same_threshold(desk, dicom_evidence):
    twin = replace(desk.card, name="twin")
    known = {"method": CARD.name, "version": "1.0.0", "also_asked": f"{desk.card.name} twin"}
    read = replace(read_of(desk, desk.finding(), evidence=dicom_evidence()), provenance=known)
    alone = replace(read, provenance={**known, "also_asked": desk.card.name})
    cards = {**CARDS, **desk.cards, "twin": twin}
    figure = "0.980 (0.960 to 0.990)</td>"
    expected = "Expected at this operating point"
    assert expected in to_html(desk.report(alone), cards)
    assert figure in to_html(desk.report(alone), cards)
    assert expected not in to_html(desk.report(read), cards)


def test_a_description_without_numbers_is_valid_everywhere(desk, tmp_path, dicom_evidence):
    bare = Finding(Code(LOCAL, "artery", "Artery"), notes=("Not looked for: slices are 5 mm apart.",))
    report = desk.report(read_of(desk, bare, outcome=Outcome.NOTHING_FOUND, evidence=dicom_evidence()))
    validate(json.loads(to_fhir_json(report, CARDS)))
    parse(to_oru(report, CARDS, message_id="1"))
    assert "described, no call is made" in to_html(report, CARDS)
    files = write_outputs(report, CARDS, tmp_path / "out", formats=EVERY_FORMAT, uid=uid_source("a"), now=NOW)
    assert [file.name for file in files if file.suffix == ".dcm" and complaints(file)] == []
