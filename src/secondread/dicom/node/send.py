"""Sending files by C-STORE, in their own transfer syntaxes and never whole in memory. Source: DICOM PS3.4 Annex B."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from secondread.dicom.node import command as commands
from secondread.dicom.node.association import Association
from secondread.dicom.node.call import Caller, associated
from secondread.dicom.node.connection import LostError
from secondread.dicom.node.part10 import StoredFile, data_set_start, stored_file

_MAX_CONTEXTS = 128
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
        kinds = list(dict.fromkeys((one.sop_class_uid, one.transfer_syntax_uid) for one in waiting))[:_MAX_CONTEXTS]
        now = [one for one in waiting if (one.sop_class_uid, one.transfer_syntax_uid) in set(kinds)]
        waiting = [one for one in waiting if (one.sop_class_uid, one.transfer_syntax_uid) not in set(kinds)]
        with associated(caller, [(kind, [syntax]) for kind, syntax in kinds]) as association:
            for one in now:
                yield Stored(one.sop_instance_uid, send_file(association, one, originator))


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
        False where nothing was sent: no context was accepted for its kind, or its file is gone.

    Raises:
        LostError: If the association ends.
    """
    kind = (one.sop_class_uid, one.transfer_syntax_uid)
    fits = [
        context.number for context in association.contexts.values() if (context.abstract, *context.transfer) == kind
    ]
    if not fits:
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
        association.send_file(fits[0], request, one.path, data_set_start(one.path))
    except FileNotFoundError:
        return False
    return True
