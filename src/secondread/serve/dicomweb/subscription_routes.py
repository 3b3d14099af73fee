"""UPS-RS: subscriptions to work items, and the channel on which reports come. Source: DICOM PS3.18 11.10 to 11.13."""

import asyncio
import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, WebSocket
from fastapi.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.websockets import WebSocketDisconnect

from secondread.dicom.web import procedure_step as step
from secondread.serve.database.connect import reading, writing
from secondread.serve.dicomweb import events, workitems
from secondread.serve.dicomweb.access import PREFIX, check_names, recorded, root_of, valid_uids
from secondread.serve.people.person import Person, permit, person_of, room_of
from secondread.serve.people.rights import Right
from secondread.serve.room import Room

router = APIRouter(prefix=PREFIX, dependencies=[Depends(valid_uids)])
Seer = Annotated[Person, Depends(permit(Right.SEE))]
Orderer = Annotated[Person, Depends(permit(Right.ORDER))]
LOOK_SECONDS = 0.5  # how often is looked for new reports; another process may have queued them
KNOWN_SECONDS = 60.0  # how often is looked whether the person may still listen: tokens are revoked, sessions end
NOT_ANY_MORE = 1008  # the channel is closed for a policy: RFC 6455 section 7.4.1
_AE_TITLE = re.compile(r"[\x21-\x5b\x5d-\x7e]([\x20-\x5b\x5d-\x7e]{0,14}[\x21-\x5b\x5d-\x7e])?")  # PS3.5 6.2


@router.post("/workitems/{workitem_uid}/subscribers/{ae_title}")
def subscribe(request: Request, person: Orderer, workitem_uid: str, ae_title: str) -> Response:
    """Follow a work item, or all; the answer names the channel on which reports come."""
    _check(workitem_uid, ae_title)
    room = room_of(request)
    lock = request.query_params.get("deletionlock", "").lower() == "true"
    with writing(room.database) as connection:
        if workitem_uid != step.GLOBAL:
            workitems.found(connection, workitem_uid)
        events.subscribe(connection, room, workitem_uid, ae_title, lock=lock)
    recorded(request, person, "work-item", "", {"workitem": workitem_uid, "what": "subscribe", "ae_title": ae_title})
    channel = f"ws{root_of(request).removeprefix('http')}/subscribers/{ae_title}"
    return Response(status_code=201, headers={"Content-Location": channel})


@router.delete("/workitems/{workitem_uid}/subscribers/{ae_title}")
def unsubscribe(request: Request, person: Orderer, workitem_uid: str, ae_title: str) -> Response:
    """Follow a work item no more."""
    _check(workitem_uid, ae_title)
    with writing(room_of(request).database) as connection:
        if not events.unsubscribe(connection, workitem_uid, ae_title):
            raise HTTPException(404, "There is no such subscription.")
    recorded(request, person, "work-item", "", {"workitem": workitem_uid, "what": "unsubscribe", "ae_title": ae_title})
    return Response(status_code=200)


@router.post("/workitems/{workitem_uid}/subscribers/{ae_title}/suspend")
def suspend(request: Request, person: Orderer, workitem_uid: str, ae_title: str) -> Response:
    """Follow what is followed now, and nothing that comes later."""
    _check(workitem_uid, ae_title)
    with writing(room_of(request).database) as connection:
        if workitem_uid != step.GLOBAL or not events.suspend(connection, ae_title):
            raise HTTPException(404, "There is no such subscription to all work items.")
    recorded(request, person, "work-item", "", {"what": "suspend", "ae_title": ae_title})
    return Response(status_code=200)


def _check(workitem_uid: str, ae_title: str) -> None:
    if not _AE_TITLE.fullmatch(ae_title):
        raise HTTPException(400, "An AE title has 1 to 16 characters, without a backslash.")
    if workitem_uid == step.FILTERED_GLOBAL:
        raise HTTPException(404, "Filtered subscriptions are not offered; subscribe to all work items instead.")


@router.websocket("/subscribers/{ae_title}")
async def channel(socket: WebSocket, person: Seer, ae_title: str) -> None:
    """Reports for an AE title, each a text frame of DICOM JSON, as long as the channel is open."""
    _check("", ae_title)
    check_names(person)
    await socket.accept()
    await run_in_threadpool(recorded, socket, person, "work-item", "", {"what": "channel", "ae_title": ae_title})
    ended = asyncio.create_task(_until_closed(socket))
    clock = asyncio.get_running_loop().time
    known = clock()
    try:
        while not ended.done():
            if clock() - known >= KNOWN_SECONDS:
                if not await run_in_threadpool(_may_listen, socket):
                    await socket.close(NOT_ANY_MORE)
                    return
                known = clock()
            for report in await run_in_threadpool(_reports, room_of(socket), ae_title):
                await socket.send_text(report)
            await asyncio.wait([ended], timeout=LOOK_SECONDS)
    except (WebSocketDisconnect, RuntimeError):  # the other side went away while a report was sent
        return
    finally:
        ended.cancel()


def _may_listen(socket: WebSocket) -> bool:
    person = person_of(socket)
    return person is not None and Right.SEE in person.rights and not person.must_change_password


async def _until_closed(socket: WebSocket) -> None:
    """What the other side says means nothing here, whatever kind of frame it is."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


def _reports(room: Room, ae_title: str) -> list[str]:
    with reading(room.database) as connection:
        if not events.waiting(connection, ae_title):
            return []
    with writing(room.database) as connection:
        return events.fetch(connection, ae_title)
