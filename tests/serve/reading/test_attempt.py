import json

import numpy as np
import pydicom
from sqlalchemy import select

import dicom_factory
import rooms
from fakes import GATE, READER, FakeBundles
from reading_desk import HEALTHY, QUIET, arrived, chest, make_desk, only, own_objects, read_all
from secondread.core.errors import EngineError
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import audit_events, jobs, reads, studies
from secondread.serve.reading import attempt as attempting
from secondread.serve.reading import queue


def test_a_received_image_becomes_an_urgent_draft(any_room, tmp_path):
    room = any_room
    arrived(room, tmp_path)
    assert read_all(make_desk(room)) == 1
    read, study = only(room, reads), only(room, studies)
    assert (read["version"], read["outcome"], read["priority"], read["instance_count"]) == (1, "draft", 1, 1)
    assert (study["state"], study["priority"], study["said"], study["said_key"]) == ("draft", 1, "Pneumonia", "")
    assert (study["read_version"], study["late_images"]) == (1, False)
    assert study["drafted_at"] == study["changed_at"] == room.now()
    report = json.loads(str(read["report"]))
    assert report["study_uid"] == study["study_uid"]
    assert report["patient_key"] == study["patient_key"]
    job = only(room, jobs)
    assert (job["state"], job["attempts"], job["error"]) == ("done", 1, "")
    assert "version 1: draft" in job["log"]


def test_the_folder_of_a_read_holds_every_result_and_its_record(room, tmp_path):
    arrived(room, tmp_path)
    read_all(make_desk(room))
    folder = room.folders.results / str(only(room, reads)["folder"])
    names = {file.name for file in folder.iterdir()}
    assert {"report.json", "report.html", "report.pdf", "report.fhir.json", "report.hl7", "kept", "read.json"} <= names
    assert {f"{READER}.{kind}.dcm" for kind in ("sr", "sc", "pr", "ko", "pdf")} <= names
    note = json.loads((folder / "read.json").read_text(encoding="utf-8"))
    assert note["sop_instance_uids"] == [dicom_factory.uid("image", 1, 1)]
    assert list((room.folders.results / ".reading").iterdir()) == []
    from secondread.report.kept import open_kept

    assert open_kept(folder / "kept").report["study_uid"] == note_uid(room)


def note_uid(room):
    return only(room, studies)["study_uid"]


def test_the_objects_of_a_read_are_in_the_room_as_results_of_ours(room, tmp_path):
    arrived(room, tmp_path)
    read_all(make_desk(room))
    folder = room.folders.results / str(only(room, reads)["folder"])
    written = {pydicom.dcmread(file, stop_before_pixels=True).SOPInstanceUID for file in folder.glob("*.dcm")}
    assert {row["sop_instance_uid"] for row in own_objects(room)} == written
    assert {row["source"] for row in own_objects(room)} == {"secondread"}
    assert only(room, studies)["instance_count"] == 1


def test_a_read_stands_in_the_audit_trail(room, tmp_path):
    arrived(room, tmp_path)
    read_all(make_desk(room))
    entries = [json.loads(str(row["entry"])) for row in rooms.tables(room, select(audit_events))]
    assert [(one["actor"], one["action"], one["outcome"]) for one in entries] == [("secondread", "read", "success")]


def test_nothing_found_is_said_in_these_words_and_never_normal(room, tmp_path):
    arrived(room, tmp_path)
    read_all(make_desk(room, FakeBundles({READER: HEALTHY})))
    study = only(room, studies)
    assert (study["state"], study["priority"]) == ("draft", 2)
    assert (study["said"], study["said_key"]) == ("Nothing found", "reading.nothing-found")


def test_a_study_that_every_reader_refuses_is_refused_and_unread(room, tmp_path):
    arrived(room, tmp_path)
    read_all(make_desk(room, FakeBundles({GATE: (0.0, 0.0, 9.0, 0.0, 0.0)})))
    study, read = only(room, studies), only(room, reads)
    assert (study["state"], study["priority"], study["said_key"]) == ("refused", 3, "reading.refused")
    assert (read["outcome"], read["priority"]) == ("refused", 3)


def test_a_reader_that_fails_makes_a_failed_read_and_not_nothing_found(room, tmp_path):
    rooms.send_in(room, chest(tmp_path / "1.dcm"), chest(tmp_path / "2.dcm", image=2))
    room.clock.go_on(QUIET)
    read_all(make_desk(room, FakeBundles(fault={READER: ValueError("inside")})))
    study = only(room, studies)
    assert (study["state"], study["said_key"], study["priority"]) == ("failed", "reading.failed", 3)


def test_what_is_no_picture_is_refused_at_once_and_says_why(room, tmp_path):
    rooms.send_in(room, chest(tmp_path / "1.dcm", Modality="SR"))
    room.clock.go_on(QUIET)
    assert read_all(make_desk(room)) == 1
    assert rooms.tables(room, select(reads)) == []
    study, job = only(room, studies), only(room, jobs)
    assert (study["state"], study["said_key"]) == ("refused", "reading.unusable")
    assert job["state"] == "done"
    assert "no picture" in job["error"]


