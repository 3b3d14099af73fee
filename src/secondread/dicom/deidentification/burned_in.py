"""Text that is part of the pixels: where it must be expected, and a picture without it."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Literal

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom import uid

from secondread.core.errors import FormatError
from secondread.dicom.deidentification.burned_text import find_border_marks, find_text
from secondread.dicom.header import code, codes, identifier, texts, value, whole
from secondread.dicom.layout import check_layout
from secondread.dicom.palette import look_up_colours
from secondread.dicom.pixels import each_frame
from secondread.dicom.syntaxes import NATIVE, transfer_syntax

Mask = NDArray[np.bool_]
# Modalities whose machines or people write into the picture. Source: DICOM PS3.3 C.7.3.1.1.1; the choice is our own.
WRITTEN_ON = frozenset({"US", "IVUS", "XC", "OT", "ES", "RG", "HC", "DOC", "BI", "GM", "DMS", "OP", "OPM", "OPT", ""})
# Secondary Capture of every kind. Source: DICOM PS3.6 Annex A.
_CAPTURES = "1.2.840.10008.5.1.4.1.1.7"
_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_SCREENS = frozenset({"SCREEN SAVE", "SCREEN SHOT", "SCREENSHOT", "DOSE", "DOSE_INFO"})
# What the standard calls each way of losing detail. Source: DICOM PS3.3 C.7.6.1.1.5.1.
_LOSSY = {
    uid.JPEGBaseline8Bit: "ISO_10918_1",
    uid.JPEGExtended12Bit: "ISO_10918_1",
    uid.JPEGLSNearLossless: "ISO_14495_1",
    uid.JPEG2000: "ISO_15444_1",
    uid.HTJ2K: "ISO_15444_15",
}


def expected(elements: pydicom.Dataset) -> str:
    """Why text must be expected in a picture; "" where the file says there is none, or its kind seldom has any.

    Source: DICOM PS3.3 C.7.6.1 (Burned In Annotation; absent means unknown), PS3.15 E.3.1.
    """
    stated = code(elements, "BurnedInAnnotation")
    if stated == "YES":
        return "the file says that text is burned into its pixels"
    if stated == "NO" or not any(keyword in elements for keyword in _PIXELS):
        return ""
    if code(elements, "Modality") in WRITTEN_ON or identifier(elements, "SOPClassUID").startswith(_CAPTURES):
        return "pictures of its kind often have text in their pixels, and it does not say that it has none"
    if _SCREENS.intersection(codes(elements, "ImageType")) or code(elements, "ConversionType"):
        return "it is a copy of a screen or a paper, and does not say that it has no text in its pixels"
    return ""


def mask_text(source: pydicom.Dataset, where: str) -> float:
    """Replace the pixels of ``source`` by uncompressed ones whose text is masked.

    Ultrasound with regions loses everything outside of them. What is left, or the whole of another picture, is
    searched for rows of letters. In a picture without regions, small things in an empty border go too.

    Args:
        source: A whole object; its pixels, their description and ``file_meta`` are changed.
        where: Name for messages.

    Returns:
        Share of the area that was masked.

    Raises:
        FormatError: If the pixels cannot be decoded.
        TooLargeError: If there are too many.

    Source: DICOM PS3.15 E.3.1 (Clean Pixel Data), PS3.3 C.8.5.5.1.1 (regions).
    """
    check_layout(source, where)
    frames = whole(source, "NumberOfFrames", 1)
    if "PixelData" not in source or whole(source, "BitsAllocated", 0) not in (8, 16, 32):
        raise FormatError(f"{where}: its pixels are not of a kind that can be masked. Leave it out.")
    mask = _outside_regions(source)
    searched = mask is None
    found = np.zeros(_shape(source), dtype=bool) if mask is None else mask
    for grey in _overviews(source, frames, where):
        found = found | find_text(grey) | (find_border_marks(grey) if searched else False)
    _store(source, found, frames, where)
    return float(found.mean())


def _shape(elements: pydicom.Dataset) -> tuple[int, int]:
    return whole(elements, "Rows", 0), whole(elements, "Columns", 0)


def _outside_regions(elements: pydicom.Dataset) -> Mask | None:
    """True outside all ultrasound regions; None where there are none."""
    items = value(elements, "SequenceOfUltrasoundRegions")
    if code(elements, "Modality") not in {"US", "IVUS"} or not isinstance(items, pydicom.Sequence):
        return None
    outside: Mask = np.ones(_shape(elements), dtype=bool)
    for item in items:
        left, top = whole(item, "RegionLocationMinX0", -1), whole(item, "RegionLocationMinY0", -1)
        right, bottom = whole(item, "RegionLocationMaxX1", -1), whole(item, "RegionLocationMaxY1", -1)
        if 0 <= left <= right and 0 <= top <= bottom:
            outside[top : bottom + 1, left : right + 1] = False
    return None if outside.all() else outside


def _overviews(source: pydicom.Dataset, frames: int, where: str) -> Iterator[NDArray[np.uint8]]:
    """Pictures that show all text of all frames: the first, and the brightest and darkest over time, as displayed."""
    show = _display(source, where)
    seen = (show(frame) for frame in each_frame(source, where, range(frames)))
    brightest = darkest = next(seen)
    yield brightest
    for grey in islice(seen, frames - 1):
        brightest, darkest = np.maximum(brightest, grey), np.minimum(darkest, grey)
    if frames > 1:
        yield from (brightest, darkest)


def _display(source: pydicom.Dataset, where: str) -> Callable[[NDArray[Any]], NDArray[np.uint8]]:
    """A function from stored values to grey 0 to 255, for looking at and not for measuring."""
    kind = code(source, "PhotometricInterpretation")

    def grey(frame: NDArray[Any]) -> NDArray[np.uint8]:
        colours = look_up_colours(frame, source, where) if kind == "PALETTE COLOR" else frame
        values = colours.max(axis=-1) if colours.ndim == 3 else colours
        low, high = float(values.min()), float(values.max())
        scaled = (values.astype(np.float32) - low) * (255.0 / max(high - low, 1.0))
        return np.asarray(255 - scaled if kind == "MONOCHROME1" else scaled, dtype=np.uint8)

    return grey


def _store(source: pydicom.Dataset, mask: Mask, frames: int, where: str) -> None:
    """Write the masked frames and what describes them."""
    syntax, before = transfer_syntax(source), len(source.PixelData)
    order: Literal["<", ">"] = ">" if syntax == uid.ExplicitVRBigEndian else "<"
    planes = []
    for frame in each_frame(source, where, range(frames)):
        clean = np.array(frame)
        clean[mask] = _black(frame, source, where)
        planes.append(clean.astype(clean.dtype.newbyteorder(order)).tobytes())
    data = b"".join(planes)
    if syntax in _LOSSY and code(source, "LossyImageCompression") != "01":
        source.LossyImageCompression = "01"
        source.LossyImageCompressionMethod = _LOSSY[syntax]
        source.LossyImageCompressionRatio = f"{len(data) / max(before, 1):.4g}"
    if whole(source, "SamplesPerPixel", 1) == 3:
        source.PhotometricInterpretation, source.PlanarConfiguration = "RGB", 0
    source.add_new("PixelData", "OB" if source.BitsAllocated == 8 else "OW", data + b"\0" * (len(data) % 2))
    source.file_meta = pydicom.dataset.FileMetaDataset()
    source.file_meta.TransferSyntaxUID = syntax if syntax in NATIVE else uid.ExplicitVRLittleEndian
    for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths", "SmallestImagePixelValue",
                    "LargestImagePixelValue", "PixelDataProviderURL"):  # fmt: skip
        source.pop(keyword, None)
    source.ImageType = ["DERIVED", *(texts(source, "ImageType")[1:] or ("SECONDARY",))]
    source.BurnedInAnnotation = "NO"


def _black(frame: NDArray[Any], source: pydicom.Dataset, where: str) -> int:
    """The value that is displayed darkest, of those the picture has."""
    if frame.ndim == 3:
        return 0
    kind = code(source, "PhotometricInterpretation")
    if kind == "PALETTE COLOR":
        values = np.unique(frame)
        return int(values[look_up_colours(values, source, where).sum(axis=-1).argmin()])
    return int(frame.max() if kind == "MONOCHROME1" else frame.min())
