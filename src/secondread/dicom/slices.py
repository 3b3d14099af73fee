"""One slice of a stack: its header, then its values, read straight from the file where it is plain."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray

from secondread.core.errors import FormatError, GeometryError, short_path
from secondread.core.study import FileRef
from secondread.dicom.colour import GREYS
from secondread.dicom.frames import EACH, SHARED, frame_elements
from secondread.dicom.grey import Bits, Lookup, Rescale, measured, stored_values
from secondread.dicom.header import code, numbers, whole
from secondread.dicom.indexed import index, tags_of
from secondread.dicom.layout import check_layout
from secondread.dicom.pixels import check_header, frame_reader, read_picture
from secondread.dicom.recipe import bits_of, modality_of, padding_of
from secondread.dicom.split import TELLING, parts
from secondread.dicom.stack import Slice, slice_of

AIR_HU = -1024.0  # what CT padding becomes: the lowest value of a 12-bit scale, air or less
KEYWORDS = (
    "SOPClassUID", "ImageType", "Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation",
    "ImagePositionPatient", "ImageOrientationPatient", "FrameOfReferenceUID", "PixelSpacing", "SliceThickness",
    "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelPaddingValue", "PixelPaddingRangeLimit",
    "ModalityLUTSequence", "RescaleSlope", "RescaleIntercept", "RescaleType",
)  # fmt: skip
MORE = ("SliceThickness", *TELLING)
POSITION = 0x00200032  # Image Position (Patient)


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """How stored values become what was measured.

    Attributes:
        size: (rows, columns).
        bits: Which bits of a number count.
        kind: Type of the numbers in the file.
        transform: Stored value to the quantity measured.
        padding: (lowest, highest) stored value that is no image, or None.
    """

    size: tuple[int, int]
    bits: Bits
    kind: str
    transform: Rescale | Lookup
    padding: tuple[int, int] | None


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A file of a stack, its pixels still in it.

    Attributes:
        path: The file.
        place: Where the slice lies.
        layout: How to read it.
        offset: Bytes before the first pixel if the values lie in the file as they are, else None.
        frames: Where they do not: takes the file apart and gives what reads a frame by its number.
        frame: Which frame of it, from 0.
    """

    path: Path
    place: Slice
    layout: Layout
    offset: int | None = None
    frames: Callable[[], Callable[[int], NDArray[Any]]] | None = None
    frame: int = 0


def open_slices(files: Sequence[FileRef], modality: str) -> list[Opened]:
    """Read the headers of the files of a stack.

    Slices differ in little more than their position, so what the rest of a header means is worked out once.

    Args:
        files: One per slice.
        modality: ``CT`` slices must say how to reach HU, and their padding is marked.

    Raises:
        FormatError: If a file is damaged, holds several frames, or is a CT slice without HU.
        TooLargeError: If it announces too many pixels.
    """
    tags = tags_of(KEYWORDS)
    known: dict[object, tuple[Slice, Layout]] = {}
    opened = []
    for file in files:
        found = index(file.path, tags)
        if found is None:
            opened += _with_pydicom(file, modality)
            continue
        position = found.raw.get(POSITION)
        alike = (found.explicit, found.length, *((t, v) for t, v in found.raw.items() if t != POSITION))
        if alike not in known:
            elements = found.elements
            if not _is_plain(elements, found.length):
                opened += _with_pydicom(file, modality)
                continue
            known[alike] = _understood(file, elements, modality)
        place, layout = known[alike]
        place = replace(place, uid=file.sop_instance_uid, position=_decimals(position))
        opened.append(Opened(file.path, place, layout, found.offset))
    return opened


def _with_pydicom(file: FileRef, modality: str) -> list[Opened]:
    """A file that is not plain: compressed, of several frames, or with a fault that pydicom survives or will name."""
    elements = read_picture(file.path, more=MORE, defer_pixels=True)
    check_layout(elements, short_path(file.path))
    frames = whole(elements, "NumberOfFrames", 1)
    grouped = SHARED in elements or EACH in elements
    headers = [frame_elements(elements, n) for n in range(frames)] if grouped or frames > 1 else [elements]
    _check_one_stack(headers, short_path(file.path))
    reader = partial(frame_reader, elements, short_path(file.path))
    shared = cache(reader) if frames > 1 else reader  # once for all frames; kept no longer than the slices
    found = []
    for n, header in enumerate(headers):
        place, layout = _understood(file, header, modality)
        uid = place.uid if frames == 1 else f"{place.uid} frame {n + 1}"
        found.append(Opened(file.path, replace(place, uid=uid), layout, frames=shared, frame=n))
    return found


