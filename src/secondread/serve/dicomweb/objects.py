"""Whole objects for WADO-RS: as stored, or without compression. Source: DICOM PS3.18 sections 8.7.3.5, 10.4."""

import secrets
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from fastapi import Response
from starlette.exceptions import HTTPException

from secondread.dicom.web.accept import Wish, fits
from secondread.dicom.web.multipart import Part
from secondread.dicom.web.refusals import NotAcceptableError
from secondread.dicom.web.transcode import PLAIN, can_be_plain, write_plain
from secondread.serve.dicomweb.access import DICOM
from secondread.serve.dicomweb.bodies import many, one, pieces
from secondread.serve.dicomweb.holdings import Held
from secondread.serve.room import Room

_MULTIPART = f'multipart/related; type="{DICOM}"'


def answer(room: Room, found: Sequence[Held], accepted: Sequence[Wish]) -> Response:
    """The objects in the first form that is accepted and can be given.

    Raises:
        NotAcceptableError: If none can be given in any form that is accepted.
        HTTPException: 404 when their files are gone from the disk.
    """
    here = [item for item in found if item.path.is_file()]
    if not here:
        raise HTTPException(404, "The files of these objects are missing on the disk. Tell the administrator.")
    for wish in accepted:
        if not fits(wish, DICOM):
            continue
        single = wish.multipart is False
        able = [item for item in here if _can(item, wish.syntax)]
        if not able or (single and len(found) > 1):
            continue
        if single:
            made, length = _content(room, able[0], wish.syntax)
            return one(_begun(made), DICOM, length)
        contents = [_content(room, item, wish.syntax) for item in able]
        contents[0] = (_begun(contents[0][0]), contents[0][1])
        parts = [Part(_kind(item, wish.syntax), *content) for item, content in zip(able, contents, strict=True)]
        return many(parts, DICOM, 200 if len(able) == len(found) else 206)
    raise NotAcceptableError(
        f"these objects cannot be given as asked. Accept {_MULTIPART}; transfer-syntax=* for them as they are stored."
    )


def _can(item: Held, syntax: str) -> bool:
    return syntax in {"*", item.syntax} or (syntax in {"", PLAIN} and can_be_plain(item.syntax))


def _kind(item: Held, syntax: str) -> str:
    given = item.syntax if syntax in {"*", item.syntax} else PLAIN
    return f"{DICOM}; transfer-syntax={given}"


def _content(room: Room, item: Held, syntax: str) -> tuple[Iterator[bytes], int | None]:
    if syntax in {"*", item.syntax} or item.syntax == PLAIN:
        return pieces(item.path), item.size
    return _plain(room, item.path), None


def _begun(content: Iterator[bytes]) -> Iterator[bytes]:
    """The same content, its first piece made already: what fails at once fails before the answer begins."""
    return chain([next(content, b"")], content)


def _plain(room: Room, source: Path) -> Iterator[bytes]:
    """An object without compression, by way of a file that is removed when it was sent."""
    target = room.folders.cache / f"plain-{secrets.token_hex(12)}.dcm"
    try:
        write_plain(source, target)
        yield from pieces(target)
    finally:
        target.unlink(missing_ok=True)
