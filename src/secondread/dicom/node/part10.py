"""The header of a Part 10 file: put before what comes over the network, skipped before it is sent.

Source: DICOM PS3.10 section 7.1.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

from pydicom.filereader import read_file_meta_info

from secondread.core.errors import FormatError, short_path
from secondread.dicom.header import DAMAGED, calm, identifier
from secondread.dicom.node.proposal import IMPLEMENTATION_NAME, IMPLEMENTATION_UID

PREAMBLE = bytes(128) + b"DICM"
_SHORT = struct.Struct("<HH2sH")
_GROUP_LENGTH = struct.Struct("<HH2sHI")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A Part 10 file that can be sent, and what it holds."""

    path: Path
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str


def file_header(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str, source: str) -> bytes:
    """Preamble and file meta information of an object that came from the AE ``source``."""
    body = b"\x02\x00\x01\x00OB\x00\x00\x02\x00\x00\x00\x00\x01" + b"".join(
        (
            _element(0x0002, b"UI", sop_class_uid),
            _element(0x0003, b"UI", sop_instance_uid),
            _element(0x0010, b"UI", transfer_syntax_uid),
            _element(0x0012, b"UI", IMPLEMENTATION_UID),
            _element(0x0013, b"SH", IMPLEMENTATION_NAME),
            _element(0x0016, b"AE", source) if source else b"",
        )
    )
    return PREAMBLE + _SHORT.pack(2, 0, b"UL", 4) + struct.pack("<I", len(body)) + body


def _element(number: int, kind: bytes, value: str) -> bytes:
    data = value.encode("ascii", "replace")
    if len(data) % 2:
        data += b"\0" if kind == b"UI" else b" "
    return _SHORT.pack(2, number, kind, len(data)) + data


def stored_file(path: Path) -> StoredFile:
    """What a Part 10 file holds.

    Raises:
        FormatError: If it is none, or its header lacks what sending needs.
    """
    with calm():
        try:
            meta = read_file_meta_info(path)
        except DAMAGED as error:
            raise FormatError(
                f"{short_path(path)}: not a DICOM file with a header (Part 10), which sending needs. "
                "Export it from its archive again."
            ) from error
        class_uid, instance_uid, syntax = (
            identifier(meta, keyword)
            for keyword in ("MediaStorageSOPClassUID", "MediaStorageSOPInstanceUID", "TransferSyntaxUID")
        )
    if not (class_uid and instance_uid and syntax):
        raise FormatError(
            f"{short_path(path)}: its header does not say what the object is and how it is encoded. "
            "Export it from its archive again."
        )
    return StoredFile(path, class_uid, instance_uid, syntax)


def data_set_start(path: Path) -> int:
    """Where the data set of a Part 10 file begins.

    Raises:
        FormatError: If the file is none.
        OSError: If it cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(len(PREAMBLE) + _GROUP_LENGTH.size)
    if len(head) == len(PREAMBLE) + _GROUP_LENGTH.size and head[128:132] == b"DICM":
        *element, length = _GROUP_LENGTH.unpack_from(head, len(PREAMBLE))
        if element == [2, 0, b"UL", 4]:
            return len(head) + int(length)
    raise FormatError(
        f"{short_path(path)}: not a DICOM file with a header (Part 10). Export it from its archive again."
    )
