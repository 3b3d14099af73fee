"""What every route of DICOMweb shares: identifiers in paths, statuses of refusals, names that are hidden, the trail."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from secondread.core.errors import FormatError, TooLargeError
from secondread.dicom.web.refusals import MediaTypeError, NotAcceptableError, WebRequestError
from secondread.serve.people.browser import address_of
from secondread.serve.people.person import Person, room_of
from secondread.serve.room import Room
from secondread.serve.trail.record import record

PREFIX = "/dicom-web"
JSON = "application/dicom+json"
XML = "application/dicom+xml"
DICOM = "application/dicom"
_UID = re.compile(r"[0-9.]{1,64}")
_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (WebRequestError, 400),
    (NotAcceptableError, 406),
    (MediaTypeError, 415),
    (TooLargeError, 413),
    (FormatError, 406),  # it is stored, but what is asked for cannot be made of it
)


def valid_uids(connection: HTTPConnection) -> None:
    """A dependency of every route: what stands in the path as a UID must look like one."""
    for name, value in connection.path_params.items():
        if name.endswith("_uid") and not _UID.fullmatch(str(value)):
            raise HTTPException(400, f"The {name.replace('_', ' ')} in the path is no UID of digits and dots.")


@contextmanager
def statuses() -> Iterator[None]:
    """Our errors as the HTTP statuses of DICOMweb. Source: DICOM PS3.18 section 8.5."""
    try:
        yield
    except tuple(kind for kind, _ in _STATUS) as error:
        status = next(status for kind, status in _STATUS if isinstance(error, kind))
        raise HTTPException(status, str(error)) from error


def warning(sentence: str) -> dict[str, str]:
    """The header that says more about an answer, in the form that DICOM PS3.18 gives it, e.g. in section 8.3.4.2."""
    return {"Warning": f"299 secondread: {sentence}"}


def root_of(request: Request) -> str:
    """The URL of the service as the client reaches it."""
    public = room_of(request).settings.server.public_url
    return f"{(public or str(request.base_url)).rstrip('/')}{PREFIX}"


def check_names(person: Person) -> None:
    """Stop a person who is shown pseudonyms from taking what names the patient.

    Raises:
        HTTPException: 403.
    """
    if person.hides_names:
        raise HTTPException(403, "You work with pseudonyms; whole objects and their headers name the patient.")


def hides_own(room: Room, person: Person, study_uid: str = "") -> bool:
    """Whether results of ours are kept from a person who has not looked for themselves yet.

    Args:
        room: The room.
        person: Who asks.
        study_uid: About which study; empty for a search over all, where nobody can say that each was looked at.
    """
    if not room.settings.access.hide_until_looked:
        return False
    if not study_uid:
        return person.role == "radiologist"
    from secondread.serve.review.look import may_see_ai

    return not may_see_ai(room, person, study_uid)


def recorded(
    request: HTTPConnection, person: Person, action: str, study_uid: str = "", detail: Mapping[str, Any] | None = None
) -> None:
    """One entry in the trail for one request."""
    record(
        room_of(request),
        actor=person.name,
        action=action,
        study_uid=study_uid,
        address=address_of(request),
        detail={"via": "DICOMweb", **(detail or {})},
    )
