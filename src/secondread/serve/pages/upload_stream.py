"""A multipart body straight to the folder of incoming files, a part at a time: nothing large is held in memory."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException

_HEADER_BYTES = 8192


@dataclass(frozen=True, slots=True)
class Part:
    """A file that arrived whole.

    Attributes:
        name: What the browser calls it.
        path: Where it lies.
    """

    name: str
    path: Path


class FileParts:
    """Fed with the bytes of a body; writes each file part to a path of its own. Fields without a file are passed over.

    Source: RFC 7578.

    Args:
        content_type: Header of the request, with the boundary.
        new_path: Where the next file goes.
        limit: Bytes of the whole body.

    Raises:
        HTTPException: 415 if it is no multipart body.
    """

    def __init__(self, content_type: str, new_path: Callable[[], Path], limit: int) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise HTTPException(415, "Found no multipart/form-data; send the files as a form does.")
        self._new_path, self._left, self._limit = new_path, limit, limit
        self._header = [b"", b""]
        self._headers: dict[bytes, bytes] = {}
        self._file: BinaryIO | None = None
        self._open: Part | None = None
        self._whole: list[Part] = []
        self._parser = MultipartParser(
            options[b"boundary"],
            callbacks={
                "on_part_begin": self._begin,
                "on_header_field": self._field,
                "on_header_value": self._value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._data,
                "on_part_end": self._end,
            },
        )

    def feed(self, chunk: bytes) -> list[Part]:
        """Take some bytes; returns the files that they completed.

        Raises:
            HTTPException: 413 if the body is too large, 400 if it is no such body.
        """
        self._left -= len(chunk)
        if self._left < 0:
            raise HTTPException(413, f"The upload is larger than {self._limit // 2**20} MB. Send fewer files at once.")
        try:
            self._parser.write(chunk)
        except ValueError as error:  # what the parser raises on a damaged body
            raise HTTPException(400, "The upload is damaged. Send it again.") from error
        whole, self._whole = self._whole, []
        return whole

    def close(self) -> None:
        """Remove what did not arrive whole."""
        if self._file is not None:
            self._file.close()
        for part in (self._open, *self._whole):
            if part is not None:
                part.path.unlink(missing_ok=True)

    def _begin(self) -> None:
        self._header, self._headers = [b"", b""], {}

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._add(0, data[start:end])

    def _value(self, data: bytes, start: int, end: int) -> None:
        self._add(1, data[start:end])

    def _add(self, which: int, more: bytes) -> None:
        self._header[which] += more
        if len(self._header[which]) > _HEADER_BYTES:
            raise HTTPException(400, "A header of the upload is too long.")

    def _header_end(self) -> None:
        self._headers[self._header[0].lower()] = self._header[1]
        self._header = [b"", b""]

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if b"filename" in options:
            name = options[b"filename"].decode("utf-8", "replace").replace("\\", "/")
            self._open = Part(name[-1024:] or "file", self._new_path())
            self._file = self._open.path.open("xb")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(memoryview(data)[start:end])

    def _end(self) -> None:
        if self._file is not None and self._open is not None:
            self._file.close()
            self._whole.append(self._open)
            self._file = self._open = None
