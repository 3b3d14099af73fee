"""Asking other DICOM applications: echo, store, find, move, get, storage commitment."""

from collections.abc import Sequence

from pydicom.dataset import Dataset

from secondread.core.errors import NetworkError
from secondread.dicom.node import command as commands
from secondread.dicom.node.call import Caller, Tls, asked, associated, check_status, context_for, exchange
from secondread.dicom.node.fetch import LEVELS, Moved, find, get, move
from secondread.dicom.node.send import Stored, store
from secondread.dicom.node.services import (
    COMMITMENT,
    COMMITMENT_INSTANCE,
    IDENTIFIER_SYNTAXES,
    REQUEST_COMMITMENT,
    VERIFICATION,
)

__all__ = [
    "LEVELS", "Caller", "Moved", "Stored", "Tls", "echo", "find", "get", "move", "request_commitment", "store",
]  # fmt: skip


def echo(caller: Caller) -> None:
    """Ask whether somebody is there who talks DICOM.

    Raises:
        NetworkError: If not.
    """
    with associated(caller, [(VERIFICATION, IDENTIFIER_SYNTAXES)]) as association:
        context = context_for(association, VERIFICATION, caller)
        request: dict[str, int | str] = {
            "CommandField": commands.C_ECHO,
            "MessageID": 1,
            "AffectedSOPClassUID": VERIFICATION,
        }
        answer = exchange(association, context, request, caller)
        if answer.status != commands.SUCCESS:
            raise NetworkError(f"{caller}: answered the echo with status {answer.status:04X}H. Check its log.")


def request_commitment(caller: Caller, transaction_uid: str, references: Sequence[tuple[str, str]]) -> None:
    """Ask a receiver to promise that it keeps objects. Its answer comes later, to our node.

    Args:
        caller: Whom to ask.
        transaction_uid: A new UID, by which its answer is known.
        references: (SOP class, SOP instance) of each object.

    Raises:
        NetworkError: If the request is not accepted.
    """
    asked_for = Dataset()
    asked_for.TransactionUID = transaction_uid
    asked_for.ReferencedSOPSequence = [reference(*one) for one in references]
    with associated(caller, [(COMMITMENT, IDENTIFIER_SYNTAXES)]) as association:
        context = context_for(association, COMMITMENT, caller)
        request: dict[str, int | str] = {
            "CommandField": commands.N_ACTION,
            "MessageID": 1,
            "RequestedSOPClassUID": COMMITMENT,
            "RequestedSOPInstanceUID": COMMITMENT_INSTANCE,
            "ActionTypeID": REQUEST_COMMITMENT,
        }
        association.send(context.number, request, asked_for)
        answer = asked(association, association.receive(), caller)
        check_status(answer.status, "request for storage commitment", caller)


def reference(sop_class_uid: str, sop_instance_uid: str) -> Dataset:
    """An item that names an object."""
    item = Dataset()
    item.ReferencedSOPClassUID = sop_class_uid
    item.ReferencedSOPInstanceUID = sop_instance_uid
    return item
