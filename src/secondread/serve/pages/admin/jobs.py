"""``/admin/jobs``: reads that wait, run and ended; their logs; cancel and try again."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy import select
from starlette.exceptions import HTTPException

from secondread.serve.database.connect import reading
from secondread.serve.database.tables import JOB_STATES, jobs, studies
from secondread.serve.pages.admin.frame import PAGE_ROWS, Administrator, admin_page, back, record_change
from secondread.serve.people.person import Person, room_of
from secondread.serve.reading import queue

router = APIRouter(prefix="/admin/jobs")
# The log is long and shown on its own page.
_COLUMNS = (*(column for column in jobs.c if column.name not in {"log", "key"}), studies.c.study_uid)


@router.get("")
def jobs_page(request: Request, person: Administrator, state: str = "", before: int = 0) -> HTMLResponse:
    """The latest first."""
    query = select(*_COLUMNS).outerjoin(studies, studies.c.id == jobs.c.study_id).order_by(jobs.c.id.desc())
    if state in JOB_STATES:
        query = query.where(jobs.c.state == state)
    if before > 0:
        query = query.where(jobs.c.id < before)
    with reading(room_of(request).database) as connection:
        rows = connection.execute(query.limit(PAGE_ROWS + 1)).mappings().all()
    values: dict[str, Any] = {
        "rows": rows[:PAGE_ROWS],
        "state": state if state in JOB_STATES else "",
        "states": JOB_STATES,
        "more": rows[PAGE_ROWS - 1]["id"] if len(rows) > PAGE_ROWS else 0,
    }
    return admin_page(request, person, "jobs", values)


@router.get("/{job_id}")
def job_page(request: Request, person: Administrator, job_id: int, *, unchanged: bool = False) -> HTMLResponse:
    """One job with its log."""
    query = select(*_COLUMNS, jobs.c.log).outerjoin(studies, studies.c.id == jobs.c.study_id).where(jobs.c.id == job_id)
    with reading(room_of(request).database) as connection:
        row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise HTTPException(404)
    return admin_page(request, person, "job", {"job": row, "unchanged": unchanged})


@router.post("/{job_id}/cancel")
def cancel(request: Request, person: Administrator, job_id: int) -> Response:
    """Take a job back."""
    return _changed(request, person, job_id, "cancel", done=queue.cancel(room_of(request), job_id))


@router.post("/{job_id}/retry")
def retry(request: Request, person: Administrator, job_id: int) -> Response:
    """Queue it again."""
    return _changed(request, person, job_id, "retry", done=queue.retry(room_of(request), job_id))


def _changed(request: Request, person: Person, job_id: int, action: str, *, done: bool) -> Response:
    uid = select(studies.c.study_uid).join(jobs, jobs.c.study_id == studies.c.id).where(jobs.c.id == job_id)
    record_change(request, person, action, uid, {"job": job_id}, done=done)
    return back(f"/admin/jobs/{job_id}{'' if done else '?unchanged=1'}")
