"""The routes of the review: what is stored, saving, looking, text, signing, and reviews as data."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.exceptions import HTTPException

from secondread.core.errors import short_uid
from secondread.report.signed.narrative import findings_text, impression
from secondread.serve.people.browser import address_of
from secondread.serve.people.person import Person, permit, room_of
from secondread.serve.people.rights import Right
from secondread.serve.review import data
from secondread.serve.review.content import checked, held_of
from secondread.serve.review.draft import draft_of
from secondread.serve.review.look import may_see_ai, record_look
from secondread.serve.review.presence import Presence
from secondread.serve.review.sign import Wish, sign, sign_addendum
from secondread.serve.review.store import OutdatedError, Review, Save, load, save
from secondread.serve.trail.record import record

router = APIRouter(prefix="/review")
See = Annotated[Person, Depends(permit(Right.SEE))]
Reviewer = Annotated[Person, Depends(permit(Right.REVIEW))]
Researcher = Annotated[Person, Depends(permit(Right.RESEARCH))]
Json = Annotated[dict[str, Any], Body()]


@router.get("/export")
def export(request: Request, person: Researcher, form: str = "jsonl") -> Response:
    """Every change of every review, without names: JSON lines, or CSV with ``form=csv``."""
    if form not in {"jsonl", "csv"}:
        raise HTTPException(400, "form is neither jsonl nor csv.")
    room = room_of(request)
    record(room, actor=person.name, action="export", address=address_of(request), detail={"what": "reviews"})
    rows = data.rows(room)
    lines, kind = (_csv(rows), "text/csv") if form == "csv" else (_lines(rows), "application/x-ndjson")
    headers = {"Content-Disposition": f'attachment; filename="reviews.{form}"'}
    return StreamingResponse(lines, media_type=f"{kind}; charset=utf-8", headers=headers)


@router.get("/{study_uid}")
def stored(request: Request, study_uid: str, person: See) -> dict[str, Any]:
    """What is stored of the review of a study's latest read."""
    room = room_of(request)
    review = _needed(load(room, study_uid), study_uid)
    if person.how == "token":  # a browser asks as a part of the study page, which is recorded
        record(room, actor=person.name, action="open", study_uid=study_uid, address=address_of(request))
    sees = may_see_ai(room, person, study_uid)
    return {**_told(review, sees=sees), "sees_ai": sees}


@router.put("/{study_uid}")
def keep(request: Request, study_uid: str, person: Reviewer, body: Json) -> Response:
    """Save the review; 409 where somebody saved another meanwhile, with who changed what."""
    room = room_of(request)
    _must_see(request, person, study_uid)
    wanted = Save(
        read_version=_whole(body, "read_version"),
        revision=_whole(body, "revision"),
        content=body.get("content"),
        seconds=_seconds(body),
        ai_shown=bool(body.get("ai_shown", True)),
    )
    try:
        return JSONResponse(_told(save(room, person, study_uid, wanted, address=address_of(request))))
    except OutdatedError as error:
        return outdated(error)


@router.post("/{study_uid}/text")
def text(request: Request, study_uid: str, person: Reviewer, body: Json) -> dict[str, str]:
    """The report's text as the templates make it of a content; nothing is stored."""
    room = room_of(request)
    _must_see(request, person, study_uid)
    review = _needed(load(room, study_uid), study_uid)
    content = checked(body.get("content"), review.report)
    held, _ = held_of(content, draft_of(review))
    language = content["text"]["language"]
    return {"findings": findings_text(held, language), "impression": impression(held, language)}


@router.post("/{study_uid}/look")
def look(request: Request, study_uid: str, person: Reviewer, body: Json) -> dict[str, bool]:
    """Record the person's own look; what the program said may be shown from now on."""
    room = room_of(request)
    said = body.get("impression") or ""
    if not isinstance(said, str):
        raise HTTPException(400, "impression is no text.")
    record_look(room, person, study_uid, impression=said, seconds=_seconds(body), address=address_of(request))
    return {"sees_ai": may_see_ai(room, person, study_uid)}


