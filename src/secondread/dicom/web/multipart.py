"""multipart/related: read as it streams in, written as it streams out; neither is ever whole in memory.

Source: RFC 2046 section 5.1 (boundaries), RFC 2387 (multipart/related), DICOM PS3.18 section 8.6.1.2.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message

from secondread.dicom.web.refusals import MediaTypeError, WebRequestError

MAX_HEADERS = 16 * 1024
MAX_MEDIA_TYPE = 1024  # letters of one that are looked at: the time that takes grows with their square
_DAMAGED = "the multipart body is damaged: {}. Send it again."
Read = Callable[[], bytes]
Write = Callable[[memoryview], object]


@dataclass(frozen=True, slots=True)
class Related:
    """What a Content-Type of ``multipart/related`` says."""

    boundary: bytes
    kind: str


def related(content_type: str) -> Related:
    """The boundary and the type of the parts.

    Raises:
        MediaTypeError: If it is something else.
        WebRequestError: If there is no usable boundary.

    >>> related('multipart/related; type="application/dicom"; boundary=x').kind
    'application/dicom'
    """
    media, parameters = media_type(content_type)
    if media != "multipart/related":
        raise MediaTypeError(
            'found another Content-Type, needed multipart/related; type="application/dicom"; boundary=...'
        )
    boundary = parameters.get("boundary", "")
    if not boundary or len(boundary) > 200 or not boundary.isascii():  # 70 by RFC 2046; some senders take more
        raise WebRequestError("the Content-Type names no usable boundary. Add boundary=... to it.")
    return Related(boundary.encode("ascii"), parameters.get("type", "application/dicom").lower())


def media_type(header: str) -> tuple[str, dict[str, str]]:
    """A media type and its parameters, names in lower case.

    >>> media_type('Image/JPEG; q="0.5"')
    ('image/jpeg', {'q': '0.5'})
    """
    message, header = Message(), header[:MAX_MEDIA_TYPE]
    message["content-type"] = header
    parameters = message.get_params(failobj=[])
    kind = header.partition(";")[0].strip().lower()
    return kind, {name.lower(): value for name, value in parameters[1:] if isinstance(value, str)}


class Parts:
    """The parts of a body that is read piece by piece.

    Use it as ``while (headers := parts.next_part()) is not None: parts.copy_to(file.write)``.
    """

    def __init__(self, boundary: bytes, read: Read) -> None:
        """``read`` gives the next piece of the body, ``b""`` at its end."""
        self._read = read
        self._mark = b"\r\n--" + boundary
        self._buffer = bytearray(b"\r\n")  # so that the first boundary is found as all others are
        self._at_end = False
        self._inside = True  # before the first boundary stands a preamble, which nobody reads

    def next_part(self) -> Mapping[str, str] | None:
        """The headers of the next part, names in lower case; None after the last.

        Raises:
            WebRequestError: If the body is damaged or ends too early.
        """
        if self._inside:
            self.copy_to(lambda _: None)
        while len(self._buffer) < 2:
            self._more("it ends after a boundary")
        if self._buffer.startswith(b"--"):
            self._drain()
            return None
        return self._headers()

    def copy_to(self, write: Write) -> None:
        """Give the content of the part, in pieces, to ``write``.

        Raises:
            WebRequestError: If the body ends within it.
        """
        keep = len(self._mark)
        while (at := self._buffer.find(self._mark)) < 0:
            if len(self._buffer) > keep:
                self._give(len(self._buffer) - keep, write)
            self._more("it ends within a part")
        if at:
            self._give(at, write)
        del self._buffer[:keep]
        self._inside = False

    def _give(self, length: int, write: Write) -> None:
        """Give the first bytes to ``write``, without a copy of them."""
        with memoryview(self._buffer) as whole, whole[:length] as piece:
            write(piece)
        del self._buffer[:length]

    def _headers(self) -> Mapping[str, str]:
        line = self._buffer.find(b"\r\n")  # white space may follow a boundary: RFC 2046 section 5.1.1
        while line < 0:
            if len(self._buffer) > MAX_HEADERS:
                raise WebRequestError(_DAMAGED.format("a boundary has no end of line"))
            self._more("a boundary has no end of line")
            line = self._buffer.find(b"\r\n")
        del self._buffer[:line]
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > MAX_HEADERS:
                raise WebRequestError(_DAMAGED.format("the headers of a part are too long"))
            self._more("it ends within the headers of a part")
        lines = bytes(self._buffer[:end]).decode("latin-1").split("\r\n")
        del self._buffer[: end + 4]
        self._inside = True
        pairs = (line.partition(":") for line in lines if ":" in line)
        return {name.strip().lower(): value.strip() for name, _, value in pairs}

    def _more(self, what: str) -> None:
        piece = self._read()
        if not piece:
            raise WebRequestError(_DAMAGED.format(what))
        self._buffer += piece

    def _drain(self) -> None:
        """An epilogue may follow the last part; it means nothing."""
        self._buffer.clear()
        while self._read():
            pass


@dataclass(frozen=True, slots=True)
class Part:
    """What stands in one part: its type, its content piece by piece, and how long it is where that is known."""

    content_type: str
    pieces: Iterator[bytes]
    length: int | None = None
    location: str = ""


def written(parts: Iterator[Part], boundary: str) -> Iterator[bytes]:
    """The body that holds ``parts``, piece by piece."""
    for part in parts:
        yield _start(part, boundary)
        yield from part.pieces
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode("ascii")


def length_of(parts: list[Part], boundary: str) -> int | None:
    """How long the body is, or None when a part does not say."""
    total = len(boundary) + 6
    for part in parts:
        if part.length is None:
            return None
        total += len(_start(part, boundary)) + part.length + 2
    return total


def _start(part: Part, boundary: str) -> bytes:
    lines = [f"--{boundary}", f"Content-Type: {part.content_type}"]
    if part.length is not None:
        lines.append(f"Content-Length: {part.length}")
    if part.location:
        lines.append(f"Content-Location: {part.location}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def content_type(kind: str, boundary: str) -> str:
    """The Content-Type of a body of parts.

    >>> content_type("application/dicom", "x")
    'multipart/related; type="application/dicom"; boundary=x'
    """
    return f'multipart/related; type="{kind}"; boundary={boundary}'
