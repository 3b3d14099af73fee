"""Single frames and binary values for WADO-RS. Source: DICOM PS3.18 sections 8.7.3.3.2, 10.4.1.1.3 and 10.4.1.1.5."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from fastapi import Response
from starlette.exceptions import HTTPException

from secondread.dicom.syntaxes import NATIVE
from secondread.dicom.web.accept import Wish, fits
from secondread.dicom.web.metadata import PIXEL_DATA, binary_value
from secondread.dicom.web.multipart import Part
from secondread.dicom.web.raw_frames import PLAIN as OCTETS
from secondread.dicom.web.raw_frames import decoded_frames, is_little, media_of, stored_frames
from secondread.dicom.web.refusals import NotAcceptableError, WebRequestError
from secondread.dicom.web.transcode import PLAIN, can_be_plain
from secondread.serve.dicomweb.bodies import many, one
from secondread.serve.dicomweb.holdings import Held

MAX_FRAMES = 100_000


@dataclass(frozen=True, slots=True)
class _Form:
    """How frames are given."""

    media: str
    stored: bool
    multipart: bool


def frame_numbers(text: str, item: Held) -> list[int]:
    """The numbers in a path, from 0.

    Raises:
        WebRequestError: If they are no list of whole numbers from 1.
        HTTPException: 404 when the object has no such frame.
    """
    if not re.fullmatch(r"[1-9]\d{0,6}(,[1-9]\d{0,6})*", text) or text.count(",") >= MAX_FRAMES:
        raise WebRequestError("the list of frames needs numbers from 1, a comma between.")
    numbers = [int(part) - 1 for part in text.split(",")]
    if item.rows is None or max(numbers) >= item.frames:
        raise HTTPException(404, f"This object has {item.frames if item.rows else 0} frames.")
    return numbers


def answer(item: Held, numbers: Sequence[int], accepted: Sequence[Wish], url: str) -> Response:
    """Frames in the first form that is accepted and can be given.

    Raises:
        NotAcceptableError: If no form can be given.
        FormatError: If the first of them cannot be decoded.
    """
    form = _form(item, len(numbers), accepted)
    contents = _contents(item, numbers, stored=form.stored)
    first = next(contents)  # what fails fails before the answer begins
    syntax = item.syntax if form.stored and not is_little(item.syntax) else PLAIN
    kind = f"{form.media}; transfer-syntax={syntax}"
    if not form.multipart:
        return one([first], kind, len(first))
    places = (f"{url}/frames/{number + 1}" for number in numbers)
    if len(numbers) == 1:
        return many([Part(kind, iter([first]), len(first), next(places))], form.media)
    return _streamed(chain([first], contents), kind, form.media, list(places))


def _streamed(contents: Iterator[bytes], kind: str, media: str, places: Sequence[str]) -> Response:
    """Each frame is fetched when its part is sent."""

    def pieces() -> Iterator[bytes]:
        yield next(contents)

    return many([Part(kind, pieces(), None, place) for place in places], media)


def _form(item: Held, count: int, accepted: Sequence[Wish]) -> _Form:
    compressed = media_of(item.syntax)
    for wish in accepted:
        multipart = wish.multipart is not False
        if not multipart and count > 1:
            continue
        if compressed != OCTETS and wish.syntax in {"", "*", item.syntax} and wish.media in {compressed, "image/*"}:
            return _Form(compressed, stored=True, multipart=multipart)
        if not fits(wish, OCTETS):
            continue
        if wish.syntax in {"*", item.syntax}:
            return _Form(compressed, stored=True, multipart=multipart)
        if wish.syntax in {"", PLAIN} and can_be_plain(item.syntax):
            return _Form(OCTETS, stored=False, multipart=multipart)
    raise NotAcceptableError(
        f'these frames cannot be given as asked. Accept multipart/related; type="{OCTETS}"; transfer-syntax=*.'
    )


def _contents(item: Held, numbers: Sequence[int], *, stored: bool) -> Iterator[bytes]:
    whole_bytes = item.syntax not in {str(one) for one in NATIVE} or is_little(item.syntax)
    if (stored and whole_bytes) or is_little(item.syntax):
        with stored_frames(item.path) as (_, frame):
            for number in numbers:
                yield frame(number)
        return
    yield from decoded_frames(item.path, numbers)


def bulk_answer(item: Held, place: str, accepted: Sequence[Wish], url: str) -> Response:
    """One binary value of an object, by the path that its metadata name.

    Raises:
        WebRequestError: If the path is none of tags and numbers.
        HTTPException: 404 when there is no such value.
        NotAcceptableError: If it cannot be given as asked.
    """
    if not re.fullmatch(r"[0-9A-F]{8}(/\d{1,6}/[0-9A-F]{8})*", place):
        raise WebRequestError("the path of a binary value needs tags of 8 hexadecimal digits and item numbers.")
    if place == PIXEL_DATA and item.rows is not None:
        return answer(item, range(item.frames), accepted, url)
    data = binary_value(item.path, place)
    if data is None:
        raise HTTPException(404, "This object has no such binary value.")
    for wish in accepted:
        if fits(wish, OCTETS):
            if wish.multipart is False:
                return one([data], OCTETS, len(data))
            return many([Part(OCTETS, iter([data]), len(data), f"{url}/bulkdata/{place}")], OCTETS)
    raise NotAcceptableError(f"binary values are given as {OCTETS}.")
