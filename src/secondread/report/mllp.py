"""Sends an HL7 v2 message over TCP and waits for its answer (MLLP).

Source: HL7 v2.5.1, chapter 2 (MSA, ERR; original acknowledgement mode, section 2.9.2) and the Minimal Lower Layer
Protocol, HL7 Transport Specification: MLLP, release 1.
"""

import re
import socket
from dataclasses import dataclass
from time import monotonic

from secondread.core.errors import OutputError, UsageError

START, END = b"\x0b", b"\x1c\x0d"
MAX_ANSWER_BYTES = 65_536  # an answer is some hundred bytes
_CHUNK_BYTES = 4096
# Accepted, in the original and in the enhanced mode. Source: HL7 v2.5.1 table 0008.
_ACCEPTED = {"AA", "CA"}
_REFUSED = {
    "AE": "an error while it was processed",
    "AR": "a rejection",
    "CE": "an error while it was taken",
    "CR": "a rejection",
}
# Source: HL7 v2.5.1 table 0357. The words of the answer itself are not repeated: they may name the patient.
_CONDITIONS = {
    "100": "segment sequence error",
    "101": "required field missing",
    "102": "data type error",
    "103": "table value not found",
    "200": "unsupported message type",
    "201": "unsupported event code",
    "202": "unsupported processing id",
    "203": "unsupported version id",
    "204": "unknown key identifier",
    "205": "duplicate key identifier",
    "206": "application record locked",
    "207": "application internal error",
}


class MessageRefusedError(OutputError):
    """The receiver is there and did not accept the message."""


@dataclass(frozen=True, slots=True)
class Ack:
    """The receiver's answer.

    Attributes:
        code: ``AA`` (or ``CA`` of a receiver in the enhanced mode).
        message_id: Id of the message that was accepted.
    """

    code: str
    message_id: str


def send(message: str, host: str, port: int, *, timeout_s: float) -> Ack:
    r"""Send one message and wait until the receiver has accepted it.

    Args:
        message: HL7 v2, segments ended with ``\r``, as :func:`secondread.report.hl7.to_oru` makes it.
        host: Name or address of the receiver.
        port: Its TCP port.
        timeout_s: For all of it: connecting, sending, and the whole answer.

    Raises:
        UsageError: If the message is none that can be sent, or time or port cannot be.
        MessageRefusedError: If the receiver answers that it did not accept the message.
        OutputError: If nobody answers there, not in time, not in HL7, or about another message. It is then not known
            whether the message was stored.
    """
    if not (timeout_s > 0 and 0 < port < 65_536):
        raise UsageError(f"found {timeout_s} s and port {port}; needed seconds above 0 and a port from 1 to 65535.")
    sent_id = _control_id(message)
    where, end = f"{host}:{port}", monotonic() + timeout_s
    try:
        with socket.create_connection((host, port), timeout=timeout_s) as line:
            line.settimeout(_left(end))
            line.sendall(START + message.encode("utf-8") + END)
            answer = _receive(line, end, where)
    except TimeoutError as error:
        raise OutputError(
            f"{where}: no complete answer within {timeout_s:g} s. The message may have arrived: look there before "
            "it is sent again, or allow more time."
        ) from error
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        raise OutputError(
            f"{where}: the connection failed ({reason}). Needed an HL7 receiver that listens there; check "
            "host and port."
        ) from error
    return _ack(answer, sent_id, where)


def _control_id(message: str) -> str:
    """MSH-10 of a message that can be framed; lone surrogates and framing bytes cannot."""
    fields = re.split("[\r\n]", message, maxsplit=1)[0].split("|")
    plain = not re.search("[\x0b\x1c\ud800-\udfff]", message)
    if not (fields[0] == "MSH" and len(fields) > 9 and fields[9] and plain):
        raise UsageError(
            "message: found no HL7 v2 message with a control id (MSH-10), or characters that MLLP keeps for itself. "
            "Make it with secondread.report.hl7.to_oru."
        )
    return fields[9]


def _left(end: float) -> float:
    """Seconds until ``end``; raises when there are none, since a socket takes 0 for "do not wait"."""
    seconds = end - monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _receive(line: socket.socket, end: float, where: str) -> bytes:
    """One frame, whatever pieces it comes in, without its frame."""
    got = b""
    while END not in got:
        line.settimeout(_left(end))
        piece = line.recv(_CHUNK_BYTES)
        if not piece:
            raise OutputError(
                f"{where}: the connection was closed after {len(got)} bytes, before a complete answer. The message "
                "may have arrived: look there before it is sent again."
            )
        got += piece
        if not got.startswith(START):
            raise _no_answer(where, "does not begin with the byte 0x0B of MLLP")
        if len(got) > MAX_ANSWER_BYTES:
            raise _no_answer(where, f"is longer than {MAX_ANSWER_BYTES} bytes")
    return got[len(START) : got.index(END)]


def _ack(answer: bytes, sent_id: str, where: str) -> Ack:
    """The answer's verdict, if it is an HL7 answer to this very message."""
    segments = [line for line in re.split("[\r\n]+", answer.decode("utf-8", "replace")) if line]
    if not segments or not re.match(r"MSH[^A-Za-z0-9]", segments[0]):
        raise _no_answer(where, "is no HL7 v2 message")
    delimiter, component = segments[0][3], segments[0][4:5] or "^"
    rows = {row[0]: row for row in (line.split(delimiter) for line in reversed(segments))}  # the first of its kind
    _, code, its_id = [*rows.get("MSA", []), "", "", ""][:3]
    if code not in _ACCEPTED | _REFUSED.keys():
        raise _no_answer(where, "has no acknowledgement code (MSA-1)")
    if its_id != sent_id:
        raise _no_answer(where, "is about another message (MSA-2 is not the control id that was sent)")
    if code in _ACCEPTED:
        return Ack(code, its_id)
    condition = _condition(rows.get("ERR", []), component)
    raise MessageRefusedError(
        f"{where}: the receiver answered {code}, {_REFUSED[code]}{condition}. It did not accept the message; its "
        "log says more."
    )


def _condition(error: list[str], component: str) -> str:
    """The error's standard code (ERR-3) in words, when it is one."""
    number = error[3].split(component)[0] if len(error) > 3 else ""
    return f" ({number}, {_CONDITIONS[number]})" if number in _CONDITIONS else ""


def _no_answer(where: str, what: str) -> OutputError:
    return OutputError(
        f"{where}: the answer {what}. Needed an HL7 v2 acknowledgement; check that an HL7 receiver listens there, and "
        "whether the message arrived before it is sent again."
    )
