"""How the numbers of a picture lie in its file, judged by the header before anything is decoded."""

import math

import pydicom

from secondread.core.errors import FormatError
from secondread.dicom.header import code, whole
from secondread.dicom.limits import MAX_VOXELS, check_size

_BITS = (1, 8, 16, 32)


def check_layout(elements: pydicom.Dataset, where: str) -> None:
    """Refuse pixels that are too many or whose layout makes no sense.

    Raises:
        FormatError: If a count or the bit layout is impossible.
        TooLargeError: If one frame, or all together, announce too many pixels.
    """
    rows, columns = whole(elements, "Rows", 0), whole(elements, "Columns", 0)
    frames, samples = whole(elements, "NumberOfFrames", 1), whole(elements, "SamplesPerPixel", 1)
    check_size(where, rows=rows, columns=columns, samples=samples)
    check_size(where, rows=rows, columns=columns, samples=samples, frames=frames, limit=MAX_VOXELS)
    if samples != (3 if is_colour(elements) else 1):
        raise FormatError(f"{where}: the photometric interpretation and {samples} samples per pixel do not fit.")
    allocated = whole(elements, "BitsAllocated", 0)
    if allocated not in _BITS:
        raise FormatError(f"{where}: found {allocated} bits allocated, needed 1, 8, 16 or 32. Send the original image.")


def is_colour(elements: pydicom.Dataset) -> bool:
    """Whether a pixel has three numbers of its own, rather than one or a place in a palette."""
    return code(elements, "PhotometricInterpretation").startswith(("RGB", "YBR"))


def frame_bytes(elements: pydicom.Dataset, frames: int = 1) -> int:
    """How many bytes uncompressed frames take, padding aside."""
    samples = whole(elements, "SamplesPerPixel", 1)
    if code(elements, "PhotometricInterpretation") == "YBR_FULL_422":
        samples = 2  # two neighbours share their colour. Source: DICOM PS3.3 C.7.6.3.1.2
    numbers = whole(elements, "Rows", 0) * whole(elements, "Columns", 0) * samples * frames
    return math.ceil(numbers * whole(elements, "BitsAllocated", 0) / 8)


def check_length(found: int, elements: pydicom.Dataset, frames: int, where: str) -> None:
    """Refuse uncompressed data that are cut short, or that hold a frame more than the header speaks of.

    Raises:
        FormatError: If ``found`` bytes are too few or too many for ``frames`` frames.
    """
    needed = frame_bytes(elements, frames)
    if found < needed:
        raise FormatError(
            f"{where}: the file is cut short: {found:,} bytes of pixels, needed {needed:,}. Send the file again."
        )
    if found >= needed + needed // frames + 2:
        raise FormatError(
            f"{where}: the file holds {found:,} bytes of pixels, more than the {needed:,} its header speaks of. "
            "Send the original file."
        )
