"""Command sets: what a DIMSE message asks or answers. Source: DICOM PS3.7 section 6.3 and Annex E."""

import struct
from collections.abc import Mapping
from functools import cache

from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword

Command = Mapping[str, int | str]
MAX_BYTES = 65536
NO_DATA_SET = 0x0101
_DATA_SET = 0x0001
_ELEMENT = struct.Struct("<HHI")

C_STORE, C_GET, C_FIND, C_MOVE, C_ECHO = 0x0001, 0x0010, 0x0020, 0x0021, 0x0030
N_EVENT_REPORT, N_ACTION, C_CANCEL = 0x0100, 0x0130, 0x0FFF
ANSWER = 0x8000  # the bit that makes an answer of a request's field

SUCCESS, CANCELLED, PENDING = 0x0000, 0xFE00, 0xFF00
# Source: DICOM PS3.7 Annex C, PS3.4 B.2.3, C.4.1.1.4, C.4.2.1.5, C.4.3.1.4.
PROCESSING_FAILURE, DUPLICATE_INSTANCE, NO_SUCH_INSTANCE = 0x0110, 0x0111, 0x0112
INVALID_ARGUMENT, NO_SUCH_CLASS, CLASS_INSTANCE_CONFLICT = 0x0115, 0x0118, 0x0119
UNRECOGNIZED, NO_SUCH_ACTION, NOT_AUTHORIZED = 0x0211, 0x0123, 0x0124
NO_SUCH_EVENT = 0x0113
OUT_OF_RESOURCES, CANNOT_FIND_DESTINATION, MISMATCH, CANNOT_UNDERSTAND = 0xA700, 0xA801, 0xA900, 0xC000
SUBOPERATIONS_FAILED, SOME_FAILED = 0xA702, 0xB000


def encode(command: Command) -> bytes:
    """A command set in Implicit VR Little Endian, with its group length.

    ``CommandDataSetType`` is added as "none" where it is not given.
    """
    values = {"CommandDataSetType": NO_DATA_SET, **command}
    body = b"".join(
        _ELEMENT.pack(0, element, len(value)) + value
        for element, value in sorted((_element(name), _bytes(name, value)) for name, value in values.items())
    )
    return _ELEMENT.pack(0, 0, 4) + struct.pack("<I", len(body)) + body


def decode(data: bytes) -> dict[str, int | str]:
    """The elements of a command set that the Standard names.

    Raises:
        ValueError: If it is malformed or says neither what it is nor whether a data set follows.
    """
    found: dict[str, int | str] = {}
    at = 0
    try:
        while at < len(data):
            group, element, length = _ELEMENT.unpack_from(data, at)
            at += _ELEMENT.size
            if group != 0 or at + length > len(data):
                raise ValueError("an element that is no command's, or longer than the command set")
            name = keyword_for_tag(element)
            if name and element:
                found[name] = _value(name, data[at : at + length])
            at += length
    except (struct.error, UnicodeDecodeError) as error:
        raise ValueError("malformed") from error
    if not {"CommandField", "CommandDataSetType"} <= found.keys():
        raise ValueError("no CommandField or CommandDataSetType")
    return found


def number(command: Command, name: str) -> int:
    """An element that is a number; 0 where it is missing."""
    value = command.get(name, 0)
    return value if isinstance(value, int) else 0


def words(command: Command, name: str) -> str:
    """An element that is text; ``""`` where it is missing."""
    value = command.get(name, "")
    return value if isinstance(value, str) else ""


def has_data_set(command: Command) -> bool:
    """Whether a data set follows."""
    return number(command, "CommandDataSetType") != NO_DATA_SET


def answer(request: Command, status: int, **more: int | str) -> dict[str, int | str]:
    """The command set that answers a request."""
    reply: dict[str, int | str] = {
        "CommandField": number(request, "CommandField") | ANSWER,
        "MessageIDBeingRespondedTo": number(request, "MessageID"),
        "Status": status,
    }
    for name in ("AffectedSOPClassUID", "AffectedSOPInstanceUID"):
        if value := words(request, name):
            reply[name] = value
    return reply | more


def with_data_set(command: Command) -> dict[str, int | str]:
    """The same command, followed by a data set."""
    return {**command, "CommandDataSetType": _DATA_SET}


@cache
def _element(name: str) -> int:
    tag = tag_for_keyword(name)
    assert tag is not None, name
    assert tag >> 16 == 0, name
    return tag


@cache
def _kind(name: str) -> str:
    return dictionary_VR(_element(name))


def _bytes(name: str, value: int | str) -> bytes:
    if isinstance(value, int):
        return struct.pack("<H", value)
    data = value.encode("ascii", "replace")
    return data if len(data) % 2 == 0 else data + (b"\0" if _kind(name) == "UI" else b" ")


def _value(name: str, data: bytes) -> int | str:
    kind = _kind(name)
    if kind == "US":
        return int(struct.unpack_from("<H", data)[0])
    if kind == "UL":
        return int(struct.unpack_from("<I", data)[0])
    return data.rstrip(b"\0 ").decode("ascii", "replace").strip()
