"""The attributes that QIDO-RS matches and returns, and the columns where they stand.

Source: DICOM PS3.18 tables 10.6.1-5 (matching) and 10.6.3-3 to 10.6.3-5 (answers).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select

from secondread.serve.database.tables import instances, series, studies


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its value representation, and where it stands."""

    vr: str
    column: ColumnElement[Any]


STUDY: Mapping[str, Attribute] = {
    "00080020": Attribute("DA", studies.c.study_date),
    "00080030": Attribute("TM", studies.c.study_time),
    "00080050": Attribute("SH", studies.c.accession_number),
    "00080090": Attribute("PN", studies.c.referring_physician),
    "00081030": Attribute("LO", studies.c.study_description),
    "00100010": Attribute("PN", studies.c.patient_name),
    "00100020": Attribute("LO", studies.c.patient_id),
    "00100021": Attribute("LO", studies.c.issuer_of_patient_id),
    "00100030": Attribute("DA", studies.c.patient_birth_date),
    "00100040": Attribute("CS", studies.c.patient_sex),
    "00101010": Attribute("AS", studies.c.patient_age),
    "0020000D": Attribute("UI", studies.c.study_uid),
    "00200010": Attribute("SH", studies.c.study_id),
}
SERIES: Mapping[str, Attribute] = {
    "00080060": Attribute("CS", series.c.modality),
    "0008103E": Attribute("LO", series.c.series_description),
    "00180015": Attribute("CS", series.c.body_part),
    "0020000E": Attribute("UI", series.c.series_uid),
    "00200011": Attribute("IS", series.c.series_number),
    "00200060": Attribute("CS", series.c.laterality),
    "00400244": Attribute("DA", series.c.performed_date),
    "00400245": Attribute("TM", series.c.performed_time),
}
INSTANCE: Mapping[str, Attribute] = {
    "00080016": Attribute("UI", instances.c.sop_class_uid),
    "00080018": Attribute("UI", instances.c.sop_instance_uid),
    "00083002": Attribute("UI", instances.c.transfer_syntax_uid),
    "00200013": Attribute("IS", instances.c.instance_number),
    "00280008": Attribute("IS", instances.c.frames),
    "00280010": Attribute("US", instances.c.rows),
    "00280011": Attribute("US", instances.c.columns),
    "00280100": Attribute("US", instances.c.bits_allocated),
}
MODALITIES, CLASSES = "00080061", "00080062"
# Attributes of a study that say who the patient is, or lead to it.
NAMING = frozenset({"00080050", "00080090", "00100010", "00100020", "00100021", "00100030", "00200010"})
PSEUDONYM = Attribute("LO", studies.c.patient_key)
PSEUDONYMS = frozenset({"00100010", "00100020"})  # what a pseudonym stands in for


def modality_exists(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a study has a series whose modality is so."""
    return select(series.c.id).where(series.c.study_id == studies.c.id, condition).exists()


def class_exists(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a study has an object whose class is so."""
    return select(instances.c.id).where(instances.c.study_id == studies.c.id, condition).exists()
