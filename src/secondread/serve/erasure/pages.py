"""``/admin/patients``: what is kept of a patient, given out, held, or erased. A patient's number is never in a URL."""

import tempfile
from collections.abc import Iterator
from typing import IO, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import select
from starlette.datastructures import FormData

from secondread.core.errors import InputError, UsageError
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import erasures
from secondread.serve.erasure.erase import erase, set_hold
from secondread.serve.erasure.find import Wanted, found
from secondread.serve.erasure.give_out import write_everything
from secondread.serve.pages.admin.frame import PAGES
from secondread.serve.pages.render import page
from secondread.serve.people.browser import address_of, field, small_form
from secondread.serve.people.person import Person, permit, room_of
from secondread.serve.people.rights import Right
from secondread.serve.trail.record import record

router = APIRouter(prefix="/admin/patients")
Administrator = Annotated[Person, Depends(permit(Right.ADMINISTER, sessions_only=True))]
Form = Annotated[FormData, Depends(small_form)]
_CHUNK = 1 << 20


@router.get("")
def patients(request: Request, person: Administrator) -> Response:
    """The form, and the receipts of what was erased."""
    return _page(request, person, Wanted())


@router.post("")
def look_up(request: Request, person: Administrator, form: Form) -> Response:
    """What is kept."""
    return _page(request, person, _wanted(form))


@router.post("/copy")
def give_out(request: Request, person: Administrator, form: Form) -> Response:
    """Everything as one zip."""
    room, wanted = room_of(request), _wanted(form)
    stream = tempfile.TemporaryFile(dir=room.folders.incoming)  # noqa: SIM115 - closed when it was sent; it has no name
    try:
        write_everything(room, wanted, stream)
        with reading(room.database) as connection:
            uids = [row.study_uid for row in found(connection, wanted)]
    except (UsageError, InputError) as error:
        stream.close()
        return _page(request, person, wanted, problem=str(error))
    for uid in uids:
        detail = {"what": "everything kept of the patient"}
        record(room, actor=person.name, action="export", study_uid=uid, address=address_of(request), detail=detail)
    length = stream.tell()
    headers = {"Content-Disposition": 'attachment; filename="patient.zip"', "Content-Length": str(length)}
    return StreamingResponse(_pieces(stream), media_type="application/zip", headers=headers)


@router.post("/hold")
def hold(request: Request, person: Administrator, form: Form) -> Response:
    """Keep from being erased, or no longer."""
    wanted = _wanted(form)
    try:
        set_hold(
            room_of(request), wanted, by=person.name, held=field(form, "held") == "1", reason=field(form, "reason"),
            address=address_of(request),
        )  # fmt: skip
    except (UsageError, InputError) as error:
        return _page(request, person, wanted, problem=str(error))
    return _page(request, person, wanted)


@router.post("/erased")
def erase_for_good(request: Request, person: Administrator, form: Form) -> Response:
    """Erase, when the number was typed again."""
    wanted = _wanted(form)
    if not wanted.named or field(form, "again").strip() != wanted.named:
        return _page(request, person, wanted, problem_key="people.erase.again-differs")
    try:
        receipts = erase(
            room_of(request), wanted, by=person.name, user_id=person.id, reason=field(form, "reason"),
            address=address_of(request),
        )  # fmt: skip
    except (UsageError, InputError) as error:
        return _page(request, person, wanted, problem=str(error))
    return _page(request, person, Wanted(), done=len(receipts))


def _wanted(form: FormData) -> Wanted:
    number, issuer, uid = (field(form, name).strip() for name in ("patient_id", "issuer", "study_uid"))
    return Wanted(number[:256], issuer[:256], uid[:64])


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        stream.seek(0)
        while piece := stream.read(_CHUNK):
            yield piece


def _page(
    request: Request, person: Person, wanted: Wanted, *, problem: str = "", problem_key: str = "", done: int = 0
) -> Response:
    room, rows = room_of(request), []
    with reading(room.database) as connection:
        if wanted.named:
            try:
                rows = list(found(connection, wanted))
            except (UsageError, InputError) as error:
                problem = problem or str(error)
        receipts = connection.execute(select(erasures).order_by(erasures.c.id.desc()).limit(50)).all()
    values: dict[str, Any] = {
        "pages": PAGES,
        "wanted": wanted,
        "studies": rows,
        "held": next((row.legal_hold for row in rows if row.legal_hold), ""),
        "problem": problem,
        "problem_key": problem_key,
        "done": done,
        "receipts": receipts,
    }
    return page(request, "people_patients.html", person, values, status=422 if problem or problem_key else 200)
