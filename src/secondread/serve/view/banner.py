"""Whose study it is, as the person may see it, and the earlier studies of the same patient."""

from typing import Any

from sqlalchemy import Row, select

from secondread.serve.database.connect import reading
from secondread.serve.database.tables import studies
from secondread.serve.pages.patient import shown_patient
from secondread.serve.pages.words import Phrases
from secondread.serve.people.person import Person
from secondread.serve.room import Room

_MOST_PRIORS = 50


def banner(row: Row[Any], person: Person, say: Phrases) -> dict[str, Any]:
    """What stands above the images, named as in the worklist; nothing that names the patient beside a pseudonym."""
    hidden = person.hides_names
    shown = shown_patient(row._asdict(), say, hides_names=hidden)
    return {
        "study_uid": row.study_uid,
        "patient": shown.name or say("patient.unknown"),
        "patient_id": shown.number,
        "birth_date": "" if hidden else day(row.patient_birth_date),
        "sex_age": shown.sex_age,
        "date": day(row.study_date),
        "description": row.study_description,
        "accession": "" if hidden else row.accession_number,
        "modalities": row.modalities,
        "state": row.state,
        "late_images": bool(row.late_images),
        "read_version": row.read_version,
    }


def priors(room: Room, row: Row[Any]) -> list[dict[str, Any]]:
    """Other studies of the patient, the latest first; none where the patient is not known.

    The same number from two issuers is two people.
    """
    if not row.patient_key:
        return []
    query = (
        select(studies.c.study_uid, studies.c.study_date, studies.c.study_description, studies.c.modalities)
        .where(
            studies.c.patient_key == row.patient_key,
            studies.c.issuer_of_patient_id == row.issuer_of_patient_id,
            studies.c.id != row.id,
            studies.c.instance_count > 0,
        )
        .order_by(studies.c.study_date.desc(), studies.c.study_time.desc())
        .limit(_MOST_PRIORS)
    )
    with reading(room.database) as connection:
        found = connection.execute(query).all()
    return [
        {
            "study_uid": one.study_uid,
            "date": day(one.study_date),
            "description": one.study_description,
            "modalities": one.modalities,
            "earlier": one.study_date <= row.study_date,
        }
        for one in found
    ]


def day(stored: str) -> str:
    """A DICOM date as ISO 8601.

    >>> day("20240506")
    '2024-05-06'
    """
    plain = len(stored) == 8 and stored.isdigit()
    return f"{stored[:4]}-{stored[4:6]}-{stored[6:]}" if plain else stored
