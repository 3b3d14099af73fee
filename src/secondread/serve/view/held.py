"""A study of the room, opened: its series under keys that change when their images do."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from starlette.exceptions import HTTPException

from secondread.core.errors import InputError
from secondread.core.study import Series
from secondread.dicom.open import open_dicom
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import instances, studies
from secondread.serve.database.tables import series as series_table
from secondread.serve.room import Room

_SERIES = (series_table.c.series_uid, series_table.c.series_number, series_table.c.series_description)


@dataclass(frozen=True, slots=True)
class Held:
    """A study that was received.

    Attributes:
        digest: Of its images: the same as long as none comes or goes.
        series: Key to series, in the order of their numbers.
        described: Series Instance UID to (number, description).
        own: Results of ours that lie in it: (modality, description).
        skipped: Why images are not shown: reason to how many.
        fault: Why nothing can be shown, or "".
    """

    digest: str
    series: Mapping[str, Series]
    described: Mapping[str, tuple[int | None, str]]
    own: tuple[tuple[str, str], ...] = ()
    skipped: Mapping[str, int] | None = None
    fault: str = ""


def study_row(room: Room, study_uid: str) -> Row[Any]:
    """The row of a study.

    Raises:
        HTTPException: 404 if the room does not hold it.
    """
    with reading(room.database) as connection:
        row = connection.execute(select(studies).where(studies.c.study_uid == study_uid)).one_or_none()
    if row is None:
        raise HTTPException(404, "This study is not here.")
    return row


def images_of(room: Room, study_id: int) -> list[Row[Any]]:
    """Path and UIDs of the images of a study that were received; results of ours are left out."""
    query = (
        select(instances.c.path, instances.c.sop_instance_uid, instances.c.sha256, *_SERIES)
        .join(series_table, instances.c.series_id == series_table.c.id)
        .where(instances.c.study_id == study_id, series_table.c.own.is_(False))
        .order_by(instances.c.sop_instance_uid)
    )
    with reading(room.database) as connection:
        return list(connection.execute(query))


def digest_of(images: list[Row[Any]]) -> str:
    """A hash of which images there are, and of their content."""
    return hashlib.sha256("".join(f"{row.sop_instance_uid} {row.sha256}\n" for row in images).encode()).hexdigest()


def hold(room: Room, study_uid: str, study_id: int, images: list[Row[Any]]) -> Held:
    """Open the headers of these images."""
    described = {row.series_uid: (row.series_number, row.series_description) for row in images}
    own = _own(room, study_id)
    if not images:
        return Held(digest_of(images), {}, described, own, {}, "No images of this study are here.")
    folder = room.folders.images
    try:
        study = open_dicom([folder / row.path for row in images], study_uid=study_uid)
    except InputError as error:
        return Held(digest_of(images), {}, described, own, {}, str(error))
    skipped: dict[str, int] = {}
    for _, reason in study.skipped:
        skipped[reason] = skipped.get(reason, 0) + 1
    hashes = {row.sop_instance_uid: row.sha256 for row in images}
    return Held(digest_of(images), {key_of(one, hashes): one for one in study.series}, described, own, skipped)


def key_of(series: Series, hashes: Mapping[str, str]) -> str:
    """The name of a series in addresses and in the cache: other images, other name."""
    lines = sorted(f"{file.sop_instance_uid} {hashes.get(file.sop_instance_uid, '')}" for file in series.files)
    return hashlib.sha256("\n".join([series.uid, series.part, *lines]).encode()).hexdigest()[:24]


def _own(room: Room, study_id: int) -> tuple[tuple[str, str], ...]:
    query = (
        select(series_table.c.modality, series_table.c.series_description)
        .where(series_table.c.study_id == study_id, series_table.c.own.is_(True))
        .order_by(series_table.c.series_number)
    )
    with reading(room.database) as connection:
        return tuple((row.modality, row.series_description) for row in connection.execute(query))
