"""Which objects a path of WADO-RS names, and where their files lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from starlette.exceptions import HTTPException

from secondread.serve.database.connect import reading
from secondread.serve.database.tables import instances, series, studies
from secondread.serve.room import Room
from secondread.serve.trail.erased import was_erased


@dataclass(frozen=True, slots=True)
class Held:
    """One object that the room holds.

    Attributes:
        study_uid: Of what it belongs to; likewise the next three.
        series_uid: Its series.
        instance_uid: Its SOP Instance UID.
        sop_class_uid: What it is.
        syntax: How it is stored.
        frames: How many.
        rows: Of its pixels; None when it has none.
        path: Its file.
        size: Of the file, in bytes.
    """

    study_uid: str
    series_uid: str
    instance_uid: str
    sop_class_uid: str
    syntax: str
    frames: int
    rows: int | None
    path: Path
    size: int

    def url(self, root: str) -> str:
        """Where it is retrieved."""
        return f"{root}/studies/{self.study_uid}/series/{self.series_uid}/instances/{self.instance_uid}"


def held(
    room: Room, study_uid: str, series_uid: str = "", instance_uid: str = "", *, without_own: bool = False
) -> Sequence[Held]:
    """The objects of a study, a series or one instance, in the order of their numbers.

    Args:
        room: The room.
        study_uid: The study.
        series_uid: Only this series, unless empty.
        instance_uid: Only this instance, unless empty.
        without_own: Leave out what was made here.

    Raises:
        HTTPException: 404 when there are none, 410 when the study was erased.
    """
    query = (
        select(
            studies.c.study_uid, series.c.series_uid, instances.c.sop_instance_uid, instances.c.sop_class_uid,
            instances.c.transfer_syntax_uid, instances.c.frames, instances.c.rows, instances.c.path,
            instances.c.size_bytes,
        )
        .join_from(studies, series, series.c.study_id == studies.c.id)
        .join(instances, instances.c.series_id == series.c.id)
        .where(studies.c.study_uid == study_uid)
        .order_by(series.c.series_number, series.c.id, instances.c.instance_number, instances.c.id)
    )  # fmt: skip
    if series_uid:
        query = query.where(series.c.series_uid == series_uid)
    if instance_uid:
        query = query.where(instances.c.sop_instance_uid == instance_uid)
    if without_own:
        query = query.where(series.c.own.is_(False))
    with reading(room.database) as connection:
        rows = connection.execute(query).all()
    if not rows:
        raise gone_or_unknown(room, study_uid)
    images = room.folders.images
    return [Held(*row[:7], path=images / row[7], size=row[8]) for row in rows]


def gone_or_unknown(room: Room, study_uid: str) -> HTTPException:
    """404, or 410 when the study was here and was erased."""
    if was_erased(room, study_uid):
        return HTTPException(410, "This study was erased.")
    return HTTPException(404, "Nothing of that name is here. Search first.")
