"""Bodies of answers, streamed: files and parts go out piece by piece."""

import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from fastapi.responses import StreamingResponse

from secondread.dicom.web.multipart import Part, content_type, length_of, written

CHUNK = 1 << 18


def pieces(file: Path) -> Iterator[bytes]:
    """A file, piece by piece."""
    with file.open("rb") as stream:
        while piece := stream.read(CHUNK):
            yield piece


def many(parts: list[Part], kind: str, status: int = 200) -> StreamingResponse:
    """Parts as one body of ``multipart/related``; its length is told where every part's is known."""
    boundary = secrets.token_hex(16)
    length = length_of(parts, boundary)
    headers = {"Content-Length": str(length)} if length is not None else {}
    return StreamingResponse(
        gathered(written(iter(parts), boundary)), status, headers, content_type(kind, boundary)
    )  # fmt: skip


def one(content: Iterable[bytes], kind: str, length: int | None = None) -> StreamingResponse:
    """A body that is one thing."""
    headers = {"Content-Length": str(length)} if length is not None else {}
    return StreamingResponse(content, 200, headers, kind)


def gathered(stream: Iterator[bytes]) -> Iterator[bytes]:
    """Small pieces joined: each piece of an answer costs a change of thread."""
    waiting: list[bytes] = []
    size = 0
    for piece in stream:
        waiting.append(piece)
        size += len(piece)
        if size >= CHUNK:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
