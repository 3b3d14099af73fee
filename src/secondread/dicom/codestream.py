"""What a compressed frame says about itself, so that it can be judged before a decoder trusts it."""

import struct

_J2K_START = b"\xff\x4f\xff\x51"  # SOC, SIZ. Source: ISO/IEC 15444-1 Annex A
_JPEG_START = b"\xff\xd8\xff"  # SOI and the next marker. Source: ISO/IEC 10918-1 Annex B, 14495-1 Annex C
_END = b"\xff\xd9"  # EOC of JPEG 2000, EOI of JPEG and JPEG-LS
_NOT_FRAMES = {0xC4, 0xC8, 0xCC}  # DHT, JPG and DAC share the range C0-CF with the start-of-frame markers
_JPEG_LS_FRAME = 0xF7


def is_complete(frame: bytes) -> bool:
    """Whether a JPEG, JPEG-LS or JPEG 2000 frame ends with its end marker (padding aside)."""
    return _END in frame[-16:]


def size(frame: bytes) -> tuple[int, int] | None:
    r"""(rows, columns) that a JPEG, JPEG-LS or JPEG 2000 frame will decode to, or None if it does not say.

    >>> size(b"\xff\xd8\xff\xc0\x00\x0b\x08\x00\x02\x00\x03\x01\x01\x11\x00")
    (2, 3)
    """
    start = frame.find(_J2K_START, 0, 4096)  # some files wrap the codestream in JP2 boxes
    if start >= 0:
        return _j2k_size(frame[start + 8 : start + 24])
    return _jpeg_size(frame) if frame.startswith(_JPEG_START) else None


def _j2k_size(fields: bytes) -> tuple[int, int] | None:
    if len(fields) < 16:
        return None
    right, bottom, left, top = struct.unpack(">IIII", fields)
    return bottom - top, right - left


def _jpeg_size(frame: bytes) -> tuple[int, int] | None:
    """Walk the marker segments up to the start of frame."""
    at = 2
    while at + 9 <= len(frame) and frame[at] == 0xFF:
        marker = frame[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == _JPEG_LS_FRAME or (0xC0 <= marker <= 0xCF and marker not in _NOT_FRAMES):
            rows, columns = struct.unpack(">HH", frame[at + 5 : at + 9])
            return rows, columns
        at += 2 + struct.unpack(">H", frame[at + 2 : at + 4])[0]
    return None
