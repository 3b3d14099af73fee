"""What can lie beside the picture in its own bytes: spare bytes, unused bits, comments of a compressor."""

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom import uid

from secondread.dicom.header import DAMAGED, whole
from secondread.dicom.layout import frame_bytes
from secondread.dicom.syntaxes import NATIVE, transfer_syntax

_ITEM = b"\xfe\xff\x00\xe0"  # Source: DICOM PS3.5 A.4
# COM, and the application segments of EXIF and XMP (1) and of Photoshop (13). The others say how to decode.
# Source: ISO/IEC 10918-1 table B.1; Exif 2.32 section 4.7.
_JPEG_COMMENTS = frozenset({0xFE, 0xE1, 0xED})
_J2K_COMMENT = 0x64  # Source: ISO/IEC 15444-1 A.9.2
_SCAN, _TILE = 0xDA, 0x90  # what follows is the picture: SOS, SOT
_CODESTREAMS = frozenset({*uid.JPEGTransferSyntaxes, *uid.JPEGLSTransferSyntaxes, *uid.JPEG2000TransferSyntaxes,
                          uid.HTJ2K, uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL})  # fmt: skip


def remove_leftovers(source: pydicom.Dataset) -> None:
    """Take out of the pixel bytes of ``source`` what is no pixel; every pixel stays as it is.

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
        if has_embedded_overlay(source):
            trimmed = _without_unused_bits(trimmed, source)
        source["PixelData"].value = trimmed
    elif syntax in _CODESTREAMS:
        source["PixelData"].value = _without_comments(data)


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
    """The stored bits alone; of signed numbers the sign goes on above them."""
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
    pixels: bytes = kept.astype(values.dtype).tobytes()
    return pixels + data[values.nbytes :]


def _without_comments(data: bytes) -> bytes:
    """The same fragments with blanks for the text of comments."""
    clean = bytearray(data)
    for start, end in _fragments(data):
        for first, last in _comments(data, start, end):
            clean[first:last] = b" " * (last - first)
    return bytes(clean)


def _fragments(data: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of every item of encapsulated pixels."""
    at = 0
    while data[at : at + 4] == _ITEM:
        (length,) = struct.unpack("<I", data[at + 4 : at + 8].ljust(4, b"\0"))
        yield at + 8, min(at + 8 + length, len(data))
        at += 8 + length


def _comments(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where comments lie in the header of a JPEG, JPEG-LS or JPEG 2000 frame that begins here."""
    wrapped = data.find(b"\xff\x4f\xff\x51", start, min(start + 4096, end))
    jpeg_2000 = wrapped >= 0
    at = (wrapped if jpeg_2000 else start) + 2
    if not jpeg_2000 and data[start : start + 2] != b"\xff\xd8":
        return
    while at + 4 <= end and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker in (_SCAN, _TILE):
            return
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        if jpeg_2000 and marker == _J2K_COMMENT:
            yield min(at + 6, end), min(at + 2 + length, end)
        elif not jpeg_2000 and marker in _JPEG_COMMENTS:
            yield at + 4, min(at + 2 + length, end)
        at += 2 + length