def test_an_engine_that_does_not_start_is_tried_again_and_then_shown_as_failed(room, tmp_path):
    arrived(room, tmp_path)

    class Broken(FakeBundles):
        def engine(self, name):
            raise EngineError("no engine can open this network")

    desk = make_desk(room, Broken())
    for _ in range(room.settings.reading.max_attempts):
        assert read_all(desk) == 1
        room.clock.go_on(3600)
    assert read_all(desk) == 0
    assert (only(room, jobs)["state"], only(room, studies)["state"]) == ("failed", "failed")
    assert "EngineError: no engine" in only(room, jobs)["error"]


def test_a_fault_of_the_program_is_told_without_its_words(room, tmp_path, monkeypatch):
    arrived(room, tmp_path)

    def fault(*_args, **_values):
        raise RuntimeError("Doe^Jane")

    monkeypatch.setattr(attempting, "make_results", fault)
    read_all(make_desk(room))
    job = only(room, jobs)
    assert job["state"] == "waiting"
    assert "RuntimeError" in job["log"]
    assert "Doe" not in job["log"] + job["error"]


def test_a_folder_that_is_not_there_is_waited_for_and_is_no_refusal(room, tmp_path):
    """As when a worker on another machine does not see the shared folder: what is missing is not the study's fault."""
    arrived(room, tmp_path)
    hidden = room.folders.images.rename(tmp_path / "elsewhere")
    desk = make_desk(room)
    read_all(desk)
    job = only(room, jobs)
    assert (job["state"], only(room, studies)["state"]) == ("waiting", "reading")
    assert "MissingImageError: image" in job["error"]
    hidden.rename(room.folders.images)
    room.clock.go_on(room.settings.reading.retry_seconds)
    read_all(desk)
    assert only(room, studies)["state"] == "draft"


def test_logs_and_errors_of_jobs_name_no_patient(room, tmp_path):
    arrived(room, tmp_path, StudyDescription="DOE JANE CHEST")
    read_all(make_desk(room))
    assert "doe" not in str(only(room, jobs)["log"]).lower()
    assert "INVENTED" not in str(only(room, jobs)["log"])


def test_ordering_a_read_of_what_was_read_gives_no_second_version(any_room, tmp_path):
    room = any_room
    arrived(room, tmp_path)
    desk = make_desk(room)
    read_all(desk)
    with writing(room.database) as connection:
        assert queue.enqueue_read(connection, room, int(str(only(room, studies)["id"]))) is not None
    assert only(room, studies)["state"] == "reading"
    assert read_all(desk) == 1
    assert only(room, reads)["version"] == 1
    assert only(room, studies)["state"] == "draft"


def test_another_version_of_a_network_is_another_read(room, tmp_path):
    import fakes

    arrived(room, tmp_path)
    read_all(make_desk(room))
    with writing(room.database) as connection:
        queue.enqueue_read(connection, room, int(str(only(room, studies)["id"])))
    read_all(make_desk(room, FakeBundles(cards={READER: fakes.card(READER, version="2.0.0")})))
    assert [row["version"] for row in rooms.tables(room, select(reads).order_by(reads.c.version))] == [1, 2]


def test_a_prior_that_cannot_be_used_does_not_keep_the_study_from_being_read(room, tmp_path, monkeypatch):
    from secondread import pipeline
    from secondread.core.errors import InputError

    arrived(room, tmp_path, 1, PatientID="SAME", StudyDate="20230102")
    desk = make_desk(room)
    read_all(desk)
    arrived(room, tmp_path, 2, PatientID="SAME", StudyDate="20240102")
    real, asked = pipeline.read, []

    def read(*args, prior=None, **values):
        asked.append(prior)
        if prior is not None:
            raise InputError("the earlier examination names another patient")
        return real(*args, **values)

    monkeypatch.setattr(pipeline, "read", read)
    monkeypatch.setattr(type(desk), "readers", lambda self, names: comparing())
    read_all(desk)
    assert [prior is not None for prior in asked] == [True, False]
    assert {row["state"] for row in rooms.tables(room, select(studies))} == {"draft"}


def comparing():
    from dataclasses import replace

    from secondread.readers import choose

    return [replace(choose([READER])[0], compares=False), replace(choose([READER])[0], name="again", compares=True)]


def test_pixels_that_cannot_be_decoded_end_in_a_refusal_not_in_a_loop(room, tmp_path):
    file = chest(tmp_path / "1.dcm")
    dataset = pydicom.dcmread(file)
    dataset.PixelData = np.zeros(7, np.uint8).tobytes() + b"\0"
    dataset.save_as(file)
    rooms.send_in(room, file)
    room.clock.go_on(QUIET)
    assert read_all(make_desk(room)) == 1
    assert only(room, studies)["state"] == "refused"
    assert only(room, jobs)["state"] == "done"
