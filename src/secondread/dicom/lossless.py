"""Guards around GDCM, the only free decoder of lossless JPEG.

On a damaged header it ends the whole program, and damage further on it mentions only on standard error while it
returns half a picture. So headers are judged before, and what it prints is read afterwards.

Source: ISO/IEC 10918-1 Annex B (marker segments) and H (lossless mode).
"""

import os
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LOSSLESS_FRAME, _TABLES, _SCAN = 0xC3, 0xC4, 0xDA
_HARMLESS = {0xDB, 0xDD, 0xFE, *range(0xE0, 0xF0)}  # quantisation, restart interval, comment, application data
_ADOBE = {b"\0", b"\1", b"\2"}  # colour transforms; GDCM does not survive others
_one_at_a_time = threading.Lock()


def is_sound(frame: bytes) -> bool:
    """Whether the marker segments of a lossless JPEG frame, up to its data, are such as an encoder writes."""
    at, components, tables = 2, b"", set[int]()
    while at + 4 <= len(frame) and frame[at] == 0xFF:
        marker, (length,) = frame[at + 1], struct.unpack(">H", frame[at + 2 : at + 4])
        body = frame[at + 4 : at + 2 + length]
        if len(body) != length - 2:
            return False
        if marker == _LOSSLESS_FRAME and not components:
            components = _components(body)
            if not components:
                return False
        elif marker == _TABLES:
            found = _table_ids(body)
            if not found:
                return False
            tables |= found
        elif marker == _SCAN:
            return _is_sound_scan(body, components, tables)
        elif marker not in _HARMLESS or (body.startswith(b"Adobe") and body[11:] not in _ADOBE):
            return False
        at += 2 + length
    return False


def _components(body: bytes) -> bytes:
    """Identifiers of the components of a start-of-frame segment; nothing if it is not sound."""
    if len(body) < 6 or not 2 <= body[0] <= 16 or body[5] not in (1, 3) or len(body) != 6 + 3 * body[5]:
        return b""
    identifiers, sampling = body[6::3], body[7::3]
    if len(set(identifiers)) != body[5] or set(sampling) != {0x11}:
        return b""
    return identifiers


def _table_ids(body: bytes) -> set[int]:
    """Numbers of the Huffman tables a segment defines; none if one is not sound."""
    found = set()
    while body:
        counts, numbers = body[1:17], sum(body[1:17])
        symbols = body[17 : 17 + numbers]
        room = sum(count << (16 - length) for length, count in enumerate(counts, start=1))
        sound = body[0] <= 3 and len(counts) == 16 and 0 < numbers == len(symbols) and room <= 1 << 16
        if not sound or max(symbols) > 16:
            return set()
        found.add(body[0])
        body = body[17 + numbers :]
    return found


def _is_sound_scan(body: bytes, components: bytes, tables: set[int]) -> bool:
    """Whether a start-of-scan segment names the frame's components, defined tables and a known predictor."""
    if not components or not body or body[0] != len(components) or len(body) != 4 + 2 * len(components):
        return False
    named, chosen = body[1:-3:2], body[2:-3:2]
    predictor, end, transform = body[-3:]
    known = 1 <= predictor <= 7 and end == 0 and transform < 16
    return known and named == components and all(table >> 4 in tables for table in chosen)


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
    """Write lines back to standard error, where others may have meant them to go."""
    if lines:
        os.write(2, ("\n".join(lines) + "\n").encode())
