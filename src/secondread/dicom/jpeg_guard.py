"""Guards around GDCM, the only free decoder of lossless and of 12-bit JPEG.

On a damaged header it ends the whole program, and damage further on it mentions only on standard error while it
returns half a picture. So headers are judged before, and what it prints is read afterwards.

Source: ISO/IEC 10918-1 Annex B (marker segments), F (sequential mode) and H (lossless mode).
"""

import os
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_SEQUENTIAL, _LOSSLESS, _HUFFMAN, _SCAN, _QUANTISATION = 0xC1, 0xC3, 0xC4, 0xDA, 0xDB
_HARMLESS = {0xDD, 0xFE, *range(0xE0, 0xF0)}  # restart interval, comment, application data
# Of application data GDCM survives only the colour transforms and the version that it knows.
_ADOBE, _ADOBE_TRANSFORMS = b"Adobe", {b"\0", b"\1", b"\2"}
_JFIF, _JFIF_VERSION = b"JFIF", b"\1"
# What GDCM says of sound frames: it tries its decoder for 8 bits first, and some writers leave fields of a scan at 0.
_HARMLESS_WORDS = ("Unsupported JPEG data precision", "Invalid SOS parameters for sequential JPEG")
_one_at_a_time = threading.Lock()


@dataclass(slots=True)
class _Seen:
    """What the segments of a frame have said so far."""

    lossless: bool = True
    components: bytes = b""
    huffman: set[int] = field(default_factory=set)
    quantisers: set[int] = field(default_factory=set)
    chosen: set[int] = field(default_factory=set)


def is_sound(frame: bytes) -> bool:
    """Whether the marker segments of a lossless or 12-bit JPEG frame, up to its data, are as an encoder writes them."""
    at, seen = 2, _Seen()
    while at + 4 <= len(frame) and frame[at] == 0xFF:
        marker, (length,) = frame[at + 1], struct.unpack(">H", frame[at + 2 : at + 4])
        body = frame[at + 4 : at + 2 + length]
        if len(body) != length - 2:
            return False
        if marker == _SCAN:
            return _is_sound_scan(body, seen)
        if not _is_sound_segment(marker, body, seen):
            return False
        at += 2 + length
    return False


def _is_sound_segment(marker: int, body: bytes, seen: _Seen) -> bool:
    """Whether a segment before the scan is sound; what it says goes into ``seen``."""
    if marker in {_LOSSLESS, _SEQUENTIAL} and not seen.components:
        seen.lossless = marker == _LOSSLESS
        seen.components = _components(body, lossless=seen.lossless)
        seen.chosen = set(body[8::3])
        return bool(seen.components)
    if marker == _HUFFMAN:
        found = _huffman_tables(body)
        seen.huffman |= found
        return bool(found)
    if marker == _QUANTISATION:
        found = _quantisation_tables(body)
        seen.quantisers |= found
        return bool(found)
    if body.startswith(_ADOBE):
        return marker in _HARMLESS and body[11:] in _ADOBE_TRANSFORMS
    return marker in _HARMLESS and (not body.startswith(_JFIF) or body[5:6] == _JFIF_VERSION)


def _components(body: bytes, *, lossless: bool) -> bytes:
    """Identifiers of the components of a start-of-frame segment; nothing if it is not sound."""
    if len(body) < 6 or body[5] not in (1, 3) or len(body) != 6 + 3 * body[5]:
        return b""
    if not (2 <= body[0] <= 16 if lossless else body[0] == 12):
        return b""
    identifiers, sampling = body[6::3], body[7::3]
    if len(set(identifiers)) != body[5] or set(sampling) != {0x11}:
        return b""
    return identifiers


def _huffman_tables(body: bytes) -> set[int]:
    """Class and number of the Huffman tables a segment defines; none if one is not sound."""
    found = set()
    while body:
        counts, numbers = body[1:17], sum(body[1:17])
        symbols = body[17 : 17 + numbers]
        room = sum(count << (16 - length) for length, count in enumerate(counts, start=1))
        sound = body[0] & 0xEF <= 3 and len(counts) == 16 and 0 < numbers == len(symbols) and room <= 1 << 16
        if not sound or (body[0] < 0x10 and max(symbols) > 16):
            return set()
        found.add(body[0])
        body = body[17 + numbers :]
    return found


def _quantisation_tables(body: bytes) -> set[int]:
    """Numbers of the quantisation tables a segment defines; none if one is not sound."""
    found = set()
    while body:
        size = 1 + (128 if body[0] & 0x10 else 64)
        if body[0] & 0xEF > 3 or len(body) < size:
            return set()
        found.add(body[0] & 0x0F)
        body = body[size:]
    return found


def _is_sound_scan(body: bytes, seen: _Seen) -> bool:
    """Whether a start-of-scan segment names the frame's components, defined tables and a known way to decode."""
    components = seen.components
    if not components or not body or body[0] != len(components) or len(body) != 4 + 2 * len(components):
        return False
    named, tables = body[1:-3:2], body[2:-3:2]
    if named != components or not all(table >> 4 in seen.huffman for table in tables):
        return False
    if not seen.lossless:  # what a scan says of its spectral range is known in this mode, and some writers err
        return seen.chosen <= seen.quantisers and all(0x10 | table & 0x0F in seen.huffman for table in tables)
    predictor, end, transform = body[-3:]
    return 1 <= predictor <= 7 and end == 0 and transform < 16


@contextmanager
def heard() -> Iterator[list[str]]:
    """Collect the lines that are written to standard error, by whatever language, while the block runs.

    The list is filled when the block ends. Nothing is collected where the process has no standard error.
    """
    lines: list[str] = []
    with _one_at_a_time, tempfile.TemporaryFile() as heap:
        try:
            kept = os.dup(2)
        except OSError:
            yield lines
            return
        os.dup2(heap.fileno(), 2)
        try:
            yield lines
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            heap.seek(0)
            lines.extend(heap.read().decode(errors="replace").splitlines())


def speak(lines: list[str]) -> None:
    """Write lines back to standard error, where others may have meant them to go; all but GDCM's idle ones."""
    kept = [line for line in lines if not line.startswith(_HARMLESS_WORDS)]
    if kept:
        os.write(2, ("\n".join(kept) + "\n").encode())
