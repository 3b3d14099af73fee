"""A signature: by a named person, once, of what they saw, in every form; nothing else makes a report final."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from sqlalchemy import select, update

import read_rooms
import rooms
from dicom_reads import complaints, dumped, texts
from fhir_witness import only, resources, validate
from hl7_witness import obx, parse, rows
from read_rooms import ACCEPT, REJECT, accepted, saved, sign, signed_folder
from secondread.core.report import Report
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import audit_events, instances, review_events, signatures, studies
from secondread.serve.review.filing import SignedFiling, missing

EDIT = {"decision": "edited", "presence": "present", "text": "Seen on both views.", "location": "left base"}


def fhir_of(folder):
    """The bundle; the witness writes UTC as Z."""
    return json.loads((folder / "report.fhir.json").read_text().replace("+00:00", "Z"))


def content_of_three():
    content = accepted(f0_0=EDIT, f0_1=ACCEPT, f1_0=REJECT)
    content["added"] = [
        {"id": "a1", "name": "Rib fracture", "location": "left", "measurements": [
            {"name": "gap", "value": 2.5, "unit": "mm"}]},
    ]  # fmt: skip
    return content


def sign_three(room, folder):
    """(a browser, the study, the folder of the signed report, the room)."""
    study = read_rooms.with_picture(room, folder)
    client = rooms.logged_in(room, organisation="City Hospital")
    saved(client, study, content_of_three())
    answer = sign(client, study)
    assert answer.status_code == 201, answer.text
    return client, study, signed_folder(room), room


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """A signed report that is only looked at."""
    folder = tmp_path_factory.mktemp("signed")
    room = rooms.make_room(folder)
    yield sign_three(room, folder / "in")
    room.database.dispose()


@pytest.fixture
def signed_now(room, tmp_path):
    """One of one's own."""
    return sign_three(room, tmp_path / "in")


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


def test_nothing_is_saved_or_signed_after_the_signature(room, signed_now):
    client, study = signed_now[:2]
    assert saved(client, study, accepted(f0_0=REJECT), revision=1).status_code == 409
    again = sign(client, study)
    assert again.status_code == 409
    assert "signed" in again.json()["detail"]


def test_an_addendum_is_a_new_document_and_the_signed_report_stays_as_it_is(room, signed_now):
    client, study, folder = signed_now[:3]
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    body = {"read_version": 1, "number": 1, "text": "Compared with 2024: new.", "name": "Radiologist"}
    answer = client.post(f"/review/{study}/addendum", json=body)
    assert answer.status_code == 201, answer.text
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    added = signed_folder(room, 1)
    document, first = (pydicom.dcmread(one / "signed.sr.dcm") for one in (added, folder))
    assert document.SOPInstanceUID != first.SOPInstanceUID
    (of_study,) = document.PredecessorDocumentsSequence
    assert (
        of_study.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == first.SOPInstanceUID
    )
    assert complaints(added / "signed.sr.dcm") == []
    assert "Compared with 2024" in dumped(added / "signed.sr.dcm")
    bundle = fhir_of(added)
    validate(bundle)
    assert only(bundle, "DiagnosticReport")["status"] == "appended"
    message = (added / "report.hl7").read_bytes().decode()
    assert rows(message, "OBR")[0][25] == "C"
    assert client.post(f"/review/{study}/addendum", json=body).status_code == 409
    assert client.get(f"/studies/{study}/report.json").json()["number"] == 1


def test_signing_at_once_signs_once(any_room, tmp_path):
    study = read_rooms.with_picture(any_room, tmp_path / "in")
    clients = [rooms.logged_in(any_room, name=f"dr{n}") for n in range(3)]
    saved(clients[0], study, accepted(f0_0=ACCEPT))
    for client in clients:  # an application prepares a route when it is first asked, and not well in many threads
        assert client.post(f"/review/{study}/sign", json={}).status_code == 400
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda n: sign(clients[n], study, name=f"Dr{n}").status_code, range(3)))
    assert sorted(answers) == [201, 409, 409]
    assert len(rooms.tables(any_room, select(signatures))) == 1
    assert len(list(any_room.folders.results.glob("*/*/signed-*"))) == 1
    assert not list((any_room.folders.results / ".signing").iterdir())


