"""Compressed pictures without the notes that a compressor, or a person, left among their bytes."""

import re
import struct
from collections.abc import Iterator
from itertools import pairwise

from secondread.core.errors import FormatError

Span = tuple[int, int]
_ITEM = b"\xfe\xff\x00\xe0"  # Source: DICOM PS3.5 A.4
# A marker among the coded pixels: not a stuffed byte, not a restart. Source: ISO/IEC 10918-1 B.1.1.2 and table B.1;
# ISO/IEC 14495-1 C.1 has a zero bit after 0xFF instead.
_MARKER = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
# Application segments that say how to decode, and how much of them does. The rest can be a thumbnail, EXIF, a title.
# Source: ISO/IEC 10918-5 10.1 (JFIF), ISO/IEC 10918-6 6.5.3 (Adobe); "mrfx" is the colour transform of HP's JPEG-LS.
_DECODING = {(0xE0, b"JFIF\0"): 14, (0xEE, b"Adobe"): 12, (0xE8, b"mrfx"): 5}
_SOC, _SIZ = b"\xff\x4f", b"\xff\x4f\xff\x51"
_SOT, _SOD, _EOC = 0x90, 0x93, b"\xff\xd9"
# Every segment with a length that tells a decoder something; a comment (0x64) does not.
# Source: ISO/IEC 15444-1 table A.2, 15444-2 table A.2, 15444-15 table A.1.
_J2K_DECODING = frozenset({*range(0x50, 0x54), 0x55, *range(0x57, 0x5A), *range(0x5C, 0x62), 0x63, *range(0x70, 0x7A)})
# Boxes around a codestream without which it has no colours. Source: ISO/IEC 15444-1 table I.2.
_BOXES = frozenset({b"jP  ", b"ftyp", b"jp2h"})
_WHAT = "its compressed pixels do not begin as their transfer syntax says, so that notes in them cannot be found"


def without_comments(data: bytes) -> bytes:
    """Encapsulated pixels with blanks for everything that is not needed to decode them; no byte moves.

    Args:
        data: The value of Pixel Data: items of a JPEG, JPEG-LS or JPEG 2000 transfer syntax.

    Raises:
        FormatError: If a frame does not begin as one.
    """
    clean = bytearray(data)
    offsets, *fragments = _items(data)
    for frame in _frames(data, fragments):
        whole = b"".join(data[start:end] for start, end in frame)
        for first, last in _notes(whole):
            _blank(clean, frame, first, last)
    end = max(end for _, end in (offsets, *fragments))
    clean[end:] = clean[end : end + 8] if clean[end : end + 4] == b"\xfe\xff\xdd\xe0" else b""
    return bytes(clean)


def _items(data: bytes) -> list[Span]:
    """Start and end of every item, the table of offsets first."""
    found, at = [], 0
    while data[at : at + 4] == _ITEM:
        (length,) = struct.unpack("<I", data[at + 4 : at + 8].ljust(4, b"\0"))
        found.append((at + 8, min(at + 8 + length, len(data))))
        at += 8 + length
    if len(found) < 2:
        raise FormatError(_WHAT)
    return found


def _frames(data: bytes, fragments: list[Span]) -> Iterator[list[Span]]:
    """The fragments of each frame: one that does not begin like a frame goes on with the last."""
    frame: list[Span] = []
    for start, end in fragments:
        if frame and data[start : start + 8].startswith((b"\xff\xd8\xff", _SIZ, b"\0\0\0\x0cjP  ")):
            yield frame
            frame = []
        frame.append((start, end))
    yield frame


def _blank(clean: bytearray, frame: list[Span], first: int, last: int) -> None:
    """Write blanks, at the end of the frame zeros, over a span that may lie in several fragments."""
    filler = b"\0" if last == sum(end - start for start, end in frame) else b" "
    before = 0
    for start, end in frame:
        low, high = max(first - before, 0), min(last - before, end - start)
        if low < high:
            clean[start + low : start + high] = filler * (high - low)
        before += end - start


