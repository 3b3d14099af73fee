"""What the headers of a series say that decides whether a reader should take it."""

import re
from collections.abc import Sequence

import numpy as np
import pydicom
from numpy.typing import NDArray

from secondread.core.facts import SeriesFacts
from secondread.dicom import stack
from secondread.dicom.body_part import body_parts_in
from secondread.dicom.gaps import SAME_PLACE_MM
from secondread.dicom.header import code, codes, numbers, text, texts, value, whole

FACTS = (
    "ImageType", "BodyPartExamined", "AnatomicRegionSequence", "ProtocolName", "SeriesDescription", "NumberOfFrames",
    "ImageOrientationPatient", "ImagePositionPatient", "SliceThickness", "ConvolutionKernel", "Manufacturer",
    "ContrastBolusAgent", "SharedFunctionalGroupsSequence", "PhotometricInterpretation", "BurnedInAnnotation",
    "InstanceNumber",
)  # fmt: skip
# Distance over thickness from which on, with numbers that skip, slices look left out. A rule of our own: scanners leave
# gaps of some tenths of the thickness, and every second slice of slices without gaps is twice as far away.
FAR = 1.5
ALONG = 0.9  # cosine of the largest angle, about 25 degrees, by which a plane may be turned and keep its name
NO_AGENT = frozenset({"NO", "NONE", "N", "0", "WITHOUT", "NATIVE", "NON CONTRAST", "NONCONTRAST", "없음"})
# Source: DICOM PS3.3 C.7.6.1.1.2 and C.8.16.1.1 (Image Type); MIP and its kin as scanners write them.
PROJECTIONS = stack.PROJECTIONS | {"VOLUME RENDERED", "AVERAGE"}
# Names that say what they are for; other vendors' letters and numbers are not guessed at.
_SOFT, _SHARP = re.compile(r"SOFT|STANDARD|^STAND|^STD|BRAIN"), re.compile(r"LUNG|BONE|EDGE|SHARP")
# Source: SOMATOM Sensation operating instructions, "Body Kernels": up to B40 for body tissue, B50 to B80 for higher
# sharpness; the number stands after one or two letters in newer names too (Br40d, Hr68h).
_SIEMENS = re.compile(r"^[BHU][A-Z]?(\d\d)[A-Z]?")
SIEMENS_SHARP = 50
Floats = NDArray[np.float64]

# As sites name their series; what stands first wins, since a FLAIR is often called "T2 FLAIR" and an ADC map "DWI ADC".
_SEQUENCES = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("FLAIR", r"FLAIR|DARK.?FLUID"),
        ("ADC", r"ADC|APPARENT"),
        ("DWI", r"DWI|DIFF|TRACE"),
        ("SWI", r"SWI|SWAN|HEMO|T2.?STAR|T2\*"),
        ("T1", r"T1|MPRAGE|BRAVO|SPGR"),
        ("T2", r"T2"),
    )
)


