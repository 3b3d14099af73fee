"""WADO-RS: objects, metadata, frames, binary values. Source: DICOM PS3.18 section 10.4."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from secondread.dicom.web.accept import Wish, wishes
from secondread.dicom.web.metadata import PIXEL_DATA
from secondread.serve.dicomweb import frames, headers, objects
from secondread.serve.dicomweb.access import PREFIX, check_names, hides_own, recorded, root_of, statuses, valid_uids
from secondread.serve.dicomweb.holdings import Held, held
from secondread.serve.people.person import Person, permit, room_of
from secondread.serve.people.rights import Right

router = APIRouter(prefix=PREFIX, dependencies=[Depends(valid_uids)])
Seer = Annotated[Person, Depends(permit(Right.SEE))]
STUDY = "/studies/{study_uid}"
SERIES = f"{STUDY}/series/{{series_uid}}"
INSTANCE = f"{SERIES}/instances/{{instance_uid}}"


def found_for(request: Request, person: Person, what: str) -> tuple[Sequence[Held], Sequence[Wish]]:
    """The objects that the path names, and what the client accepts; the retrieval is recorded.

    Raises:
        HTTPException: 404 or 410.
    """
    room, path = room_of(request), request.path_params
    uids = [path.get(name, "") for name in ("study_uid", "series_uid", "instance_uid")]
    found = held(room, *uids, without_own=hides_own(room, person, uids[0]))
    recorded(request, person, "retrieve", uids[0], {"what": what, "instances": len(found)})
    return found, wishes(request.headers.get("accept", ""), request.query_params.get("accept", ""))


@router.get(STUDY)
@router.get(SERIES)
@router.get(INSTANCE)
def whole_objects(request: Request, person: Seer) -> Response:
    """All objects of a study or a series, or one."""
    check_names(person)
    with statuses():
        found, accepted = found_for(request, person, "objects")
        return objects.answer(room_of(request), found, accepted)


@router.get(f"{STUDY}/metadata")
@router.get(f"{SERIES}/metadata")
@router.get(f"{INSTANCE}/metadata")
def metadata(request: Request, person: Seer) -> Response:
    """The headers of all objects of a study or a series, or of one."""
    check_names(person)
    with statuses():
        found, accepted = found_for(request, person, "metadata")
        return headers.answer(found, accepted, root_of(request))


@router.get(f"{INSTANCE}/frames/{{numbers}}")
def single_frames(request: Request, person: Seer, numbers: str) -> Response:
    """Frames of one object, by their numbers from 1. Pixels have no header, so pseudonyms do not matter."""
    with statuses():
        found, accepted = found_for(request, person, "frames")
        chosen = frames.frame_numbers(numbers, found[0])
        return frames.answer(found[0], chosen, accepted, found[0].url(root_of(request)))


@router.get(f"{INSTANCE}/bulkdata/{{place:path}}")
def bulkdata(request: Request, person: Seer, place: str) -> Response:
    """One binary value of an object, as its metadata name it."""
    if place != PIXEL_DATA:
        check_names(person)
    with statuses():
        found, accepted = found_for(request, person, "bulkdata")
        return frames.bulk_answer(found[0], place, accepted, found[0].url(root_of(request)))
