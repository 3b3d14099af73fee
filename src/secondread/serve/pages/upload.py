"""``/upload``: images from the person's own computer."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from secondread.serve.pages.render import language_of, page
from secondread.serve.pages.upload_stream import FileParts, Part
from secondread.serve.pages.upload_taking import Taken, summed, take_file
from secondread.serve.people.browser import address_of
from secondread.serve.people.person import Person, permit, room_of
from secondread.serve.people.rights import Right
from secondread.serve.storage.arrive import incoming_file
from secondread.serve.storage.take_in import Known
from secondread.serve.trail.record import record

router = APIRouter()
MAX_TOLD = 500  # files that are named one by one in an answer
Sender = Annotated[Person, Depends(permit(Right.UPLOAD))]


@router.get("/upload")
def form(request: Request, person: Sender) -> HTMLResponse:
    """The page."""
    limit = room_of(request).settings.server.upload_limit_mb
    return page(request, "upload.html", person, {"limit_mb": limit})


@router.post("/upload")
async def receive(request: Request, person: Sender) -> JSONResponse:
    """Files as ``multipart/form-data``; each is taken in as soon as it arrived whole.

    An upload that breaks off leaves what was taken in, and nothing of the rest: sent again, that is here already.
    """
    room = room_of(request)
    limit = room.settings.server.upload_limit_mb * 2**20
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > limit:
        raise HTTPException(413, f"The upload is larger than {limit // 2**20} MB. Send fewer files at once.")
    parts = FileParts(request.headers.get("content-type", ""), lambda: incoming_file(room), limit)
    taken: list[Taken] = []
    known = Known()
    try:
        with closing(parts):
            async for chunk in request.stream():
                for part in await run_in_threadpool(parts.feed, chunk):
                    taken += await run_in_threadpool(_take, request, person, part, known)
    except OSError as error:
        raise HTTPException(507, language_of(request, person)("upload.why.disk")) from error
    finally:
        await run_in_threadpool(_record, request, person, taken)
    return JSONResponse(_told(request, person, taken))


def _take(request: Request, person: Person, part: Part, known: Known) -> list[Taken]:
    return list(take_file(room_of(request), part.path, part.name, person.name, known))


def _record(request: Request, person: Person, taken: list[Taken]) -> None:
    """One entry a study, and one for what was refused; names of files are no part of the trail."""
    room, address = room_of(request), address_of(request)
    studies = {one.study_uid for one in taken if one.study_uid}
    for uid in sorted(studies):
        counts = summed([one for one in taken if one.study_uid == uid])
        record(room, actor=person.name, action="upload", study_uid=uid, address=address, detail=dict(counts))
    if refused := summed(taken)["refused"]:
        detail = {"refused": refused}
        record(room, actor=person.name, action="upload", address=address, outcome="failure", detail=detail)


def _told(request: Request, person: Person, taken: list[Taken]) -> dict[str, Any]:
    say = language_of(request, person)

    def named() -> Iterator[dict[str, str]]:
        for one in sorted(taken, key=lambda one: one.outcome != "refused")[:MAX_TOLD]:
            yield {
                "name": one.name,
                "outcome": one.outcome,
                "why": say(one.why) if one.why else "",
                "study_uid": one.study_uid,
            }

    studies = Counter(one.study_uid for one in taken if one.study_uid)
    return {"counts": dict(summed(taken)), "studies": dict(studies), "files": list(named())}
