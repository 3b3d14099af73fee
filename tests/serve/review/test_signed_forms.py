"""The forms of a signed report, each read by another program: DICOM, FHIR, HL7, JSON, a page and a PDF."""

import json
from pathlib import Path

import pydicom
import pytest
from sqlalchemy import select

import rooms
from dicom_reads import complaints, dumped, texts
from fhir_witness import only, resources, validate
from hl7_witness import obx, parse, rows
from read_rooms import fhir_of, sign_three
from secondread.serve.database.tables import audit_events, instances, review_events, signatures, studies
from secondread.serve.review.filing import missing


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """A signed report that is only looked at."""
    folder = tmp_path_factory.mktemp("signed")
    room = rooms.make_room(folder)
    yield sign_three(room, folder / "in")
    room.database.dispose()


def test_the_signed_report_is_verified_final_and_names_the_drafts_it_replaces(signed):
    folder = signed[2]
    document = pydicom.dcmread(folder / "signed.sr.dcm")
    assert document.CompletionFlag == "COMPLETE"
    assert document.VerificationFlag == "VERIFIED"
    assert document.PreliminaryFlag == "FINAL"
    (verifier,) = document.VerifyingObserverSequence
    assert str(verifier.VerifyingObserverName) == "Radiologist^"
    assert verifier.VerifyingOrganization == "City Hospital"
    replaced = {
        item.ReferencedSOPInstanceUID
        for study in document.PredecessorDocumentsSequence
        for series in study.ReferencedSeriesSequence
        for item in series.ReferencedSOPSequence
    }
    drafts = {pydicom.dcmread(file).SOPInstanceUID for file in folder.parent.glob("*.sr.dcm")}
    assert replaced == drafts
    assert len(drafts) == 4
    for file in folder.parent.glob("*.sr.dcm"):
        assert pydicom.dcmread(file).VerificationFlag == "UNVERIFIED"


def test_other_programs_accept_the_signed_report_and_read_it(signed):
    folder = signed[2]
    assert complaints(folder / "signed.sr.dcm") == []
    shown = dumped(folder / "signed.sr.dcm")
    for words in ("Person", "Radiologist", "Findings", "Impressions", "Rib fracture", "left base", "Verified"):
        assert words.lower() in shown.lower()
    assert complaints(folder / "signed.pdf.dcm") == []


def test_a_rejected_finding_is_no_finding_and_the_programs_number_is_the_programs(signed):
    import highdicom

    folder = signed[2]
    tree = highdicom.sr.srread(folder / "signed.sr.dcm").content
    groups = tree.get_image_measurement_groups() + tree.get_planar_roi_measurement_groups()
    named = {group.finding_type.meaning for group in groups}
    assert named == {"Pneumonia", "Quality of the picture", "Rib fracture"}
    said = texts(tree)
    assert any("said: certainty 91.0 %, at or above its threshold of 50.0 %" in one for one in said)
    edited = next(group for group in groups if group.finding_type.meaning == "Pneumonia")
    assert not [one for one in edited.get_measurements() if "Certainty" in one.name.meaning]


def test_the_objects_lie_in_the_room_and_are_found_there(signed):
    room = signed[3]
    document = pydicom.dcmread(signed[2] / "signed.sr.dcm")
    row = rooms.tables(room, select(instances).where(instances.c.sop_instance_uid == document.SOPInstanceUID))
    assert len(row) == 1
    assert missing(room) == ()


def test_the_study_is_signed_in_one_step_with_trail_and_rows(signed):
    room = signed[3]
    (study,) = rooms.tables(room, select(studies))
    assert (study["state"], study["signed_at"]) == ("signed", room.now())
    (signature,) = rooms.tables(room, select(signatures))
    assert signature["number"] == 0
    (event,) = rooms.tables(room, select(review_events).where(review_events.c.action == "signed"))
    assert json.loads(event["after"])["text"] == "Pneumonia."
    assert json.loads(rooms.tables(room, select(audit_events))[-1]["entry"])["action"] == "sign"


def test_fhir_is_final_with_a_person_and_the_programs_answer_stays_preliminary(signed):
    bundle = fhir_of(signed[2])
    validate(bundle)
    report = only(bundle, "DiagnosticReport")
    assert report["status"] == "final"
    person = only(bundle, "Practitioner")
    assert person["name"] == [{"text": "Radiologist"}]
    assert report["resultsInterpreter"][0]["reference"] == f"urn:uuid:{person['id']}"
    held = {one["code"]["text"]: one for one in resources(bundle, "Observation") if one["status"] == "final"}
    assert set(held) == {"Pneumonia", "Quality of the picture", "Rib fracture"}
    said = [one for one in resources(bundle, "Observation") if one["status"] == "preliminary"]
    assert {one["code"]["text"] for one in said} == {"Pneumonia", "Quality of the picture"}
    assert only(bundle, "Provenance")["agent"][0]["who"]["reference"] == f"urn:uuid:{person['id']}"
    draft = json.loads((signed[2].parent / "report.fhir.json").read_text())
    assert only(draft, "DiagnosticReport")["identifier"] == report["identifier"]
    assert {one["id"] for one in said} <= {one["id"] for one in resources(draft, "Observation")}


def test_the_json_keeps_to_its_schema_and_the_draft_in_it_to_that_of_drafts(signed):
    from jsonschema import Draft202012Validator

    from secondread import report

    room = Path(report.__file__).parent
    document = json.loads((signed[2] / "report.json").read_text())
    Draft202012Validator(json.loads((room / "signed" / "signed.schema.json").read_text())).validate(document)
    Draft202012Validator(json.loads((room / "report.schema.json").read_text())).validate(document["draft"])
    assert [(one["code"]["display"], one["verdict"], one["present"]) for one in document["held"]] == [
        ("Pneumonia", "edited", True),
        ("Quality of the picture", "accepted", None),
        ("Rib fracture", "added", True),
    ]
    assert [(one["name"], one["reason"]) for one in document["rejected"]] == [("Cardiomegaly", "artefact")]


def test_hl7_is_final(signed):
    message = (signed[2] / "report.hl7").read_bytes().decode()
    parse(message)
    (order,) = rows(message, "OBR")
    assert order[25] == "F"
    assert obx(message, "233604007")[11] == "F"
    assert obx(message, "233604007")[16] == "radiologist^Radiologist"
    assert "8186001" not in message


def test_the_page_and_the_pdf_name_the_signer_and_keep_the_notice(signed):
    import subprocess

    from witness import need

    html = (signed[2] / "report.html").read_text()
    pdf = signed[2] / "report.pdf"
    shown = subprocess.run([need("pdftotext", "poppler-utils"), "-layout", pdf, "-"], capture_output=True, text=True,
                           check=True).stdout  # fmt: skip
    for words in ("Radiologist, City Hospital", "not for diagnosis", "Rib fracture", "rejected", "final"):
        assert words.lower() in html.lower()
        assert words.lower() in " ".join(shown.split()).lower()


def test_the_picture_of_what_was_held_is_on_the_page_and_in_the_pdf_and_says_whose_lines_it_shows(signed):
    import subprocess

    from witness import need

    html = (signed[2] / "report.html").read_text()
    assert html.count("<img ") == 1
    assert 'alt="Small picture that chest-xray-pneumonia read: Pneumonia' in html
    assert "Colours and lines are the program" in html
    pdf = signed[2] / "report.pdf"
    listed = subprocess.run([need("pdfimages", "poppler-utils"), "-list", pdf], capture_output=True, text=True,
                            check=True).stdout  # fmt: skip
    assert len([row for row in listed.splitlines() if " image " in row]) == 1
