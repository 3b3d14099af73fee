"""The messages of an association, answered one after the other. Source: DICOM PS3.7 chapters 9 and 10, PS3.4."""

import logging
from collections.abc import Callable, Mapping

from pydicom.dataset import Dataset

from secondread.dicom.node import command as commands
from secondread.dicom.node.association import Association, Message
from secondread.dicom.node.connection import LostError
from secondread.dicom.node.guest import COMMIT, QUERY, RETRIEVE, STORE, Guest, RefusedError
from secondread.dicom.node.receive import receive_file
from secondread.dicom.node.report import committed, requested, tell
from secondread.dicom.node.retrieve import get, move
from secondread.dicom.node.services import FIND, GET, MOVE

_log = logging.getLogger(__name__)
_PROMISE_SECONDS = 1.0  # a peer that stays for so long after its request is told on the same association


def answer_all(association: Association, guest: Guest) -> None:
    """Answer until the peer releases.

    Raises:
        LostError: If the association ends otherwise.
    """
    while True:
        _keep_promise(association, guest)
        message = association.receive()
        if message is None:
            return
        if message.field == commands.C_CANCEL:
            continue  # of something that is already done
        if message.field & commands.ANSWER:
            raise LostError("an answer to nothing")
        try:
            reply = _ANSWERS.get(message.field, _unknown)(association, message, guest)
        except RefusedError as refused:
            reply = _refusal(message, refused.status, refused.comment)
        except LostError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault with one message must not lose those after it
            _log.error("message failed: field=%04X error=%s", message.field, type(error).__name__)
            _log.debug("where it failed; may name the patient", exc_info=error)
            reply = _refusal(message, commands.PROCESSING_FAILURE, "")
        if reply is not None:
            association.send(message.context.number, reply)


def _keep_promise(association: Association, guest: Guest) -> None:
    promise = guest.promise()
    if promise is None or association.something_waits(_PROMISE_SECONDS):
        return
    if tell(association, promise):
        guest.promised(promise)


def _echo(_: Association, message: Message, __: Guest) -> dict[str, int | str]:
    return commands.answer(message.command, commands.SUCCESS)


def _store(association: Association, message: Message, guest: Guest) -> dict[str, int | str]:
    _check(guest, STORE)
    status = receive_file(association, message, guest.incoming(), guest.title, guest.store)
    return commands.answer(message.command, status)


def _find(association: Association, message: Message, guest: Guest) -> dict[str, int | str]:
    _check(guest, QUERY)
    _check_class(message, FIND)
    keys = _identifier(association, message)
    pending = commands.answer(message.command, commands.PENDING)
    for match in guest.find(str(keys.get("QueryRetrieveLevel", "")), keys):
        if cancelled(association):
            return commands.answer(message.command, commands.CANCELLED)
        association.send(message.context.number, pending, match)
    return commands.answer(message.command, commands.SUCCESS)


def _move(association: Association, message: Message, guest: Guest) -> None:
    _check(guest, RETRIEVE)
    _check_class(message, MOVE)
    move(association, message, _identifier(association, message), guest)


def _get(association: Association, message: Message, guest: Guest) -> None:
    _check(guest, RETRIEVE)
    _check_class(message, GET)
    get(association, message, _identifier(association, message), guest)


def _action(association: Association, message: Message, guest: Guest) -> dict[str, int | str]:
    _check(guest, COMMIT)
    return requested(message, _identifier(association, message), guest)


def _event(association: Association, message: Message, guest: Guest) -> dict[str, int | str]:
    _check(guest, COMMIT)
    return committed(message, _identifier(association, message), guest)


def _unknown(_: Association, message: Message, __: Guest) -> dict[str, int | str]:
    return _refusal(message, commands.UNRECOGNIZED, "")


_ANSWERS: Mapping[int, Callable[[Association, Message, Guest], dict[str, int | str] | None]] = {
    commands.C_ECHO: _echo,
    commands.C_STORE: _store,
    commands.C_FIND: _find,
    commands.C_MOVE: _move,
    commands.C_GET: _get,
    commands.N_ACTION: _action,
    commands.N_EVENT_REPORT: _event,
}


def cancelled(association: Association) -> bool:
    """Whether the peer has asked to stop what is being answered.

    Raises:
        LostError: If it said anything else.
    """
    if not association.something_waits():
        return False
    message = association.receive()
    if message is None or message.field != commands.C_CANCEL:
        raise LostError("the peer did not wait for the answer")
    return True


def _identifier(association: Association, message: Message) -> Dataset:
    try:
        return association.data_set(message)
    except ValueError as error:
        raise RefusedError(commands.CANNOT_UNDERSTAND, "the data set cannot be decoded") from error


def _check(guest: Guest, right: str) -> None:
    if right not in guest.rights:
        raise RefusedError(commands.NOT_AUTHORIZED, f"{guest.title} may not {right} here")


def _check_class(message: Message, needed: str) -> None:
    if message.context.abstract != needed:
        raise RefusedError(commands.NO_SUCH_CLASS, "not a service of this presentation context")


def _refusal(message: Message, status: int, comment: str) -> dict[str, int | str]:
    return commands.answer(message.command, status, **({"ErrorComment": comment} if comment else {}))
