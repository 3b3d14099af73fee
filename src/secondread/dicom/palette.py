"""Palettes: the colours that the values of a picture stand for, plain or in segments."""

import struct
from collections.abc import Sequence

import numpy as np
import pydicom
from numpy.typing import NDArray

from secondread.core.errors import FormatError
from secondread.dicom.header import numbers, value, whole

CHANNELS = ("Red", "Green", "Blue")
_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2


def look_up_colours(indices: NDArray[np.integer], elements: pydicom.Dataset, where: str) -> NDArray[np.unsignedinteger]:
    """Red, green and blue of the values of a picture.

    Args:
        indices: Stored values, whole numbers of any shape.
        elements: The header with its palette, in the byte order of the file.
        where: File name for messages.

    Returns:
        uint8 or uint16 of the shape of ``indices`` and 3; what lies outside the palette takes its first or last colour.

    Raises:
        FormatError: If the palette is damaged.

    Source: DICOM PS3.3 C.7.6.3.1.5 (descriptor: number of entries, 0 for 65,536; first value; bits), C.7.6.3.1.6
    (entries), C.7.9.2 (segments).
    """
    tables = [_table(elements, channel, where) for channel in CHANNELS]
    wide = any(bits == 16 for _, bits, _ in tables)
    out = np.empty((*indices.shape, 3), np.uint16 if wide else np.uint8)
    for channel, (first, _, entries) in enumerate(tables):
        out[..., channel] = entries[np.clip(indices.astype(np.int64) - first, 0, len(entries) - 1)]
    return out


def _table(elements: pydicom.Dataset, channel: str, where: str) -> tuple[int, int, NDArray[np.unsignedinteger]]:
    """First value, bits and entries of one channel."""
    descriptor = [int(number) for number in numbers(elements, f"{channel}PaletteColorLookupTableDescriptor")]
    damaged = FormatError(f"{where}: the palette is damaged. Send the original image.")
    if len(descriptor) != 3 or descriptor[2] not in (8, 16):
        raise damaged
    count, first, bits = descriptor[0] & 0xFFFF or 2**16, descriptor[1], descriptor[2]
    if whole(elements, "PixelRepresentation", 0) == 1 and first >= 2**15:
        first -= 2**16
    order = "<" if elements.original_encoding[1] is not False else ">"
    plain, segmented = (value(elements, f"{kind}{channel}PaletteColorLookupTableData") for kind in ("", "Segmented"))
    if isinstance(plain, bytes):
        packed = bits == 8 and len(plain) < 2 * count  # else each entry of 8 bits fills a word
        entries = np.frombuffer(plain[: len(plain) // 2 * 2], np.uint8 if packed else f"{order}u2")
    elif isinstance(segmented, bytes):
        entries = _expanded(segmented, bits, order, count)
    else:
        raise damaged
    if len(entries) < count:
        raise damaged
    return first, bits, entries[:count].astype(np.uint8 if bits == 8 else np.uint16)


def _expanded(data: bytes, bits: int, order: str, count: int) -> NDArray[np.int64]:
    """The entries that segments stand for: about ``count`` at most, and fewer where the segments are damaged."""
    size = bits // 8
    words = np.frombuffer(data[: len(data) // size * size], f"{order}u{size}").astype(np.int64).tolist()
    entries: list[int] = []
    at: int | None = 0
    while at is not None and at + 2 < len(words) and len(entries) < count:
        if words[at] != _INDIRECT:
            at = _append(entries, words, at)
        elif (at + 2) * size + 4 > len(data):
            break
        else:
            low, high = struct.unpack_from(f"{order}HH", data, (at + 2) * size)
            sound = _repeat(entries, words, (high << 16 | low) // size, words[at + 1], count)
            at = at + 2 + 4 // size if sound else None
    return np.array(entries, np.int64)


def _append(entries: list[int], words: Sequence[int], at: int) -> int | None:
    """Add the entries of the segment at ``at``; where the next one starts, or None if this one is damaged."""
    kind, length, following = words[at], words[at + 1], words[at + 2]
    if kind == _DISCRETE and length:
        entries.extend(words[at + 2 : at + 2 + length])
        return at + 2 + length
    if kind == _LINEAR and length and entries:
        steps = np.linspace(entries[-1], following, length + 1)[1:]
        entries.extend(np.around(steps).astype(int).tolist())
        return at + 3
    return None


def _repeat(entries: list[int], words: Sequence[int], at: int, segments: int, count: int) -> bool:
    """Add the entries of earlier segments again; whether all of them were sound."""
    place: int | None = at
    for _ in range(segments):
        if place is None or place + 2 >= len(words) or len(entries) >= count:
            return place is not None and len(entries) >= count
        place = _append(entries, words, place)
    return segments > 0 and place is not None
