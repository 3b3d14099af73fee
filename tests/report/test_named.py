"""Messages that name the patient: the same messages, another patient, nothing else changed."""

import json

import pytest

from fhir_witness import validate
from hl7_witness import parse
from secondread.report.fhir import to_fhir_json
from secondread.report.hl7 import PatientFields, to_oru
from secondread.report.named import named_fhir, named_oru

WHOLE = PatientFields(
    id="12345", assigner="HOSP", name="Hong^Gildong=洪^吉洞=홍^길동", birth_date="19600101", sex="M", accession="ACC|1"
)


@pytest.mark.parametrize("outcome", ["found", "nothing found", "refused", "failed"])
@pytest.mark.parametrize("patient", [WHOLE, PatientFields("1")], ids=["whole", "number only"])
def test_a_message_named_later_is_the_one_that_would_have_been_written_with_the_name(everyone, desk, outcome, patient):
    report = everyone[outcome]
    later = named_oru(to_oru(report, desk.cards, message_id="MSG1"), patient)
    assert later == to_oru(report, desk.cards, message_id="MSG1", patient=patient)
    parse(later)


def without(bundle, *keys):
    """The bundle without what names somebody."""
    for entry in bundle["entry"]:
        for key in keys:
            entry["resource"].pop(key, None)
        if entry["resource"]["resourceType"] == "ImagingStudy":
            del entry["resource"]["identifier"][1:]
    return bundle


def test_a_bundle_names_the_patients_number_everywhere_and_is_else_the_same(everyone, desk):
    text = to_fhir_json(everyone["found"], desk.cards)
    named = named_fhir(text, WHOLE)
    bundle = json.loads(named)
    validate(bundle)
    subjects = [entry["resource"]["subject"] for entry in bundle["entry"] if "subject" in entry["resource"]]
    assert len(subjects) > 2
    for subject in subjects:
        assert (subject["identifier"]["value"], subject["identifier"]["assigner"]["display"]) == ("12345", "HOSP")
    [study] = [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "ImagingStudy"]
    assert study["identifier"][1]["value"] == "ACC|1"
    assert study["identifier"][1]["type"]["coding"][0]["code"] == "ACSN"
    assert everyone["found"].patient_key not in named
    assert "Hong" not in named
    assert without(bundle, "subject") == without(json.loads(text), "subject")


def test_what_is_not_known_is_left_out(everyone, desk):
    bundle = json.loads(named_fhir(to_fhir_json(everyone["refused"], desk.cards), PatientFields("1")))
    validate(bundle)
    assert "ACSN" not in json.dumps(bundle)
    assert "assigner" not in json.dumps(bundle)
