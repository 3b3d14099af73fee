"""Each finding as it is, and what was not read never as nothing found."""

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fakes
from fhir_witness import component, only, resources, validate
from report_desk import PNEUMONIA, Desk
from secondread.core.code import DCM, LOCAL, Code
from secondread.core.finding import Finding
from secondread.core.measurement import Measurement
from secondread.core.report import NOTICE, Outcome, Refusal
from secondread.dicom import codes
from secondread.report import fhir_datatypes
from secondread.report.fhir import to_fhir, to_fhir_json

OUTCOMES = ("found", "nothing found", "refused", "failed", "undecided")
TEXT = st.text(st.characters(codec=None), min_size=1, max_size=12)  # with control characters and lone surrogates


def test_a_finding_carries_its_numbers_with_their_units(everyone, desk):
    found = only(to_fhir(everyone["found"], desk.cards), "Observation")
    assert found["valueCodeableConcept"]["coding"][0]["code"] == codes.PRESENT.value
    assert found["interpretation"][0]["coding"][0]["code"] == "POS"
    assert found["bodySite"]["coding"][0]["code"] == codes.LUNG.value
    percent = component(found, "111012")["valueQuantity"]
    assert (percent["value"], percent["code"], percent["system"]) == (94.0, "%", "http://unitsofmeasure.org")
    assert component(found, "threshold")["valueQuantity"]["value"] == 50.0
    assert component(found, "width")["valueQuantity"] == fhir_datatypes.quantity(41.27, "mm")
    assert component(found, "uncertainty-95")["valueQuantity"]["value"] == 3.0
    assert component(found, "bacterial")["valueQuantity"]["value"] == 70.0
    texts = " ".join(note["text"] for note in found["note"])
    for words in (NOTICE, "Of 100 pictures", "in the upper half", "by hand"):
        assert words in texts


def test_absent_is_said_with_what_it_does_not_mean(everyone, desk):
    absent = only(to_fhir(everyone["nothing found"], desk.cards), "Observation")
    assert absent["valueCodeableConcept"]["coding"][0]["code"] == codes.ABSENT.value
    assert absent["interpretation"][0]["coding"][0]["code"] == "NEG"
    assert "does not rule out disease" in " ".join(note["text"] for note in absent["note"])


def test_undecided_is_equivocal_and_neither_present_nor_absent(everyone, desk):
    told = only(to_fhir(everyone["undecided"], desk.cards), "Observation")
    assert told["status"] == "preliminary"
    assert [one["code"] for one in told["valueCodeableConcept"]["coding"]] == ["373068000"]
    assert told["interpretation"][0]["coding"][0]["code"] == "E"
    notes = " ".join(note["text"] for note in told["note"])
    assert "Undecided: from 38 % to 62 % this network cannot tell." in notes
    assert "a person has to decide" in notes
    assert "bacterial" not in json.dumps(told).lower()


def test_what_refines_an_absent_finding_is_not_told(desk):
    absent = Finding(PNEUMONIA, 0.1, 0.5, details=((Code(LOCAL, "viral", "Viral pneumonia"), 0.9),))
    report = desk.report(desk.read(Outcome.NOTHING_FOUND, findings=(absent,)))
    assert "viral" not in json.dumps(only(to_fhir(report, desk.cards), "Observation")).lower()


def test_a_refusal_a_failure_and_nothing_found_are_three_different_things(everyone, desk):
    seen = {outcome: only(to_fhir(everyone[outcome], desk.cards), "Observation") for outcome in OUTCOMES[1:4]}
    why = {
        outcome: [c["code"] for c in one.get("dataAbsentReason", {}).get("coding", [])] for outcome, one in seen.items()
    }
    assert why == {"nothing found": [], "refused": ["not-performed", "111225"], "failed": ["error", "111224"]}
    for outcome in ("refused", "failed"):
        assert "valueCodeableConcept" not in seen[outcome]
        assert "interpretation" not in seen[outcome]
        assert seen[outcome]["status"] == "cancelled"
        assert "not an answer" in " ".join(note["text"] for note in seen[outcome]["note"])
    assert seen["refused"]["component"][0]["valueCodeableConcept"]["coding"][0]["code"] == "view"
    assert "Send the frontal picture." in seen["refused"]["dataAbsentReason"]["text"]
    assert seen["failed"]["dataAbsentReason"]["text"] == "The reader stopped (RuntimeError)."


def test_no_two_observations_share_an_id_even_from_one_reader_asked_twice(desk):
    twins = (desk.finding(), desk.finding())
    bundle = to_fhir(desk.report(desk.found(findings=twins), desk.found(findings=twins)), desk.cards)
    assert len({one["id"] for one in resources(bundle, "Observation")}) == 4


def test_a_component_never_takes_the_code_of_the_whole(desk):
    finding = replace(desk.finding(), details=((PNEUMONIA, 0.5),))
    observation = only(to_fhir(desk.report(desk.found(findings=(finding,))), desk.cards), "Observation")
    coded = [coding for part in observation["component"] for coding in part["code"].get("coding", [])]
    assert observation["code"]["coding"][0] not in coded
    assert any(part["code"]["text"].startswith("Pneumonia: ") for part in observation["component"])


@settings(max_examples=60, deadline=None)
@given(TEXT, TEXT, TEXT, st.floats(0.5, 1.0))
def test_any_text_makes_a_valid_bundle_that_can_be_written(display, value, sentence, probability):
    desk = Desk(fakes.card())
    finding = Finding(
        Code(LOCAL, value, display),
        probability,
        0.5,
        location=sentence,
        measurements=(Measurement(display, 1.5, "mm", sentence),),
        details=((Code(DCM, value, sentence), 0.25),),
    )
    refusal = Refusal(value, sentence, display)
    report = desk.report(
        desk.found(findings=(finding,), warnings=(sentence,)),
        desk.refused(refusal=refusal, warnings=(display,)),
        patient_key="p-1",
    )
    written = to_fhir_json(report, desk.cards).encode("utf-8")
    bundle = json.loads(written)
    validate(bundle)
    ET.fromstring(only(bundle, "DiagnosticReport")["text"]["div"])
    percent = component(resources(bundle, "Observation")[0], "111012")["valueQuantity"]["value"]
    assert percent / 100 == pytest.approx(probability, rel=1e-15)


def test_korean_text_comes_through_as_it_is(desk):
    finding = replace(desk.finding(), location="오른쪽 아래")
    text = to_fhir_json(desk.report(desk.found(findings=(finding,))), desk.cards)
    assert "오른쪽 아래" in text
