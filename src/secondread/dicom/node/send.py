"""Sending files by C-STORE, in their own transfer syntaxes and never whole in memory. Source: DICOM PS3.4 Annex B."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from pydicom.uid import ImplicitVRLittleEndian

from secondread.core.errors import FormatError
from secondread.dicom.node import command as commands
from secondread.dicom.node.association import Association
from secondread.dicom.node.call import Caller, associated
from secondread.dicom.node.connection import LostError
from secondread.dicom.node.convert import ALIKE, converted, is_convertible
from secondread.dicom.node.part10 import StoredFile, data_set_start, stored_file

_MAX_KINDS = 64  # of class and syntax: each may take two of the 128 contexts
_WARNINGS = range(0xB000, 0xC000)  # stored, with a remark: DICOM PS3.4 Table B.2-1


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one sent object.

    Attributes:
        uid: Its SOP Instance UID.
        status: DIMSE status; 0 is success, -1 that it was never sent: its kind was not
            accepted, or its file is gone.
    """

    uid: str
    status: int

    @property
    def ok(self) -> bool:
        """Whether the receiver has it."""
        return self.status == commands.SUCCESS or self.status in _WARNINGS


def store(caller: Caller, files: Sequence[Path]) -> list[Stored]:
    """Send files. One that is refused does not stop the others.

    Raises:
        NetworkError: If there is no association, or it ends before all were answered; send all of them again.
        FormatError: If a file is no DICOM file.
    """
    return list(storing(caller, [stored_file(path) for path in files]))


def storing(
    caller: Caller, files: Sequence[StoredFile], *, originator: tuple[str, int] | None = None
) -> Iterator[Stored]:
    """Send files, and tell of each when it is answered.

    Args:
        caller: To whom.
        files: What is sent, in any number of associations.
        originator: AE title and message ID of the C-MOVE that asked for it.

    Raises:
        NetworkError: As :func:`store`.
    """
    waiting = list(files)
    while waiting:
        kinds = list(dict.fromkeys(map(_kind, waiting)))[:_MAX_KINDS]
        now = [one for one in waiting if _kind(one) in kinds]
        waiting = [one for one in waiting if _kind(one) not in kinds]
        # What can be converted is offered in the syntax that everybody must take, too.
        offered = dict.fromkeys([*kinds, *((uid, ImplicitVRLittleEndian) for uid, syntax in kinds if syntax in ALIKE)])
        with associated(caller, [(uid, [syntax]) for uid, syntax in offered]) as association:
            for one in now:
                yield Stored(one.sop_instance_uid, send_file(association, one, originator))


def _kind(one: StoredFile) -> tuple[str, str]:
    return one.sop_class_uid, one.transfer_syntax_uid


def send_file(association: Association, one: StoredFile, originator: tuple[str, int] | None = None) -> int:
    """Send one object and return its status; -1 where nothing was sent.

    Raises:
        LostError: If the association ends.
    """
    if not request_store(association, one, originator):
        return -1
    answer = association.receive()
    if answer is None or answer.field != commands.C_STORE | commands.ANSWER:
        raise LostError("no answer to C-STORE")
    return answer.status


def request_store(association: Association, one: StoredFile, originator: tuple[str, int] | None = None) -> bool:
    """Send one object, whose answer is still to be received.

    Returns:
        False where nothing was sent: no context was accepted for its kind, or its file is gone or damaged.

    Raises:
        LostError: If the association ends.
    """
    number, syntax = _context_for(association, one)
    if not number:
        return False
    request: dict[str, int | str] = {
        "CommandField": commands.C_STORE,
        "MessageID": association.next_id(),
        "AffectedSOPClassUID": one.sop_class_uid,
        "AffectedSOPInstanceUID": one.sop_instance_uid,
        "Priority": 0,
    }
    if originator is not None:
        request["MoveOriginatorApplicationEntityTitle"], request["MoveOriginatorMessageID"] = originator
    try:
        with nullcontext(one) if syntax == one.transfer_syntax_uid else converted(one, syntax) as sent:
            association.send_file(number, request, sent.path, data_set_start(sent.path))
    except (FileNotFoundError, FormatError):
        return False
    return True


def _context_for(association: Association, one: StoredFile) -> tuple[int, str]:
    """Number and syntax of the context it is sent in: its own syntax where that was accepted; 0 for none."""
    of_class = [context for context in association.contexts.values() if context.abstract == one.sop_class_uid]
    for context in of_class:
        if context.transfer[0] == one.transfer_syntax_uid:
            return context.number, context.transfer[0]
    for context in of_class:
        if is_convertible(one.transfer_syntax_uid, context.transfer[0]):
            return context.number, context.transfer[0]
    return 0, ""
