"""The queue of reads: durable, most urgent first, at least once, with a lease for whoever works on a job.

A worker that is killed says nothing more; when its lease ends, the job is taken up again. What was taken up twice is
written once, because whoever finishes must still hold the job. Rows are locked in one order: job, then study.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select, update

from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import jobs
from secondread.serve.database.upsert import insert_new
from secondread.serve.moments import after
from secondread.serve.reading import standing
from secondread.serve.room import Room

KIND = "read"
LOG_LENGTH = 20_000  # characters of a job's log that are kept, the latest
STOPPED = "the worker stopped while it read"


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in the hands of one worker.

    Attributes:
        job_id: Its row.
        study_id: The study to read.
        worker: Who holds it.
        attempt: The how-manieth attempt this is, from 1.
        started_at: When its first attempt began: the time of its results, whichever attempt makes them.
    """

    job_id: int
    study_id: int
    worker: str
    attempt: int
    started_at: str


def enqueue_read(
    connection: Connection, room: Room, study_id: int, *, priority: int = 2, reason: str = ""
) -> int | None:
    """Have a study read. What is read is what is there when the read begins.

    Args:
        connection: A transaction that writes.
        room: The room.
        study_id: Row of the study.
        priority: 0 critical, 1 urgent, 2 routine: its place in the queue.
        reason: For the job's log, without patient data.

    Returns:
        The job, or None where one for this study is waiting or running already.
    """
    now = room.now()
    job_id = insert_new(
        connection,
        jobs,
        "key",
        kind=KIND,
        study_id=study_id,
        key=_active_key(study_id),
        priority=priority,
        max_attempts=room.settings.reading.max_attempts,
        not_before=now,
        created_at=now,
        log=f"{now} queued{f': {reason}' if reason else ''}\n",
    )
    if job_id is not None:
        standing.queued(connection, room, study_id)
    return job_id


