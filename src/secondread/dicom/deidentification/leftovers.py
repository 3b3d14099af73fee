"""What can lie beside the picture in its own bytes: spare bytes, unused bits, comments of a compressor."""

from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom import uid

from secondread.dicom.deidentification.comments import without_comments, without_rle_gaps
from secondread.dicom.header import DAMAGED, numbers, whole
from secondread.dicom.layout import frame_bytes
from secondread.dicom.syntaxes import NATIVE, transfer_syntax

_CODESTREAMS = frozenset({*uid.JPEGTransferSyntaxes, *uid.JPEGLSTransferSyntaxes, *uid.JPEG2000TransferSyntaxes,
                          uid.HTJ2K, uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL})  # fmt: skip


def remove_leftovers(source: pydicom.Dataset) -> None:
    """Take out of the pixel bytes of ``source`` what is no pixel; every pixel stays as it is.

    Raises:
        FormatError: If the bytes are in a form whose notes cannot be found.

    Source: DICOM PS3.15 E.3.1 asks it of the pixels; overlays in their unused bits are those of PS3.3 C.9.2 (retired).
    """
    try:
        data = source.get("PixelData")
    except DAMAGED:
        return
    if not isinstance(data, bytes):
        return
    syntax = transfer_syntax(source)
    if syntax in NATIVE:
        needed = frame_bytes(source, whole(source, "NumberOfFrames", 1))
        trimmed = data[: needed + needed % 2] if needed else data
        source["PixelData"].value = _without_unused_bits(trimmed, source)
    elif syntax in _CODESTREAMS:
        source["PixelData"].value = without_comments(data)
    elif syntax == uid.RLELossless:
        source["PixelData"].value = without_rle_gaps(data, whole(source, "Rows", 0) * whole(source, "Columns", 0))


def has_embedded_overlay(elements: pydicom.Dataset) -> bool:
    """Whether a group 60xx places its overlay in the unused bits of the pixels."""
    for tag in list(elements.keys()):
        if tag.group & 0xFF01 == 0x6000 and tag.element == 0x0102:
            try:
                position = elements[tag].value
            except DAMAGED:
                return True
            if position and (tag.group << 16 | 0x3000) not in elements:
                return True
    return False


def _without_unused_bits(data: bytes, source: pydicom.Dataset) -> bytes:
    """The stored bits alone; of signed numbers the sign goes on above them. Padding stays as it is stated.

    An overlay can lie there unannounced, where others took out its description only.
    """
    allocated, stored = whole(source, "BitsAllocated", 0), whole(source, "BitsStored", 0)
    lowest = whole(source, "HighBit", stored - 1) - stored + 1
    if allocated not in (8, 16, 32) or not 0 < stored < allocated or lowest < 0:
        return data
    order = ">" if transfer_syntax(source) == uid.ExplicitVRBigEndian else "<"
    values: NDArray[Any] = np.frombuffer(
        data[: len(data) // (allocated // 8) * (allocated // 8)], f"{order}u{allocated // 8}"
    )
    kept = values & np.array(((1 << stored) - 1) << lowest, values.dtype)
    if whole(source, "PixelRepresentation", 0) == 1 and lowest == 0:
        negative = kept & np.array(1 << (stored - 1), values.dtype) != 0
        above = ((1 << allocated) - 1) ^ ((1 << stored) - 1)
        kept = np.where(negative, kept | np.array(above, values.dtype), kept)
    padding = numbers(source, "PixelPaddingValue")[:1]
    if padding:
        kept = np.where(values == np.array(int(padding[0]) % (1 << allocated), values.dtype), values, kept)
    pixels: bytes = kept.astype(values.dtype).tobytes()
    return pixels + data[values.nbytes :]
