"""The second half of erasing: the files. It is taken up again after a crash, until nothing is left."""

import logging
import shutil
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import Connection, delete, select, update

from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import erasure_files, erasures, instances, reads, studies
from secondread.serve.room import Room
from secondread.serve.service import Loop
from secondread.serve.storage.place import folder_name, sync
from secondread.serve.trail.record import record

EVERY_SECONDS = 60.0
_AT_ONCE = 50
_log = logging.getLogger(__name__)


def eraser(room: Room) -> Loop:
    """The service that ends what was begun, at the start of the program and every minute."""

    def work() -> float:
        finish_all(room)
        sweep_cache(room)
        return EVERY_SECONDS

    return Loop("erasing", work)


def finish_all(room: Room) -> int:
    """Finish every erasure that broke off; how many there were."""
    with reading(room.database) as connection:
        query = select(erasures.c.id).where(erasures.c.finished_at.is_(None)).order_by(erasures.c.id)
        unfinished = connection.execute(query).scalars().all()
    return sum(finish(room, erasure) for erasure in unfinished)


def finish(room: Room, erasure: int) -> bool:
    """Remove the files of one erasure; False when some could not be removed, which is tried again later."""
    while True:
        with writing(room.database) as connection:
            rows = connection.execute(
                select(erasure_files)
                .where(erasure_files.c.erasure_id == erasure)
                .order_by(erasure_files.c.id)
                .limit(_AT_ONCE)
            ).all()
            done = {row.id: row.path for row in rows if _removed(connection, room, row.path)}
            _tidy(room, list(done.values()))
            connection.execute(delete(erasure_files).where(erasure_files.c.id.in_(list(done))))
            if not rows:
                return _end(connection, room, erasure)
        if not done:
            _log.error("erasure %d: files cannot be removed; it is tried again in a minute", erasure)
            return False


def sweep_cache(room: Room) -> int:
    """Remove pictures of studies that are gone: one that was being made while its study was erased."""
    here = [path for path in room.folders.cache.glob("*/??/*") if path.is_dir()]
    if not here:
        return 0
    with reading(room.database) as connection:
        known = {folder_name(uid) for uid in connection.execute(select(studies.c.study_uid)).scalars()}
    left = [path for path in here if f"{path.parent.name}/{path.name}" not in known]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(left)


def _removed(connection: Connection, room: Room, place: str) -> bool:
    """Remove one file or folder, unless the same study came again meanwhile and it is of that one."""
    path, folders = room.folders.top / place, room.folders
    if path.is_relative_to(folders.images):
        name = path.relative_to(folders.images).as_posix()
        if connection.execute(select(instances.c.id).where(instances.c.path == name).limit(1)).first():
            return True
    if path.is_relative_to(folders.results):
        name = path.relative_to(folders.results).as_posix()
        if connection.execute(select(reads.c.id).where(reads.c.folder == name).limit(1)).first():
            return True
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        _log.error("erasure: %s", error.strerror)
        return False
    return True


def _tidy(room: Room, places: Sequence[str]) -> None:
    """Remove the study's own folders when they are empty; what was removed stays so after a power cut."""
    for folder in {(room.folders.top / place).parent for place in places}:
        with suppress(OSError):  # something is in it still, or it is gone
            folder.rmdir()
        if room.settings.storage.durable:
            sync(folder if folder.is_dir() else folder.parent)


def _end(connection: Connection, room: Room, erasure: int) -> bool:
    ended = connection.execute(
        update(erasures)
        .where(erasures.c.id == erasure, erasures.c.finished_at.is_(None))
        .values(finished_at=room.now())
    )
    if ended.rowcount:
        record(room, actor="secondread", action="erasure-finished", detail={"erasure": erasure}, connection=connection)
    return True
