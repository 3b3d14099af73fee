"""The elements of a DICOM file, read calmly whatever the file's quirks."""

import logging
import math
import re
import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pydicom
from pydicom.config import disable_value_validation
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.tag import BaseTag, Tag

from secondread.core.errors import FormatError, short_path
from secondread.dicom.limits import check_inflated

# What pydicom raises on damaged files. Anything else is a fault of this program and must be seen.
DAMAGED = (
    InvalidDicomError,
    BytesLengthException,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    NotImplementedError,
    ArithmeticError,
    RecursionError,
    RuntimeError,
    struct.error,
    zlib.error,
)

# Neither names nor addresses: PatientID and the birth date are read for the pseudonym and the age, then forgotten.
IDENTITY = (
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "SeriesNumber", "Modality",
    "PatientID", "IssuerOfPatientID", "PatientAge", "PatientBirthDate", "PatientSex", "StudyDate",
    "BodyPartExamined", "AnatomicRegionSequence", "ImageLaterality", "Laterality", "ViewPosition",
    "ViewCodeSequence", "PresentationIntentType", "PatientOrientation", "ImageType",
    "Rows", "Columns", "NumberOfFrames", "SamplesPerPixel",
)  # fmt: skip
PLACE = (
    "ImagePositionPatient", "ImageOrientationPatient", "FrameOfReferenceUID", "PixelSpacing", "ImagerPixelSpacing",
    "PixelSpacingCalibrationType", "EstimatedRadiographicMagnificationFactor", "NominalScannedPixelSpacing",
)  # fmt: skip
GREY = (
    "PhotometricInterpretation", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation",
    "PlanarConfiguration", "PixelPaddingValue", "PixelPaddingRangeLimit", "ModalityLUTSequence", "RescaleSlope",
    "RescaleIntercept", "RescaleType", "VOILUTSequence", "WindowCenter", "WindowWidth", "VOILUTFunction",
    "PresentationLUTShape", "RedPaletteColorLookupTableDescriptor", "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor", "RedPaletteColorLookupTableData", "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData", "SegmentedRedPaletteColorLookupTableData",
    "SegmentedGreenPaletteColorLookupTableData", "SegmentedBluePaletteColorLookupTableData",
)  # fmt: skip
PIXELS = ("PixelData", "ExtendedOffsetTable", "ExtendedOffsetTableLengths")


# VRs of the default character repertoire, whatever the file declares. Source: DICOM PS3.5 section 6.1.2.2.
_PLAIN = frozenset({"AE", "AS", "CS", "DA", "DS", "IS", "TM", "UI"})
_CODE = re.compile(r"[A-Z0-9 _+./()-]{0,64}")
_UID = re.compile(r"[0-9A-Za-z.-]{1,64}")  # digits and dots by the Standard; some de-identifiers write hashes
DEFER_BYTES = 2**17  # more than any lookup table, less than the pixels of most slices


