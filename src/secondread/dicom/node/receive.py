"""An object of a C-STORE: from the network straight into a file, hashed on the way, never whole in memory."""

import errno
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from secondread.dicom.node import command as commands
from secondread.dicom.node.association import Association, Message
from secondread.dicom.node.part10 import file_header

HEAD_BYTES = 1 << 16  # what the index needs stands in front of the pixels
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Received:
    """One object, whole, in a file of Part 10 format.

    Attributes:
        part: The file; whoever is given it moves or removes it.
        head: The first bytes of the data set, enough for the index of most objects.
        sop_class_uid: As the request says.
        sop_instance_uid: As the request says.
        transfer_syntax_uid: How the data set is encoded.
        sha256: Of the data set.
        length: Bytes of the data set.
    """

    part: Path
    head: bytes
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    sha256: str
    length: int


def receive_file(
    association: Association, message: Message, part: Path, source: str, keep: Callable[[Received], int]
) -> int:
    """Receive the object of a C-STORE and hand it on; return the status of the answer.

    Args:
        association: Where it comes from.
        message: The request.
        part: A new file; it is gone when this returns, unless ``keep`` moved it.
        source: AE title for the file's header.
        keep: Called with the whole object; returns the status.

    Raises:
        LostError: If the association ends before the object does. Nothing stays behind.
    """
    class_uid = commands.words(message.command, "AffectedSOPClassUID")
    instance_uid = commands.words(message.command, "AffectedSOPInstanceUID")
    if class_uid != message.context.abstract or not instance_uid:
        return commands.MISMATCH
    try:
        received = _written(association, message, part, source)
        if received is None:
            return commands.CANNOT_UNDERSTAND
        return keep(received)
    except OSError as error:
        return commands.OUT_OF_RESOURCES if error.errno in _NO_ROOM else commands.PROCESSING_FAILURE
    finally:
        part.unlink(missing_ok=True)


def _written(association: Association, message: Message, part: Path, source: str) -> Received | None:
    """The object in its file; None where the request has no data set.

    Raises:
        OSError: If it cannot be written.
        LostError: If the association ends before.
    """
    syntax = message.context.transfer[0]
    class_uid = commands.words(message.command, "AffectedSOPClassUID")
    instance_uid = commands.words(message.command, "AffectedSOPInstanceUID")
    digest, head, length = hashlib.sha256(), bytearray(), 0
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        _write(handle, memoryview(file_header(class_uid, instance_uid, syntax, source)))
        for piece in association.fragments():
            _write(handle, piece)
            digest.update(piece)
            length += len(piece)
            if len(head) < HEAD_BYTES:
                head += piece[: HEAD_BYTES - len(head)]
    finally:
        os.close(handle)
    if length == 0:
        return None
    return Received(part, bytes(head), class_uid, instance_uid, syntax, digest.hexdigest(), length)


def _write(handle: int, piece: memoryview) -> None:
    while piece:
        piece = piece[os.write(handle, piece) :]
