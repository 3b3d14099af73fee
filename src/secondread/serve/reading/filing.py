"""The DICOM objects of a read into the room, where every client finds them beside the images."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import delete, select

from secondread.dicom.index_entry import read_entry
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import instances, series, studies
from secondread.serve.room import Room
from secondread.serve.storage.arrive import arrival_of, incoming_file
from secondread.serve.storage.take_in import take_in

SOURCE = "secondread"
FILING = "filing-"  # and the job: how files begin that are on their way into the room


def file_objects(room: Room, job_id: int, folder: Path) -> list[str]:
    """Take in every DICOM object of a folder; one that is here already stays. Returns their UIDs.

    Raises:
        ConflictError: If another object has the UID of one of them.
        OSError: If there is no room on the disk.
    """
    filed = []
    for file in sorted(folder.glob("*.dcm")):
        part = room.folders.incoming / f"{FILING}{job_id}-{incoming_file(room).name}"
        filed.append(file_object(room, file, part))
    return filed


def file_object(room: Room, file: Path, part: Path) -> str:
    """Take in one object of ours by way of ``part``, a name in the folder of incoming files. Returns its UID.

    Raises:
        ConflictError: If another object has its UID.
        OSError: If there is no room on the disk.
    """
    try:
        shutil.copyfile(file, part)
        arrival = arrival_of(part, SOURCE, own=True)
        take_in(room, arrival)
    finally:
        part.unlink(missing_ok=True)
    return arrival.entry.sop_instance_uid


def objects_in(folder: Path) -> list[str]:
    """UIDs of the DICOM objects of a folder."""
    return [read_entry(file).sop_instance_uid for file in sorted(folder.glob("*.dcm"))]


def take_back(room: Room, study_uid: str, filed: Sequence[str], folder: Path) -> None:
    """Undo the filing for a job that was called off, or whose study was erased, while its objects were filed."""
    with writing(room.database) as connection:
        study_id = connection.execute(select(studies.c.id).where(studies.c.study_uid == study_uid)).scalar_one_or_none()
        if study_id is not None:
            mine = (instances.c.study_id == study_id, instances.c.sop_instance_uid.in_(filed))
            paths = list(connection.execute(select(instances.c.path).where(*mine)).scalars())
            connection.execute(delete(instances).where(*mine))
            left = select(instances.c.series_id)
            connection.execute(delete(series).where(series.c.study_id == study_id, series.c.id.not_in(left)))
            connection.execute(
                delete(studies).where(studies.c.id == study_id, studies.c.id.not_in(select(series.c.study_id)))
            )
            for path in paths:
                (room.folders.images / path).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
