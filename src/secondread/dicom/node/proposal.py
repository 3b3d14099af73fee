"""How an association is asked for, accepted and refused. Source: DICOM PS3.8 section 9.3 and Annex D."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from secondread.core.version import __version__
from secondread.dicom.uids import uid_source

APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"
IMPLEMENTATION_UID = uid_source("secondread")("implementation class")
IMPLEMENTATION_NAME = f"SECONDREAD{__version__}"[:16]

ACCEPTED, USER_REJECTION, ABSTRACT_UNKNOWN, TRANSFER_UNKNOWN = 0, 1, 3, 4  # results of a context: PS3.8 Table 9-18
_PROTOCOL_VERSION = 1
_FIXED = struct.Struct(">HH16s16s32x")
_ITEM = struct.Struct(">BxH")


@dataclass(frozen=True, slots=True)
class Context:
    """One presentation context: a kind of object or service, and how its data sets are encoded.

    Attributes:
        number: Odd, from 1 to 255.
        abstract: SOP class UID.
        transfer: Syntaxes that are proposed; of an answer the one that was chosen.
        result: Of an answer: 0 is accepted.
    """

    number: int
    abstract: str
    transfer: tuple[str, ...]
    result: int = ACCEPTED


@dataclass(frozen=True, slots=True)
class Proposal:
    """A-ASSOCIATE-RQ, or A-ASSOCIATE-AC as the answer to it.

    Attributes:
        called: AE title of whom is called.
        calling: AE title of who calls.
        contexts: Presentation contexts.
        max_length: Largest P-DATA its sender takes; 0 for any.
        roles: SOP class to whether the caller is (user, provider) of it, where that was said.
    """

    called: str
    calling: str
    contexts: tuple[Context, ...]
    max_length: int
    roles: Mapping[str, tuple[bool, bool]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A-ASSOCIATE-RJ.

    Attributes:
        result: 1 for good, 2 for now.
        source: 1 the application, 2 and 3 the protocol.
        reason: Its meaning depends on the source.
    """

    result: int
    source: int
    reason: int


# Source: DICOM PS3.8 Table 9-21.
CALLING_UNKNOWN = Rejection(1, 1, 3)
CALLED_UNKNOWN = Rejection(1, 1, 7)
APPLICATION_UNKNOWN = Rejection(1, 1, 2)
TOO_MANY = Rejection(2, 3, 2)
REASONS = {
    CALLING_UNKNOWN: "our AE title is not known there",
    CALLED_UNKNOWN: "the called AE title is not known there",
    TOO_MANY: "it has too many associations now",
    Rejection(2, 3, 1): "it is busy now",
}


def encode_request(proposal: Proposal) -> bytes:
    """The body of an A-ASSOCIATE-RQ."""
    contexts = b"".join(
        _item(
            0x20,
            bytes([one.number, 0, 0, 0])
            + _item(0x30, one.abstract.encode())
            + b"".join(_item(0x40, syntax.encode()) for syntax in one.transfer),
        )
        for one in proposal.contexts
    )
    return _body(proposal, contexts)


def encode_acceptance(proposal: Proposal) -> bytes:
    """The body of an A-ASSOCIATE-AC."""
    contexts = b"".join(
        _item(0x21, bytes([one.number, 0, one.result, 0]) + _item(0x40, one.transfer[0].encode()))
        for one in proposal.contexts
    )
    return _body(proposal, contexts)


def decode(body: bytes) -> Proposal:
    """What stands in the body of an A-ASSOCIATE-RQ or -AC.

    Raises:
        ValueError: If it is malformed; a version or application context that is not DICOM's counts as that.
    """
    try:
        version, _, called, calling = _FIXED.unpack_from(body)
        contexts: list[Context] = []
        max_length, application = 0, ""
        roles: dict[str, tuple[bool, bool]] = {}
        for kind, value in _items(body[_FIXED.size :]):
            if kind == 0x10:
                application = _uid(value)
            elif kind in {0x20, 0x21}:
                contexts.append(_context(kind, value))
            elif kind == 0x50:
                max_length, roles = _user_information(value)
    except (struct.error, UnicodeDecodeError, IndexError) as error:
        raise ValueError("malformed") from error
    if not version & _PROTOCOL_VERSION or application != APPLICATION_CONTEXT:
        raise ValueError("not DICOM's protocol version or application context")
    return Proposal(_title(called), _title(calling), tuple(contexts), max_length, roles)


def _body(proposal: Proposal, contexts: bytes) -> bytes:
    user = (
        _item(0x51, struct.pack(">I", proposal.max_length))
        + _item(0x52, IMPLEMENTATION_UID.encode())
        + b"".join(
            _item(0x54, struct.pack(">H", len(uid)) + uid.encode() + bytes(roles))
            for uid, roles in proposal.roles.items()
        )
        + _item(0x55, IMPLEMENTATION_NAME.encode())
    )
    fixed = _FIXED.pack(_PROTOCOL_VERSION, 0, _padded(proposal.called), _padded(proposal.calling))
    return fixed + _item(0x10, APPLICATION_CONTEXT.encode()) + contexts + _item(0x50, user)


def _context(kind: int, value: bytes) -> Context:
    abstract, transfer = "", []
    for inner, uid in _items(value[4:]):
        if inner == 0x30:
            abstract = _uid(uid)
        elif inner == 0x40:
            transfer.append(_uid(uid))
    return Context(value[0], abstract, tuple(transfer), value[2] if kind == 0x21 else ACCEPTED)


def _user_information(value: bytes) -> tuple[int, dict[str, tuple[bool, bool]]]:
    max_length = 0
    roles: dict[str, tuple[bool, bool]] = {}
    for kind, inner in _items(value):
        if kind == 0x51:
            (max_length,) = struct.unpack(">I", inner)
        elif kind == 0x54:
            (length,) = struct.unpack_from(">H", inner)
            user, provider = inner[2 + length], inner[3 + length]
            roles[_uid(inner[2 : 2 + length])] = (bool(user), bool(provider))
    return max_length, roles


def _items(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        kind, length = _ITEM.unpack_from(data, at)
        at += _ITEM.size
        if at + length > len(data):
            raise IndexError(at)
        yield kind, data[at : at + length]
        at += length


def _item(kind: int, value: bytes) -> bytes:
    return _ITEM.pack(kind, len(value)) + value


def _uid(value: bytes) -> str:
    return value.rstrip(b"\0 ").decode("ascii")


def _title(value: bytes) -> str:
    return value.strip(b"\0 ").decode("ascii")


def _padded(title: str) -> bytes:
    return title.encode("ascii").ljust(16)[:16]
