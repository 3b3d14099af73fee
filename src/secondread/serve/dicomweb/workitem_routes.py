"""UPS-RS: work items. Source: DICOM PS3.18 chapter 11."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from secondread.core.errors import FormatError
from secondread.dicom.uids import uid_source
from secondread.dicom.web import procedure_step as step
from secondread.dicom.web.accept import chosen, wishes
from secondread.dicom.web.dicom_json import Json, first, parsed
from secondread.dicom.web.multipart import media_type
from secondread.dicom.web.query import parse
from secondread.dicom.web.refusals import MediaTypeError, WebRequestError
from secondread.serve.database.connect import reading, writing
from secondread.serve.dicomweb import cancelling, workitems
from secondread.serve.dicomweb.access import (
    JSON,
    PREFIX,
    check_names,
    recorded,
    root_of,
    statuses,
    valid_uids,
    warning,
)
from secondread.serve.people.person import Person, permit, room_of
from secondread.serve.people.rights import Right

router = APIRouter(prefix=f"{PREFIX}/workitems", dependencies=[Depends(valid_uids)])
Seer = Annotated[Person, Depends(permit(Right.SEE))]
Orderer = Annotated[Person, Depends(permit(Right.ORDER))]
OFFERED = (JSON, "application/json")
MAX_BODY = 4_000_000
_UID_NAMES = ("AffectedSOPInstanceUID", "workitem")
_TRANSACTION_NAMES = ("transaction", "transaction-uid", "TransactionUID")
_OTHER_NAMES = frozenset({"accept", "charset", "csrf"})


@router.post("")
async def create(request: Request, person: Orderer) -> Response:
    """A new work item; its UID stands in the URL, in the body, or is made here."""
    content = await body_of(request)
    return await run_in_threadpool(_create, request, person, content)


def _create(request: Request, person: Person, content: Json) -> Response:
    room = room_of(request)
    with statuses():
        uid = value_in(request, _UID_NAMES) or first(content, step.INSTANCE) or uid_source()("work item")
        check_uid(uid)
        with writing(room.database) as connection:
            added = workitems.create(connection, room, content, uid)
            study_uid = step.study_of(content)
    recorded(request, person, "order", study_uid, {"workitem": uid})
    place = f"{root_of(request)}/workitems/{uid}"
    headers = {"Location": place, "Content-Location": place}
    return Response(status_code=201, headers=headers | (
        warning("The UPS was created with modifications.") if added else {}
    ))  # fmt: skip


@router.get("")
def search(request: Request, person: Seer) -> Response:
    """Work items that match a query."""
    check_names(person)
    room = room_of(request)
    with statuses():
        media, _ = chosen(wishes(request.headers.get("accept", "")), OFFERED)
        query = parse(request.query_params.multi_items())
        with reading(room.database) as connection:
            matches = workitems.search(connection, query)
    recorded(request, person, "search", "", {"level": "workitems", "matches": len(matches)})
    if not matches:
        return Response(status_code=204)
    return Response(json.dumps(matches), media_type=media)


@router.get("/{workitem_uid}")
def retrieve(request: Request, person: Seer, workitem_uid: str) -> Response:
    """One work item, without its Transaction UID."""
    check_names(person)
    room = room_of(request)
    with statuses():
        media, _ = chosen(wishes(request.headers.get("accept", "")), OFFERED)
        with reading(room.database) as connection:
            row = workitems.found(connection, workitem_uid)
    recorded(request, person, "view", row.study_uid or "", {"workitem": workitem_uid})
    return Response(json.dumps([workitems.content_of(row)]), media_type=media)


@router.post("/{workitem_uid}")
async def update(request: Request, person: Orderer) -> Response:
    """Change attributes of a work item."""
    content = await body_of(request)
    return await run_in_threadpool(_update, request, person, content)


def _update(request: Request, person: Person, content: Json) -> Response:
    room, uid = room_of(request), request.path_params["workitem_uid"]
    transaction = value_in(request, _TRANSACTION_NAMES) or first(content, step.TRANSACTION)
    with statuses(), writing(room.database) as connection:
        workitems.change(connection, room, uid, content, transaction)
    recorded(request, person, "work-item", "", {"workitem": uid, "what": "update"})
    return Response(status_code=200)


@router.put("/{workitem_uid}/state")
async def change_state(request: Request, person: Orderer) -> Response:
    """Claim a work item, complete it, or cancel it as its performer."""
    content = await body_of(request)
    return await run_in_threadpool(_change_state, request, person, content)


def _change_state(request: Request, person: Person, content: Json) -> Response:
    room, uid = room_of(request), request.path_params["workitem_uid"]
    asked = workitems.Change(first(content, step.STATE), first(content, step.TRANSACTION), step.reason_of(content))
    with statuses():
        if asked.state not in step.STATES:
            raise WebRequestError(f"Procedure Step State (0074,1000) must be one of {', '.join(step.STATES)}.")
        if not asked.transaction:
            raise workitems.refusal(400, "The Transaction UID is missing.")
        check_uid(asked.transaction)
        with writing(room.database) as connection:
            said = workitems.move(connection, room, uid, asked)
    recorded(request, person, "work-item", "", {"workitem": uid, "what": asked.state})
    return Response(status_code=200, headers=warning(said) if said else {})


@router.post("/{workitem_uid}/cancelrequest")
async def request_cancellation(request: Request, person: Orderer) -> Response:
    """Ask whoever performs a work item to cancel it; one that nobody performs is cancelled at once."""
    content = await body_of(request, empty=True)
    return await run_in_threadpool(_request_cancellation, request, person, content)


def _request_cancellation(request: Request, person: Person, content: Json) -> Response:
    room, uid = room_of(request), request.path_params["workitem_uid"]
    with statuses():
        said = cancelling.request(room, uid, content)
    recorded(request, person, "cancel", "", {"workitem": uid})
    return Response(status_code=202, headers=warning(said) if said else {})


async def body_of(request: Request, *, empty: bool = False) -> Json:
    """The one data set of a request.

    Raises:
        HTTPException: 400, 413 or 415.
    """
    text = bytearray()
    async for piece in request.stream():
        text += piece
        if len(text) > MAX_BODY:
            raise HTTPException(413, f"The body is longer than {MAX_BODY:,} bytes.")
    if empty and not text.strip():
        return {}
    with statuses():
        if media_type(request.headers.get("content-type", JSON))[0] not in OFFERED:
            raise MediaTypeError(f"found another Content-Type, needed {JSON}.")
        try:
            several = parsed(bytes(text))
        except FormatError as error:
            raise WebRequestError(str(error)) from error
        if len(several) != 1:
            raise WebRequestError(f"found {len(several)} data sets in the body, needed one.")
    return several[0]


def value_in(request: Request, names: tuple[str, ...]) -> str:
    """A UID in the query of a URL: under one of these names, or alone, as the Standard's older text has it."""
    for name, value in request.query_params.multi_items():
        if name in names:
            return value
        if not value and name not in _OTHER_NAMES:
            return name
    return ""


def check_uid(uid: str) -> None:
    """Stop at what is no UID.

    Raises:
        WebRequestError: If it is none.
    """
    if not 1 <= len(uid) <= 64 or not set(uid) <= set("0123456789."):
        raise WebRequestError("a UID has up to 64 digits and dots.")
