"""The study page and what its viewer asks for."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import update
from starlette.exceptions import HTTPException

from secondread.core.study import Series
from secondread.report.colours import OPACITY, STOPS
from secondread.report.locales import words
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import studies
from secondread.serve.pages.render import language_of, page
from secondread.serve.people.browser import address_of
from secondread.serve.people.person import Person, permit, room_of
from secondread.serve.people.rights import Right
from secondread.serve.review.look import may_see_ai
from secondread.serve.review.maps import MapNotes
from secondread.serve.review.panel import panel_values
from secondread.serve.trail.record import record
from secondread.serve.view import overlays, thumbnail
from secondread.serve.view.banner import banner, priors
from secondread.serve.view.held import Held, study_row
from secondread.serve.view.package import TYPE, compressed, packed
from secondread.serve.view.viewer import viewer_of

router = APIRouter()
Seer = Annotated[Person, Depends(permit(Right.SEE))]


@router.get("/studies/{study_uid}")
def study_page(request: Request, study_uid: str, person: Seer, version: int | None = None) -> Response:
    """The images of a study, what was found in them, and its report."""
    room = room_of(request)
    told = _told(request, study_uid, person)
    _record(request, study_uid, person, "")
    _opened(request, study_uid)
    say = language_of(request, person)
    data = told | {
        "version": version,
        "sees_ai": may_see_ai(room, person, study_uid),
        "palette": STOPS.split(),
        "map_opacity": OPACITY,
        "words": {key: text for key, text in say.texts.items() if key.startswith("viewer.")},
    }
    values = {"viewer": data, "study": told["study"]}
    return page(request, "study.html", person, {**panel_values(room, person, study_uid), **values})


@router.get("/view/{study_uid}")
def study_told(request: Request, study_uid: str, person: Seer, beside: str = "") -> dict[str, Any]:
    """Whose study it is, its series, and other studies of the patient.

    Args:
        request: The request.
        study_uid: Which study.
        person: Who asks.
        beside: Study that it is shown beside, if any.
    """
    told = _told(request, study_uid, person)
    _record(request, study_uid, person, beside)
    return told | {"sees_ai": may_see_ai(room_of(request), person, study_uid)}


@router.get("/view/{study_uid}/series/{key}")
def series_described(request: Request, study_uid: str, key: str, _person: Seer) -> dict[str, Any]:
    """What the viewer must know to show a series."""
    return viewer_of(request).description(study_uid, key)


@router.get("/view/{study_uid}/series/{key}/frames/{number}")
def series_frame(request: Request, study_uid: str, key: str, number: int, _person: Seer) -> Response:
    """One picture of a series."""
    frame = viewer_of(request).frame(study_uid, key, number)
    header = {
        "study_uid": study_uid, "key": key, "number": number, "kind": frame.kind, "rows": frame.rows,
        "columns": frame.columns, "scale": frame.scale, "offset": frame.offset,
    }  # fmt: skip
    return _sent(request, header, frame.data)


@router.get("/view/{study_uid}/series/{key}/thumbnail")
def series_thumbnail(request: Request, study_uid: str, key: str, _person: Seer) -> Response:
    """A small picture of the middle of a series."""
    viewer = viewer_of(request)
    description = viewer.description(study_uid, key)
    if not description["count"]:
        return Response(status_code=204)
    frame = viewer.frame(study_uid, key, description["count"] // 2)
    return Response(thumbnail.jpeg(frame, description), media_type="image/jpeg")


@router.get("/view/{study_uid}/overlays")
def overlays_listed(request: Request, study_uid: str, person: Seer, version: int | None = None) -> dict[str, Any]:
    """What the readers drew, without pixels."""
    one, held = _drawn(request, study_uid, person, version)
    if person.how == "token":  # a browser asks as a part of the study page, which is recorded
        _record(request, study_uid, person, "")
    say = words(language_of(request, person).language)
    return {
        "study_uid": study_uid,
        "version": one and one.version,
        "overlays": [] if one is None else overlays.listed(one, held, say, MapNotes(room_of(request), say)),
    }


@router.get("/view/{study_uid}/overlays/{version}/{read}/{finding}/{kind}")
def overlay_pixels(
    request: Request, study_uid: str, version: int, read: int, finding: int, kind: str, person: Seer
) -> Response:
    """The region (``mask``) or the map (``map``) of a finding, on the grid of its series."""
    one, held = _drawn(request, study_uid, person, version)
    making = {"mask": overlays.mask_package, "map": overlays.map_package}.get(kind)
    if one is None or making is None or not overlays.is_there(one, read, finding):
        raise HTTPException(404, "This finding is not here.")
    key = overlays.series_key(one.kept, read, finding, held)
    if not key:
        raise HTTPException(404, "This was drawn on other images than the study has now. Read the study again.")
    header, data = making(one, read, finding, viewer_of(request).description(study_uid, key))
    return _sent(request, {"study_uid": study_uid, "key": key, **header}, data, always=True)


def _drawn(request: Request, study_uid: str, person: Person, version: int | None) -> tuple[overlays.Drawn | None, Held]:
    """The read whose drawings are asked for, if the person may see them yet."""
    room = room_of(request)
    row = study_row(room, study_uid)
    if not may_see_ai(room, person, study_uid):
        raise HTTPException(403, "Look for yourself first; then what the readers found is shown.")
    return overlays.drawn(room, row.id, version), viewer_of(request).study(study_uid)


def _told(request: Request, study_uid: str, person: Person) -> dict[str, Any]:
    room = room_of(request)
    row = study_row(room, study_uid)
    held = viewer_of(request).study(study_uid)
    results = held.own if may_see_ai(room, person, study_uid) else ()  # an outline among them says that one was found
    return {
        "study": banner(row, person, language_of(request, person)),
        "series": [_entry(key, one, held) for key, one in held.series.items()],
        "results": [{"modality": modality, "description": description} for modality, description in results],
        "skipped": [{"reason": reason, "count": count} for reason, count in (held.skipped or {}).items()],
        "fault": held.fault,
        "priors": priors(room, row),
    }


def _entry(key: str, series: Series, held: Held) -> dict[str, Any]:
    number, description = held.described.get(series.uid, (None, ""))
    return {
        "key": key,
        "series_uid": series.uid,
        "modality": series.modality,
        "number": number,
        "description": description,
        "part": series.part,
        "view": series.view,
        "laterality": series.laterality,
        "count": sum(file.frames for file in series.files),
        "localizer": series.facts is not None and series.facts.origin == "localizer",
    }


def _record(request: Request, study_uid: str, person: Person, beside: str) -> None:
    address = address_of(request)
    detail = {"as": "prior"} if beside else {}
    room = room_of(request)
    record(room, actor=person.name, action="view", study_uid=study_uid, address=address, detail=detail)


def _opened(request: Request, study_uid: str) -> None:
    """Note when a draft was opened for the first time."""
    room = room_of(request)
    first = (studies.c.study_uid == study_uid) & studies.c.opened_at.is_(None) & studies.c.drafted_at.is_not(None)
    if study_row(room, study_uid).opened_at is None:
        with writing(room.database) as connection:
            connection.execute(update(studies).where(first).values(opened_at=room.now()))


def _sent(request: Request, header: dict[str, Any], data: bytes, *, always: bool = False) -> Response:
    address = address_of(request)
    accepts = request.headers.get("accept-encoding", "")
    body, headers = compressed(packed(header, data), accepts, address, always=always)
    return Response(body, media_type=TYPE, headers=headers)
