"""Descriptions without people in them: known words stay, everything else goes."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydicom import DataElement, Dataset
from pydicom.datadict import dictionary_has_tag, dictionary_VR

from secondread.dicom.header import DAMAGED
from secondread.dicom.identity import unicode_text

# Values that are looked for wherever a text is kept. Their own attributes are removed or replaced by the table.
IDENTIFIERS = frozenset(
    {
        "PatientID", "OtherPatientIDs", "AccessionNumber", "AdmissionID", "MedicalRecordLocator", "PatientAddress",
        "PatientTelephoneNumbers", "InstitutionName", "InstitutionAddress", "StudyID", "RequestedProcedureID",
        "PatientBirthDate", "StudyDate", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID",
    }
)  # fmt: skip
_TOKEN = re.compile(r"\d+(?:\.\d+)?[^\W\d_]+|[^\W_]+")
_LETTERS = re.compile(r"[^\W\d_]+")
# Lengths, times, voltages and the like; vertebrae; the weightings T1 and T2; b-values, which are multiples of 50.
_MEASURE = re.compile(r"\d{1,3}(\.\d{1,2})?(mm|cm|ms|s|sec|min|kv|kvp|kev|mas|hz|mhz|t|d)")
_LEVEL = re.compile(r"c[1-7]|t1?\d|l[1-5]|s[1-5]|[23]d")
_B_VALUE = re.compile(r"b(\d{1,4})")
_SHORT, _LONG = 4, 6  # characters from which a value is looked for anywhere, and whatever stands between them


@dataclass(frozen=True, slots=True)
class Known:
    """What identifies the patient and the staff of one object, as :func:`folded` writes it.

    Attributes:
        names: Parts of names.
        identifiers: Numbers, addresses and whole names.
        phrases: Whole names, their parts one space apart, in both orders.
        squeezed: Letters and digits alone of identifiers and whole names, where they are many.
    """

    names: frozenset[str]
    identifiers: frozenset[str]
    phrases: frozenset[str] = frozenset()
    squeezed: frozenset[str] = frozenset()


def folded(text: str) -> str:
    """Text without case, accents and the several ways to write one letter.

    >>> folded("MÜLLER"), folded("길동") == folded(unicodedata.normalize("NFD", "길동"))
    ('muller', True)
    """
    plain = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFC", "".join(letter for letter in plain if not unicodedata.combining(letter)))


def known_of(dataset: Dataset, charset: str = "") -> Known:
    """Names and identifiers that an object states about itself, also inside sequences."""
    names: set[str] = set()
    identifiers: set[str] = set()
    phrases: set[str] = set()
    for vr, stated in _stated(dataset, charset):
        for text in map(str.strip, folded(stated).split("=") if vr == "PN" else [folded(stated)]):
            if vr == "PN":
                parts = _TOKEN.findall(text)
                names.update(part for part in parts if len(part) > (2 if part.isascii() else 1))
                phrases.update(" ".join(order) for order in (parts, parts[::-1]) if len(parts) > 1)
                text = text if text.isascii() else "".join(parts)  # noqa: PLW2901 - Hangul is written without spaces
            if len(text) >= (_SHORT if text.isascii() else 2):
                identifiers.add(text)
    squeezed = {short for text in identifiers | phrases if len(short := _squeezed(text)) >= _LONG}
    return Known(frozenset(names), frozenset(identifiers), frozenset(phrases), frozenset(squeezed))


def mentions(text: str, known: Known) -> bool:
    """Whether a text holds one of the names as a word, or one of the identifiers anywhere.

    Case, accents, and what stands between the parts of a name or the digits of a number, make no difference.

    >>> mentions("for Mr HONG", Known(frozenset({"hong"}), frozenset())), mentions("HONGKONG", Known({"hong"}, set()))
    (True, False)
    """
    plain = folded(text)
    words = _TOKEN.findall(plain)
    if not known.names.isdisjoint([*words, *_LETTERS.findall(plain)]):
        return True
    spaced, short = f" {' '.join(words)} ", _squeezed(plain)
    return (
        _holds(plain, known.identifiers | {name for name in known.names if not name.isascii()})
        or _holds(spaced, (f" {phrase} " for phrase in known.phrases))
        or _holds(short, known.squeezed)
    )


def _holds(text: str, wanted: Iterable[str]) -> bool:
    return any(each in text for each in wanted)


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def cleaned(text: str, known: Known) -> str:
    """The words of a description that are in the list and name nobody, one space apart.

    Numbers stay only as measures, vertebrae, T1 and T2, and b-values: other numbers could be dates or IDs.

    Source: DICOM PS3.15 E.3.6, Clean Descriptors. The list of words is our own.

    >>> cleaned("CT Chest 5mm, Hong 2024-01-31", Known(frozenset(), frozenset()))
    'CT Chest 5mm'
    """
    return " ".join(word for word in _TOKEN.findall(text) if _is_safe(folded(word), known))


def _is_safe(word: str, known: Known) -> bool:
    if word in known.names or word in known.identifiers:
        return False
    b_value = _B_VALUE.fullmatch(word)
    if b_value:
        return int(b_value[1]) % 50 == 0
    return word in _words() or bool(_MEASURE.fullmatch(word) or _LEVEL.fullmatch(word))


@cache
def _words() -> frozenset[str]:
    text = (files("secondread.dicom.deidentification") / "radiology_words.txt").read_text(encoding="utf-8")
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
        elif _is_name(element) or element.keyword in IDENTIFIERS:
            values = [element.value] if element.VM <= 1 else element.value
            vr = "PN" if _is_name(element) else element.VR
            yield from ((vr, unicode_text(str(value), charset)) for value in values if value)


def _is_name(element: DataElement) -> bool:
    """Whether an element is a name by its own type or by the dictionary's."""
    return element.VR == "PN" or (dictionary_has_tag(element.tag) and dictionary_VR(element.tag) == "PN")
