"""The bytes of single frames as they lie in a file, found without reading the rest."""

import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pydicom
from pydicom import uid
from pydicom.encaps import get_frame
from pydicom.pixels.utils import pack_bits

from secondread.core.errors import FormatError, short_path
from secondread.dicom.frames import decode_frames
from secondread.dicom.header import DAMAGED, calm, value, whole
from secondread.dicom.layout import frame_bytes
from secondread.dicom.pixels import read_picture
from secondread.dicom.syntaxes import transfer_syntax

# Pixel Data, Float Pixel Data, Double Float Pixel Data, little endian. Source: DICOM PS3.3 C.7.6.24 and C.7.6.25.
PIXEL_TAGS = frozenset({b"\xe0\x7f\x10\x00", b"\xe0\x7f\x08\x00", b"\xe0\x7f\x09\x00"})
LITTLE = frozenset({uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian})
# Media type of the frames of a transfer syntax. Source: DICOM PS3.18 table 8.7.3-5.
MEDIA = {
    uid.JPEGBaseline8Bit: "image/jpeg",
    uid.JPEGExtended12Bit: "image/jpeg",
    uid.JPEGLossless: "image/jpeg",
    uid.JPEGLosslessSV1: "image/jpeg",
    uid.JPEGLSLossless: "image/jls",
    uid.JPEGLSNearLossless: "image/jls",
    uid.JPEG2000Lossless: "image/jp2",
    uid.JPEG2000: "image/jp2",
    uid.HTJ2KLossless: "image/jphc",
    uid.HTJ2KLosslessRPCL: "image/jphc",
    uid.HTJ2K: "image/jphc",
    uid.RLELossless: "image/dicom-rle",
}
PLAIN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pixels of an open file begin, and what its header says.

    Attributes:
        header: The elements before the pixels.
        start: Offset of the value.
        length: In bytes; None where it lies in fragments.
        frames: How many there are.
    """

    header: pydicom.Dataset
    start: int
    length: int | None
    frames: int


def is_little(syntax: str) -> bool:
    """Whether frames lie in the file as they are sent when nobody asks for anything else."""
    return syntax in LITTLE


def media_of(syntax: str) -> str:
    """The media type of a frame as it is stored.

    >>> media_of("1.2.840.10008.1.2.4.80"), media_of("1.2.840.10008.1.2.1")
    ('image/jls', 'application/octet-stream')
    """
    return MEDIA.get(uid.UID(syntax), PLAIN)


@contextmanager
def stored_frames(path: Path) -> Iterator[tuple[int, Callable[[int], bytes]]]:
    """How many frames a file holds, and what gives the stored bytes of one by its number, from 0.

    Only the header and the frames that are asked for are read. Deflated and big-endian files, and frames that do not
    begin at a byte, are given by :func:`decoded_frames` instead.

    Raises:
        FormatError: If the file is damaged or holds no pixels.
    """
    where = short_path(path)
    with path.open("rb") as stream, calm():
        place = _place(stream, where)

        def frame(number: int) -> bytes:
            if place.length is None:
                return _fragment(stream, place, number, where)
            size = frame_bytes(place.header)
            stream.seek(place.start + number * size)
            data = stream.read(size)
            if len(data) < size:
                raise FormatError(f"{where}: the pixels are cut short. Send the file again.")
            return data

        yield place.frames, frame


def decoded_frames(path: Path, wanted: Sequence[int]) -> Iterator[bytes]:
    """Frames as little-endian values without compression, by their numbers, from 0.

    Raises:
        FormatError: If they cannot be decoded.
        TooLargeError: If the header announces too many pixels.
    """
    where = short_path(path)
    with calm():
        elements = read_picture(path, defer_pixels=False)
    for number in wanted:
        with calm():
            yield little(decode_frames(elements, where, (number,)), elements)


def little(values: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]", elements: pydicom.Dataset) -> bytes:
    """Decoded values as they lie in an uncompressed little-endian file."""
    if whole(elements, "BitsAllocated", 0) == 1:
        return pack_bits(values.astype(np.uint8).ravel(), pad=False)
    return np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes()


def _place(stream: BinaryIO, where: str) -> Place:
    try:
        header = pydicom.dcmread(stream, stop_before_pixels=True, defer_size=1 << 20)
    except DAMAGED as error:
        raise FormatError(f"{where}: the DICOM file is damaged. Send it again.") from error
    at = stream.tell()
    start = stream.read(12)
    if start[:4] not in PIXEL_TAGS:
        raise FormatError(f"{where}: the file holds no pixels.")
    if transfer_syntax(header) == uid.ImplicitVRLittleEndian:
        (length,), at = struct.unpack("<I", start[4:8]), at + 8
    else:
        (length,), at = struct.unpack("<I", start[8:12]), at + 12
    return Place(header, at, None if length == 0xFFFFFFFF else length, whole(header, "NumberOfFrames", 1))


def _fragment(stream: BinaryIO, place: Place, number: int, where: str) -> bytes:
    offsets, lengths = value(place.header, "ExtendedOffsetTable"), value(place.header, "ExtendedOffsetTableLengths")
    extended = (offsets, lengths) if offsets and lengths else None
    stream.seek(place.start)
    try:
        return get_frame(stream, number, number_of_frames=place.frames, extended_offsets=extended)
    except DAMAGED as error:
        raise FormatError(f"{where}: the compressed pixels are damaged. Send the file again.") from error
