"""Who and what examination an object belongs to, taken over from the source image."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from pydicom import Dataset
from pydicom.config import disable_value_validation

from secondread.core.errors import OutputError, short_uid
from secondread.dicom.charset import reread, without_escapes
from secondread.dicom.header import calm, texts

# Values an archive matches on: a cut one would file the result with somebody else, so they go over as they are.
MATCHED = ("PatientName", "PatientID", "AccessionNumber", "ReferringPhysicianName")
NEEDED_UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")

UNICODE = frozenset({"ISO_IR 192", "GB18030", "GBK"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@contextmanager
def discreet() -> Iterator[None]:
    """Keep pydicom from checking values: what it then warns of and logs would quote the patient."""
    with calm(), disable_value_validation():
        yield


@discreet()
def identity(source: Dataset) -> Dataset:
    """Patient and study attributes for a derived object, in Unicode.

    Attributes that must be present (Type 2) are there, empty where the source has nothing usable. What does not fit
    its type is mended where the meaning is clear (``2024.01.02``, ``10:15:00``), else left out; too long text is
    cut, except for what archives match on.

    Args:
        source: Header of the image the result is about.

    Raises:
        OutputError: If the source lacks one of the UIDs a result must refer to.

    Source: DICOM PS3.3 C.7.1.1 Patient, C.7.2.1 General Study, C.7.2.2 Patient Study.
    """
    charset = "\\".join(values(source, "SpecificCharacterSet"))
    result = Dataset()
    check_uids(source)
    result.SpecificCharacterSet = "ISO_IR 192"
    result.StudyInstanceUID = source.StudyInstanceUID
    for keyword in MATCHED:
        setattr(result, keyword, [unicode_text(v, charset) for v in values(source, keyword)])
    for keyword, rule in _RULES.items():
        setattr(result, keyword, rule(first(source, keyword)))
    for keyword, rule in _OPTIONAL.items():
        if value := rule(unicode_text(first(source, keyword), charset)):
            setattr(result, keyword, value)
    if "DeidentificationMethodCodeSequence" in source:
        result.DeidentificationMethodCodeSequence = _decoded(source, "DeidentificationMethodCodeSequence")
    elif result.get("PatientIdentityRemoved") == "YES" and "DeidentificationMethod" not in result:
        result.DeidentificationMethod = "Not stated in the source image"
    return result


def check_uids(source: Dataset) -> None:
    """Stop where a source cannot be referred to.

    Raises:
        OutputError: If it lacks one of ``NEEDED_UIDS``.
    """
    for keyword in NEEDED_UIDS:
        if not values(source, keyword):
            raise OutputError(
                f"source image: found no {keyword}; a DICOM result must refer to its image by it. "
                "Send the image as its archive stores it, or write JSON and HTML only."
            )


def first(source: Dataset, keyword: str) -> str:
    """The first value of an attribute as trimmed text, ``""`` when there is none."""
    return (values(source, keyword) or [""])[0]


def values(source: Dataset, keyword: str) -> list[str]:
    """All values of an attribute as trimmed text without control characters; [] when all are empty."""
    found = [_CONTROL.sub(" ", without_escapes(text)).strip() for text in texts(source, keyword)]
    return found if any(found) else []


def unicode_text(text: str, charset: str) -> str:
    """Text as it was meant, whatever its file says of its characters; see :func:`secondread.dicom.charset.reread`."""
    return reread(text, charset)[0]


@discreet()
def repairs(source: Dataset) -> dict[str, str]:
    """Keywords of patient and study texts that had to be read again, and the encoding: a person should check them.

    >>> repairs(Dataset())
    {}
    """
    charset = "\\".join(values(source, "SpecificCharacterSet"))
    found = {key: [reread(text, charset)[1] for text in texts(source, key)] for key in (*MATCHED, *_OPTIONAL)}
    return {keyword: next(filter(None, encodings)) for keyword, encodings in found.items() if any(encodings)}


def check_same_image(source: Dataset, files: tuple[str, ...]) -> None:
    """Stop a result from being filed with another image than the one that was read.

    Args:
        source: Header of the image the result is to be filed with.
        files: SOP Instance UIDs of the images that were read; empty when nothing was.

    Raises:
        OutputError: If the source is not among them.
    """
    found = first(source, "SOPInstanceUID")
    if files and found not in files:
        raise OutputError(
            f"source image {short_uid(found)}: is not the image that was read ({short_uid(files[0])}). A result is "
            "written only beside its own image; pass that image's header."
        )


def _date(text: str) -> str:
    """``YYYYMMDD``, also from ``YYYY.MM.DD`` and ``YYYY-MM-DD``; ``""`` when it is no date."""
    digits = re.sub(r"[.\-/]", "", text)
    try:
        return digits if re.fullmatch(r"\d{8}", digits) and date.fromisoformat(digits) else ""
    except ValueError:
        return ""


def _time(text: str) -> str:
    """``HHMMSS.FFFFFF`` or a shorter form of it, also from ``HH:MM:SS``; ``""`` when it is no time."""
    digits = text.replace(":", "")
    return digits if re.fullmatch(r"([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?", digits) else ""


def _one_of(*allowed: str) -> Callable[[str], str]:
    return lambda text: text.upper() if text.upper() in allowed else ""


def _at_most(length: int) -> Callable[[str], str]:
    return lambda text: text[:length].strip()


def _age(text: str) -> str:
    return text if re.fullmatch(r"\d{3}[DWMY]", text) else ""


def _decoded(source: Dataset, keyword: str) -> Any:
    """A sequence whose text no longer depends on the source's character set."""
    items = [Dataset(item) for item in source.get(keyword) or []]
    for item in items:
        item.decode()
    return items


_RULES: dict[str, Callable[[str], str]] = {
    "PatientBirthDate": _date,
    "PatientSex": _one_of("M", "F", "O"),
    "StudyDate": _date,
    "StudyTime": _time,
    "StudyID": _at_most(16),
}
_OPTIONAL: dict[str, Callable[[str], str]] = {
    "IssuerOfPatientID": _at_most(64),
    "PatientIdentityRemoved": _one_of("YES", "NO"),
    "DeidentificationMethod": _at_most(64),
    "StudyDescription": _at_most(64),
    "PatientAge": _age,
}
