"""The node: it listens, takes associations within its limits, and answers each in a thread of its own."""

import logging
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from secondread.core.errors import UsageError
from secondread.dicom.node import proposal
from secondread.dicom.node.answer import answer_all
from secondread.dicom.node.association import Association
from secondread.dicom.node.connection import ACCEPTANCE, REJECTION, REQUEST, Connection, LostError
from secondread.dicom.node.guest import Guest, Host
from secondread.dicom.node.negotiate import negotiated
from secondread.dicom.node.proposal import ACCEPTED, Proposal, Rejection

_log = logging.getLogger(__name__)
_BACKLOG = 64
_SPARE = 8  # connections beyond the limit that are still told why they are refused
_REQUEST_SECONDS = 30.0  # until a connection must have asked for its association (ARTIM timer)
_STOP_SECONDS = 10.0
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Listening:
    """How the node listens.

    Attributes:
        host: Address.
        port: 0 takes a free one.
        max_associations: How many at once.
        max_pdu_bytes: Largest P-DATA that is taken.
        idle_seconds: Longest silence.
        tls: None for plain TCP.
    """

    host: str
    port: int
    max_associations: int = 20
    max_pdu_bytes: int = 131072
    idle_seconds: float = 60.0
    tls: ssl.SSLContext | None = None


class NodeServer:
    """A node that can be started once and stopped."""

    def __init__(self, host: Host, listening: Listening) -> None:
        """Nothing listens yet."""
        self._host = host
        self._listening = listening
        self._lock = threading.Lock()
        self._connections: dict[Connection | socket.socket, threading.Thread] = {}
        self._associations = 0
        self._ending = threading.Event()
        self._listener: socket.socket | None = None
        self.port = 0

    def start(self) -> None:
        """Listen, and answer from now on.

        Raises:
            UsageError: If the port is taken.
        """
        where = self._listening
        listener = socket.socket(socket.AF_INET6 if ":" in where.host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((where.host, where.port))
        except OSError as error:
            listener.close()
            raise UsageError(
                f"[dicom] port: {where.host} port {where.port} cannot be used ({error.strerror}). Choose another."
            ) from error
        listener.listen(_BACKLOG)
        self._listener = listener
        self.port = int(listener.getsockname()[1])
        self._thread = threading.Thread(target=self._listen, args=(listener,), name="dicom node", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Abort every association and wait until its thread is gone."""
        with self._lock:
            self._ending.set()
            open_now = dict(self._connections)
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._thread.join(_STOP_SECONDS)
        for connection in open_now:
            if isinstance(connection, Connection):
                connection.close()
            else:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in open_now.values():
            thread.join(_STOP_SECONDS)

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, address = listener.accept()
            except OSError:  # as when the process has no more file handles: it may have later
                if self._ending.wait(_PAUSE_SECONDS):
                    return
                continue
            with self._lock:
                full = len(self._connections) >= self._listening.max_associations + _SPARE
                if full or self._ending.is_set():
                    sock.close()
                    continue
                thread = threading.Thread(
                    target=self._attend, args=(sock, str(address[0])), name="dicom association", daemon=True
                )
                self._connections[sock] = thread
            thread.start()

    def _attend(self, sock: socket.socket, address: str) -> None:
        """One connection from its first byte to its last."""
        connection: Connection | None = None
        key: Connection | socket.socket = sock
        try:
            connection = self._secured(sock)
            with self._lock:
                self._connections[connection] = self._connections.pop(key)
                key = connection
            self._associate(connection, address.removeprefix("::ffff:"))
        except LostError as error:
            _log.info("association ended before its time: %s", error)  # a reason of our own, which names nobody
        except Exception as error:  # noqa: BLE001 - one caller must not end the node for the others
            _log.error("association failed: error=%s", type(error).__name__)
            _log.debug("where it failed; may name the patient", exc_info=error)
        finally:
            if connection is not None:
                connection.abort()
            else:
                sock.close()
            with self._lock:
                self._connections.pop(key, None)

    def _secured(self, sock: socket.socket) -> Connection:
        sock.settimeout(min(_REQUEST_SECONDS, self._listening.idle_seconds))
        if self._listening.tls is not None:
            try:
                sock = self._listening.tls.wrap_socket(sock, server_side=True)
            except OSError as error:
                raise LostError(f"no TLS: {type(error).__name__}") from error
        return Connection(sock, idle_seconds=self._listening.idle_seconds, max_pdu_bytes=self._listening.max_pdu_bytes)

    def _associate(self, connection: Connection, address: str) -> None:
        kind, body = connection.read()
        if kind != REQUEST:
            raise LostError("something else than a request for an association")
        try:
            asked = proposal.decode(bytes(body))
        except ValueError as error:
            connection.send(REJECTION, _rejection(proposal.APPLICATION_UNKNOWN))
            raise LostError("a request for an association that cannot be read") from error
        with self._lock:
            full = self._associations >= self._listening.max_associations
            if not full:
                self._associations += 1
        if full:
            connection.send(REJECTION, _rejection(proposal.TOO_MANY))
            connection.wait_for_end(2.0)
            return
        try:
            guest = self._host.admit(asked.called, asked.calling, address)
            if isinstance(guest, Rejection):
                connection.send(REJECTION, _rejection(guest))
                connection.wait_for_end(2.0)
                return
            self._serve(connection, asked, guest)
        finally:
            with self._lock:
                self._associations -= 1

    def _serve(self, connection: Connection, asked: Proposal, guest: Guest) -> None:
        try:
            agreed = negotiated(asked, guest.rights, self._listening.max_pdu_bytes)
            connection.send(ACCEPTANCE, proposal.encode_acceptance(agreed))
            accepted = {one.number: one for one in agreed.contexts if one.result == ACCEPTED}
            answer_all(Association(connection, accepted, asked.max_length), guest)
        finally:
            guest.left()


def _rejection(why: Rejection) -> bytes:
    return bytes([0, why.result, why.source, why.reason])


def server_context(certificate: Path, key: Path, client_authorities: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or later; callers must show a certificate where ``client_authorities`` is given. Source: BCP 195.

    Raises:
        UsageError: If a file cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
        if client_authorities is not None:
            context.load_verify_locations(client_authorities)
            context.verify_mode = ssl.CERT_REQUIRED
    except OSError as error:
        raise UsageError(
            f"[dicom] certificate: cannot be used ({type(error).__name__}). "
            "Needed PEM files of a certificate and its key."
        ) from error
    return context
