"""One job from its claim to a draft in the worklist."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, select

from secondread.core.errors import InputError, SecondreadError
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import jobs, reads
from secondread.serve.monitor.points import file_points
from secondread.serve.monitor.switches import off_readers, with_switches
from secondread.serve.reading import queue, standing
from secondread.serve.reading.completion import complete_at
from secondread.serve.reading.desk import Desk
from secondread.serve.reading.filing import SOURCE, file_objects, objects_in, take_back
from secondread.serve.reading.queue import Claim
from secondread.serve.reading.results import Task, abandoned, folder_of, make_results, summary_of
from secondread.serve.reading.routing import facts_of, route_for
from secondread.serve.reading.snapshot import images_of, input_digest, prior_of
from secondread.serve.reading.watch import StoppedError, Watch, settle_stopped
from secondread.serve.room import Room
from secondread.serve.sending import outbox
from secondread.serve.trail.record import record

_log = logging.getLogger(__name__)


def attempt(desk: Desk, held: Claim, ending: threading.Event, leave: Callable[[], None] | None = None) -> None:
    """Work on one job. However it ends, the job says so; nothing but the end of the program is raised."""
    try:
        with Watch(desk, held, ending, leave) as watch:
            _work(desk, held, watch)
    except StoppedError as stop:
        settle_stopped(desk, held, stop.args[0])
    except InputError as error:
        _unusable(desk.room, held, f"{type(error).__name__}: {error}")
    except SecondreadError as error:
        _failed(desk.room, held, f"{type(error).__name__}: {error}", error)
    except Exception as error:  # noqa: BLE001 - a fault with one study must not keep others from being read
        # Its message may hold anything, so only its kind is told.
        _failed(desk.room, held, f"the program stopped at a fault of its own ({type(error).__name__})", error)


def _work(desk: Desk, held: Claim, watch: Watch) -> None:
    room = desk.room
    task = _begin(room, held)
    if task is None:
        return
    readers = with_switches(desk.readers(task.readers), task.off)
    prior = task.prior if any(reader.compares for reader in readers) else ()
    digest = input_digest(task.images, readers, desk.networks, prior, task.off)
    if _read_before(room, task, digest):
        return
    name = folder_of(task, digest)
    _clear_abandoned(room, task, name)
    make_results(desk, task, readers, digest, watch)
    watch.clock()
    folder = room.folders.results / name
    filed = file_objects(room, held.job_id, folder)
    if not _finish(room, task, digest, name, folder):
        _left_over(room, task, filed, folder)


def _clear_abandoned(room: Room, task: Task, name: str) -> None:
    """An attempt that was cut after it filed its results, and images that came since: nobody will finish that one."""
    with reading(room.database) as connection:
        known = set(connection.execute(select(reads.c.folder).where(reads.c.study_id == task.held.study_id)).scalars())
    for folder in abandoned(room, task, {*known, name}):
        take_back(room, task.study_uid, objects_in(folder), folder)


def _begin(room: Room, held: Claim) -> Task | None:
    """Fix what is read; None when the job is not ours any more, or images are still coming."""
    with writing(room.database) as connection:
        if not queue.still_held(connection, held):
            return None
        study = standing.locked(connection, held.study_id)
        if study is None:
            return None
        complete = complete_at(room, study.last_received_at, study.instance_count, study.expected_instances)
        if complete > room.now():
            queue.defer(connection, room, held, complete, "images are still coming")
            return None
        decision = route_for(room.settings, facts_of(connection, study.id))
        images = images_of(connection, study.id)
        earlier = prior_of(connection, study) if room.settings.reading.priors else None
        standing.begun(connection, room, study, len(images))
        queue.log(connection, room, held.job_id, f"{len(images)} image{'s' * (len(images) != 1)}; {decision.why[-1]}")
        return Task(
            held,
            study.study_uid,
            study.read_version + 1,
            images,
            () if earlier is None else images_of(connection, earlier.id),
            "" if earlier is None else earlier.study_uid,
            decision.readers,
            decision.route,
            off_readers(connection),
        )


def _read_before(room: Room, task: Task, digest: str) -> bool:
    """Whether these images were read by these readers already; then that read stands, and the job is done."""
    with writing(room.database) as connection:
        earlier = connection.execute(
            select(reads.c.version, reads.c.outcome).where(
                reads.c.study_id == task.held.study_id, reads.c.input_digest == digest
            )
        ).one_or_none()
        if earlier is None:
            return False
        if queue.still_held(connection, task.held):
            standing.stands(connection, room, task.held.study_id, earlier.outcome, len(task.images))
            queue.done(connection, room, task.held, f"the same images and readers are version {earlier.version}")
        return True


def _finish(room: Room, task: Task, digest: str, name: str, folder: Path) -> bool:
    """Make the results known, in one step. False when the job is no longer ours."""
    summary = summary_of(folder)
    report = (folder / "report.json").read_text(encoding="utf-8")
    with writing(room.database) as connection:
        if not queue.still_held(connection, task.held):
            return False
        study = standing.locked(connection, task.held.study_id)
        if study is None:
            return False
        shown = {key: summary[key] for key in ("outcome", "priority")}
        now = room.now()
        made = connection.execute(
            reads.insert().values(
                **shown,
                study_id=study.id,
                version=task.version,
                input_digest=digest,
                job_id=task.held.job_id,
                folder=name,
                instance_count=len(task.images),
                report=report,
                created_at=now,
                seconds=_seconds(task.held.started_at, now),
            )
        ).inserted_primary_key
        assert made is not None
        read = {"study_id": study.id, "read_id": int(made[0]), "waited": _seconds(study.last_received_at, now)}
        file_points(connection, room, read, report, summary.get("tags", {}))
        standing.drafted(
            connection, room, study, len(task.images), **shown,
            version=task.version, said=summary["said"], said_key=summary["said_key"],
            said_also=summary.get("said_also", ""),
        )  # fmt: skip
        sent = outbox.enqueue(
            connection, room, study_id=study.id, folder=name, when="draft", read_id=int(made[0])
        )  # fmt: skip
        _record(connection, room, task, summary["outcome"])
        queue.done(
            connection, room, task.held, f"version {task.version}: {summary['outcome']}; {sent} deliveries queued"
        )
        return True


def _record(connection: Connection, room: Room, task: Task, outcome: str) -> None:
    record(
        room,
        actor=SOURCE,
        action="read",
        study_uid=task.study_uid,
        outcome="failure" if outcome == "failed" else "success",
        detail={"version": task.version, "outcome": outcome},
        connection=connection,
    )


def _left_over(room: Room, task: Task, filed: list[str], folder: Path) -> None:
    """The job went away while results were filed: they stay only where somebody will finish it."""
    with reading(room.database) as connection:
        state = connection.execute(select(jobs.c.state).where(jobs.c.id == task.held.job_id)).scalar_one_or_none()
    if state not in {"waiting", "running", "done"}:
        take_back(room, task.study_uid, filed, folder)


def _unusable(room: Room, held: Claim, error: str) -> None:
    """The images are no study that could be read: trying again would change nothing."""
    with writing(room.database) as connection:
        if queue.still_held(connection, held):
            queue.done(connection, room, held, f"not read: {error}", error=error)
            standing.ended(connection, room, held.study_id, "refused", standing.UNUSABLE)


def _failed(room: Room, held: Claim, told: str, error: Exception) -> None:
    _log.error("read failed: job=%s attempt=%s error=%s", held.job_id, held.attempt, type(error).__name__)
    _log.debug("where it failed; may name the patient", exc_info=error)
    queue.fail(room, held, told)


def _seconds(began: str, now: str) -> float:
    from secondread.serve.moments import moment

    return (moment(now) - moment(began)).total_seconds()