def claim(room: Room, worker: str) -> Claim | None:
    """The next job for ``worker``: most urgent first, of these the oldest; one whose lease ended is taken up again."""
    with reading(room.database) as connection:  # a look that locks nothing, for the usual case of nothing to do
        if connection.execute(select(jobs.c.id).where(_open(room.now())).limit(1)).first() is None:
            return None
    while True:
        with writing(room.database) as connection:
            row = connection.execute(
                select(jobs)
                .where(_open(room.now()))
                .order_by(jobs.c.priority, jobs.c.created_at, jobs.c.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).one_or_none()
            if row is None:
                return None
            if row.state == "running" and row.attempts >= row.max_attempts:
                _give_up(connection, room, row, STOPPED)
                continue
            return _take(connection, room, row, worker)


def alive(room: Room, held: Claim) -> bool:
    """Lengthen the lease. False when the job is no longer this worker's: cancelled, taken by another, or gone."""
    lease = after(room.now(), room.settings.reading.lease_seconds)
    with writing(room.database) as connection:
        found = connection.execute(update(jobs).where(_mine(held)).values(lease_until=lease))
        return found.rowcount == 1


def still_held(connection: Connection, held: Claim) -> bool:
    """Whether the job is this worker's, and stays so until the transaction ends."""
    return connection.execute(select(jobs.c.id).where(_mine(held)).with_for_update()).first() is not None


def note(room: Room, held: Claim, event: str) -> None:
    """Add a line to the job's log, without patient data."""
    with writing(room.database) as connection:
        log(connection, room, held.job_id, event)


def log(connection: Connection, room: Room, job_id: int, event: str) -> None:
    """As :func:`note`, in a transaction of the caller's."""
    text: str | None = connection.execute(
        select(jobs.c.log).where(jobs.c.id == job_id).with_for_update()
    ).scalar_one_or_none()
    if text is not None:
        lines = f"{text}{room.now()} {' '.join(event.split())}\n"
        connection.execute(update(jobs).where(jobs.c.id == job_id).values(log=lines[-LOG_LENGTH:]))


def done(connection: Connection, room: Room, held: Claim, event: str, *, error: str = "") -> None:
    """The job's work is done; ``error`` where that work ended in a sentence instead of a read."""
    log(connection, room, held.job_id, event)
    _end(connection, room, held.job_id, held.study_id, "done", error)


def fail(room: Room, held: Claim, error: str) -> str:
    """This attempt came to nothing: tried again later, each time after twice the wait, or given up.

    Returns:
        ``waiting``, ``failed``, or ``""`` when the job is no longer this worker's.
    """
    with writing(room.database) as connection:
        row = connection.execute(select(jobs).where(_mine(held)).with_for_update()).one_or_none()
        if row is None:
            return ""
        if row.attempts >= row.max_attempts:
            _give_up(connection, room, row, error)
            return "failed"
        wait = room.settings.reading.retry_seconds * 2 ** (row.attempts - 1)
        log(connection, room, row.id, f"attempt {row.attempts} of {row.max_attempts} failed: {error}")
        log(connection, room, row.id, f"next attempt in {wait:g} s")
        _put_back(connection, row.id, not_before=after(room.now(), wait), error=error)
        return "waiting"


def defer(connection: Connection, room: Room, held: Claim, until: str, why: str) -> None:
    """Nothing was tried yet; look again at a later time."""
    log(connection, room, held.job_id, f"not yet: {why}")
    _put_back(connection, held.job_id, not_before=until, attempts=held.attempt - 1)


def release(room: Room, held: Claim, why: str) -> bool:
    """Give a job back that was not finished through no fault of its own, as when the program is told to end."""
    with writing(room.database) as connection:
        if not still_held(connection, held):
            return False
        log(connection, room, held.job_id, f"given back: {why}")
        _put_back(connection, held.job_id, not_before=room.now(), attempts=held.attempt - 1)
        return True


def expire(room: Room, worker: str) -> int:
    """End the leases of a worker that is known to be gone, so that nobody waits for them; returns how many."""
    with writing(room.database) as connection:
        held = and_(jobs.c.worker == worker, jobs.c.state == "running")
        return connection.execute(update(jobs).where(held).values(lease_until=after(room.now(), -1))).rowcount


def cancel(room: Room, job_id: int) -> bool:
    """Take a job back, waiting or running: its worker notices within a third of its lease and stops.

    Returns:
        Whether it was waiting or running.
    """
    with writing(room.database) as connection:
        row = _locked(connection, job_id)
        if row is None or row.state not in {"waiting", "running"}:
            return False
        log(connection, room, job_id, "cancelled")
        _end(connection, room, job_id, row.study_id, "cancelled", "")
        standing.cancelled(connection, room, row.study_id)
        return True


def retry(room: Room, job_id: int) -> bool:
    """Try a job that failed or was cancelled again, from its first attempt.

    Returns:
        Whether it had ended so, and no other job for its study is waiting or running.
    """
    with writing(room.database) as connection:
        row = _locked(connection, job_id)
        if row is None or row.state not in {"failed", "cancelled"}:
            return False
        log(connection, room, job_id, "tried again")
        return enqueue_read(
            connection, room, row.study_id, priority=row.priority, reason=f"again, after job {job_id}"
        ) is not None  # fmt: skip


def _open(now: str) -> ColumnElement[bool]:
    """Jobs that may be taken now."""
    waiting = and_(jobs.c.state == "waiting", jobs.c.not_before <= now)
    return and_(jobs.c.kind == KIND, or_(waiting, and_(jobs.c.state == "running", jobs.c.lease_until < now)))


def _mine(held: Claim) -> ColumnElement[bool]:
    return and_(
        jobs.c.id == held.job_id,
        jobs.c.worker == held.worker,
        jobs.c.attempts == held.attempt,
        jobs.c.state == "running",
    )


def _take(connection: Connection, room: Room, row: Row[Any], worker: str) -> Claim:
    now, attempt = room.now(), row.attempts + 1
    started_at = row.started_at or now
    connection.execute(
        update(jobs)
        .where(jobs.c.id == row.id)
        .values(
            state="running",
            worker=worker[:128],
            attempts=attempt,
            lease_until=after(now, room.settings.reading.lease_seconds),
            started_at=started_at,
        )
    )
    taken_up = f" again: {STOPPED}" if row.state == "running" else ""
    log(connection, room, row.id, f"attempt {attempt} of {row.max_attempts} begins{taken_up}")
    return Claim(row.id, row.study_id, worker[:128], attempt, started_at)


def _locked(connection: Connection, job_id: int) -> Row[Any] | None:
    return connection.execute(select(jobs).where(jobs.c.id == job_id).with_for_update()).one_or_none()


def _put_back(connection: Connection, job_id: int, **values: object) -> None:
    connection.execute(
        update(jobs).where(jobs.c.id == job_id).values(state="waiting", worker="", lease_until=None, **values)
    )


def _give_up(connection: Connection, room: Room, row: Row[Any], error: str) -> None:
    log(connection, room, row.id, f"given up after {row.attempts} attempts: {error}")
    _end(connection, room, row.id, row.study_id, "failed", error)
    standing.failed(connection, room, row.study_id)


def _end(connection: Connection, room: Room, job_id: int, study_id: int, state: str, error: str) -> None:
    """An ended job leaves its key to the next one for its study."""
    connection.execute(
        update(jobs)
        .where(jobs.c.id == job_id)
        .values(
            state=state,
            key=f"{_active_key(study_id)}-{job_id}",
            error=error,
            finished_at=room.now(),
            lease_until=None,
        )
    )


def _active_key(study_id: int) -> str:
    return f"read-{study_id}"
