"""The first elements of a data set, found without parsing what lies between: for the index of thousands of objects.

Source: DICOM PS3.5 sections 7.1 (elements), 7.5 (nested data sets).
"""

import struct
from functools import cache

from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag, Tag
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
# VRs whose length has four bytes. Source: DICOM PS3.5 Table 7.1-1.
_LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
_PIXELS = 0x7FE00000
_SHORT_HEAD = struct.Struct("<HH2sH")
_IMPLICIT_HEAD = struct.Struct("<HHI")
_LENGTH = struct.Struct("<I")
_DEEPEST = 32  # nested data sets; the Standard knows no limit, and no object comes near


class _BeyondError(Exception):
    """The head ends, or is not what it should be, before the last wanted element."""


def head_elements(head: bytes, transfer_syntax_uid: str, keywords: tuple[str, ...], *, whole: bool) -> Dataset | None:
    """The elements ``keywords``, undecoded.

    Args:
        head: First bytes of a data set, without a file's header.
        transfer_syntax_uid: How it is encoded.
        keywords: What is wanted.
        whole: Whether ``head`` is all of the data set.

    Returns:
        None where they cannot be told from the head alone: it is too short, damaged, big-endian or deflated.
    """
    if transfer_syntax_uid in {ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian}:
        return None
    explicit = transfer_syntax_uid != ImplicitVRLittleEndian
    wanted = _tags(keywords)
    found: dict[BaseTag, RawDataElement] = {}
    last = max(wanted)
    at = previous = 0
    try:
        while at < len(head):
            tag, kind, at, length = _element(head, at, explicit)
            if tag > last or tag >= _PIXELS:
                return _data_set(found)
            if tag <= previous:
                return None  # out of order: only pydicom copes
            previous = tag
            if length == _UNDEFINED:
                at = _after_sequence(head, at, explicit and kind != b"UN", 0)
                continue
            if at + length > len(head):
                return None
            if tag in wanted:
                name, vr = wanted[tag], kind.decode("ascii") or None
                found[name] = RawDataElement(name, vr, length, head[at : at + length], 0, not explicit, True)
            at += length
    except (_BeyondError, UnicodeDecodeError):
        return None
    return _data_set(found) if whole and at == len(head) else None


@cache
def _tags(keywords: tuple[str, ...]) -> dict[int, BaseTag]:
    return {int(tag): tag for tag in map(Tag, keywords)}


def _data_set(found: dict[BaseTag, RawDataElement]) -> Dataset:
    return Dataset(found)  # type: ignore[arg-type]


def _element(head: bytes, at: int, explicit: bool) -> tuple[int, bytes, int, int]:
    """Tag, VR, where its value starts, and its length."""
    try:
        if not explicit:
            group, number, length = _IMPLICIT_HEAD.unpack_from(head, at)
            return group << 16 | number, b"", at + 8, length
        group, number, kind, length = _SHORT_HEAD.unpack_from(head, at)
        if group == 0xFFFE:  # items and delimiters have no VR
            (length,) = _LENGTH.unpack_from(head, at + 4)
            return group << 16 | number, b"", at + 8, length
        if kind in _LONG:
            (length,) = _LENGTH.unpack_from(head, at + 8)
            return group << 16 | number, kind, at + 12, length
        if not kind.isupper():
            raise _BeyondError
    except struct.error as error:
        raise _BeyondError from error
    return group << 16 | number, kind, at + 8, length


def _after_sequence(head: bytes, at: int, explicit: bool, depth: int) -> int:
    """Where a sequence of undefined length ends."""
    if depth > _DEEPEST:
        raise _BeyondError
    while True:
        tag, _, at, length = _element(head, at, explicit)
        if tag == _SEQUENCE_END:
            return at
        if tag != _ITEM:
            raise _BeyondError
        at = _after_item(head, at, explicit, depth) if length == _UNDEFINED else at + length
        if at > len(head):
            raise _BeyondError


def _after_item(head: bytes, at: int, explicit: bool, depth: int) -> int:
    """Where an item of undefined length ends."""
    while True:
        tag, kind, at, length = _element(head, at, explicit)
        if tag == _ITEM_END:
            return at
        if length == _UNDEFINED:
            at = _after_sequence(head, at, explicit and kind != b"UN", depth + 1)
        else:
            at += length
        if at > len(head):
            raise _BeyondError
