"""Everything that is kept of a patient as one zip: for the patient, who may ask for it (GDPR, articles 15 and 20)."""

import json
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from sqlalchemy import Connection, Row, select

from secondread.serve.database.connect import reading
from secondread.serve.database.tables import (
    audit_events,
    instances,
    reads,
    review_events,
    series,
    signatures,
    users,
)
from secondread.serve.erasure.find import Wanted, found
from secondread.serve.room import Room
from secondread.serve.trail.record import subject_of

_INNER = "kept"  # arrays that only this program reads; the same is in the DICOM objects
_ABOUT = (
    "study_uid", "patient_id", "issuer_of_patient_id", "patient_name", "patient_birth_date", "patient_sex",
    "study_date", "study_time", "accession_number", "study_description", "referring_physician", "modalities",
    "body_parts", "state", "first_received_at", "signed_at",
)  # fmt: skip


def write_everything(room: Room, wanted: Wanted, stream: IO[bytes]) -> int:
    """Write the zip; how many studies it holds.

    Raises:
        NotHereError: If nothing is kept of them.
        UsageError: If it is not clear who is meant.
    """
    with reading(room.database) as connection, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        rows = found(connection, wanted)
        for number, row in enumerate(rows, 1):
            top = f"study-{number:03d}"
            _text(archive, f"{top}/study.json", {name: getattr(row, name) for name in _ABOUT})
            _images(connection, room, row, archive, top)
            _reports(connection, room, row, archive, top)
            _text(archive, f"{top}/reviews.json", _reviews(connection, row))
            _text(archive, f"{top}/accesses.json", list(_accesses(connection, room, row)))
        archive.writestr("README.txt", _README)
    return len(rows)


def _images(connection: Connection, room: Room, row: Row[Any], archive: zipfile.ZipFile, top: str) -> None:
    query = (
        select(instances.c.path, instances.c.series_id, series.c.own)
        .join(series, series.c.id == instances.c.series_id)
        .where(instances.c.study_id == row.id)
        .order_by(instances.c.series_id, instances.c.instance_number, instances.c.id)
    )
    for number, image in enumerate(connection.execute(query), 1):
        kind = "results" if image.own else "images"
        archive.write(room.folders.images / image.path, f"{top}/{kind}/series-{image.series_id}/{number:05d}.dcm")


def _reports(connection: Connection, room: Room, row: Row[Any], archive: zipfile.ZipFile, top: str) -> None:
    """Reports of reads, then those that were signed: pages, PDF, FHIR, HL7, JSON and DICOM."""
    drafts = connection.execute(select(reads.c.version, reads.c.folder).where(reads.c.study_id == row.id)).all()
    signed = connection.execute(
        select(signatures.c.id, signatures.c.folder).where(signatures.c.study_id == row.id)
    ).all()
    names = {one.folder: f"{top}/reports/read-{one.version}" for one in drafts}
    names |= {one.folder: f"{top}/reports/signed-{one.id}" for one in signed}
    for folder, name in names.items():
        place = room.folders.results / folder
        for file in sorted(place.rglob("*")):
            inside = file.relative_to(place)
            # Signed reports lie in the folder of their read: each is written once, under its own name.
            if file.is_file() and _INNER not in inside.parts and f"{folder}/{inside.parts[0]}" not in names:
                archive.write(file, f"{name}/{inside.as_posix()}")


def _reviews(connection: Connection, row: Row[Any]) -> list[dict[str, Any]]:
    """What people changed in the results, and when."""
    query = (
        select(
            review_events.c.at, users.c.display_name, review_events.c.action, review_events.c.reader,
            review_events.c.finding, review_events.c.before, review_events.c.after,
        )
        .join(reads, reads.c.id == review_events.c.read_id)
        .join(users, users.c.id == review_events.c.user_id)
        .where(reads.c.study_id == row.id)
        .order_by(review_events.c.id)
    )  # fmt: skip
    return [dict(one) for one in connection.execute(query).mappings()]


def _accesses(connection: Connection, room: Room, row: Row[Any]) -> Iterator[dict[str, Any]]:
    """Who did what to the study, from the trail."""
    query = select(audit_events.c.entry).where(audit_events.c.subject == subject_of(room, row.study_uid))
    for entry in connection.execute(query.order_by(audit_events.c.seq)).scalars():
        told = json.loads(entry)
        yield {name: told[name] for name in ("ts", "actor", "action", "outcome")}


def _text(archive: zipfile.ZipFile, name: str, content: Any) -> None:
    archive.writestr(name, json.dumps(content, ensure_ascii=False, indent=2) + "\n")


_README = """What is kept of one patient.

study-NNN/study.json      what the images say about the examination
study-NNN/images/         the images as they were received (DICOM)
study-NNN/results/        results as DICOM objects
study-NNN/reports/        drafts of the program, and reports that a physician signed: HTML, PDF, FHIR, HL7, JSON
study-NNN/reviews.json    what people changed in the program's results
study-NNN/accesses.json   who looked at or worked on the examination, and when

Drafts were made by a program: decision support for research, not for diagnosis.
"""