@contextmanager
def calm() -> Iterator[None]:
    """No warnings and no log lines, which quote values and so may hold patient data.

    A deviation from the Standard is either survived in silence or raised as an error of our own.
    """
    parser = logging.getLogger("pydicom")
    level = parser.level
    with disable_value_validation(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parser.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            parser.setLevel(level)


def is_dicom(path: Path) -> bool:
    """Whether the first bytes of ``path`` are those of a DICOM file, with or without a preamble.

    Source: DICOM PS3.10 section 7.1 (preamble and prefix), PS3.5 section 7.1 (data elements).
    """
    try:
        with path.open("rb") as stream:
            start = stream.read(132)
    except OSError:
        return False
    return start[128:] == b"DICM" or _starts_with_an_element(start)


def read_elements(path: Path, keywords: Sequence[str], *, defer_pixels: bool = False) -> pydicom.Dataset:
    """The elements ``keywords`` of a DICOM file; pixels only if asked for by name.

    Args:
        path: The file.
        keywords: DICOM keywords to keep.
        defer_pixels: Leave the pixels in the file until they are used.

    Raises:
        FormatError: If the file cannot be read, is empty, or is not DICOM.
        TooLargeError: If its compressed header inflates beyond all reason.
    """
    where = short_path(path)
    _check_there(path)
    if not is_dicom(path):
        raise FormatError(f"{where}: not a DICOM file, whatever its name. Export the picture as DICOM, PNG or JPEG.")
    deflated = check_inflated(path)
    try:
        return pydicom.dcmread(
            path,
            force=True,
            specific_tags=list(keywords),
            stop_before_pixels="PixelData" not in keywords,
            defer_size=DEFER_BYTES if defer_pixels and not deflated else None,
        )
    except DAMAGED as error:
        raise FormatError(f"{where}: the DICOM file is damaged and cannot be parsed. Send it again.") from error


def _check_there(path: Path) -> None:
    where = short_path(path)
    if not path.is_file():
        raise FormatError(f"{where}: no such file. Check the path.")
    try:
        size = path.stat().st_size
        path.open("rb").close()
    except OSError as error:
        raise FormatError(f"{where}: the file cannot be opened. Check its permissions.") from error
    if size == 0:
        raise FormatError(f"{where}: the file is empty (0 bytes). Copy it again from its source.")


def _starts_with_an_element(start: bytes) -> bool:
    """Whether ``start`` could open a data set: group 0002 or 0008, then a plausible VR or length."""
    if len(start) < 16:
        return False
    explicit = start[4:6].isalpha() and start[4:6].isupper()
    for order in "<>":
        group, element = struct.unpack(f"{order}HH", start[:4])
        (length,) = struct.unpack(f"{order}I", start[4:8])
        if group in (0x0002, 0x0008) and element <= 0x0070 and (explicit or length <= 1024):
            return True
    return False


def value(dataset: pydicom.Dataset, keyword: str) -> Any:
    """The value of an element, or None if it is absent, empty or cannot be understood."""
    try:
        found = dataset.get(keyword)
    except DAMAGED:
        return None
    return None if found is None or found == "" else found


def texts(dataset: pydicom.Dataset, keyword: str) -> tuple[str, ...]:
    """All values of a text element, stripped; () if absent."""
    plain = _plain_texts(dataset, keyword)
    if plain is not None:
        return plain
    found = value(dataset, keyword)
    if found is None:
        return ()
    several = isinstance(found, Sequence) and not isinstance(found, str | bytes)
    return tuple(str(item).strip(" \0") for item in (found if several else (found,)))


def _plain_texts(dataset: pydicom.Dataset, keyword: str) -> tuple[str, ...] | None:
    """The same from the bytes as they were read, where no character set has a say; None where pydicom is needed.

    Many times as fast, which counts for 10,000 files.
    """
    tag, usual = _tag_of(keyword)
    found: Any = dataset.get_item(tag, keep_deferred=True)
    if found is None:
        return ()
    if not isinstance(found, RawDataElement) or not isinstance(found.value, bytes):
        return None
    kind = found.VR or usual
    if kind == "US" and found.is_little_endian and len(found.value) % 2 == 0:
        return tuple(str(number) for (number,) in struct.iter_unpack("<H", found.value))
    if kind not in _PLAIN or not found.value.isascii():
        return None
    values = tuple(item.strip(" \0") for item in found.value.decode("ascii").split("\\"))
    return () if values == ("",) else values


@cache
def _tag_of(keyword: str) -> tuple[BaseTag, str]:
    """The tag and the usual VR of a keyword."""
    tag = Tag(keyword)
    return tag, dictionary_VR(tag)


def text(dataset: pydicom.Dataset, keyword: str) -> str:
    """The first value of a text element, stripped; "" if absent."""
    return next(iter(texts(dataset, keyword)), "")


def codes(dataset: pydicom.Dataset, keyword: str) -> tuple[str, ...]:
    """All values of a coded element in upper case, "" for one that is no code.

    In a damaged file an element can run on into the next one and so into the patient's name; what is quoted in
    messages and kept in a :class:`~secondread.core.study.Series` must therefore look like what it claims to be.
    """
    return tuple(item if _CODE.fullmatch(item) else "" for item in map(str.upper, texts(dataset, keyword)))


def code(dataset: pydicom.Dataset, keyword: str) -> str:
    """The first value of a coded element in upper case; "" if absent or no code."""
    return next(iter(codes(dataset, keyword)), "")


def identifier(dataset: pydicom.Dataset, keyword: str) -> str:
    """A UID; "" if absent or longer than 64 plain characters. Source: DICOM PS3.5 section 9.1."""
    found = text(dataset, keyword)
    return found if _UID.fullmatch(found) else ""


def numbers(dataset: pydicom.Dataset, keyword: str) -> tuple[float, ...]:
    """All values of a numeric element; () if absent or if one of them is no finite number."""
    try:
        found = tuple(float(item) for item in texts(dataset, keyword))
    except ValueError:
        return ()
    return found if all(map(math.isfinite, found)) else ()


def whole(dataset: pydicom.Dataset, keyword: str, default: int) -> int:
    """The first value of a numeric element as a whole number; ``default`` if absent."""
    found = numbers(dataset, keyword)
    return int(found[0]) if found and abs(found[0]) < 2**63 else default
