"""STOW-RS: ``POST /studies`` and ``POST /studies/{study}``. Source: DICOM PS3.18 section 10.5."""

import asyncio
import json
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from secondread.dicom.web.accept import chosen, wishes
from secondread.dicom.web.multipart import related
from secondread.dicom.web.native_xml import to_xml
from secondread.dicom.web.refusals import MediaTypeError
from secondread.dicom.web.store_answer import Outcome
from secondread.serve.dicomweb.access import (
    DICOM,
    JSON,
    PREFIX,
    XML,
    recorded,
    root_of,
    statuses,
    valid_uids,
    warning,
)
from secondread.serve.dicomweb.inflow import Inflow
from secondread.serve.dicomweb.store import Sending, store
from secondread.serve.people.person import Person, permit, room_of
from secondread.serve.people.rights import Right

router = APIRouter(prefix=PREFIX, dependencies=[Depends(valid_uids)])
Sender = Annotated[Person, Depends(permit(Right.UPLOAD))]
OFFERED = (JSON, "application/json", XML)
AT_ONCE = 16  # requests that store, each in a thread of the 40 that the web server has; others wait for their turn


@router.post("/studies")
@router.post("/studies/{study_uid}")
async def store_instances(request: Request, person: Sender) -> Response:
    """Store the objects of a ``multipart/related`` body; they are on disk and in the index when the answer comes.

    The body comes in while a thread of its own stores: files are never written in the event loop.
    """
    async with _turn(request):
        body = Inflow()
        receiving = asyncio.create_task(body.fill(request))
        try:
            return await run_in_threadpool(_stored, request, person, body.piece)
        finally:
            receiving.cancel()


def _turn(request: Request) -> asyncio.Semaphore:
    """Of the application: senders that are slow must not hold every thread, or nobody could look at an image."""
    state = request.app.state
    if not hasattr(state, "storing"):
        state.storing = asyncio.Semaphore(AT_ONCE)
    found = state.storing
    assert isinstance(found, asyncio.Semaphore)
    return found


def _stored(request: Request, person: Person, read: Callable[[], bytes]) -> Response:
    room = room_of(request)
    study_uid = request.path_params.get("study_uid", "")
    limit = room.settings.server.upload_limit_mb * 1_000_000

    with statuses():
        media, _ = chosen(wishes(request.headers.get("accept", ""), request.query_params.get("accept", "")), OFFERED)
        body = related(request.headers.get("content-type", ""))
        if body.kind != DICOM:
            raise MediaTypeError(f'found parts of another type, needed multipart/related; type="{DICOM}"')
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            raise HTTPException(413, f"The request is longer than {limit:,} bytes, the most that is taken.")
        outcome = store(room, Sending(study_uid, person.name, limit), body.boundary, read)
    _record(request, person, outcome)
    content = outcome.answer(root_of(request))
    headers = warning(f"{len(outcome.failed)} objects were not stored") if outcome.failed else {}
    if media == XML:
        return Response(to_xml(content), outcome.status, headers, XML)
    return Response(json.dumps(content), outcome.status, headers, media)


def _record(request: Request, person: Person, outcome: Outcome) -> None:
    """One entry a study; one without a study where nothing was stored."""
    by_study: dict[str, int] = {}
    for study_uid, *_ in outcome.stored:
        by_study[study_uid] = by_study.get(study_uid, 0) + 1
    for study_uid, count in (by_study or {"": 0}).items():
        recorded(request, person, "receive", study_uid, {"instances": count, "failed": len(outcome.failed)})