def facts_of(headers: Sequence[pydicom.Dataset]) -> SeriesFacts:
    """The facts of one series.

    Args:
        headers: Of its files, with the elements :data:`FACTS`, in any order; localizers count only if all are.
    """
    slices = [item for item in headers if "LOCALIZER" not in codes(item, "ImageType")] or list(headers)
    typical = slices[len(slices) // 2]
    stated, described = _body_parts(typical)
    thickness = next(iter(_shared(typical, "PixelMeasuresSequence", "SliceThickness")), 0.0)
    gaps, between = _gaps(slices)
    return SeriesFacts(
        slices=max(1, sum(max(1, whole(item, "NumberOfFrames", 1)) for item in slices)),
        body_parts=tuple(sorted(stated or described)),
        disputed=bool(stated and described and not stated & described),
        plane=plane_of(_shared(typical, "PlaneOrientationSequence", "ImageOrientationPatient")),
        thickness_mm=thickness if thickness > 0 else None,
        spacing_mm=round(float(np.median(gaps)), 4) if gaps.size else None,
        kernel=kernel_of(text(typical, "ConvolutionKernel"), text(typical, "Manufacturer")),
        contrast=_contrast(typical),
        origin=_origin(codes(typical, "ImageType")),
        sequence=sequence_of(*texts(typical, "SeriesDescription"), *texts(typical, "ProtocolName")),
        photometric=code(typical, "PhotometricInterpretation"),
        burned_in={"YES": True, "NO": False}.get(code(typical, "BurnedInAnnotation")),
        widest_mm=round(float(gaps.max()), 4) if gaps.size else None,
        left_out=_far_apart(gaps, between) and _numbers_skip(slices),
    )


def plane_of(orientation: Sequence[float]) -> str:
    """``axial``, ``coronal``, ``sagittal`` or ``oblique`` from Image Orientation (Patient); ``""`` without it.

    >>> plane_of((1, 0, 0, 0, 1, 0)), plane_of((1, 0, 0, 0, 0, -1)), plane_of((0, 1, 0, 0, 0, -1))
    ('axial', 'coronal', 'sagittal')
    """
    if len(orientation) != 6:
        return ""
    normal = np.abs(np.cross(orientation[:3], orientation[3:]))
    length = float(np.linalg.norm(normal))
    if length < 0.5:
        return ""
    axis = int(normal.argmax())
    return ("sagittal", "coronal", "axial")[axis] if normal[axis] / length >= ALONG else "oblique"


def sequence_of(*described: str) -> str:
    """The MR sequence that a series is named after, from the first text that names just one; else ``""``.

    >>> sequence_of("AX FLAIR T2 fs"), sequence_of("t1_mprage_sag", ""), sequence_of("", "ep2d_diff_ADC")
    ('FLAIR', 'T1', 'ADC')
    >>> sequence_of("PD")
    ''
    """
    for words in map(str.upper, described):
        found = [name for name, pattern in _SEQUENCES if pattern.search(words)]
        if found and (found[0] not in {"T1", "T2"} or len(found) == 1):
            return found[0]
    return ""


def kernel_of(name: str, manufacturer: str) -> str:
    """``soft``, ``sharp`` or ``unknown`` from the name of a CT kernel.

    >>> kernel_of("B40f", "SIEMENS"), kernel_of("B70f", "Siemens"), kernel_of("LUNG", "GE"), kernel_of("C", "Philips")
    ('soft', 'sharp', 'sharp', 'unknown')
    """
    upper = name.upper()
    if "SIEMENS" in manufacturer.upper() and (match := _SIEMENS.match(upper)):
        return "sharp" if int(match[1]) >= SIEMENS_SHARP else "soft"
    sharp, soft = bool(_SHARP.search(upper)), bool(_SOFT.search(upper))
    if sharp == soft:
        return "unknown"
    return "sharp" if sharp else "soft"


def _body_parts(header: pydicom.Dataset) -> tuple[frozenset[str], frozenset[str]]:
    """From tags with terms of their own, and from free text."""
    items = value(header, "AnatomicRegionSequence")
    meanings = [text(item, "CodeMeaning") for item in items] if isinstance(items, pydicom.Sequence) else []
    stated = body_parts_in(texts(header, "BodyPartExamined"), coded=True) | body_parts_in(meanings)
    described = body_parts_in([*texts(header, "ProtocolName"), *texts(header, "SeriesDescription")])
    return stated, described


def _shared(header: pydicom.Dataset, group: str, keyword: str) -> tuple[float, ...]:
    """Numbers of an element, or of the group of an enhanced image that all frames share."""
    if found := numbers(header, keyword):
        return found
    items = value(header, "SharedFunctionalGroupsSequence")
    inner = value(items[0], group) if isinstance(items, pydicom.Sequence) and len(items) else None
    return numbers(inner[0], keyword) if isinstance(inner, pydicom.Sequence) and len(inner) else ()


def _gaps(slices: Sequence[pydicom.Dataset]) -> tuple[Floats, Floats]:
    """Distances of neighbouring slices along their normal, and the thickness of either two, 0 where not stated: mm."""
    orientation = numbers(slices[0], "ImageOrientationPatient")
    placed = [item for item in slices if len(numbers(item, "ImagePositionPatient")) == 3]
    if len(orientation) != 6 or len(placed) < 2:
        return np.empty(0), np.empty(0)
    normal = np.cross(orientation[:3], orientation[3:])
    places = np.array([numbers(item, "ImagePositionPatient") for item in placed]) @ normal
    order = np.argsort(places, kind="stable")
    thick = np.array([next(iter(numbers(item, "SliceThickness")), 0.0) for item in placed])[order]
    gaps = np.diff(places[order])
    kept = gaps > SAME_PLACE_MM
    return gaps[kept], ((thick[1:] + thick[:-1]) / 2.0)[kept]


def _far_apart(gaps: Floats, thickness: Floats) -> bool:
    """Whether slices leave much more unseen between them than scanners do."""
    return bool(gaps.size) and float(thickness.min()) > 0.0 and float(np.median(gaps / thickness)) > FAR


def _numbers_skip(slices: Sequence[pydicom.Dataset]) -> bool:
    """Whether no instance number follows another one directly, as in 1, 3, 5."""
    steps = np.diff(np.unique([whole(item, "InstanceNumber", 0) for item in slices]))
    return bool(steps.size) and int(steps.min()) > 1


def _contrast(header: pydicom.Dataset) -> bool | None:
    """Whether an agent is named; an absent or empty element says nothing. Source: DICOM PS3.3 C.7.6.4."""
    agent = text(header, "ContrastBolusAgent").upper()
    return agent not in NO_AGENT if agent else None


def _origin(image_type: Sequence[str]) -> str:
    words = {word for item in image_type for word in (item, *item.split("_"))} | set(image_type)
    if "LOCALIZER" in words:
        return "localizer"
    if words & PROJECTIONS:
        return "projection"
    first = image_type[0] if image_type else ""
    return {"ORIGINAL": "original", "DERIVED": "derived"}.get(first, "unknown")
