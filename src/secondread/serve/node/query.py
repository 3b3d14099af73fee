"""C-FIND of the study root: keys to a question to the database, rows to answers. Source: DICOM PS3.4 C.6.2.1."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset
from sqlalchemy import ColumnElement, Row, Select, func, select

from secondread.dicom.charset import reread
from secondread.dicom.header import calm, texts
from secondread.dicom.node import command as commands
from secondread.dicom.node.guest import RefusedError
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import instances, series, studies
from secondread.serve.node.matching import Matcher, dates, members, names, numbers, times, uids, words
from secondread.serve.room import Room

LEVELS = ("STUDY", "SERIES", "IMAGE")
_UNIQUE = {"STUDY": "StudyInstanceUID", "SERIES": "SeriesInstanceUID", "IMAGE": "SOPInstanceUID"}


@dataclass(frozen=True, slots=True)
class Key:
    """A key that is matched and told.

    Attributes:
        level: From this level down.
        column: Where its value comes from.
        match: How it is matched; None: it is told only.
    """

    level: str
    column: ColumnElement[Any]
    match: Matcher | None


def _count(of: Any, where: ColumnElement[bool]) -> ColumnElement[Any]:
    return select(func.count()).select_from(of).where(where).scalar_subquery()


KEYS: Mapping[str, Key] = {
    "StudyInstanceUID": Key("STUDY", studies.c.study_uid, uids),
    "PatientID": Key("STUDY", studies.c.patient_id, words),
    "IssuerOfPatientID": Key("STUDY", studies.c.issuer_of_patient_id, words),
    "PatientName": Key("STUDY", studies.c.patient_name, names),
    "PatientBirthDate": Key("STUDY", studies.c.patient_birth_date, dates),
    "PatientSex": Key("STUDY", studies.c.patient_sex, words),
    "PatientAge": Key("STUDY", studies.c.patient_age, None),
    "StudyDate": Key("STUDY", studies.c.study_date, dates),
    "StudyTime": Key("STUDY", studies.c.study_time, times),
    "AccessionNumber": Key("STUDY", studies.c.accession_number, words),
    "StudyID": Key("STUDY", studies.c.study_id, words),
    "StudyDescription": Key("STUDY", studies.c.study_description, words),
    "ReferringPhysicianName": Key("STUDY", studies.c.referring_physician, names),
    "ModalitiesInStudy": Key("STUDY", studies.c.modalities, members),
    "NumberOfStudyRelatedSeries": Key("STUDY", _count(series, series.c.study_id == studies.c.id), None),
    "NumberOfStudyRelatedInstances": Key("STUDY", _count(instances, instances.c.study_id == studies.c.id), None),
    "SeriesInstanceUID": Key("SERIES", series.c.series_uid, uids),
    "Modality": Key("SERIES", series.c.modality, words),
    "SeriesNumber": Key("SERIES", series.c.series_number, numbers),
    "SeriesDescription": Key("SERIES", series.c.series_description, words),
    "BodyPartExamined": Key("SERIES", series.c.body_part, words),
    "Laterality": Key("SERIES", series.c.laterality, words),
    "PerformedProcedureStepStartDate": Key("SERIES", series.c.performed_date, dates),
    "PerformedProcedureStepStartTime": Key("SERIES", series.c.performed_time, times),
    "NumberOfSeriesRelatedInstances": Key("SERIES", _count(instances, instances.c.series_id == series.c.id), None),
    "SOPInstanceUID": Key("IMAGE", instances.c.sop_instance_uid, uids),
    "SOPClassUID": Key("IMAGE", instances.c.sop_class_uid, uids),
    "InstanceNumber": Key("IMAGE", instances.c.instance_number, numbers),
    "Rows": Key("IMAGE", instances.c.rows, numbers),
    "Columns": Key("IMAGE", instances.c.columns, numbers),
    "BitsAllocated": Key("IMAGE", instances.c.bits_allocated, numbers),
    "NumberOfFrames": Key("IMAGE", instances.c.frames, numbers),
    "AvailableTransferSyntaxUID": Key("IMAGE", instances.c.transfer_syntax_uid, uids),
}


def find(room: Room, level: str, keys: Dataset) -> Iterator[Dataset]:
    """What matches, one after the other.

    Raises:
        RefusedError: If a level or unique key is missing or wrong.
    """
    question, told = _question(level, keys)
    with reading(room.database) as connection:
        rows = connection.execute(question).all()
    for row in rows:
        yield _answer(row, told, level, room.settings.dicom.ae_title)


def values(keys: Dataset, keyword: str) -> tuple[str, ...]:
    """Values of a key as they were meant; empty for a key that allows everything."""
    with calm():
        charset = "\\".join(texts(keys, "SpecificCharacterSet"))
        return tuple(value for text in texts(keys, keyword) if (value := reread(text, charset)[0]))


def check_level(level: str, keys: Dataset, *, own: bool) -> None:
    """Stop where a unique key is missing: of the levels above, and for a retrieval of the level itself.

    Raises:
        RefusedError: It names what is missing.
    """
    if level not in LEVELS:
        raise RefusedError(commands.MISMATCH, "QueryRetrieveLevel must be STUDY, SERIES or IMAGE")
    needed = LEVELS[: LEVELS.index(level) + own]
    for above in needed:
        if not values(keys, _UNIQUE[above]):
            raise RefusedError(commands.MISMATCH, f"{_UNIQUE[above]} is needed")


def conditions(level: str, keys: Dataset) -> list[ColumnElement[bool]]:
    """What the keys demand."""
    found = []
    for keyword, key in KEYS.items():
        if keyword in keys and key.match is not None and LEVELS.index(key.level) <= LEVELS.index(level):
            condition = key.match(key.column, values(keys, keyword))
            if condition is not None:
                found.append(condition)
    return found


def _question(level: str, keys: Dataset) -> tuple[Select[Any], list[str]]:
    check_level(level, keys, own=False)
    told = [
        keyword
        for keyword, key in KEYS.items()
        if (keyword in keys or keyword == _UNIQUE[level]) and LEVELS.index(key.level) <= LEVELS.index(level)
    ]
    question = select(*(KEYS[keyword].column.label(keyword) for keyword in told))
    joined: Any = studies
    if level != "STUDY":
        joined = joined.join(series, series.c.study_id == studies.c.id)
    if level == "IMAGE":
        joined = joined.join(instances, instances.c.series_id == series.c.id)
    order: Sequence[Any] = {
        "STUDY": (studies.c.id,),
        "SERIES": (series.c.series_number, series.c.id),
        "IMAGE": (instances.c.instance_number, instances.c.id),
    }[level]
    return question.select_from(joined).where(*conditions(level, keys)).order_by(*order), told


def _answer(row: Row[Any], told: Sequence[str], level: str, ae_title: str) -> Dataset:
    found = Dataset()
    found.SpecificCharacterSet = "ISO_IR 192"
    found.QueryRetrieveLevel = level
    found.RetrieveAETitle = ae_title
    with calm():
        for keyword, value in zip(told, row, strict=True):
            if keyword == "ModalitiesInStudy":
                value = value.split()  # noqa: PLW2901 - the same value, as DICOM has it
            setattr(found, keyword, "" if value is None else value)
    return found