@router.post("/{study_uid}/presence")
def presence(request: Request, study_uid: str, person: See, body: Json) -> dict[str, Any]:
    """Say that this page shows the study, or that it is left; who else looks, and the revision that is stored."""
    here = _presence(request)
    if body.get("gone"):
        here.gone(study_uid, person.name)
        return {"others": [], "revision": None}
    others = here.here(study_uid, person.name, person.display_name)
    review = load(room_of(request), study_uid)
    return {
        "others": list(others),
        "revision": review.revision if review else None,
        "read_version": review.read_version if review else None,
        "state": review.state if review else None,
        "saved_by": review.saved_by if review else "",
    }


@router.post("/{study_uid}/sign")
def signing(request: Request, study_uid: str, person: Reviewer, body: Json) -> Response:
    """Sign the report as it is stored; the person's name must be the one that was shown to them."""
    _must_see(request, person, study_uid)
    wish = Wish(_whole(body, "read_version"), _whole(body, "revision"), _seconds(body))
    return _signed(request, study_uid, person, body, wish)


@router.post("/{study_uid}/addendum")
def addendum(request: Request, study_uid: str, person: Reviewer, body: Json) -> Response:
    """Sign an addendum to a signed report; ``number`` is the number it is going to have."""
    wish = Wish(
        _whole(body, "read_version"), 0, _seconds(body), number=_whole(body, "number"), text=str(body.get("text") or "")
    )
    return _signed(request, study_uid, person, body, wish)


def _signed(request: Request, study_uid: str, person: Person, body: dict[str, Any], wish: Wish) -> Response:
    if body.get("name") != person.display_name:
        raise HTTPException(
            409, f"You are logged in as {person.display_name}, and another name was confirmed. Load the page again."
        )
    if person.how != "session":
        raise HTTPException(403, "A signature is given by a person at the page, not by a token.")
    signed = sign_addendum if wish.number else sign
    try:
        made = signed(room_of(request), person, study_uid, wish, address=address_of(request))
    except OutdatedError as error:
        return outdated(error)
    return JSONResponse({"number": made.number, "status": made.status, "signed_at": made.signed_at}, 201)


def outdated(error: OutdatedError) -> JSONResponse:
    """409 with what is stored now, and who changed what since."""
    current = None if error.current is None else _told(error.current)
    return JSONResponse({"detail": str(error), "current": current, "changes": list(error.since)}, 409)


def _told(review: Review, *, sees: bool = True) -> dict[str, Any]:
    """What is stored; decisions tell what the program said, so they are kept from who may not see that yet."""
    return {
        "study_uid": review.study_uid,
        "state": review.state,
        "read_version": review.read_version,
        "revision": review.revision,
        "content": review.content if sees else None,
        "saved_by": review.saved_by,
        "saved_at": review.saved_at,
    }


def _needed(review: Review | None, study_uid: str) -> Review:
    if review is None:
        raise HTTPException(404, f"Study {short_uid(study_uid)} is not here, or there is no read of it yet.")
    return review


def _must_see(request: Request, person: Person, study_uid: str) -> None:
    if not may_see_ai(room_of(request), person, study_uid):
        raise HTTPException(403, "Record your own look at the images first.")


def _presence(request: Request) -> Presence:
    state = request.app.state
    if not hasattr(state, "presence"):
        state.presence = Presence(room_of(request).clock)
    found = state.presence
    assert isinstance(found, Presence)
    return found


def _whole(body: dict[str, Any], name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise HTTPException(400, f"{name} is needed, a whole number.")
    return value


def _seconds(body: dict[str, Any]) -> float | None:
    value = body.get("seconds")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None


def _lines(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(row, ensure_ascii=False) + "\n"


def _csv(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    """Comma-separated; a cell that a spreadsheet would take for a formula begins with an apostrophe."""
    buffer = io.StringIO()
    table = csv.writer(buffer)
    table.writerow(data.FIELDS)
    for row in rows:
        table.writerow([_cell(row[name]) for name in data.FIELDS])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _cell(value: Any) -> Any:
    """Source: OWASP, CSV Injection."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value
