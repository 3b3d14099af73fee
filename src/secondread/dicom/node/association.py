"""Messages over an association that was accepted. The same for both sides.

Source: DICOM PS3.7 section 6.3, PS3.8 sections 9.3.5 to 9.3.8 and Annex E (fragments).
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from secondread.dicom.header import DAMAGED, calm
from secondread.dicom.node import command as commands
from secondread.dicom.node.command import Command
from secondread.dicom.node.connection import ABORT, DATA, HEADER, RELEASE, RELEASED, Connection, LostError
from secondread.dicom.node.proposal import Context

MAX_IDENTIFIER_BYTES = 1 << 24  # of a data set that is no stored object: it is held in memory
_FRAGMENT = struct.Struct(">IBB")
_OVERHEAD = _FRAGMENT.size
_COMMAND, _LAST = 1, 2
_SMALLEST = 128
_OUR_LARGEST = 1 << 17  # larger fragments gain nothing


@dataclass(frozen=True, slots=True)
class Message:
    """One message whose data set, if it has one, was not read yet."""

    context: Context
    command: dict[str, int | str]

    @property
    def field(self) -> int:
        """What is asked or answered."""
        return commands.number(self.command, "CommandField")

    @property
    def status(self) -> int:
        """Of an answer."""
        return commands.number(self.command, "Status")


class Association:
    """One association; one thread uses it."""

    def __init__(self, connection: Connection, contexts: Mapping[int, Context], peer_max_length: int) -> None:
        """Contexts are those that were accepted, by number.

        Raises:
            LostError: If the peer takes less at once than any message has.
        """
        if 0 < peer_max_length < _SMALLEST:
            raise LostError("a maximum length that nothing fits in")
        self._connection = connection
        self.contexts = contexts
        self._room = min(peer_max_length or _OUR_LARGEST, _OUR_LARGEST) - _OVERHEAD
        self._pdu = memoryview(b"")
        self._data_of: int | None = None  # the context whose data set is still to be read
        self._messages = 0

    def next_id(self) -> int:
        """A message ID that was not used yet."""
        self._messages = self._messages % 65535 + 1
        return self._messages

    def receive(self) -> Message | None:
        """The next message, or None when the peer released the association.

        Raises:
            LostError: If it ended otherwise.
        """
        for _ in self.fragments():  # what nobody wanted to read
            pass
        data, number = bytearray(), None
        while True:
            fragment = self._fragment()
            if fragment is None:
                return None
            context, control, part = fragment
            if not control & _COMMAND or number not in {None, context}:
                raise LostError("a data set where a command was needed")
            number = context
            data += part
            if len(data) > commands.MAX_BYTES:
                raise LostError("a command set that is too long")
            if control & _LAST:
                break
        try:
            command = commands.decode(bytes(data))
        except ValueError as error:
            raise LostError("a command set that cannot be read") from error
        self._data_of = number if commands.has_data_set(command) else None
        return Message(self.contexts[number], command)

    def fragments(self) -> Iterator[memoryview]:
        """The data set of the message that was received last; each piece is valid until the next one is asked for.

        Raises:
            LostError: If the association ends before the data set does.
        """
        while self._data_of is not None:
            fragment = self._fragment()
            if fragment is None:
                raise LostError("released in the middle of a message")
            context, control, part = fragment
            if control & _COMMAND or context != self._data_of:
                raise LostError("a command where a data set was needed")
            if control & _LAST:
                self._data_of = None
            yield part

    def data_set(self, message: Message) -> Dataset:
        """The data set of the message that was received last, decoded.

        Raises:
            ValueError: If it cannot be decoded, or is too long.
            LostError: If the association ends before.
        """
        data = bytearray()
        for part in self.fragments():
            if len(data) + len(part) <= MAX_IDENTIFIER_BYTES:
                data += part
            else:
                data = bytearray(MAX_IDENTIFIER_BYTES + 1)
        if len(data) > MAX_IDENTIFIER_BYTES:
            raise ValueError("too long")
        return decoded(bytes(data), message.context.transfer[0])

    def send(self, context: int, command: Command, data: Dataset | None = None) -> None:
        """Send a message.

        Raises:
            LostError: If the peer does not take it.
        """
        whole = commands.encode(command if data is None else commands.with_data_set(command))
        pieces = self._pieces(context, whole, _COMMAND)
        if data is not None:
            pieces += self._pieces(context, encoded(data, self.contexts[context].transfer[0]), 0)
        self._connection.write(b"".join(pieces))

    def send_file(self, context: int, command: Command, file: Path, start: int) -> None:
        """Send a message whose data set lies in a file from ``start`` on, without holding it in memory.

        Raises:
            LostError: If the peer does not take it.
            OSError: If the file cannot be read; nothing was sent then, unless it fails half way.
        """
        with file.open("rb", buffering=0) as stream:
            stream.seek(start)
            left = file.stat().st_size - start
            self._connection.write(
                b"".join(self._pieces(context, commands.encode(commands.with_data_set(command)), _COMMAND))
            )
            buffer = memoryview(bytearray(HEADER.size + _OVERHEAD + self._room))
            while left > 0:
                count = stream.readinto(buffer[HEADER.size + _OVERHEAD :][: min(left, self._room)]) or 0
                if count == 0:
                    raise LostError("the file was cut while it was sent")
                left -= count
                HEADER.pack_into(buffer, 0, DATA, count + _OVERHEAD)
                _FRAGMENT.pack_into(buffer, HEADER.size, count + 2, context, 0 if left else _LAST)
                self._connection.write(buffer[: HEADER.size + _OVERHEAD + count])

    def something_waits(self, seconds: float = 0.0) -> bool:
        """Whether a message or the end of the association waits to be received."""
        return bool(self._pdu) or self._connection.something_waits(seconds)

    def release(self) -> None:
        """End the association as it should end."""
        try:
            self._connection.send(RELEASE, bytes(4))
            while self._connection.read()[0] not in {RELEASED, ABORT, RELEASE}:
                pass
        except LostError:
            pass
        self._connection.close()

    def abort(self) -> None:
        """End the association at once."""
        self._connection.abort(source=0)

    def _fragment(self) -> tuple[int, int, memoryview] | None:
        """The next fragment as (context, control header, bytes); None when the peer releases."""
        while not self._pdu:
            kind, body = self._connection.read()
            if kind == RELEASE:
                self._connection.send(RELEASED, bytes(4))
                self._connection.wait_for_end(2.0)
                return None
            if kind != DATA:
                raise LostError("aborted by the peer" if kind == ABORT else "a PDU that does not belong here")
            self._pdu = body
        if len(self._pdu) < _OVERHEAD:
            raise LostError("a fragment without its header")
        length, context, control = _FRAGMENT.unpack_from(self._pdu)
        if not 2 <= length <= len(self._pdu) - 4 or context not in self.contexts:
            raise LostError("a fragment longer than its PDU, or of no accepted context")
        part = self._pdu[_OVERHEAD : 4 + length]
        self._pdu = self._pdu[4 + length :]
        return context, control, part

    def _pieces(self, context: int, data: bytes, control: int) -> list[bytes]:
        """The data as whole PDUs."""
        found = []
        for at in range(0, max(len(data), 1), self._room):
            part = data[at : at + self._room]
            last = _LAST if at + self._room >= len(data) else 0
            found.append(
                HEADER.pack(DATA, len(part) + _OVERHEAD) + _FRAGMENT.pack(len(part) + 2, context, control | last) + part
            )
        return found


def decoded(data: bytes, syntax: str) -> Dataset:
    """A data set as it came over the network.

    Raises:
        ValueError: If it cannot be decoded.
    """
    with calm():
        try:
            implicit, little = syntax == ImplicitVRLittleEndian, syntax != ExplicitVRBigEndian
            found = read_dataset(BytesIO(data), implicit, little)
            for element in found.iterall():  # decode now, while errors are expected
                _ = element.value
        except DAMAGED as error:
            raise ValueError("cannot be decoded") from error
    return found


def encoded(data: Dataset, syntax: str) -> bytes:
    """A data set as it goes over the network."""
    buffer = DicomBytesIO()
    buffer.is_little_endian = True
    buffer.is_implicit_VR = syntax == ImplicitVRLittleEndian
    write_dataset(buffer, data)
    return buffer.getvalue()
