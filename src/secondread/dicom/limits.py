"""Size bombs: what a DICOM file may grow to, refused before it is decoded."""

import struct
import zlib
from pathlib import Path

from secondread.core.errors import FormatError, TooLargeError, short_path
from secondread.core.limits import MAX_PIXELS, MAX_VOXELS, check_size

__all__ = ["MAX_INFLATED_BYTES", "MAX_PIXELS", "MAX_VOXELS", "check_inflated", "check_size", "inflated_start"]

MAX_INFLATED_BYTES = 2 * MAX_VOXELS  # a stack of the largest size at 16 bits
MAX_META = 2**16  # bytes of meta information; usual is a few hundred
_LONG = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_MOST_BYTES_PER_BYTE = 1032  # Source: RFC 1951: at best 258 bytes for the 2 bits of a match


def check_inflated(path: Path, limit: int = MAX_INFLATED_BYTES) -> bool:
    """Refuse a deflated file that inflates to more than ``limit`` bytes; files that cannot do so pass at once.

    Returns:
        Whether the file is deflated.

    Source: DICOM PS3.5 A.5 (everything after the meta information is one deflate stream), PS3.10 7.1.

    Raises:
        FormatError: If the deflated part cannot be found or inflated.
        TooLargeError: If it grows beyond ``limit``.
    """
    with path.open("rb") as stream:
        start = stream.read(MAX_META)
        end = _end_of_meta(start, short_path(path))
        if _DEFLATED not in start[:end]:
            return False
        if path.stat().st_size * _MOST_BYTES_PER_BYTE <= limit:
            return True
        stream.seek(end)
        inflate, total = zlib.decompressobj(-zlib.MAX_WBITS), 0
        while block := inflate.unconsumed_tail or stream.read(2**16):
            try:
                total += len(inflate.decompress(block, 2**20))
            except zlib.error as error:
                raise FormatError(f"{short_path(path)}: the deflated part is damaged. Send the file again.") from error
            if total > limit:
                raise TooLargeError(
                    f"{short_path(path)}: the deflated file grows beyond {limit:,} bytes, the most that is read. "
                    "Send it uncompressed if it really is that large."
                )
    return True


def inflated_start(path: Path, count: int) -> bytes | None:
    """The first ``count`` bytes of the data set of a deflated file, however far it would grow; None if it is not one.

    Raises:
        FormatError: If the deflated part cannot be found or inflated.
    """
    with path.open("rb") as stream:
        start = stream.read(MAX_META)
        end = _end_of_meta(start, short_path(path))
        if _DEFLATED not in start[:end]:
            return None
        stream.seek(end)
        inflate, found = zlib.decompressobj(-zlib.MAX_WBITS), bytearray()
        while len(found) < count and (block := inflate.unconsumed_tail or stream.read(2**16)):
            try:
                found += inflate.decompress(block, count - len(found))
            except zlib.error as error:
                raise FormatError(f"{short_path(path)}: the deflated part is damaged. Send the file again.") from error
    return bytes(found)


def _end_of_meta(start: bytes, where: str) -> int:
    """Offset of the first byte after the file meta information, found by walking as pydicom does.

    Neither its stated length nor the first bytes alone are trusted: what hides the transfer syntax hides a bomb.

    Raises:
        FormatError: If it does not end within ``MAX_META`` bytes.
    """
    at = 132 if start[128:132] == b"DICM" else 0
    explicit = start[at + 4 : at + 6].isalpha()
    try:
        while start[at : at + 2] == b"\2\0":
            is_long = start[at + 4 : at + 6] in _LONG
            form, place = ("<I", at + 8 if is_long else at + 4) if is_long or not explicit else ("<H", at + 6)
            at = place + struct.calcsize(form) + int(struct.unpack_from(form, start, place)[0])
    except struct.error as error:
        raise FormatError(f"{where}: the file was cut short. Send it again.") from error
    if at >= MAX_META:
        raise FormatError(f"{where}: the file's meta information takes more than {MAX_META:,} bytes. Send it again.")
    return at
