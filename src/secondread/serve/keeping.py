"""Keeping house: what crashes left is removed, the cache makes way for images, and what lies where is told."""

import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from secondread.serve.database.connect import reading
from secondread.serve.database.tables import instances
from secondread.serve.room import Room
from secondread.serve.service import Loop

# Nothing is written for so long without a pause; what lies there longer was left by a program that ended.
LEFT_SECONDS = 3600.0
LEAST_FREE = 0.1  # of the disk: below it, what can be made again is removed, the longest unused first
_EVERY_SECONDS = 600.0
_HALF_WRITTEN = ".secondread-*"  # as :func:`secondread.report.write.write_outputs` names it
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Figures:
    """Bytes, but for ``objects``.

    Attributes:
        objects: Received objects and results that were filed as such.
        images: Their files.
        results: Folders of reads and signatures.
        cache: What can be made again.
        incoming: What is being received.
        free: Left on the disk.
        disk: Its size.
    """

    objects: int
    images: int
    results: int
    cache: int
    incoming: int
    free: int
    disk: int


def storage_figures(room: Room) -> Figures:
    """How much lies where. Images are counted by the index, the rest on the disk."""
    with reading(room.database) as connection:
        count, size = connection.execute(select(func.count(), func.sum(instances.c.size_bytes))).one()
    disk = shutil.disk_usage(room.folders.images)
    folders = (room.folders.results, room.folders.cache, room.folders.incoming)
    results, cache, incoming = (sum(size for _, size, _ in _files(folder)) for folder in folders)
    return Figures(count, int(size or 0), results, cache, incoming, disk.free, disk.total)


def keeper(room: Room) -> Loop:
    """The service that keeps house."""
    return Loop("keeping house", lambda: keep_house(room))


def keep_house(room: Room) -> float:
    """Do what is to be done; returns the seconds until it is to be done again."""
    removed = remove_left(room)
    given_up = make_way(room)
    if removed or given_up:
        _log.info("house was kept: left=%d cache_bytes=%d", removed, given_up)
    return _EVERY_SECONDS


def remove_left(room: Room) -> int:
    """Remove what was half received or half written an hour ago and longer; how much there was.

    None of it was acknowledged or stands in the database, and whoever sent it has it still.
    """
    before = room.clock().timestamp() - LEFT_SECONDS
    left = [path for path in room.folders.incoming.iterdir() if _newest(path) < before]
    left += [path for path in room.folders.results.rglob(_HALF_WRITTEN) if path.is_dir() and _newest(path) < before]
    for path in left:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(left)


def make_way(room: Room, least_free: float = LEAST_FREE) -> int:
    """Remove the longest unused of the cache while the disk is nearly full; the bytes that were removed."""
    disk = shutil.disk_usage(room.folders.cache)
    needed = int(disk.total * least_free) - disk.free
    removed = 0
    for _, size, path in sorted(_units(room.folders.cache)) if needed > 0 else ():
        if removed >= needed:
            break
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        removed += size
    return removed


def _units(cache: Path) -> list[tuple[float, int, Path]]:
    """(last use, bytes, path) of what goes as a whole: the files of one folder belong together."""
    units: dict[Path, tuple[float, int]] = {}
    for file, size, used in _files(cache):
        unit = file if file.parent == cache else file.parent
        latest, bytes_ = units.get(unit, (0.0, 0))
        units[unit] = max(latest, used), bytes_ + size
    return [(used, size, path) for path, (used, size) in units.items()]


def _files(folder: Path) -> Iterator[tuple[Path, int, float]]:
    """(file, bytes, moment of its last use) below a folder; what is taken away meanwhile is left out."""
    for path in folder.rglob("*"):
        try:
            state = path.lstat()
        except OSError:
            continue
        if path.is_file():
            yield path, state.st_size, max(state.st_atime, state.st_mtime)


def _newest(path: Path) -> float:
    """When a file, or anything in a folder, was written last; a name that is gone is new."""
    moments: list[float] = []
    for one in (path, *(path.rglob("*") if path.is_dir() else ())):
        try:
            moments.append(one.lstat().st_mtime)
        except OSError:
            return float("inf")
    return max(moments)
