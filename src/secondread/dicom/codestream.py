"""What a compressed frame says about itself, so that it can be judged before a decoder trusts it."""

import struct
from dataclasses import dataclass

_J2K_START = b"\xff\x4f\xff\x51"  # SOC, SIZ. Source: ISO/IEC 15444-1 Annex A
_JPEG_START = b"\xff\xd8\xff"  # SOI and the next marker. Source: ISO/IEC 10918-1 Annex B, 14495-1 Annex C
_END = b"\xff\xd9"  # EOC of JPEG 2000, EOI of JPEG and JPEG-LS
_NOT_FRAMES = {0xC4, 0xC8, 0xCC}  # DHT, JPG and DAC share the range C0-CF with the start-of-frame markers
_JPEG_LS_FRAME = 0xF7


@dataclass(frozen=True, slots=True)
class Coded:
    """What a frame will decode to.

    Attributes:
        rows: Height in pixels.
        columns: Width in pixels.
        samples: Numbers per pixel.
        bits: Bits of a number.
    """

    rows: int
    columns: int
    samples: int
    bits: int


def is_complete(frame: bytes) -> bool:
    """Whether a JPEG, JPEG-LS or JPEG 2000 frame ends with its end marker (padding aside)."""
    return _END in frame[-16:]


def coded(frame: bytes) -> Coded | None:
    r"""What a JPEG, JPEG-LS or JPEG 2000 frame will decode to, or None if it does not say.

    >>> coded(b"\xff\xd8\xff\xc0\x00\x0b\x08\x00\x02\x00\x03\x01\x01\x11\x00")
    Coded(rows=2, columns=3, samples=1, bits=8)
    """
    start = frame.find(_J2K_START, 0, 4096)  # some files wrap the codestream in JP2 boxes
    if start >= 0:
        return _of_jpeg_2000(frame[start + 8 : start + 43])
    return _of_jpeg(frame) if frame.startswith(_JPEG_START) else None


def _of_jpeg_2000(fields: bytes) -> Coded | None:
    if len(fields) < 35:
        return None
    right, bottom, left, top = struct.unpack(">IIII", fields[:16])
    samples, bits = struct.unpack(">HB", fields[32:35])
    return Coded(bottom - top, right - left, samples, (bits & 0x7F) + 1)


def _of_jpeg(frame: bytes) -> Coded | None:
    """Walk the marker segments up to the start of frame."""
    at = 2
    while at + 10 <= len(frame) and frame[at] == 0xFF:
        marker = frame[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == _JPEG_LS_FRAME or (0xC0 <= marker <= 0xCF and marker not in _NOT_FRAMES):
            bits, rows, columns, samples = struct.unpack(">BHHB", frame[at + 4 : at + 10])
            return Coded(rows, columns, samples, bits)
        at += 2 + struct.unpack(">H", frame[at + 2 : at + 4])[0]
    return None
