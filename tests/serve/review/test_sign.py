"""A signature: by a named person, once, of what they saw; nothing else makes a report final."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pydicom
import pytest
from sqlalchemy import select, update

import read_rooms
import rooms
from dicom_reads import complaints, dumped
from fhir_witness import only, validate
from hl7_witness import parse, rows
from read_rooms import ACCEPT, REJECT, accepted, fhir_of, saved, sign, sign_three, signed_folder
from secondread.core.report import Report
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import instances, signatures, studies
from secondread.serve.review.filing import SignedFiling, missing


@pytest.fixture
def signed_now(room, tmp_path):
    """One of one's own."""
    return sign_three(room, tmp_path / "in")


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


def test_an_undecided_finding_waits_for_a_person_and_to_accept_it_is_to_say_that_it_is_there(room, tmp_path):
    study = read_rooms.with_doubt(room, tmp_path / "in")
    client = rooms.logged_in(room)
    saved(client, study, accepted())
    refused = sign(client, study)
    assert refused.status_code == 400
    assert "Pneumonia" in refused.json()["detail"]
    saved(client, study, accepted(f0_0=ACCEPT), revision=1)
    assert sign(client, study, revision=2).status_code == 201
    signed = json.loads((signed_folder(room) / "report.json").read_text())
    assert [(one["present"], one["verdict"]) for one in signed["held"]] == [(True, "accepted")]
    page = (signed_folder(room) / "report.html").read_text(encoding="utf-8")
    assert "undecided: from 38 % to 62 % this network cannot tell" in page


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
