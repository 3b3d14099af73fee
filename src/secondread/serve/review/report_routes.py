"""The report of a study as a file: the latest signed one, else the draft."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import select
from starlette.exceptions import HTTPException

from secondread.core.errors import InputError, short_uid
from secondread.report.kept import open_kept
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import reads, signatures, studies
from secondread.serve.people.browser import address_of
from secondread.serve.people.person import Person, permit, room_of
from secondread.serve.people.rights import Right
from secondread.serve.review.look import may_see_ai
from secondread.serve.room import Room
from secondread.serve.trail.record import record

router = APIRouter()
See = Annotated[Person, Depends(permit(Right.SEE))]
FORMS = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "json": "application/json",
    "fhir.json": "application/fhir+json",
    "hl7": "text/plain; charset=utf-8",  # HL7 v2 has no registered media type
}
# Our own pages carry their style in themselves and nothing else.
_PAGE_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'"


@router.get("/studies/{study_uid}/report.{form}")
def report(
    request: Request, study_uid: str, form: str, person: See, version: int | None = None, download: bool = False
) -> Response:
    """A form of the report: the latest signed one, else the draft; with ``version`` the draft or report of that read.

    Args:
        request: The request.
        study_uid: Which study.
        form: ``html``, ``pdf``, ``json``, ``fhir.json`` or ``hl7``.
        person: Who asks.
        version: Of the read; the latest by default.
        download: Whether the browser is to save it instead of showing it.
    """
    room = room_of(request)
    if form not in FORMS:
        raise HTTPException(404, f"There is no report as {form[:20]!r}; there is one as {', '.join(FORMS)}.")
    if not may_see_ai(room, person, study_uid):
        raise HTTPException(403, "Record your own look at the images first.")
    folder, state = report_folder(room, study_uid, version)
    file = folder / f"report.{form}"
    if not file.is_file():
        raise HTTPException(404, f"The report of study {short_uid(study_uid)} was not written as {form}.")
    detail = {"form": form, "state": state}
    action = "export" if download else "open"
    record(room, actor=person.name, action=action, study_uid=study_uid, address=address_of(request), detail=detail)
    how = "attachment" if download else "inline"
    headers = {"Content-Disposition": f'{how}; filename="report-{state}.{form}"'}
    if form == "html":
        headers["Content-Security-Policy"] = _PAGE_POLICY
    return Response(file.read_bytes(), media_type=FORMS[form], headers=headers)


@router.get("/review/{study_uid}/illustrations/{version}/{read}/{number}")
def illustration(request: Request, study_uid: str, version: int, read: int, number: int, person: See) -> Response:
    """A picture that a reader drew, such as why it refused."""
    room = room_of(request)
    if not may_see_ai(room, person, study_uid):
        raise HTTPException(403, "Record your own look at the images first.")
    with reading(room.database) as connection:
        folder = connection.execute(
            select(reads.c.folder)
            .join(studies, studies.c.id == reads.c.study_id)
            .where(studies.c.study_uid == study_uid, reads.c.version == version)
        ).scalar_one_or_none()
    try:
        drawn = open_kept(room.folders.results / (folder or "") / "kept").drawn(read) if folder and read >= 0 else ()
    except (InputError, IndexError):
        drawn = ()
    if not 0 <= number < len(drawn):
        raise HTTPException(404, "This picture is not here.")
    return Response(drawn[number][2].read_bytes(), media_type="image/png")


def report_folder(room: Room, study_uid: str, version: int | None = None) -> tuple[Path, str]:
    """The folder of the report that stands, and ``draft`` or ``signed``.

    Raises:
        HTTPException: 404 if there is none.
    """
    of_study = studies.c.study_uid == study_uid
    wanted = of_study if version is None else of_study & (reads.c.version == version)
    with reading(room.database) as connection:
        signed = connection.execute(
            select(signatures.c.folder)
            .join(studies, studies.c.id == signatures.c.study_id)
            .join(reads, reads.c.id == signatures.c.read_id)
            .where(wanted)
            .order_by(signatures.c.id.desc())
            .limit(1)
        ).scalar_one_or_none()
        if signed is not None:
            return room.folders.results / signed, "signed"
        draft = connection.execute(
            select(reads.c.folder)
            .join(studies, studies.c.id == reads.c.study_id)
            .where(wanted)
            .order_by(reads.c.version.desc())
            .limit(1)
        ).scalar_one_or_none()
    if draft is None:
        raise HTTPException(404, f"There is no report of study {short_uid(study_uid)} yet.")
    return room.folders.results / draft, "draft"
