"""The room as performer of work items: one that names a study here is claimed, read, and completed with its results.

So an IHE AIW-I task manager can order a read: PS3.18 chapter 11, IHE RAD TF "AI Workflow for Imaging" (push and pull).
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, update

from secondread.dicom.uids import uid_source
from secondread.dicom.web import procedure_step as step
from secondread.dicom.web.dicom_json import Json, element, first, items
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import instances, jobs, series, studies, workitems
from secondread.serve.dicomweb.access import PREFIX
from secondread.serve.dicomweb.workitems import Change, cancel, content_of, moment, move, save
from secondread.serve.reading.completion import expect
from secondread.serve.reading.queue import enqueue_read
from secondread.serve.room import Room
from secondread.serve.service import Loop
from secondread.serve.trail.record import record

LOOK_SECONDS = 2.0
NAME = "secondread"
_PRIORITIES = {"HIGH": 0, "MEDIUM": 1, "LOW": 2}
_ENDED = frozenset({"done", "failed", "cancelled"})
_ACTIVE = ("waiting", "running")


def performer(room: Room) -> Loop:
    """What looks for work items as long as the room is open."""
    return Loop("work items", lambda: look(room))


def look(room: Room) -> float:
    """Claim what can be claimed, and finish what was read; returns the seconds until the next look."""
    with reading(room.database) as connection:
        claimable = connection.execute(
            select(workitems.c.uid)
            .join(studies, studies.c.study_uid == workitems.c.study_uid)
            .where(workitems.c.state == step.SCHEDULED)
            .order_by(workitems.c.id)
        ).scalars().all()  # fmt: skip
        held = connection.execute(
            select(workitems.c.uid)
            .where(workitems.c.state == step.IN_PROGRESS, workitems.c.job_id.is_not(None))
            .order_by(workitems.c.id)
        ).scalars().all()  # fmt: skip
    for uid in claimable:
        _claim(room, uid)
    for uid in held:
        _finish(room, uid)
    return LOOK_SECONDS


def is_ours(content: Json, now: str, ae_title: str) -> bool:
    """Whether the room may perform an item: its input is ready, its time has come, and it names nobody else."""
    names = {name.casefold() for name in step.stations(content)}
    if items(content, step.PERFORMERS) or (names and not names & {NAME, ae_title.casefold()}):
        return False
    # Times with another offset than ours are compared to the day, which delays nothing that is due.
    start = first(content, step.START)
    same_zone = len(start) <= 14 or start.endswith("+0000")
    due = start[:14] <= now[:14] if same_zone else start[:8] <= now[:8]
    return first(content, step.READINESS) == "READY" and due


def _claim(room: Room, uid: str) -> None:
    with writing(room.database) as connection:
        row = _locked(connection, uid)
        if row is None or row.state != step.SCHEDULED:
            return
        content = content_of(row)
        if not is_ours(content, moment(room), room.settings.dicom.ae_title):
            return
        study_id = _ready(connection, row.study_uid, step.objects_of(content))
        if study_id is None:
            return
        priority = _PRIORITIES.get(first(content, step.PRIORITY), 2)
        job_id = enqueue_read(connection, room, study_id, priority=priority, reason="a work item") or (
            connection.execute(
                select(jobs.c.id).where(jobs.c.study_id == study_id, jobs.c.state.in_(_ACTIVE)).order_by(jobs.c.id)
            ).scalars().first()
        )  # fmt: skip
        move(connection, room, uid, Change(step.IN_PROGRESS, uid_source()("transaction")))
        connection.execute(update(workitems).where(workitems.c.id == row.id).values(job_id=job_id))
        detail = {"via": "DICOMweb", "workitem": uid}
        record(room, actor=NAME, action="read", study_uid=row.study_uid, detail=detail, connection=connection)


def _ready(connection: Connection, study_uid: str, wanted: frozenset[str]) -> int | None:
    """The row of the study, when all objects are here that the item names one by one.

    Then the study is complete: it is read without waiting until nothing more comes. Where an item names the study as a
    whole, the read waits for that, as every other.
    """
    study = connection.execute(
        select(studies.c.id, studies.c.instance_count).where(studies.c.study_uid == study_uid)
    ).one_or_none()
    if study is None or not wanted:
        return None if study is None else int(study.id)
    here = select(instances.c.sop_instance_uid).where(instances.c.study_id == study.id)
    if not wanted <= set(connection.execute(here).scalars()):
        return None
    expect(connection, study_uid, study.instance_count)
    return int(study.id)


def _finish(room: Room, uid: str) -> None:
    with writing(room.database) as connection:
        row = _locked(connection, uid)
        if row is None or row.state != step.IN_PROGRESS or row.job_id is None:
            return
        job = connection.execute(select(jobs).where(jobs.c.id == row.job_id)).one_or_none()
        if job is not None and job.state not in _ENDED:
            return
        if job is None or job.state != "done":
            reason = "the study is not here any more" if job is None else job.error or f"the read was {job.state}"
            cancel(connection, room, row, reason)
            return
        content = content_of(row)
        content[step.PERFORMED] = step.sequence(_performed(connection, room, row, job, content))
        save(connection, room, row, content)
        move(connection, room, uid, Change(step.COMPLETED, row.transaction_uid))


def _locked(connection: Connection, uid: str) -> Row[Any] | None:
    return connection.execute(select(workitems).where(workitems.c.uid == uid).with_for_update()).one_or_none()


def _performed(connection: Connection, room: Room, row: Row[Any], job: Row[Any], content: Json) -> Json:
    """What a completed item says of how it was done. Source: DICOM PS3.3 section C.30.3."""
    # Source of the code: DICOM PS3.16 CID 9231.
    workitem = items(content, "00404018") or [step.code("110003", "DCM", "Computer Aided Diagnosis")]
    return {
        "00404028": step.sequence(step.code(room.settings.dicom.ae_title, "99SECONDREAD", NAME)),
        "00404050": element("DT", _dicom(job.started_at or job.created_at)),
        "00404051": element("DT", _dicom(job.finished_at or room.now())),
        "00404019": step.sequence(*workitem),
        "00404033": step.sequence(*_output(connection, room, row.study_uid)),
    }  # fmt: skip


def _dicom(stored: str) -> str:
    """A moment of the database as DT.

    >>> _dicom("2026-03-04T10:22:05.000000Z")
    '20260304102205+0000'
    """
    return "".join(letter for letter in stored[:19] if letter.isdigit()) + "+0000"


def _output(connection: Connection, room: Room, study_uid: str) -> Sequence[Json]:
    """The results of the study, an item a series. Source: DICOM PS3.3 table 10-3b."""
    rows = connection.execute(
        select(series.c.series_uid, instances.c.sop_class_uid, instances.c.sop_instance_uid)
        .join(series, instances.c.series_id == series.c.id)
        .join(studies, series.c.study_id == studies.c.id)
        .where(studies.c.study_uid == study_uid, series.c.own.is_(True))
        .order_by(series.c.id, instances.c.id)
    ).all()
    by_series: dict[str, list[Json]] = {}
    for series_uid, sop_class, instance in rows:
        reference = {"00081150": element("UI", sop_class), "00081155": element("UI", instance)}
        by_series.setdefault(series_uid, []).append(reference)
    public = room.settings.server.public_url.rstrip("/")
    found: list[Json] = []
    for series_uid, references in by_series.items():
        item: Json = {
            "0040E020": element("CS", "DICOM"),
            step.STUDY: element("UI", study_uid),
            "0020000E": element("UI", series_uid),
            "00081199": step.sequence(*references),
            "0040E021": step.sequence({"00080054": element("AE", room.settings.dicom.ae_title)}),
        }
        if public:
            url = f"{public}{PREFIX}/studies/{study_uid}/series/{series_uid}"
            item["0040E025"] = step.sequence({"00081190": element("UR", url)})
        found.append(dict(sorted(item.items())))
    return found
