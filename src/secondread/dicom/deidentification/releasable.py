"""Which objects may be released at all once their elements are clean: what cannot be judged stays in the house."""

import pydicom
from pydicom.uid import UID, MediaStorageDirectoryStorage

from secondread.dicom.deidentification.leftovers import has_embedded_overlay
from secondread.dicom.deidentification.pseudonyms import registered
from secondread.dicom.header import code, codes, identifier, value
from secondread.dicom.syntaxes import DECODERS, NATIVE, name_of, transfer_syntax

# Source: DICOM PS3.6 Annex A.
STORAGE = "1.2.840.10008.5.1.4.1.1."
_REPORTS, _DOCUMENTS = STORAGE + "88.", STORAGE + "104."
_SOUND = frozenset({STORAGE + "9.4.1", STORAGE + "9.4.2"})
_RAW = STORAGE + "66"
_PHOTOGRAPHS = frozenset({STORAGE + "77.1.4", STORAGE + "77.1.4.1"})
_NEEDED = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
_FACES = frozenset({"HEAD", "BRAIN", "SKULL", "FACE", "HEADNECK", "NECK", "SINUS", "JAW", "ORBIT", "EYE", "EAR", ""})


def is_directory(elements: pydicom.Dataset) -> bool:
    """Whether an object is a DICOMDIR: an index, made anew by who writes the next medium."""
    meta = getattr(elements, "file_meta", None) or pydicom.Dataset()
    stated = identifier(meta, "MediaStorageSOPClassUID") or identifier(elements, "SOPClassUID")
    return stated == MediaStorageDirectoryStorage or "DirectoryRecordSequence" in elements


def reason_against(elements: pydicom.Dataset) -> str:
    """Why an object is not released whatever the options; "" when it may be.

    Source: DICOM PS3.15 E.3.3 to E.3.5: graphics, structured content and visual features have options of their own,
    which are not offered here.
    """
    checks = (_identity, _content, _recognizable, _hidden)
    return next((reason for check in checks if (reason := check(elements))), "")


def face(elements: pydicom.Dataset) -> bool:
    """Whether a face could be rebuilt from the slices: head, or not stated, in CT, MR and PET."""
    stack = code(elements, "Modality") in {"CT", "MR", "PT"}
    return stack and code(elements, "BodyPartExamined") in _FACES


def _identity(elements: pydicom.Dataset) -> str:
    kind = identifier(elements, "SOPClassUID")
    if not kind.startswith(STORAGE) or not registered(kind):
        return "its kind of object (SOP class) is not one of the standard's, so nobody knows what it holds"
    missing = [name for name in _NEEDED if not identifier(elements, name)]
    return f"it has no valid {missing[0]}" if missing else ""


def _content(elements: pydicom.Dataset) -> str:
    kind = identifier(elements, "SOPClassUID")
    reasons = {
        "it is a structured report; cleaning of structured content is not offered": kind.startswith(_REPORTS)
        or _filled(elements, "ContentSequence"),
        "it encloses a document, whose text is not cleaned": kind.startswith(_DOCUMENTS)
        or "EncapsulatedDocument" in elements,
        "it draws text and graphics over a picture; cleaning of graphics is not offered": _filled(
            elements, "GraphicAnnotationSequence"
        ),
        "it is a recording of sound, which can hold a voice": kind in _SOUND,
        "it holds raw data in a form of the maker's own": kind == _RAW,
        "it holds encrypted elements, which may be the identity that was taken out": "EncryptedAttributesSequence"
        in elements,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _recognizable(elements: pydicom.Dataset) -> str:
    stated = code(elements, "RecognizableVisualFeatures")
    if stated == "YES":
        return "the file says that a person can be recognized in it; defacing is not offered"
    photograph = code(elements, "Modality") == "XC" or identifier(elements, "SOPClassUID") in _PHOTOGRAPHS
    if photograph and stated != "NO":
        return "it is a photograph, and does not say that nobody can be recognized in it"
    if code(elements, "Modality") == "SM" and {"LABEL", "OVERVIEW"}.intersection(codes(elements, "ImageType")):
        return "it shows the label of a slide"
    return ""


def _hidden(elements: pydicom.Dataset) -> str:
    """Overlays in unused bits of compressed pixels cannot be taken out without decoding; a video can have sound."""
    syntax = transfer_syntax(elements)
    compressed = syntax not in NATIVE
    if compressed and syntax not in DECODERS:
        name = f" ({name_of(syntax)})" if syntax.type else ""
        return f"notes or sound may be hidden in its pixels, whose transfer syntax{name} is not read here"
    if compressed and has_embedded_overlay(elements):
        return "an overlay may be hidden in its compressed pixels"
    return ""


def _filled(elements: pydicom.Dataset, keyword: str) -> bool:
    items = value(elements, keyword)
    return isinstance(items, pydicom.Sequence) and len(items) > 0


def name_of_kind(elements: pydicom.Dataset) -> str:
    """The name of an object's SOP class; of one that is not in the standard, only that."""
    kind = UID(identifier(elements, "SOPClassUID"))
    return kind.name if kind.name != kind else "not named in the standard"
