"""One data set without the patient: every element judged, also inside sequences; nothing is kept unseen."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from pydicom import DataElement, Dataset
from pydicom.datadict import dictionary_has_tag, dictionary_keyword
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag
from pydicom.uid import UID

from secondread.dicom.deidentification.coding import is_local
from secondread.dicom.deidentification.confidentiality import Action, Options, basic, decide, row_of
from secondread.dicom.deidentification.dates import shifted
from secondread.dicom.deidentification.descriptors import Known, cleaned, known_of, mentions
from secondread.dicom.deidentification.dummies import dummy
from secondread.dicom.deidentification.forms import TEXT, has_form, meant_vr
from secondread.dicom.deidentification.pseudonyms import Keys, keyed_uid, offset_days, pseudonym
from secondread.dicom.deidentification.safe_private import safe_elements
from secondread.dicom.header import DAMAGED, text, texts
from secondread.dicom.identity import discreet, unicode_text
from secondread.dicom.patient import age_years_of

DESCRIPTIVE = frozenset({"LO", "LT", "SH", "ST", "UC", "UT"})
CODES = frozenset({"CodeValue", "LongCodeValue", "CodingSchemeDesignator", "CodingSchemeVersion"})
# Codes that a picture cannot be read without; a name that equals one of them is not betrayed by it.
# Source: DICOM PS3.3 C.7.6.1.1.2 (Image Type), C.7.6.3.1.2 (Photometric Interpretation).
STRUCTURE = frozenset(
    {
        "ORIGINAL", "DERIVED", "PRIMARY", "SECONDARY", "AXIAL", "LOCALIZER", "VOLUME", "NONE", "MIXED", "RGB",
        "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT", "PALETTE COLOR", "MONOCHROME1", "MONOCHROME2", "SEG",
    }
)  # fmt: skip
PICTURES = frozenset({"PixelData", "FloatPixelData", "DoubleFloatPixelData"})
# Group length, command and directory elements, which no stored object holds.
_NOT_STORED = frozenset({0x0000, 0x0002, 0x0004})
# Source: DICOM PS3.16 CID 7050, De-identification Method.
METHODS = {
    "basic": ("113100", "Basic Application Confidentiality Profile"),
    "clean_pixels": ("113101", "Clean Pixel Data Option"),
    "descriptors": ("113105", "Clean Descriptors Option"),
    "full": ("113106", "Retain Longitudinal Temporal Information Full Dates Option"),
    "modified": ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
    "characteristics": ("113108", "Retain Patient Characteristics Option"),
    "device": ("113109", "Retain Device Identity Option"),
    "safe_private": ("113111", "Retain Safe Private Option"),
}
OLDEST = 90


@dataclass(frozen=True, slots=True)
class Person:
    """What stands in for the patient of one object, and what must not show.

    Attributes:
        pseudonym: In place of name and ID.
        days: Offset of all dates; 0 leaves them.
        uid_key: Key of the new UIDs.
        known: Names and identifiers that the object states.
        charset: Its declared character sets, joined by a backslash.
    """

    pseudonym: str
    days: int
    uid_key: bytes
    known: Known
    charset: str


@dataclass(slots=True)
class Walk:
    """One pass over one object.

    Attributes:
        options: What is kept.
        person: Who stands in.
        done: How often an action met an attribute: (letter, keyword) to count.
        inside: ``""``, or what is done with all text of the sequence the pass is in: ``C`` or ``D``.
        nested: Whether the pass is in a sequence, where a picture is a thumbnail nobody has looked at.
    """

    options: Options
    person: Person
    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    inside: str = ""
    nested: bool = False


@discreet()
def deidentify(source: Dataset, options: Options, keys: Keys) -> tuple[Dataset, Counter[tuple[str, str]]]:
    """A new data set that names nobody, and what was done: (action, keyword) to count.

    Pixels are taken over as they are. Text is in Unicode afterwards.

    Args:
        source: A whole object, as read; it is not changed.
        options: What is kept beyond the basic profile.
        keys: Of the pseudonyms, UIDs and dates.

    Source: DICOM PS3.15 E.1.1 (De-identifier), E.2, E.3.
    """
    walk = Walk(options, person_of(source, options, keys))
    result = _clean_item(source, walk)
    age = _age(source) if options.characteristics else ""
    if age:
        result.PatientAge = age
    result.SpecificCharacterSet = "ISO_IR 192"
    result.PatientName = result.PatientID = walk.person.pseudonym
    _state(result, source, options)
    return result, walk.done


def person_of(source: Dataset, options: Options, keys: Keys) -> Person:
    """Who stands in for the patient; without a PatientID, the study stands for one."""
    charset = "\\".join(texts(source, "SpecificCharacterSet"))
    stated = unicode_text(text(source, "PatientID"), charset)
    patient = stated or f"study {text(source, 'StudyInstanceUID')}"
    days = offset_days(patient, keys.dates) if options.dates == "modified" else 0
    return Person(pseudonym(patient, keys.patients), days, keys.uids, known_of(source, charset), charset)


def _clean_item(source: Dataset, walk: Walk) -> Dataset:
    """A data set or item, element by element."""
    result = Dataset()
    private = 0
    for tag in list(source.keys()):
        if tag.is_private:
            private += 1
        elif cleaned_element := _element(source, tag, walk):
            result.add(cleaned_element)
    if walk.options.safe_private and not walk.inside:
        for element in safe_elements(source):
            result.add(element)
            private -= 1
            walk.done["K", "private"] += 1
    walk.done["X", "private"] += private
    return result


def _element(source: Dataset, tag: BaseTag, walk: Walk) -> DataElement | None:
    """One public element after its action; None when it is removed."""
    if tag.element == 0 or tag.group in _NOT_STORED or not dictionary_has_tag(tag):
        walk.done["X", "unknown" if tag.element else "group length"] += 1
        return None
    keyword = dictionary_keyword(tag)
    try:
        element = source[tag]
    except DAMAGED:
        element = None
    vr = meant_vr(element) if element is not None else ""
    if element is None or not vr or (walk.nested and keyword in PICTURES):
        walk.done["X", keyword] += 1
        return None
    action = decide(tag, keyword, vr, walk.options)
    if action == Action.KEEP and is_local(source, keyword):
        action = Action.CLEAN
    if walk.inside and action in {Action.KEEP, Action.CLEAN, Action.SHIFT, Action.EMPTY}:
        action = _inside(element, action, walk.inside)
    value, done = _apply(element, action, walk)
    if done != Action.KEEP:
        walk.done[done, keyword] += 1
    return None if done == Action.REMOVE else DataElement(tag, element.VR, value)


def _inside(element: DataElement, action: Action, inside: str) -> Action:
    """The action within a sequence that is cleaned, or stands as a dummy, as a whole."""
    if element.VR == "SQ":
        return Action.KEEP
    if inside == "D":
        return Action.DUMMY
    describes = element.VR in DESCRIPTIVE and element.keyword not in CODES
    return Action.CLEAN if action == Action.KEEP and describes else action


def _apply(element: DataElement, action: Action, walk: Walk) -> tuple[Any, Action]:
    """The new value, and what was really done: a value that cannot be kept falls back to the basic profile."""
    if element.VR == "SQ":
        return _sequence(element, action, walk)
    if element.VM == 0 and action != Action.REMOVE:
        return (_filled(element, walk), action) if action == Action.DUMMY else (None, Action.KEEP)
    if element.keyword in {"PatientName", "PatientID"}:
        return walk.person.pseudonym, action
    if action in {Action.KEEP, Action.CLEAN, Action.SHIFT}:
        values = _kept(element, action, walk)
        if values is not None:
            return values, action
        row = row_of(element.tag)
        action = basic(row, element.VR) if row else _unwanted(element)
    if action == Action.UID:
        return _each(element, lambda uid: keyed_uid(uid, walk.person.uid_key)), action
    return (_filled(element, walk) if action == Action.DUMMY else None), action


def _unwanted(element: DataElement) -> Action:
    """What becomes of an element outside the table whose value cannot stay: some text must not be empty."""
    return Action.DUMMY if element.VR in DESCRIPTIVE else Action.EMPTY


def _kept(element: DataElement, action: Action, walk: Walk) -> Any:
    """The value as it may stay, or None."""
    match action:
        case Action.SHIFT:
            moved = [shifted(value, element.VR, walk.person.days) for value in _values(element)]
            return None if None in moved else moved
        case Action.CLEAN:
            words = [cleaned(value, walk.person.known) for value in _texts(element, walk)]
            return words if element.VR in DESCRIPTIVE and any(words) else None
    if not has_form(_values(element), element.VR):
        return None
    if element.keyword == "PatientAge":
        return _capped(str(element.value))
    if element.VR in TEXT:
        values = _texts(element, walk)
        named = [value not in STRUCTURE and mentions(value, walk.person.known) for value in values]
        kept = ["NONE" if name else value for name, value in zip(named, values, strict=True)]
        return kept if element.keyword in {"ImageType", "FrameType"} or not any(named) else None
    return element.value


def _sequence(element: DataElement, action: Action, walk: Walk) -> tuple[Any, Action]:
    """The items after their own pass. A dummy is one item, emptied of meaning."""
    items: Iterable[Dataset] = element.value or ()
    walk = replace(walk, nested=True)
    match action:
        case Action.REMOVE | Action.EMPTY:
            return Sequence(), action
        case Action.DUMMY:
            inner = replace(walk, inside="D")
            return Sequence([_clean_item(item, inner) for item in list(items)[:1]] or [Dataset()]), action
        case Action.CLEAN:
            inner = replace(walk, inside=walk.inside or "C")
            return Sequence([_clean_item(item, inner) for item in items]), action
    return Sequence([_clean_item(item, walk) for item in items]), Action.KEEP


def _filled(element: DataElement, walk: Walk) -> Any:
    """A dummy value; UIDs stay distinct and of one form."""
    if element.VR == "UI":
        return _each(element, lambda uid: keyed_uid(uid, walk.person.uid_key)) or keyed_uid("", walk.person.uid_key)
    return dummy(element.VR)


def _each(element: DataElement, new: Any) -> Any:
    values = [UID(new(value)) for value in _values(element)]
    return values if len(values) != 1 else values[0]


def _values(element: DataElement | None) -> list[str]:
    """The values of an element as text."""
    if element is None or element.VM == 0:
        return []
    return [str(value) for value in ([element.value] if element.VM == 1 else element.value)]


def _texts(element: DataElement, walk: Walk) -> list[str]:
    """The values of a text as they were meant, whatever character set they were written in."""
    return [unicode_text(value, walk.person.charset) for value in _values(element)]


def _capped(stated: str) -> str | None:
    """An age of at most 90 years; None when it is no age. Source: DICOM PS3.5 table 6.2-1, AS."""
    age = stated.strip()
    if not age or not has_form([age], "AS"):
        return None
    number, unit = age[:3], age[3:]
    return f"{min(int(number), OLDEST):03d}Y" if unit == "Y" else number + unit


def _age(source: Dataset) -> str:
    """The age for an object that states a birth date only, so that removing it loses no characteristic."""
    if _capped(text(source, "PatientAge")):
        return ""
    years = age_years_of(source)
    if years is None or years < 0:
        return ""
    return f"{int(years * 12):03d}M" if years < 2 else f"{min(int(years), OLDEST):03d}Y"


def _state(result: Dataset, source: Dataset, options: Options) -> None:
    """Say what was done, in the object itself. Source: DICOM PS3.15 E.1.1, PS3.3 C.12.1."""
    chosen = ["basic", *(name for name in METHODS if getattr(options, name, False) is True)]
    chosen += [options.dates] if options.dates in METHODS else []
    result.PatientIdentityRemoved = "YES"
    result.DeidentificationMethod = "secondread, PS3.15 table E.1-1 of 2026c"
    items = []
    for value, meaning in sorted(METHODS[name] for name in chosen):
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
        items.append(item)
    result.DeidentificationMethodCodeSequence = Sequence(items)
    before = text(source, "LongitudinalTemporalInformationModified")
    kept = before if before in {"MODIFIED", "REMOVED"} else "UNMODIFIED"
    result.LongitudinalTemporalInformationModified = {"removed": "REMOVED", "modified": "MODIFIED", "full": kept}[
        options.dates
    ]
