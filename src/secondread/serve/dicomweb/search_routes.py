"""QIDO-RS: ``/studies``, ``/series``, ``/instances`` and what is nested in them. Source: DICOM PS3.18 section 10.6."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from secondread.dicom.web.accept import chosen, wishes
from secondread.dicom.web.query import parse
from secondread.serve.database.connect import reading
from secondread.serve.dicomweb.access import JSON, PREFIX, hides_own, recorded, root_of, statuses, valid_uids, warning
from secondread.serve.dicomweb.search import Scope, search
from secondread.serve.people.person import Person, permit, room_of
from secondread.serve.people.rights import Right

router = APIRouter(prefix=PREFIX, dependencies=[Depends(valid_uids)])
MEDIA = (JSON, "application/json")
NOT_FUZZY = "The fuzzymatching parameter is not supported. Only literal matching has been performed."
MORE = "There are {} additional results that can be requested"
Seer = Annotated[Person, Depends(permit(Right.SEE))]


@router.get("/studies")
def studies(request: Request, person: Seer) -> Response:
    """Studies."""
    return _answer(request, person, "studies")


@router.get("/series")
@router.get("/studies/{study_uid}/series")
def series(request: Request, person: Seer) -> Response:
    """Series of all studies, or of one."""
    return _answer(request, person, "series")


@router.get("/instances")
@router.get("/studies/{study_uid}/instances")
@router.get("/studies/{study_uid}/series/{series_uid}/instances")
def instances(request: Request, person: Seer) -> Response:
    """Instances of all studies, of one, or of one series."""
    return _answer(request, person, "instances")


def _answer(request: Request, person: Person, level: str) -> Response:
    room, path = room_of(request), request.path_params
    study_uid, series_uid = path.get("study_uid", ""), path.get("series_uid", "")
    with statuses():
        accepted = wishes(request.headers.get("accept", ""), request.query_params.get("accept", ""))
        media, _ = chosen(accepted, MEDIA)
        query = parse(request.query_params.multi_items())
        scope = Scope(level, study_uid, series_uid, person.hides_names, hides_own(room, person, study_uid))
        with reading(room.database) as connection:
            found = search(connection, scope, query, root_of(request))
    detail = {"level": level, "attributes": sorted(query.filters), "matches": len(found.matches)}
    recorded(request, person, "search", study_uid, detail)
    said = ([NOT_FUZZY] if query.fuzzy else []) + ([MORE.format(found.remaining)] if found.remaining else [])
    headers = warning("; ".join(said)) if said else {}
    if not found.matches:
        return Response(status_code=204, headers=headers)
    return Response(json.dumps(found.matches, ensure_ascii=False), media_type=media, headers=headers)
