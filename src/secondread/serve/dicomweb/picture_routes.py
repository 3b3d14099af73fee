"""WADO-RS: ``/rendered`` and ``/thumbnail`` of studies, series, instances and frames. Source: DICOM PS3.18 10.4."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from secondread.serve.dicomweb import pictures
from secondread.serve.dicomweb.access import PREFIX, statuses, valid_uids
from secondread.serve.dicomweb.frames import frame_numbers
from secondread.serve.dicomweb.retrieve_routes import INSTANCE, SERIES, STUDY, found_for
from secondread.serve.people.person import Person, permit
from secondread.serve.people.rights import Right

router = APIRouter(prefix=PREFIX, dependencies=[Depends(valid_uids)])
Seer = Annotated[Person, Depends(permit(Right.SEE))]


@router.get(f"{STUDY}/rendered")
@router.get(f"{SERIES}/rendered")
@router.get(f"{INSTANCE}/rendered")
def rendered(request: Request, person: Seer) -> Response:
    """The first frame of every object that has pixels."""
    with statuses():
        found, accepted = found_for(request, person, "rendered")
        return pictures.answer(pictures.shown(found), accepted, pictures.wanted_of(request.query_params))


@router.get(f"{STUDY}/thumbnail")
@router.get(f"{SERIES}/thumbnail")
@router.get(f"{INSTANCE}/thumbnail")
def thumbnail(request: Request, person: Seer) -> Response:
    """A small picture that stands for them all."""
    with statuses():
        found, accepted = found_for(request, person, "thumbnail")
        wish = pictures.wanted_of(request.query_params, small=True)
        return pictures.answer([pictures.middle(found)], accepted, wish)


@router.get(f"{INSTANCE}/frames/{{numbers}}/rendered")
def rendered_frames(request: Request, person: Seer, numbers: str) -> Response:
    """Single frames as pictures."""
    return _frames(request, person, numbers, "rendered")


@router.get(f"{INSTANCE}/frames/{{numbers}}/thumbnail")
def small_frames(request: Request, person: Seer, numbers: str) -> Response:
    """Single frames as small pictures."""
    return _frames(request, person, numbers, "thumbnail")


def _frames(request: Request, person: Person, numbers: str, what: str) -> Response:
    with statuses():
        found, accepted = found_for(request, person, what)
        chosen = [(found[0], number) for number in frame_numbers(numbers, found[0])]
        return pictures.answer(chosen, accepted, pictures.wanted_of(request.query_params, small=what == "thumbnail"))
