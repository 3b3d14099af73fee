"""One pass over a plain header: the elements that are asked for, and where the pixels lie, without reading them.

Only what is written as the Standard says, uncompressed and little endian, is indexed. Everything else is left to
pydicom, which survives more and says what is wrong.

Source: DICOM PS3.10 section 7.1 (file meta information), PS3.5 section 7.1 (data elements), 7.5 (sequences).
"""

import os
import struct
from collections.abc import Collection
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

import pydicom
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

FIRST_BYTES, MOST_BYTES = 2**14, 2**24  # a usual header; the largest one that is indexed
PIXEL_DATA = 0x7FE00010
_SYNTAXES = {ExplicitVRLittleEndian.encode(): True, ImplicitVRLittleEndian.encode(): False}
_SHORT = {vr: vr.decode() for vr in b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split()}
_LONG = {vr: vr.decode() for vr in b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split()}
_EXPLICIT, _IMPLICIT, _LENGTH = struct.Struct("<HH2sH"), struct.Struct("<HHI"), struct.Struct("<I")
_UNDEFINED = 0xFFFFFFFF
_ITEM, _END_OF_ITEM, _END_OF_SEQUENCE = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_DEEPEST = 16


Raw = dict[int, tuple[str | None, bytes]]


@dataclass(frozen=True, slots=True, eq=False)
class Indexed:
    """A header and the place of its pixels.

    Attributes:
        raw: (VR or None, bytes) of the elements asked for, by tag; no pixels.
        explicit: Whether the file names its VRs.
        offset: Bytes from the start of the file to the first pixel.
        length: Bytes of pixels, all of them in the file.
    """

    raw: Raw
    explicit: bool
    offset: int
    length: int

    @property
    def elements(self) -> pydicom.Dataset:
        """The elements as pydicom has them, made anew; each is understood when it is used."""
        found = {}
        for number, (vr, value) in self.raw.items():
            tag = BaseTag(number)
            found[tag] = RawDataElement(tag, vr, len(value), value, 0, not self.explicit, is_little_endian=True)
        elements = pydicom.Dataset(found)  # type: ignore[arg-type]  # raw elements too, as pydicom's own reader gives
        elements.set_original_encoding(not self.explicit, True)
        return elements


def index(path: Path, tags: Collection[int]) -> Indexed | None:
    """Index one file, or None where that needs more than a plain look, or the file cannot be opened.

    Args:
        path: The file.
        tags: Of the elements wanted; see :func:`tags_of`.
    """
    try:
        with path.open("rb", buffering=0) as stream:
            return _grown(stream, tags)
    except (OSError, ValueError):  # whoever reads it next says what is wrong
        return None


def tags_of(keywords: Collection[str]) -> frozenset[int]:
    """The tags of DICOM keywords.

    >>> [hex(tag) for tag in tags_of(["Rows"])]
    ['0x280010']
    """
    return frozenset(pydicom.datadict.tag_for_keyword(keyword) or 0 for keyword in keywords)


def _grown(stream: FileIO, tags: Collection[int]) -> Indexed | None:
    """Read as much of the file as its header takes."""
    size, wanted = os.fstat(stream.fileno()).st_size, FIRST_BYTES
    while True:
        stream.seek(0)
        block = stream.read(wanted)
        try:
            found = _scan(block, tags)
        except struct.error:  # ran past what was read
            if wanted >= min(size, MOST_BYTES):
                return None
            wanted *= 4
        else:
            return found if found.offset + found.length <= size else None


def _scan(block: bytes, tags: Collection[int]) -> Indexed:
    """Walk from the first element to the pixels.

    Raises:
        struct.error: If ``block`` ends before them.
        ValueError: If anything is not as the Standard has it.
    """
    at, explicit = _start(block)
    element, end = _explicit if explicit else _implicit, len(block)
    found: Raw = {}
    last = 0
    while True:
        tag, vr, length, value_at = element(block, at)
        if tag <= last or tag > PIXEL_DATA:
            raise ValueError("elements out of order, or no pixels")
        if tag == PIXEL_DATA:
            break
        at = value_at + length if length != _UNDEFINED else _past(block, vr, length, value_at, explicit=explicit)
        if tag in tags:
            if length == _UNDEFINED:
                raise ValueError("a sequence that is needed")
            if at > end:
                raise struct.error
            found[tag] = (vr, block[value_at:at])
        last = tag
    if length == _UNDEFINED:
        raise ValueError("compressed pixels")
    return Indexed(found, explicit, value_at, length)


def _start(block: bytes) -> tuple[int, bool]:
    """Where the data set begins, and whether it names its VRs."""
    if block[128:132] != b"DICM" or block[132:140] != b"\x02\x00\x00\x00UL\x04\x00":
        raise ValueError("no file meta information with its length")
    end = 144 + _LENGTH.unpack_from(block, 140)[0]
    at = 144
    syntax = b""
    while at < end:
        tag, _, length, value_at = _explicit(block, at)
        at = value_at + length
        if tag >> 16 != 2:
            raise ValueError("another group in the meta information")
        if tag == 0x00020010:
            syntax = block[value_at:at].rstrip(b"\0 ")
    if at != end or syntax not in _SYNTAXES:
        raise ValueError("another transfer syntax")
    return at, _SYNTAXES[syntax]


def _implicit(block: bytes, at: int) -> tuple[int, str | None, int, int]:
    """(tag, VR, length, place of its value) of the element that begins ``at``."""
    group, element, length = _IMPLICIT.unpack_from(block, at)
    return group << 16 | element, None, length, at + 8


def _explicit(block: bytes, at: int) -> tuple[int, str | None, int, int]:
    """The same where the VR is written."""
    group, element, vr, length = _EXPLICIT.unpack_from(block, at)
    if vr in _SHORT:
        return group << 16 | element, _SHORT[vr], length, at + 8
    if vr not in _LONG:
        raise ValueError("no such VR")
    return group << 16 | element, _LONG[vr], _LENGTH.unpack_from(block, at + 8)[0], at + 12


def _past(block: bytes, vr: str | None, length: int, at: int, *, explicit: bool, depth: int = 0) -> int:
    """The first byte after a value that begins ``at``."""
    if length != _UNDEFINED:
        return at + length
    if depth > _DEEPEST or vr not in {None, "SQ", "UN"}:
        raise ValueError("an undefined length where none may be")
    inner = explicit and vr != "UN"  # Source: DICOM PS3.5 6.2.2 note 4: such a UN holds implicit elements
    while True:
        group, element, length = _IMPLICIT.unpack_from(block, at)
        tag, at = group << 16 | element, at + 8
        if tag == _END_OF_SEQUENCE:
            return at
        if tag != _ITEM:
            raise ValueError("no item in a sequence")
        at = at + length if length != _UNDEFINED else _past_item(block, at, explicit=inner, depth=depth + 1)


def _past_item(block: bytes, at: int, *, explicit: bool, depth: int) -> int:
    """The first byte after an item of undefined length whose elements begin ``at``."""
    while True:
        group, element, length = _IMPLICIT.unpack_from(block, at)
        if group << 16 | element == _END_OF_ITEM:
            return at + 8
        _, vr, length, value_at = _explicit(block, at) if explicit else _implicit(block, at)
        at = _past(block, vr, length, value_at, explicit=explicit, depth=depth)
