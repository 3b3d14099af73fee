"""Descriptions without people in them: known words stay, everything else goes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydicom import Dataset

from secondread.dicom.header import DAMAGED
from secondread.dicom.identity import unicode_text

# Values that are looked for wherever a text is kept. Their own attributes are removed by the table.
IDENTIFIERS = frozenset(
    {
        "PatientID", "OtherPatientIDs", "AccessionNumber", "AdmissionID", "MedicalRecordLocator", "PatientAddress",
        "PatientTelephoneNumbers", "InstitutionName", "InstitutionAddress", "StudyID", "RequestedProcedureID",
    }
)  # fmt: skip
_TOKEN = re.compile(r"\d+(?:\.\d+)?[^\W\d_]+|[^\W_]+")
# Lengths, times, voltages and the like; vertebrae; the weightings T1 and T2; b-values, which are multiples of 50.
_MEASURE = re.compile(r"\d{1,3}(\.\d{1,2})?(mm|cm|ms|s|sec|min|kv|kvp|kev|mas|hz|mhz|t|d)")
_LEVEL = re.compile(r"c[1-7]|t1?\d|l[1-5]|s[1-5]|[23]d")
_B_VALUE = re.compile(r"b(\d{1,4})")
_SHORT = 4


@dataclass(frozen=True, slots=True)
class Known:
    """What identifies the patient and the staff of one object, in lower case.

    Attributes:
        names: Parts of names.
        identifiers: Numbers, addresses and whole names.
    """

    names: frozenset[str]
    identifiers: frozenset[str]


def known_of(dataset: Dataset, charset: str = "") -> Known:
    """Names and identifiers that an object states about itself, also inside sequences."""
    names: set[str] = set()
    identifiers: set[str] = set()
    for vr, text in _stated(dataset, charset):
        folded = text.casefold().strip()
        if vr == "PN":
            names.update(part for part in _TOKEN.findall(folded) if len(part) > (2 if part.isascii() else 1))
            folded = re.sub(r"[\^=\s]+", "", folded) if not folded.isascii() else folded
        if len(folded) >= (_SHORT if folded.isascii() else 2):
            identifiers.add(folded)
    return Known(frozenset(names), frozenset(identifiers))


def mentions(text: str, known: Known) -> bool:
    """Whether a text holds one of the names as a word, or one of the identifiers anywhere.

    >>> mentions("for Mr HONG", Known(frozenset({"hong"}), frozenset())), mentions("HONGKONG", Known({"hong"}, set()))
    (True, False)
    """
    folded = text.casefold()
    if not known.names.isdisjoint(_TOKEN.findall(folded)):
        return True
    return any(name in folded for name in known.identifiers | {n for n in known.names if not n.isascii()})


def cleaned(text: str, known: Known) -> str:
    """The words of a description that are in the list and name nobody, one space apart.

    Numbers stay only as measures, vertebrae, T1 and T2, and b-values: other numbers could be dates or IDs.

    Source: DICOM PS3.15 E.3.6, Clean Descriptors. The list of words is our own.

    >>> cleaned("CT Chest 5mm, Hong 2024-01-31", Known(frozenset(), frozenset()))
    'CT Chest 5mm'
    """
    return " ".join(word for word in _TOKEN.findall(text) if _is_safe(word.casefold(), known))


def _is_safe(word: str, known: Known) -> bool:
    if word in known.names or word in known.identifiers:
        return False
    b_value = _B_VALUE.fullmatch(word)
    if b_value:
        return int(b_value[1]) % 50 == 0
    return word in _words() or bool(_MEASURE.fullmatch(word) or _LEVEL.fullmatch(word))


@cache
def _words() -> frozenset[str]:
    text = (files("secondread.dicom") / "radiology_words.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


def _stated(dataset: Dataset, charset: str) -> Iterator[tuple[str, str]]:
    """(VR, value) of every name and identifier."""
    for tag in list(dataset.keys()):
        try:
            element = dataset[tag]
        except DAMAGED:
            continue
        if element.VR == "SQ":
            for item in element.value or ():
                yield from _stated(item, charset)
        elif element.VR == "PN" or element.keyword in IDENTIFIERS:
            values = [element.value] if element.VM <= 1 else element.value
            yield from ((element.VR, unicode_text(str(value), charset)) for value in values if value)
