"""What a header says about showing its pixels: elements in, a :class:`~secondread.dicom.grey.Recipe` out."""

from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.uid import ExplicitVRBigEndian

from secondread.core.errors import FormatError
from secondread.dicom.grey import Bits, Lookup, Recipe, Rescale
from secondread.dicom.header import code, numbers, value, whole
from secondread.dicom.syntaxes import is_compressed
from secondread.dicom.voi import Window


def recipe_of(elements: pydicom.Dataset, where: str) -> Recipe:
    """How to show a grey picture.

    A VOI LUT goes before a window, as the maker's own curve; of several, the first counts.

    Raises:
        FormatError: If the bit layout or a lookup table is impossible.
    """
    inverse = code(elements, "PhotometricInterpretation") == "MONOCHROME1"
    inverse = inverse or code(elements, "PresentationLUTShape") == "INVERSE"
    return Recipe(
        bits=bits_of(elements, where),
        padding=padding_of(elements),
        modality=modality_of(elements, where),
        voi=_voi_of(elements, where),
        inverted=inverse,
    )


def bits_of(elements: pydicom.Dataset, where: str) -> Bits:
    """Layout of the stored values.

    Raises:
        FormatError: If the counts contradict each other.
    """
    allocated = whole(elements, "BitsAllocated", 0)
    stored = whole(elements, "BitsStored", allocated)
    high = stored - 1 if is_compressed(elements) else whole(elements, "HighBit", stored - 1)
    if not 1 <= stored <= high + 1 <= allocated:
        raise FormatError(
            f"{where}: the header stores {stored} bits up to bit {high} in {allocated}, which cannot be. "
            "Send the original image."
        )
    return Bits(stored, high, signed=whole(elements, "PixelRepresentation", 0) == 1)


def padding_of(elements: pydicom.Dataset) -> tuple[int, int] | None:
    """(lowest, highest) stored value that is padding, or None.

    Writers disagree on the sign of these elements, so they are taken as bit patterns of the container.

    Source: DICOM PS3.3 C.7.5.1.1.2.
    """
    first = numbers(elements, "PixelPaddingValue")
    if not first:
        return None
    last = numbers(elements, "PixelPaddingRangeLimit") or first
    allocated = whole(elements, "BitsAllocated", 16)
    signed = whole(elements, "PixelRepresentation", 0) == 1
    low, high = sorted(_as_stored(int(number), allocated, signed=signed) for number in (first[0], last[0]))
    return low, high


def modality_of(elements: pydicom.Dataset, where: str) -> Rescale | Lookup:
    """Stored value to the quantity measured. A modality LUT wins over slope and intercept.

    Raises:
        FormatError: If the lookup table is impossible.
    """
    item = _first_item(elements, "ModalityLUTSequence")
    if item is not None:
        return _table(item, elements, where)[0]
    slope, intercept = numbers(elements, "RescaleSlope"), numbers(elements, "RescaleIntercept")
    found = Rescale(slope[0] if slope else 1.0, intercept[0] if intercept else 0.0)
    if found.slope == 0.0:
        raise FormatError(f"{where}: the rescale slope is 0, which erases the picture. Send it again.")
    return found


def _voi_of(elements: pydicom.Dataset, where: str) -> Window | Lookup | None:
    """The first VOI LUT, else the first window, else None; a window that cannot be applied counts as absent."""
    item = _first_item(elements, "VOILUTSequence")
    if item is not None:
        lookup, bits = _table(item, elements, where)
        white = max(float(2**bits - 1), float(lookup.entries.max()))
        return Lookup(lookup.first, lookup.entries / white)
    centre, width = numbers(elements, "WindowCenter"), numbers(elements, "WindowWidth")
    if not centre or not width:
        return None
    try:
        return Window(centre[0], width[0], code(elements, "VOILUTFunction") or "LINEAR")
    except ValueError:
        return None


def _first_item(elements: pydicom.Dataset, keyword: str) -> pydicom.Dataset | None:
    items = value(elements, keyword)
    return items[0] if isinstance(items, pydicom.Sequence) and len(items) else None


def _table(item: pydicom.Dataset, elements: pydicom.Dataset, where: str) -> tuple[Lookup, int]:
    """A lookup table and the bits of its entries. Source: DICOM PS3.3 C.11.1.1.1."""
    descriptor = [int(number) for number in numbers(item, "LUTDescriptor")]
    if len(descriptor) != 3 or not 1 <= descriptor[2] <= 16:
        raise FormatError(f"{where}: the descriptor of a lookup table is damaged. Send the original image.")
    count = descriptor[0] & 0xFFFF or 2**16
    signed = whole(elements, "PixelRepresentation", 0) == 1
    first = _as_stored(descriptor[1], 16, signed=signed)
    entries = _entries(item, count, big_endian=_is_big_endian(elements))
    if len(entries) < count:
        raise FormatError(f"{where}: a lookup table has {len(entries)} entries, needed {count}. Send the image again.")
    return Lookup(first, entries[:count].astype(np.float64)), descriptor[2]


def _entries(item: pydicom.Dataset, count: int, *, big_endian: bool) -> NDArray[Any]:
    """LUT data come as numbers or as bytes, and 8-bit entries sometimes packed two to a word."""
    data = value(item, "LUTData")
    if not isinstance(data, bytes):
        try:
            return np.atleast_1d(np.array([] if data is None else data, dtype=np.int64)) & 0xFFFF
        except (ValueError, TypeError, OverflowError):
            return np.zeros(0, np.int64)
    if len(data) < 2 * count:
        return np.frombuffer(data, np.uint8)
    return np.frombuffer(data[: len(data) // 2 * 2], ">u2" if big_endian else "<u2")


def _is_big_endian(elements: pydicom.Dataset) -> bool:
    return getattr(elements, "file_meta", {}).get("TransferSyntaxUID") == ExplicitVRBigEndian


def _as_stored(number: int, bits: int, *, signed: bool) -> int:
    """Read a number that may carry the wrong sign as a pattern of ``bits`` bits."""
    pattern = number & ((1 << bits) - 1)
    return pattern - (1 << bits) if signed and pattern >> (bits - 1) else pattern
