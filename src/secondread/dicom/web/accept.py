"""Which of the media types that a client accepts it gets. Source: RFC 9110 section 12.5.1, DICOM PS3.18 section 8.7."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from secondread.dicom.web.multipart import media_type
from secondread.dicom.web.refusals import NotAcceptableError

MAX_LENGTH = 4096  # of a header; longer ones are no browser's and no archive's
_PART = re.compile(r'(?:[^",]|"[^"]*(?:"|$))+')  # up to a comma outside of quotes; each letter is looked at once


@dataclass(frozen=True, slots=True)
class Wish:
    """One media type that a client accepts.

    Attributes:
        media: Of the parts where ``multipart`` is set; ``*/*`` and ``image/*`` are possible.
        multipart: Whether it is wanted as ``multipart/related``; None when ``*/*`` leaves that open.
        syntax: Transfer syntax UID, ``*`` (as stored), or ``""`` when it is not said.
        quality: From 0 to 1.
    """

    media: str
    multipart: bool | None
    syntax: str = ""
    quality: float = 1.0


def wishes(header: str, query: str = "") -> list[Wish]:
    """What a client accepts, best first.

    Args:
        header: The Accept header; empty counts as ``*/*``.
        query: The query parameter ``accept``, which wins over the header: PS3.18 section 8.3.3.1.

    Raises:
        NotAcceptableError: If it is too long to be looked through.

    >>> wishes('multipart/related; type="application/dicom"; transfer-syntax=*')
    [Wish(media='application/dicom', multipart=True, syntax='*', quality=1.0)]
    """
    asked = query or header or "*/*"
    if len(asked) > MAX_LENGTH:
        raise NotAcceptableError(f"the list of accepted media types is longer than {MAX_LENGTH} letters. Name fewer.")
    found = [_wish(part) for part in _PART.findall(asked) if part.strip()]
    return sorted((wish for wish in found if wish.quality > 0), key=lambda wish: -wish.quality)


def _wish(part: str) -> Wish:
    media, parameters = media_type(part.strip())
    try:
        quality = min(max(float(parameters.get("q", "1")), 0.0), 1.0)
    except ValueError:
        quality = 0.0
    syntax = parameters.get("transfer-syntax", "")
    if media in {"multipart/related", "multipart/*"}:
        return Wish(parameters.get("type", "*/*").lower(), multipart=True, syntax=syntax, quality=quality)
    return Wish(media, multipart=None if media == "*/*" else False, syntax=syntax, quality=quality)


def fits(wish: Wish, media: str) -> bool:
    """Whether a media type is one that is wished for.

    >>> fits(Wish("image/*", multipart=False), "image/png")
    True
    """
    kind, _, rest = wish.media.partition("/")
    return wish.media == media or kind == "*" or (rest == "*" and media.startswith(f"{kind}/"))


def chosen(accepted: Sequence[Wish], offered: Sequence[str]) -> tuple[str, Wish]:
    """The first of the offered media types that fits the best wish.

    Args:
        accepted: As :func:`wishes` gives them.
        offered: Media types, the default first.

    Raises:
        NotAcceptableError: If none fits.
    """
    for wish in accepted:
        for media in offered:
            if fits(wish, media):
                return media, wish
    raise NotAcceptableError(f"none of the accepted media types can be given. Accept one of: {', '.join(offered)}.")
