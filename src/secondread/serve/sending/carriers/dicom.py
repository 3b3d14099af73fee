"""Results by C-STORE, and the storage commitment that says they are kept."""

from collections.abc import Sequence
from pathlib import Path

from secondread.core.errors import FormatError, NetworkError
from secondread.dicom.index_entry import read_entry
from secondread.dicom.node.call import Caller
from secondread.dicom.node.client import request_commitment
from secondread.dicom.node.part10 import stored_file
from secondread.dicom.node.send import Stored, storing
from secondread.serve.config.room import Destination
from secondread.serve.node.peers import caller_of
from secondread.serve.room import Room
from secondread.serve.sending.errors import UnreachableError, UnsendableError
from secondread.serve.sending.parcel import Parcel, Receipt

_NOT_ACCEPTED = -1
_OUT_OF_RESOURCES = range(0xA700, 0xA800)  # Source: DICOM PS3.4 table B.2-1


def deliver(parcel: Parcel, destination: Destination, room: Room) -> Receipt:
    """Store the objects; what was answered counts, also when the rest fails.

    Raises:
        UnreachableError: If nobody is there, or the receiver has no room.
        UnsendableError: If a file is damaged.
    """
    taken: dict[Path, str] = {}
    refused: dict[Path, str] = {}
    try:
        files = [stored_file(path) for path in parcel.files]
        places = {one.sop_instance_uid: one.path for one in files}
        for answer in storing(_called(destination, room), files):
            file = places[answer.uid]
            if answer.ok:
                taken[file] = answer.uid
            elif answer.status in _OUT_OF_RESOURCES:
                raise UnreachableError(f"it is out of resources (status {answer.status:04X}H). It needs room.", taken)
            else:
                refused[file] = _told(answer)
    except NetworkError as error:
        raise error if isinstance(error, UnreachableError) else UnreachableError(str(error), taken) from error
    except FormatError as error:
        raise UnsendableError(str(error)) from error
    return Receipt(taken, refused)


def request(files: Sequence[Path], transaction_uid: str, destination: Destination, room: Room) -> None:
    """Ask for the commitment of objects that were stored.

    Raises:
        UnreachableError: If nobody is there who takes the request.
        UnsendableError: If an object is no longer in the room.
    """
    try:
        entries = [read_entry(file) for file in files]
        references = [(entry.sop_class_uid, entry.sop_instance_uid) for entry in entries]
    except (FormatError, OSError) as error:
        raise UnsendableError("the results are not in the room's folder. Read the study again.") from error
    try:
        request_commitment(_called(destination, room), transaction_uid, references)
    except NetworkError as error:
        raise UnreachableError(str(error)) from error


def _called(destination: Destination, room: Room) -> Caller:
    caller = caller_of(room, destination.peer)
    assert caller is not None, "the settings were checked"
    return caller


def _told(answer: Stored) -> str:
    if answer.status == _NOT_ACCEPTED:
        return "the receiver does not accept objects of this kind. Allow it there, or leave the kind out of objects."
    return f"the receiver answered with status {answer.status:04X}H; its log says more."
