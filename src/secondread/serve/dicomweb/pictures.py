"""Rendered frames and thumbnails for WADO-RS. Source: DICOM PS3.18 sections 8.3.5, 8.7.4 and 10.4.1.1.4."""

from collections.abc import Iterator, Mapping, Sequence

from fastapi import Response
from starlette.exceptions import HTTPException

from secondread.dicom.web.accept import Wish, chosen
from secondread.dicom.web.multipart import Part
from secondread.dicom.web.rendered import PICTURES, Wanted, render, wanted
from secondread.serve.dicomweb.bodies import many
from secondread.serve.dicomweb.holdings import Held

THUMBNAIL = 128  # pixels of the longer side, unless the viewport says otherwise


def wanted_of(parameters: Mapping[str, str], *, small: bool = False) -> Wanted:
    """How a picture is wanted.

    Raises:
        WebRequestError: If a parameter cannot be understood.
    """
    viewport = parameters.get("viewport", f"{THUMBNAIL},{THUMBNAIL}" if small else "")
    return wanted(parameters.get("window", ""), viewport, parameters.get("quality", ""))


def answer(pictures: Sequence[tuple[Held, int]], accepted: Sequence[Wish], wish: Wanted) -> Response:
    """Pictures of (object, frame from 0): one as it is, several as parts.

    Raises:
        NotAcceptableError: If no kind of picture is accepted.
        FormatError: If the first cannot be made.
    """
    media, how = chosen(accepted, PICTURES)
    if len(pictures) == 1 and not how.multipart:
        item, frame = pictures[0]
        return Response(render(item.path, frame, wish, media), media_type=media)

    def pieces(item: Held, frame: int) -> Iterator[bytes]:
        yield render(item.path, frame, wish, media)

    return many([Part(media, pieces(item, frame)) for item, frame in pictures], media)


def shown(found: Sequence[Held]) -> list[tuple[Held, int]]:
    """What of some objects can be shown: the first frame of each that has pixels.

    Raises:
        HTTPException: 406 when none has.
    """
    able = [(item, 0) for item in found if item.rows]
    if not able:
        raise HTTPException(406, "These objects hold no pictures. Retrieve them whole, or their metadata.")
    return able


def middle(found: Sequence[Held]) -> tuple[Held, int]:
    """What stands for some objects: the middle of the first series that has pixels.

    Raises:
        HTTPException: 406 when there are none.
    """
    able = shown(found)
    series = [item for item, _ in able if item.series_uid == able[0][0].series_uid]
    item = series[len(series) // 2]
    return item, item.frames // 2
