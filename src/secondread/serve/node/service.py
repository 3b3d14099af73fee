"""The DICOM node of a room: started and stopped with it."""

from collections import OrderedDict

from secondread.dicom.node.guest import Guest
from secondread.dicom.node.proposal import Rejection
from secondread.dicom.node.server import Listening, NodeServer, server_context
from secondread.serve.moments import after
from secondread.serve.node.commitments import answer_next
from secondread.serve.node.peers import rights_of
from secondread.serve.node.visit import Visit
from secondread.serve.room import Room
from secondread.serve.service import Loop
from secondread.serve.storage.leftovers import remove_leftovers
from secondread.serve.trail.record import record

_LOOK_SECONDS = 0.5  # how often commitments are looked for
_TELL_SECONDS = 60.0  # a caller that is refused again and again is recorded so often
_REMEMBERED = 1000


class Node:
    """Listens, and gives the answers to storage commitments that are due.

    Attributes:
        port: The real one, also when the settings say 0.
    """

    def __init__(self, room: Room) -> None:
        """Nothing listens yet.

        Raises:
            UsageError: If a certificate cannot be used.
        """
        settings = room.settings.dicom
        tls = None
        if settings.certificate is not None and settings.certificate_key is not None:
            tls = server_context(settings.certificate, settings.certificate_key, settings.client_certificates)
        self._room = room
        self._server = NodeServer(
            _Door(room),
            Listening(
                settings.host,
                settings.port,
                settings.max_associations,
                settings.max_pdu_bytes,
                settings.idle_seconds,
                tls,
            ),
        )
        self._answers = Loop("storage commitment", lambda: 0.0 if answer_next(room) else _LOOK_SECONDS)
        self.port = 0

    def start(self) -> None:
        """Listen. What a crash left half received is removed: it was never acknowledged.

        Raises:
            UsageError: If the port is taken.
        """
        remove_leftovers(self._room)
        self._server.start()
        self.port = self._server.port
        self._answers.start()

    def stop(self) -> None:
        """End; associations that are open are aborted, and nothing of them stays that was not acknowledged."""
        self._server.stop()
        self._answers.stop()


class _Door:
    """Decides about callers, and records whom it refuses."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._told: OrderedDict[str, str] = OrderedDict()

    def admit(self, called: str, calling: str, address: str) -> Guest | Rejection:
        found = rights_of(self._room, called, calling, address)
        if isinstance(found, Rejection):
            self._tell(calling, address)
            return found
        return Visit(self._room, calling, address, found)

    def _tell(self, calling: str, address: str) -> None:
        """Record a refusal, but not each of a flood: the trail is kept for ever."""
        now = self._room.now()
        if self._told.get(address, "") > now:
            return
        self._told[address] = after(now, _TELL_SECONDS)
        self._told.move_to_end(address)
        while len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        record(
            self._room, actor=calling, action="denied", address=address, outcome="denied", detail={"by": "DICOM node"}
        )
