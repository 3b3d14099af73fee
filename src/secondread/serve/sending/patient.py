"""Who the patient of a study is, for messages inside the hospital."""

from sqlalchemy import select

from secondread.report.hl7 import PatientFields
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import studies
from secondread.serve.room import Room
from secondread.serve.sending.errors import UnsendableError

_SEXES = {"F", "M", "O"}


def patient_of(room: Room, study_id: int) -> PatientFields:
    """As the images state it.

    Raises:
        UnsendableError: If they state no number: a message without one would be filed under nobody.
    """
    with reading(room.database) as connection:
        row = connection.execute(select(studies).where(studies.c.id == study_id)).one()
    if not row.patient_id.strip():
        raise UnsendableError("the study states no patient ID, which an identified message needs. Correct the images.")
    return PatientFields(
        id=row.patient_id,
        assigner=row.issuer_of_patient_id,
        name=row.patient_name,
        birth_date=row.patient_birth_date,
        sex=row.patient_sex if row.patient_sex in _SEXES else "",
        accession=row.accession_number,
    )
