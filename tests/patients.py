"""Patients of tests: images under a name and a number, and all that a study collects while it is worked on."""

import json

from pydicom import dcmread
from sqlalchemy import func, insert, select

import rooms
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import (
    commitments,
    deliveries,
    jobs,
    metadata,
    reads,
    review_events,
    reviews,
    signatures,
    studies,
    subscriptions,
    workitems,
)
from secondread.serve.erasure.erase import erase
from secondread.serve.erasure.find import Wanted
from secondread.serve.storage.place import folder_name
from secondread.serve.trail.record import record

EARLIER = "2026-03-04T09:00:00.000000Z"  # than the clock of the tests
NAME, NUMBER, OTHER = "Musterfrau^Erika", "KH-4711-ß", "KH-4712"


def image(tmp_path, number, study, instance, issuer=""):
    data = dcmread(rooms.EXAMPLES / "child-viral.dcm")
    data.SpecificCharacterSet = "ISO_IR 192"
    data.PatientName, data.PatientID = NAME, number
    data.IssuerOfPatientID = issuer
    data.StudyInstanceUID, data.SeriesInstanceUID = study, f"{study}.1"
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = f"{study}.1.{instance}"
    file = tmp_path / f"{study}-{instance}.dcm"
    data.save_as(file)
    return file


def grown(room, study_uid):
    """Everything that a study collects while it is read, reviewed, signed and sent."""
    with writing(room.database) as connection:
        study = connection.execute(select(studies.c.id).where(studies.c.study_uid == study_uid)).scalar_one()
        folder = f"{folder_name(study_uid)}/1-abc"
        now = room.now()

        def add(table, **values):
            return connection.execute(insert(table).values(**values)).inserted_primary_key[0]

        job = add(jobs, kind="read", study_id=study, key=f"read {study}", not_before=now, created_at=now, state="done",
                  log=f"{NAME} was read")  # fmt: skip
        report = json.dumps({"patient": NAME})
        read = add(reads, study_id=study, version=1, input_digest=f"d{study}", job_id=job, folder=folder,
                   created_at=now, outcome="draft", priority=2, instance_count=2, report=report)  # fmt: skip
        user = connection.execute(select(func.min(metadata.tables["users"].c.id))).scalar_one()
        add(reviews, read_id=read, content=NAME, user_id=user)
        add(review_events, read_id=read, user_id=user, at=now, action="accept", after=NAME)
        signature = add(signatures, study_id=study, read_id=read, number=0, user_id=user, at=EARLIER,
                        folder=f"{folder}/signed-0")  # fmt: skip
        add(deliveries, study_id=study, read_id=read, signature_id=signature, destination="pacs", key=f"k{study}",
            folder=folder, not_before=now, created_at=now)  # fmt: skip
        add(workitems, uid=f"{study_uid}.9", state="SCHEDULED", study_uid=study_uid, content=NAME, created_at=now,
            changed_at=now)  # fmt: skip
        add(subscriptions, workitem_uid=f"{study_uid}.9", ae_title="TASKS")
        add(commitments, transaction_uid=f"{study_uid}.8", peer="PACS", request=f'["{study_uid}.1.1"]', not_before=now,
            created_at=now)  # fmt: skip
    for place in (room.folders.results / folder / "kept", room.folders.results / folder / "signed-0",
                  room.folders.results / folder_name(study_uid) / "2-cancelled",
                  room.folders.cache / "view" / folder_name(study_uid)):  # fmt: skip
        place.mkdir(parents=True)
        (place / "file").write_text(f"{NAME} {NUMBER}")
    (room.folders.images / folder_name(study_uid) / "left-by-a-crash.dcm").write_text(NAME)
    record(room, actor="dr1", action="view", study_uid=study_uid)


class KilledError(BaseException):
    """What no handler catches, as a kill."""


def gone(room, wanted=None, **changed):
    """Erase the patient, or whoever is wanted."""
    values = {"by": "chief", "user_id": None, "reason": "request of 4 March", **changed}
    return erase(room, wanted or Wanted(NUMBER), **values)


def files(room):
    """Every file that belongs to a study."""
    folders = room.folders
    return [
        path for top in (folders.images, folders.results, folders.cache) for path in top.rglob("*") if path.is_file()
    ]