def test_what_the_page_did_not_show_is_not_signed(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    client = rooms.logged_in(room)
    other = rooms.logged_in(room, name="kim")
    saved(client, study, accepted(f0_0=ACCEPT))
    saved(other, study, accepted(f0_0=REJECT), revision=1)
    assert sign(client, study, revision=1).status_code == 409
    assert sign(client, study, revision=2, version=2).status_code == 409
    assert not rooms.tables(room, select(signatures))


def test_a_positive_finding_must_be_decided_and_a_text_be_there(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    client = rooms.logged_in(room)
    saved(client, study, accepted())
    refused = sign(client, study)
    assert refused.status_code == 400
    assert "Pneumonia" in refused.json()["detail"]
    empty = accepted(f0_0=ACCEPT) | {"text": {}}
    saved(client, study, empty, revision=1)
    assert "no text" in sign(client, study, revision=2).json()["detail"]


def test_the_name_that_was_confirmed_must_be_that_of_who_is_logged_in(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    client = rooms.logged_in(room)
    saved(client, study, accepted(f0_0=ACCEPT))
    assert sign(client, study, name="Somebody Else").status_code == 409


def test_a_program_cannot_make_a_report_final():
    with pytest.raises(ValueError, match="a program writes drafts only"):
        Report("1.2", "", (), "unread", "2026-01-01T00:00:00Z", status="final")


def test_an_outline_that_was_edited_becomes_a_new_segmentation(room, tmp_path):
    import highdicom

    study = read_rooms.with_slices(room, tmp_path / "in")
    client = rooms.logged_in(room)
    headers = sorted(
        (pydicom.dcmread(file) for file in (tmp_path / "in").iterdir()), key=lambda one: one.ImagePositionPatient[2]
    )
    square = [[3.6, 4.6], [9.4, 4.6], [9.4, 8.4], [3.6, 8.4]]
    edit = {"decision": "edited", "outlines": [
        {"seriesUid": headers[4].SeriesInstanceUID, "sopInstanceUid": headers[4].SOPInstanceUID, "frame": 0,
         "points": square}]}  # fmt: skip
    assert saved(client, study, accepted(f0_0=edit)).status_code == 200
    assert sign(client, study).status_code == 201
    folder = signed_folder(room)
    drawn = pydicom.dcmread(folder / "head-ct-haemorrhage.seg.dcm")
    assert drawn.SOPInstanceUID != pydicom.dcmread(folder.parent / "head-ct-haemorrhage.seg.dcm").SOPInstanceUID
    assert complaints(folder / "head-ct-haemorrhage.seg.dcm") == []
    (segment,) = drawn.SegmentSequence
    assert segment.SegmentAlgorithmType == "MANUAL"
    pixels = highdicom.seg.segread(folder / "head-ct-haemorrhage.seg.dcm").get_pixels_by_source_instance(
        [headers[4].SOPInstanceUID]
    )[0]
    assert pixels.shape[:2] == (24, 20)
    inside = pixels[..., 0].astype(bool)
    assert inside[5:9, 4:10].all()
    assert inside.sum() == 24
    assert complaints(folder / "signed.sr.dcm") == []
    assert drawn.SOPInstanceUID in dumped(folder / "signed.sr.dcm", "dsrdump", "+Pu") or drawn.SOPInstanceUID in str(
        pydicom.dcmread(folder / "signed.sr.dcm")
    )


def test_a_missed_finding_is_drawn_on_its_image_where_the_person_drew_it(room, tmp_path):
    import highdicom

    study = read_rooms.with_picture(room, tmp_path / "in")
    header = pydicom.dcmread(tmp_path / "in" / "chest.dcm")
    line = {
        "seriesUid": header.SeriesInstanceUID, "sopInstanceUid": header.SOPInstanceUID, "frame": 1,
        "points": [[3, 4], [9, 4], [9.25, 8]],
    }  # fmt: skip
    content = accepted(f0_0=ACCEPT) | {"added": [{"id": "a", "name": "Pneumothorax", "outlines": [line]}]}
    client = rooms.logged_in(room)
    saved(client, study, content)
    assert sign(client, study).status_code == 201
    folder = signed_folder(room)
    assert complaints(folder / "signed.sr.dcm") == []
    groups = highdicom.sr.srread(folder / "signed.sr.dcm").content.get_planar_roi_measurement_groups()
    (drawn,) = [one for one in groups if one.finding_type.meaning == "Pneumothorax"]
    assert drawn.roi.value.tolist() == [[3.5, 4.5], [9.5, 4.5], [9.75, 8.5], [3.5, 4.5]]
    (image,) = drawn.roi.ContentSequence
    assert image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == header.SOPInstanceUID
    assert "ReferencedFrameNumber" not in image.ReferencedSOPSequence[0]


def test_a_line_on_an_image_of_another_study_is_refused_and_nothing_is_signed(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    line = {"seriesUid": "1.2", "sopInstanceUid": "1.2.3", "points": [[3, 4], [9, 4], [9, 8]]}
    client = rooms.logged_in(room)
    saved(client, study, accepted(f0_0=ACCEPT) | {"added": [{"id": "a", "name": "Pneumothorax", "outlines": [line]}]})
    assert sign(client, study).status_code == 400
    assert not rooms.tables(room, select(signatures))
    assert not list((room.folders.results / ".signing").iterdir())


def test_an_accepted_outline_is_pointed_at_where_the_program_wrote_it(room, tmp_path):
    study = read_rooms.with_slices(room, tmp_path / "in")
    client = rooms.logged_in(room)
    saved(client, study, accepted(f0_0=ACCEPT))
    assert sign(client, study).status_code == 201
    folder = signed_folder(room)
    assert not (folder / "head-ct-haemorrhage.seg.dcm").exists()
    draft = pydicom.dcmread(folder.parent / "head-ct-haemorrhage.seg.dcm")
    assert str(draft.SOPInstanceUID) in str(pydicom.dcmread(folder / "signed.sr.dcm"))


def test_objects_of_a_signature_after_which_the_program_ended_are_filed_at_the_next_start(room, signed_now):
    with writing(room.database) as connection:
        connection.execute(instances.delete().where(instances.c.source == "secondread"))
    assert len(missing(room)) == 1
    SignedFiling(room).start()
    assert missing(room) == ()


def test_a_study_that_was_read_again_after_signing_gets_an_amended_report(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    client = rooms.logged_in(room)
    saved(client, study, accepted(f0_0=ACCEPT))
    sign(client, study)
    first = pydicom.dcmread(signed_folder(room) / "signed.sr.dcm").SOPInstanceUID
    read_rooms.drafted(room, [tmp_path / "in" / "chest.dcm"], read_rooms.read_of_picture, version=2)
    with writing(room.database) as connection:
        connection.execute(update(studies).values(state="draft"))
    saved(client, study, accepted(f0_0=ACCEPT), version=2)
    assert sign(client, study, version=2).json()["status"] == "amended"
    (folder,) = room.folders.results.glob("*/2/signed-0")
    document = pydicom.dcmread(folder / "signed.sr.dcm")
    assert first in str(document.PredecessorDocumentsSequence)
    assert rows((folder / "report.hl7").read_bytes().decode(), "OBR")[0][25] == "C"


def refusals_only(study):
    refused = read_rooms.read_of_picture(study)
    return tuple(replace(one, evidence=None) for one in refused if one.refusal is not None)


def test_a_study_that_no_reader_answered_can_be_reported_by_a_person(room, tmp_path):
    study = read_rooms.drafted(room, [read_rooms.picture(tmp_path / "in")], refusals_only)
    client = rooms.logged_in(room)
    content = accepted() | {"added": [{"id": "a", "name": "Pneumothorax"}]}
    saved(client, study, content)
    assert sign(client, study).status_code == 201
    folder = signed_folder(room)
    assert complaints(folder / "signed.sr.dcm") == []
    assert "Refused, not read" in dumped(folder / "signed.sr.dcm")
    validate(fhir_of(folder))
    parse((folder / "report.hl7").read_bytes().decode())


def test_a_report_in_which_nothing_is_held_is_a_report_too(room, tmp_path):
    study = read_rooms.with_slices(room, tmp_path / "in")
    client = rooms.logged_in(room, name="kim", display_name="김민지", organisation="서울병원")
    content = accepted(f0_0=REJECT)
    content["text"] = {"findings": "출혈 없음.", "impression": "이상 없음.", "language": "ko"}
    saved(client, study, content)
    assert sign(client, study, name="김민지").status_code == 201
    folder = signed_folder(room)
    assert complaints(folder / "signed.sr.dcm") == []
    document = pydicom.dcmread(folder / "signed.sr.dcm")
    assert str(document.VerifyingObserverSequence[0].VerifyingObserverName) == "김민지^"
    shown = dumped(folder / "signed.sr.dcm", "dsrdump", "+U8")
    assert "이상 없음." in shown
    assert "haemorrhage" not in shown
    assert not (folder / "head-ct-haemorrhage.seg.dcm").exists()
    bundle = fhir_of(folder)
    validate(bundle)
    assert "result" not in only(bundle, "DiagnosticReport")
    message = (folder / "report.hl7").read_bytes().decode()
    parse(message)
    assert "이상 없음." in message
    assert "서울병원" in (folder / "report.html").read_text()
