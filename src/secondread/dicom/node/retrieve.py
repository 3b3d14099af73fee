"""C-MOVE and C-GET: objects that are held, sent to another application or back. Source: DICOM PS3.4 C.4.2, C.4.3."""

from collections.abc import Iterator, Sequence

from pydicom.dataset import Dataset

from secondread.core.errors import NetworkError
from secondread.dicom.node import command as commands
from secondread.dicom.node.association import Association, Message
from secondread.dicom.node.connection import LostError
from secondread.dicom.node.guest import Guest, RefusedError
from secondread.dicom.node.part10 import StoredFile
from secondread.dicom.node.send import Stored, request_store, storing

_MOST = 0xFFFF  # a count is a US: of more, as many are told


class _Progress:
    """What became of the objects so far."""

    def __init__(self, association: Association, message: Message, files: Sequence[StoredFile]) -> None:
        self._association = association
        self._message = message
        self._left = {one.sop_instance_uid: one for one in files}
        self.sent: list[StoredFile] = []
        self._warned = 0
        self._failed: list[str] = []

    def add(self, outcome: Stored) -> None:
        """One object was answered; the peer is told."""
        one = self._left.pop(outcome.uid)
        if outcome.ok:
            self.sent.append(one)
            self._warned += outcome.status != commands.SUCCESS
        else:
            self._failed.append(outcome.uid)
        if self._left:
            self._send(commands.PENDING, {"NumberOfRemainingSuboperations": len(self._left)}, None)

    def end(self, *, was_cancelled: bool) -> None:
        """Tell the peer the outcome."""
        counts: dict[str, int | str] = {}
        if was_cancelled:
            status = commands.CANCELLED
            counts["NumberOfRemainingSuboperations"] = len(self._left)
        else:
            self._failed += self._left
            status = commands.SUCCESS
            if self._failed or self._warned:
                status = commands.SOME_FAILED if self.sent else commands.SUBOPERATIONS_FAILED
        failed = Dataset()
        failed.FailedSOPInstanceUIDList = self._failed
        self._send(status, counts, failed if self._failed else None)

    def _send(self, status: int, more: dict[str, int | str], data: Dataset | None) -> None:
        counts = {
            "NumberOfCompletedSuboperations": len(self.sent) - self._warned,
            "NumberOfFailedSuboperations": len(self._failed),
            "NumberOfWarningSuboperations": self._warned,
        }
        told = {
            name: min(value, _MOST) if isinstance(value, int) else value for name, value in {**counts, **more}.items()
        }
        reply = commands.answer(self._message.command, status, **told)
        self._association.send(self._message.context.number, reply, data)


def move(association: Association, message: Message, keys: Dataset, guest: Guest) -> None:
    """Send what is named to the application that is named, and tell how it goes.

    Raises:
        RefusedError: If it may not be sent there.
        LostError: If the association ends.
    """
    title = commands.words(message.command, "MoveDestination")
    caller = guest.destination(title)
    if caller is None:
        raise RefusedError(commands.CANNOT_FIND_DESTINATION, "no such move destination: not a peer with host and port")
    files = guest.held(keys)
    progress = _Progress(association, message, files)
    was_cancelled = False
    try:
        for outcome in storing(caller, files, originator=(guest.title, commands.number(message.command, "MessageID"))):
            progress.add(outcome)
            if association.something_waits():
                was_cancelled = _is_cancel(association.receive())
                break
    except NetworkError:
        pass  # what is left has failed, and is told as such
    finally:
        guest.sent(progress.sent, title)
    progress.end(was_cancelled=was_cancelled)


def get(association: Association, message: Message, keys: Dataset, guest: Guest) -> None:
    """Send what is named back on the same association, and tell how it goes.

    Raises:
        RefusedError: If it cannot be answered.
        LostError: If the association ends.
    """
    files = guest.held(keys)
    progress = _Progress(association, message, files)
    was_cancelled = False
    try:
        for one in files:
            answers = _answers(association, one)
            for answer in answers:
                if answer is None:
                    was_cancelled = True
                else:
                    progress.add(Stored(one.sop_instance_uid, answer))
            if was_cancelled:
                break
    finally:
        guest.sent(progress.sent, guest.title)
    progress.end(was_cancelled=was_cancelled)


def _answers(association: Association, one: StoredFile) -> Iterator[int | None]:
    """The status of one object; None for each request to stop that came before it."""
    if not request_store(association, one):
        yield -1
        return
    while True:
        message = association.receive()
        if message is not None and message.field == commands.C_STORE | commands.ANSWER:
            yield message.status
            return
        _is_cancel(message)
        yield None


def _is_cancel(message: Message | None) -> bool:
    if message is None or message.field != commands.C_CANCEL:
        raise LostError("the peer did not wait for the answer")
    return True
