"""Storage commitment, both ways. Source: DICOM PS3.4 Annex J."""

from pydicom.dataset import Dataset

from secondread.core.errors import NetworkError
from secondread.dicom.node import command as commands
from secondread.dicom.node.association import Association, Message
from secondread.dicom.node.call import Caller, associated, context_for
from secondread.dicom.node.connection import LostError
from secondread.dicom.node.guest import Guest, Promise, RefusedError
from secondread.dicom.node.services import (
    ALL_COMMITTED,
    COMMITMENT,
    COMMITMENT_INSTANCE,
    IDENTIFIER_SYNTAXES,
    REQUEST_COMMITMENT,
    SOME_NOT_COMMITTED,
)


def requested(message: Message, request: Dataset, guest: Guest) -> dict[str, int | str]:
    """The answer to N-ACTION, somebody's request that we promise to keep objects.

    Raises:
        RefusedError: If it is none, or is not accepted.
    """
    _check_instance(message, "RequestedSOPClassUID", "RequestedSOPInstanceUID")
    if commands.number(message.command, "ActionTypeID") != REQUEST_COMMITMENT:
        raise RefusedError(commands.NO_SUCH_ACTION, "the only action is 1, request storage commitment")
    guest.commit(request)
    return commands.answer(
        message.command,
        commands.SUCCESS,
        AffectedSOPClassUID=COMMITMENT,
        AffectedSOPInstanceUID=COMMITMENT_INSTANCE,
        ActionTypeID=REQUEST_COMMITMENT,
    )


def committed(message: Message, report: Dataset, guest: Guest) -> dict[str, int | str]:
    """The answer to N-EVENT-REPORT, somebody's promise about our objects.

    Raises:
        RefusedError: If it is none, or was not asked for.
    """
    _check_instance(message, "AffectedSOPClassUID", "AffectedSOPInstanceUID")
    event = commands.number(message.command, "EventTypeID")
    if event not in {ALL_COMMITTED, SOME_NOT_COMMITTED}:
        raise RefusedError(commands.NO_SUCH_EVENT, "event types are 1 and 2")
    guest.committed(event, report)
    return commands.answer(message.command, commands.SUCCESS, EventTypeID=event)


def tell(association: Association, promise: Promise) -> bool:
    """Tell a promise by N-EVENT-REPORT; whether the peer took it.

    Raises:
        LostError: If the association ends otherwise than by its release.
    """
    context = next((one for one in association.contexts.values() if one.abstract == COMMITMENT), None)
    if context is None:
        return False
    command: dict[str, int | str] = {
        "CommandField": commands.N_EVENT_REPORT,
        "MessageID": association.next_id(),
        "AffectedSOPClassUID": COMMITMENT,
        "AffectedSOPInstanceUID": COMMITMENT_INSTANCE,
        "EventTypeID": promise.event,
    }
    association.send(context.number, command, promise.data_set)
    answer = association.receive()
    if answer is not None and answer.field != commands.N_EVENT_REPORT | commands.ANSWER:
        raise LostError("the peer did not wait for its answer")
    return answer is not None and answer.status == commands.SUCCESS


def call_with(caller: Caller, promise: Promise) -> None:
    """Tell a promise on an association of our own, as its provider.

    Raises:
        NetworkError: If the peer is not reached or does not take it.
    """
    with associated(caller, [(COMMITMENT, IDENTIFIER_SYNTAXES)], roles={COMMITMENT: (False, True)}) as association:
        context_for(association, COMMITMENT, caller)
        if not tell(association, promise):
            raise NetworkError(f"{caller}: did not take the answer about storage commitment. Check its log.")


def _check_instance(message: Message, of_class: str, of_instance: str) -> None:
    if COMMITMENT not in {commands.words(message.command, of_class), message.context.abstract}:
        raise RefusedError(commands.NO_SUCH_CLASS, "only storage commitment is offered")
    if commands.words(message.command, of_instance) != COMMITMENT_INSTANCE:
        raise RefusedError(commands.NO_SUCH_INSTANCE, "not the well-known instance of storage commitment")