def _check_one_stack(headers: Sequence[pydicom.Dataset], where: str) -> None:
    """Refuse a file whose frames are several stacks: nothing says which of them is meant."""
    found = [name for name, _ in parts(headers)]
    if len(found) > 1:
        raise GeometryError(
            f"{where}: its {len(headers)} frames are {len(found)} stacks ({'; '.join(found[:4])}). A volume is made of "
            "one; export one stack at a time."
        )


def _understood(file: FileRef, elements: pydicom.Dataset, modality: str) -> tuple[Slice, Layout]:
    """Where a slice lies and how to read it, after every check that needs no pixels."""
    where = short_path(file.path)
    check_header(elements, where)
    place = slice_of(file.sop_instance_uid, elements)
    if modality == "CT" and place.is_anatomy:
        _check_hounsfield(elements, where)
    bits = bits_of(elements, where)
    return place, Layout(
        place.size,
        bits,
        f"<{'i' if bits.signed else 'u'}{whole(elements, 'BitsAllocated', 0) // 8}",
        modality_of(elements, where),
        padding_of(elements) if modality == "CT" else None,
    )


def _decimals(position: tuple[str | None, bytes] | None) -> tuple[float, ...]:
    """The numbers of a decimal string; () if one is none. Source: DICOM PS3.5 section 6.2, VR DS."""
    try:
        found = tuple(float(part.strip(b" \0")) for part in position[1].split(b"\\")) if position else ()
    except ValueError:
        return ()
    return found if all(map(math.isfinite, found)) else ()


def read_values(opened: Opened, out: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    """float32 [j, i] of one slice by its own rescale: HU for CT, where padding is -1024.

    Args:
        opened: As :func:`open_slices` gives it.
        out: Where to put them; a new array when None.

    Raises:
        FormatError: If the pixels are damaged.
    """
    layout = opened.layout
    raw = _raw(opened)
    plain = layout.bits.stored == 8 * raw.dtype.itemsize and layout.bits.signed == (raw.dtype.kind == "i")
    stored = raw if plain else stored_values(raw, layout.bits)
    values = np.empty(stored.shape, np.float32) if out is None else out
    if isinstance(layout.transform, Lookup):
        values[...] = measured(stored, layout.transform)
    else:
        values[...] = stored
        if layout.transform.slope != 1.0:
            values *= np.float32(layout.transform.slope)
        if layout.transform.intercept != 0.0:
            values += np.float32(layout.transform.intercept)
    if layout.padding is not None:
        values[(stored >= layout.padding[0]) & (stored <= layout.padding[1])] = AIR_HU
    return values


def _raw(opened: Opened) -> NDArray[Any]:
    """The stored values as they lie in the file, [j, i]."""
    where = short_path(opened.path)
    if opened.frames is not None:
        return opened.frames()(opened.frame)
    raw = np.empty(opened.layout.size, opened.layout.kind)
    with opened.path.open("rb", buffering=0) as stream:
        stream.seek(opened.offset or 0)
        if stream.readinto(raw.data.cast("B")) != raw.nbytes:
            raise FormatError(f"{where}: the file was cut short while it was read. Send the file again.")
    return raw.astype(raw.dtype.newbyteorder("="), copy=False)


def _is_plain(elements: pydicom.Dataset, length: int) -> bool:
    """Whether the pixels of an uncompressed little-endian file are one grey picture that fills them exactly."""
    allocated = whole(elements, "BitsAllocated", 0)
    counts = whole(elements, "SamplesPerPixel", 1), whole(elements, "NumberOfFrames", 1)
    needed = whole(elements, "Rows", 0) * whole(elements, "Columns", 0) * allocated // 8
    fits = allocated in (8, 16, 32) and needed > 0 and needed <= length <= needed + 1
    grey = code(elements, "PhotometricInterpretation") in GREYS and counts == (1, 1)
    return fits and grey and whole(elements, "PixelRepresentation", -1) in (0, 1)


def _check_hounsfield(header: pydicom.Dataset, where: str) -> None:
    """Refuse a CT slice whose numbers are not known to be HU. Source: DICOM PS3.3 C.8.2.1.1.2, C.11.1.1.2."""
    table = "ModalityLUTSequence" in header
    if not table and not all(numbers(header, keyword) for keyword in ("RescaleSlope", "RescaleIntercept")):
        raise FormatError(
            f"{where}: a CT slice without rescale slope and intercept has no HU. Send the original series."
        )
    unit = code(header, "RescaleType") or "HU"
    if unit not in {"HU", "HU_MOD"}:
        raise FormatError(f"{where}: the rescale type is {unit!r}, needed HU. Send the original CT series.")
