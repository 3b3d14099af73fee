"""One read from its images to a folder of results, which appears whole or not at all."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from secondread import pipeline
from secondread.core.errors import InputError
from secondread.core.reader import Reader
from secondread.core.report import Priority, Report
from secondread.dicom.uids import uid_source
from secondread.report.kept import keep
from secondread.report.write import write_outputs
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import jobs
from secondread.serve.moments import moment
from secondread.serve.monitor.points import tags_of
from secondread.serve.reading import queue
from secondread.serve.reading.desk import Desk
from secondread.serve.reading.filing import FILING
from secondread.serve.reading.queue import Claim
from secondread.serve.reading.said import outcome_of, said, said_also
from secondread.serve.reading.snapshot import MissingImageError, StoredImage, lay_out
from secondread.serve.reading.watch import Watch
from secondread.serve.room import Room
from secondread.serve.storage.place import folder_name, sync

FORMATS = ("json", "html", "pdf", "fhir", "hl7", "dicom", "gsps", "ko", "dicom-pdf")
AT_WORK = ".reading"  # below the folder of results, so that a rename brings what is finished to its place in one step
SUMMARY = "read.json"


@dataclass(frozen=True, slots=True)
class Task:
    """What a job reads, fixed when it began.

    Attributes:
        held: The job.
        study_uid: The study.
        version: The number that its read will have, from 1.
        images: Its images.
        prior: Those of the earlier study to compare with, or none.
        prior_uid: That study's UID, or empty.
        readers: Names of readers, or none for all.
        route: Name of the route that chose them, or empty.
        off: Readers that are switched off, to the day since when.
    """

    held: Claim
    study_uid: str
    version: int
    images: tuple[StoredImage, ...]
    prior: tuple[StoredImage, ...] = ()
    prior_uid: str = ""
    readers: tuple[str, ...] = ()
    route: str = ""
    off: Mapping[str, str] = field(default_factory=dict)


def make_results(desk: Desk, task: Task, readers: Sequence[Reader], digest: str, watch: Watch) -> None:
    """Read, and write every result into its folder.

    What an earlier attempt finished is taken as it is: the same images are read once, and its objects stay the same
    byte for byte.

    Raises:
        SecondreadError: As :func:`secondread.pipeline.read` and :func:`secondread.report.write.write_outputs`.
        StoppedError: If the watch says so.
        OSError: If the folder cannot be written.
    """
    room = desk.room
    work = room.folders.results / AT_WORK / f"{task.held.job_id}-{task.held.attempt}"
    for old in work.parent.glob(f"{task.held.job_id}-*"):
        shutil.rmtree(old, ignore_errors=True)
    final = room.folders.results / folder_of(task, digest)
    if final.exists():
        queue.note(room, task.held, "an earlier attempt had finished the results: they are taken")
        return
    try:
        report = _read(desk, task, readers, work, watch)
        watch.clock()  # the last place to stop
        _write(desk, task, readers, digest, report, work / "new")
        final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            (work / "new").rename(final)
        except OSError:
            if not final.exists():  # else a worker whose lease had ended was faster: its results are as good
                raise
        if room.settings.storage.durable:
            sync(final.parent)
            sync(final.parent.parent)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def folder_of(task: Task, digest: str) -> str:
    """Where the results of a read lie, below the room's folder of results.

    The same study, version and input have the same folder.
    """
    return f"{folder_name(task.study_uid)}/{task.version}-{digest[:16]}"


def abandoned(room: Room, task: Task, known: set[str]) -> list[Path]:
    """Folders of results for the version that this task makes which are not among those that are known."""
    version = room.folders.results / folder_of(task, "*")
    here = version.parent.glob(version.name)
    return [folder for folder in here if folder.relative_to(room.folders.results).as_posix() not in known]


def summary_of(folder: Path) -> dict[str, Any]:
    """What :func:`make_results` noted beside the results: ``outcome``, ``priority``, ``said`` and more."""
    summary: dict[str, Any] = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    return summary


def sweep(room: Room) -> None:
    """Remove what jobs left behind that are not running."""
    # First: what is made from now on is of a running job.
    left = list((room.folders.results / AT_WORK).glob("*-*"))
    parts = list(room.folders.incoming.glob(f"{FILING}*-*"))
    with reading(room.database) as connection:
        running = {str(job) for job in connection.execute(select(jobs.c.id).where(jobs.c.state == "running")).scalars()}
    for folder in left:
        if folder.name.partition("-")[0] not in running:
            shutil.rmtree(folder, ignore_errors=True)
    for part in parts:
        if part.name.removeprefix(FILING).partition("-")[0] not in running:
            part.unlink(missing_ok=True)


def _read(desk: Desk, task: Task, readers: Sequence[Reader], work: Path, watch: Watch) -> Report:
    settings = desk.room.settings.reading
    images = lay_out(desk.room, task.images, work / "images")
    earlier = work / "prior" if task.prior else None

    def read(prior: Path | None) -> Report:
        if prior is not None:
            lay_out(desk.room, task.prior, prior)
        return pipeline.read(
            images,
            readers,
            desk.networks,
            created_at=_local(task).isoformat(timespec="seconds"),
            prior=prior,
            clock=watch.clock,
            pseudonym_key=desk.room.secret,
            outside=settings.outside,
            maps=settings.maps,
        )

    try:
        report = read(earlier)
    except (InputError, MissingImageError):
        if earlier is None:
            raise
        report = read(None)  # the study itself may be at fault: then this says so
        queue.note(desk.room, task.held, "the earlier study cannot be used: read without it")
    told = {"engine": settings.engine, "threads": str(settings.threads)}
    told |= {"outside": settings.outside, "maps": settings.maps}
    return replace(report, provenance={**report.provenance, **told})


def _write(desk: Desk, task: Task, readers: Sequence[Reader], digest: str, report: Report, out: Path) -> None:
    write_outputs(
        report,
        desk.cards(readers),
        out,
        formats=FORMATS,
        uid=uid_source(f"{task.study_uid} {task.version} {digest}"),
        now=_local(task),
        language=desk.room.settings.reading.language,
    )
    keep(report, out / "kept")
    words = said(report, readers)
    summary = {
        "outcome": outcome_of(report),
        "priority": list(Priority).index(report.priority),
        "said": words.text,
        "said_key": words.key,
        "said_also": said_also(report),
        "input_digest": digest,
        "sop_instance_uids": [image.sop_instance_uid for image in task.images],
        "prior_study_uid": task.prior_uid,
        "readers": [reader.name for reader in readers],
        "route": task.route,
        "tags": tags_of(report),
    }
    (out / SUMMARY).write_text(json.dumps(summary, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    if desk.room.settings.storage.durable:
        for file in out.rglob("*"):
            sync(file)
        sync(out)


def _local(task: Task) -> Any:
    """The time of the results, with the zone of this machine."""
    return moment(task.held.started_at).astimezone().replace(microsecond=0)
