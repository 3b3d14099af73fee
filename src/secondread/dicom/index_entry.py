"""What an archive must know of an object to file it and to find it again."""

from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.filereader import read_dataset, read_file_meta_info
from pydicom.tag import BaseTag, Tag

from secondread.core.errors import FormatError, short_path
from secondread.dicom.head import head_elements
from secondread.dicom.header import DAMAGED, calm, code, identifier, text, texts, whole
from secondread.dicom.identity import unicode_text
from secondread.dicom.limits import inflated_start

KEYWORDS = (
    "SpecificCharacterSet", "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID",
    "PatientID", "IssuerOfPatientID", "PatientName", "PatientBirthDate", "PatientSex", "PatientAge",
    "StudyDate", "StudyTime", "AccessionNumber", "StudyID", "StudyDescription", "ReferringPhysicianName",
    "Modality", "SeriesNumber", "SeriesDescription", "BodyPartExamined", "Laterality", "InstanceNumber",
    "PerformedProcedureStepStartDate", "PerformedProcedureStepStartTime",
    "Rows", "Columns", "BitsAllocated", "NumberOfFrames",
)  # fmt: skip
_UIDS = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
MAX_WHOLE = 2**31 - 1
MAX_VALUE = 2**16  # bytes of a value that is looked at
MAX_INFLATED_HEADER = 2**24  # bytes of a deflated file that are looked into
_TEXT = frozenset({"AS", "CS", "DA", "IS", "LO", "PN", "SH", "TM", "UI"})


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One object; texts are stripped and ``""`` where the object says nothing, numbers None."""

    sop_class_uid: str
    sop_instance_uid: str
    study_uid: str
    series_uid: str
    transfer_syntax_uid: str
    patient_id: str
    issuer_of_patient_id: str
    patient_name: str
    patient_birth_date: str
    patient_sex: str
    patient_age: str
    study_date: str
    study_time: str
    accession_number: str
    study_id: str
    study_description: str
    referring_physician: str
    modality: str
    series_number: int | None
    series_description: str
    body_part: str
    laterality: str
    performed_date: str
    performed_time: str
    instance_number: int | None
    rows: int | None
    columns: int | None
    bits_allocated: int | None
    frames: int


def read_entry(path: Path) -> IndexEntry:
    """The entry of a Part 10 file.

    Raises:
        FormatError: If it is damaged, or lacks one of the UIDs that say what and whose it is.
    """
    start = inflated_start(path, MAX_INFLATED_HEADER)
    with calm():
        try:
            if start is None:
                file = pydicom.dcmread(
                    path, specific_tags=list(KEYWORDS), stop_before_pixels=True, defer_size=MAX_VALUE
                )
                for tag in list(file.keys()):
                    if _is_too_long(file, tag):
                        del file[tag]
                return entry_of(file, identifier(file.file_meta, "TransferSyntaxUID"), short_path(path))
            # pydicom would inflate all of it, and a few bytes of zeros would fill the memory.
            meta = read_file_meta_info(path)
            dataset = read_dataset(BytesIO(start), False, True, stop_when=_at_pixels, specific_tags=_tags())
        except DAMAGED as error:
            raise FormatError(f"{short_path(path)}: the DICOM file is damaged. Send it again.") from error
        return entry_of(dataset, identifier(meta, "TransferSyntaxUID"), short_path(path))


def _is_too_long(dataset: pydicom.Dataset, tag: BaseTag) -> bool:
    """Whether a value was left in the file: no name or number has its length, which may be that of the memory."""
    element: Any = dataset.get_item(tag, keep_deferred=True)
    return isinstance(element, RawDataElement) and element.value is None and element.length > MAX_VALUE


def _at_pixels(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return tag.group >= 0x7FE0


def entry_of(dataset: pydicom.Dataset, transfer_syntax_uid: str, where: str) -> IndexEntry:
    """The entry of a data set, which need not hold pixels.

    Raises:
        FormatError: If it lacks one of the UIDs that say what and whose it is.
    """
    with calm():
        return _entry(dataset, transfer_syntax_uid, where)


def entry_of_head(head: bytes, transfer_syntax_uid: str, *, whole: bool) -> IndexEntry | None:
    """The entry of an object from its first bytes, many times as fast.

    Args:
        head: First bytes of the data set.
        transfer_syntax_uid: How it is encoded.
        whole: Whether that is all of it.

    Returns:
        None where the file itself must be read: the head does not hold, in their order, all elements up to the UIDs of
        study and series, so also the patient's.
    """
    dataset = head_elements(head, transfer_syntax_uid, KEYWORDS, whole=whole)
    if dataset is None or any(_tag(keyword) not in dataset for keyword in _UIDS):
        return None
    # Where every value can be had from its bytes alone pydicom is not asked, so nobody has to be calmed.
    plain = all(_is_plain(dataset, keyword) for keyword in KEYWORDS)
    try:
        return (_entry if plain else entry_of)(dataset, transfer_syntax_uid, "received object")
    except FormatError:
        return None


def _entry(dataset: pydicom.Dataset, transfer_syntax_uid: str, where: str) -> IndexEntry:
    uids = {keyword: identifier(dataset, keyword) for keyword in _UIDS}
    if missing := [keyword for keyword, uid in uids.items() if not uid]:
        raise FormatError(f"{where}: the object has no valid {missing[0]}, so it cannot be filed. Send the original.")
    charset = "\\".join(texts(dataset, "SpecificCharacterSet"))
    return IndexEntry(
        uids["SOPClassUID"],
        uids["SOPInstanceUID"],
        uids["StudyInstanceUID"],
        uids["SeriesInstanceUID"],
        transfer_syntax_uid,
        _said(dataset, "PatientID", charset, 256),
        _said(dataset, "IssuerOfPatientID", charset, 256),
        _said(dataset, "PatientName", charset, 1024),
        _digits(text(dataset, "PatientBirthDate")),
        code(dataset, "PatientSex")[:16],
        code(dataset, "PatientAge")[:4],
        _digits(text(dataset, "StudyDate")),
        text(dataset, "StudyTime")[:16],
        _said(dataset, "AccessionNumber", charset, 64),
        _said(dataset, "StudyID", charset, 64),
        _said(dataset, "StudyDescription", charset, 256),
        _said(dataset, "ReferringPhysicianName", charset, 1024),
        code(dataset, "Modality")[:16],
        _number(dataset, "SeriesNumber"),
        _said(dataset, "SeriesDescription", charset, 256),
        code(dataset, "BodyPartExamined")[:64],
        code(dataset, "Laterality")[:16],
        _digits(text(dataset, "PerformedProcedureStepStartDate")),
        text(dataset, "PerformedProcedureStepStartTime")[:16],
        _number(dataset, "InstanceNumber"),
        _number(dataset, "Rows"),
        _number(dataset, "Columns"),
        _number(dataset, "BitsAllocated"),
        _number(dataset, "NumberOfFrames") or 1,
    )


def _said(dataset: pydicom.Dataset, keyword: str, charset: str, length: int) -> str:
    """A text as it was meant, without what a database cannot hold."""
    element: Any = dataset.get_item(_tag(keyword), keep_deferred=True)
    if isinstance(element, RawDataElement) and _is_plain(dataset, keyword):
        meant = element.value.decode("ascii").split("\\")[0] if element.value else ""
    else:
        meant = unicode_text(text(dataset, keyword), charset)
    return meant.replace("\0", "").strip()[:length]


def _is_plain(dataset: pydicom.Dataset, keyword: str) -> bool:
    """Whether an element is absent, or its bytes mean the same in every character set."""
    element: Any = dataset.get_item(_tag(keyword), keep_deferred=True)
    if element is None:
        return True
    if not isinstance(element, RawDataElement) or not isinstance(element.value, bytes):
        return False
    kind = element.VR or _usual(keyword)
    if kind == "US":
        return len(element.value) % 2 == 0 and element.is_little_endian
    return kind in _TEXT and element.value.isascii() and b"\x1b" not in element.value


@cache
def _tags() -> list[BaseTag | int]:
    return [Tag(keyword) for keyword in KEYWORDS]


@cache
def _tag(keyword: str) -> BaseTag:
    return Tag(keyword)


@cache
def _usual(keyword: str) -> str:
    return dictionary_VR(keyword)


def _digits(stated: str) -> str:
    """A DA value; ``""`` when it is none."""
    digits = stated.replace(".", "").replace("-", "")
    return digits if len(digits) == 8 and digits.isdecimal() else ""


def _number(dataset: pydicom.Dataset, keyword: str) -> int | None:
    found = whole(dataset, keyword, -1)
    return found if 0 <= found <= MAX_WHOLE else None
