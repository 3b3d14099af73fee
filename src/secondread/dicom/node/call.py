"""Calling another DICOM application: an association, or a reason why there is none."""

import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from secondread.core.errors import NetworkError, UsageError
from secondread.dicom.node import command as commands
from secondread.dicom.node import proposal
from secondread.dicom.node.association import Association, Message
from secondread.dicom.node.command import Command
from secondread.dicom.node.connection import ACCEPTANCE, REJECTION, REQUEST, Connection, LostError
from secondread.dicom.node.proposal import Context, Proposal, Rejection

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 120.0  # a busy archive may be slow to answer
OUR_MAX_PDU = 1 << 17


@dataclass(frozen=True, slots=True)
class Tls:
    """How a peer is called with TLS.

    Attributes:
        authorities: PEM file of authorities its certificate must come from; None: those of the system.
        certificate: PEM file of our own certificate, or None.
        certificate_key: PEM file with its key.
        check_name: Whether the certificate must carry the host's name.
    """

    authorities: Path | None = None
    certificate: Path | None = None
    certificate_key: Path | None = None
    check_name: bool = True


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom we call, and under which name.

    Attributes:
        ae_title: Of the called application.
        host: Its address.
        port: Its port.
        calling: Our own AE title.
        tls: None for plain TCP.
    """

    ae_title: str
    host: str
    port: int
    calling: str
    tls: Tls | None = None

    def __str__(self) -> str:
        return f"{self.ae_title} at {self.host}:{self.port}"


@contextmanager
def associated(
    caller: Caller,
    contexts: Sequence[tuple[str, Sequence[str]]],
    *,
    roles: Mapping[str, tuple[bool, bool]] | None = None,
) -> Iterator[Association]:
    """An association for as long as the context lasts; released at its end, aborted when anything is raised.

    Args:
        caller: Whom to call.
        contexts: (SOP class, transfer syntaxes) that are proposed, at most 128.
        roles: SOP class to (user, provider), where we are not the user.

    Raises:
        NetworkError: If there is none, or it ends before its time.
    """
    connection = _connect(caller)
    try:
        association = _negotiate(connection, caller, contexts, roles or {})
    except LostError as error:
        connection.close()
        raise NetworkError(f"{caller}: no association ({error}). Check its log, and whether it expects TLS.") from error
    except NetworkError:
        connection.close()
        raise
    try:
        yield association
    except LostError as error:
        association.abort()
        raise NetworkError(f"{caller}: the association ended before the answer ({error}). Try again.") from error
    except BaseException:
        association.abort()
        raise
    association.release()


def asked(association: Association, message: Message | None, caller: Caller) -> Message:
    """The answer that must have come.

    Raises:
        NetworkError: If the peer released the association instead.
    """
    if message is None:
        association.abort()
        raise NetworkError(f"{caller}: the association was released before the answer. Try again.")
    return message


def context_for(association: Association, abstract: str, caller: Caller) -> Context:
    """The accepted context of a SOP class.

    Raises:
        NetworkError: If the peer did not accept it.
    """
    for context in association.contexts.values():
        if context.abstract == abstract:
            return context
    raise NetworkError(
        f"{caller}: does not offer the service {abstract} to us. Its administrator must allow it to {caller.calling}."
    )


def exchange(association: Association, context: Context, command: Command, caller: Caller) -> Message:
    """Send a request without a data set and wait for its answer.

    Raises:
        NetworkError: If none comes.
        LostError: If the association ends.
    """
    association.send(context.number, command)
    return asked(association, association.receive(), caller)


def check_status(status: int, what: str, caller: Caller) -> None:
    """Stop at an answer that is no success.

    Raises:
        NetworkError: It names the status.
    """
    if status != commands.SUCCESS:
        raise NetworkError(f"{caller}: answered the {what} with status {status:04X}H. Check its log.")


def _connect(caller: Caller) -> Connection:
    try:
        sock = socket.create_connection((caller.host, caller.port), timeout=CONNECT_SECONDS)
    except OSError as error:
        raise NetworkError(
            f"{caller}: not reached ({error.strerror or error}). Check host, port and whether it runs."
        ) from error
    if caller.tls is not None:
        try:
            context = client_context(caller.tls)
            sock = context.wrap_socket(sock, server_hostname=caller.host)
        except OSError as error:  # ssl.SSLError is one
            sock.close()
            raise NetworkError(
                f"{caller}: no TLS ({getattr(error, 'reason', None) or error.strerror or type(error).__name__}). "
                "Check its certificate and the authorities."
            ) from error
    return Connection(sock, idle_seconds=ANSWER_SECONDS, max_pdu_bytes=OUR_MAX_PDU)


def client_context(tls: Tls) -> ssl.SSLContext:
    """TLS 1.2 or later, with the peer's certificate checked. Source: RFC 9325 (BCP 195)."""
    context = ssl.create_default_context(cafile=str(tls.authorities) if tls.authorities else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = tls.check_name
    if tls.certificate is not None:
        context.load_cert_chain(tls.certificate, tls.certificate_key)
    return context


def _negotiate(
    connection: Connection,
    caller: Caller,
    contexts: Sequence[tuple[str, Sequence[str]]],
    roles: Mapping[str, tuple[bool, bool]],
) -> Association:
    if not 0 < len(contexts) <= 128:
        raise UsageError(f"{len(contexts)} presentation contexts; an association needs 1 to 128")
    wanted = {2 * k + 1: Context(2 * k + 1, uid, tuple(syntaxes)) for k, (uid, syntaxes) in enumerate(contexts)}
    request = Proposal(caller.ae_title, caller.calling, tuple(wanted.values()), OUR_MAX_PDU, roles)
    connection.send(REQUEST, proposal.encode_request(request))
    kind, body = connection.read()
    if kind == REJECTION:
        reason = proposal.REASONS.get(Rejection(*bytes(body[1:4])), "it gives no reason that can be acted on")
        raise NetworkError(
            f"{caller}: refused the association of {caller.calling}: {reason}. Ask its administrator to allow it."
        )
    if kind != ACCEPTANCE:
        raise LostError("the answer is neither acceptance nor rejection")
    try:
        answer = proposal.decode(bytes(body))
    except ValueError as error:
        raise LostError("an answer that cannot be read") from error
    accepted = {
        one.number: Context(one.number, wanted[one.number].abstract, one.transfer)
        for one in answer.contexts
        if one.result == proposal.ACCEPTED and one.number in wanted and len(one.transfer) == 1
    }
    return Association(connection, accepted, answer.max_length)