def _notes(frame: bytes) -> Iterator[Span]:
    if frame.startswith(b"\xff\xd8"):
        return _jpeg_notes(frame)
    if frame.startswith(_SOC):
        return _j2k_notes(frame, 0)
    if frame.startswith(b"\0\0\0\x0cjP  "):
        return _boxes(frame)
    raise FormatError(_WHAT)


def _jpeg_notes(frame: bytes) -> Iterator[Span]:
    """Comments, application segments, and what follows the end; of JPEG and JPEG-LS."""
    at = 2
    while marker := _MARKER.search(frame, at):
        kind, at = frame[marker.start() + 1], marker.end()
        if kind == _EOI:
            yield at, len(frame)
            return
        if kind == _SOI:
            continue
        (length,) = struct.unpack(">H", frame[at : at + 2].rjust(2, b"\0"))
        if kind == 0xFE or 0xE0 <= kind <= 0xEF:
            kept = next((n for (app, name), n in _DECODING.items()
                         if kind == app and frame.startswith(name, at + 2)), 0)  # fmt: skip
            yield min(at + 2 + kept, at + length), min(at + length, len(frame))
        at += length


def _j2k_notes(frame: bytes, start: int) -> Iterator[Span]:
    """Comments of the main header and of every tile-part, and what follows the end; of JPEG 2000."""
    at, tile = start + 2, start
    until = len(frame)
    while at + 4 <= len(frame):
        kind = frame[at + 1]
        if frame[at : at + 2] == _EOC:
            yield at + 2, until
            return
        if frame[at] != 0xFF:
            raise FormatError(_WHAT)
        if kind == _SOD:
            (size,) = struct.unpack(">I", frame[tile + 6 : tile + 10])
            at = tile + size if size else max(frame.rfind(_EOC), at + 2)
            continue
        (length,) = struct.unpack(">H", frame[at + 2 : at + 4])
        if kind == _SOT:
            tile = at
        elif kind not in _J2K_DECODING:
            yield at + 4 + 2 * (kind == 0x64), min(at + 2 + length, until)
        at += 2 + length
    if frame[at : at + 2] == _EOC:
        yield at + 2, until


def without_rle_gaps(data: bytes, size: int) -> bytes:
    """Encapsulated RLE pixels with zeros for bytes that no run reaches; no byte moves.

    Args:
        data: The value of Pixel Data, one item a frame.
        size: Pixels of one frame: the bytes that each segment becomes.

    Source: DICOM PS3.5 annex G (runs in G.3.2, the header of 15 offsets in G.5).

    Raises:
        FormatError: If a frame does not begin as one.
    """
    clean = bytearray(data)
    for start, end in _items(data)[1:]:
        count, *offsets = struct.unpack("<16I", data[start : start + 64].ljust(64, b"\0"))
        if not 1 <= count <= 15 or end - start < 64:
            raise FormatError(_WHAT)
        clean[start + 4 + 4 * count : start + 64] = bytes(60 - 4 * count)
        bounds = [start + 64, *(min(start + offset, end) for offset in offsets[1:count]), end]
        for first, last in pairwise(bounds):
            at = _end_of_runs(data, first, last, size)
            clean[at:last] = bytes(max(last - at, 0))
    return bytes(clean)


def _end_of_runs(data: bytes, at: int, last: int, size: int) -> int:
    while at < last and size > 0:
        count = data[at]
        if count < 128:
            at, size = at + 2 + count, size - 1 - count
        elif count > 128:
            at, size = at + 2, size - 257 + count
        else:
            at += 1
    return at


def _boxes(frame: bytes) -> Iterator[Span]:
    """Boxes beside the codestream that hold no colours, and the notes within the codestream."""
    at = 0
    while at + 8 <= len(frame):
        (size,), kind = struct.unpack(">I", frame[at : at + 4]), frame[at + 4 : at + 8]
        head = 8
        if size == 1:
            (size,), head = struct.unpack(">Q", frame[at + 8 : at + 16].rjust(8, b"\0")), 16
        end = len(frame) if size < head else min(at + size, len(frame))
        if kind == b"jp2c":
            inner = frame[at + head : end]
            yield from ((at + head + first, at + head + last) for first, last in _j2k_notes(inner, 0))
        elif kind not in _BOXES:
            yield at + head, end
        at = end
