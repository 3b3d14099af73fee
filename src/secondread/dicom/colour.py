"""Colour of stored values: palettes are looked up once; a decoder has already turned YBR into red, green and blue."""

from typing import Any

import pydicom
from numpy.typing import NDArray

from secondread.core.errors import FormatError
from secondread.dicom.grey import stored_values
from secondread.dicom.header import code, whole
from secondread.dicom.palette import look_up_colours
from secondread.dicom.recipe import bits_of

GREYS = frozenset({"MONOCHROME1", "MONOCHROME2"})
COLOURS = frozenset({"RGB", "PALETTE COLOR", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"})


def is_grey(elements: pydicom.Dataset, where: str) -> bool:
    """Whether a picture is grey rather than coloured.

    Raises:
        FormatError: If its photometric interpretation is not read.
    """
    photometric = code(elements, "PhotometricInterpretation")
    if photometric not in GREYS | COLOURS:
        raise FormatError(f"{where}: the photometric interpretation {photometric!r} is not read. Send a grey image.")
    return photometric in GREYS


def coloured(raw: NDArray[Any], elements: pydicom.Dataset, where: str) -> tuple[NDArray[Any], int]:
    """Red, green and blue, and the bits of each.

    Args:
        raw: As decoded: [j, i, 3], or places in a palette [j, i].
        elements: The header.
        where: File name for messages.

    Returns:
        Whole numbers [j, i, 3], and how many bits the brightest takes.

    Raises:
        FormatError: If the palette is damaged.

    Source: DICOM PS3.3 C.7.6.3.1.2 (photometric interpretation).
    """
    if code(elements, "PhotometricInterpretation") != "PALETTE COLOR":
        return raw, whole(elements, "BitsStored", 8)
    found = look_up_colours(stored_values(raw, bits_of(elements, where)), elements, where)
    return found, 8 * found.dtype.itemsize
