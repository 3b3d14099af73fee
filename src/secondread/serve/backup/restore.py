"""A room from a backup: into an empty place, every file verified, nothing overwritten."""

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url

from secondread.core.errors import FormatError, OutputError, UsageError, short_path
from secondread.serve.backup import layout
from secondread.serve.backup.database_copy import check_empty, restore_database
from secondread.serve.config.room import RoomSettings
from secondread.serve.database.migrate import latest

_CHUNK = 1 << 20
_EVERY = 1000
Told = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored.

    Attributes:
        snapshot: Its name.
        created_at: When it was made: what came later is not in it.
        files: Files that were restored.
        bytes: Their size.
        damaged: Files that could not be.
        tables: Version of the tables.
        upgrade_needed: Whether ``secondread database upgrade`` comes next.
    """

    snapshot: str
    created_at: str
    files: int
    bytes: int
    damaged: int
    tables: str
    upgrade_needed: bool


def find_snapshot(source: Path, name: str = "") -> Path:
    """The snapshot of that name, or the latest.

    Raises:
        UsageError: If there is none.
    """
    found = layout.snapshots(source) if (source / layout.MARK).is_file() else []
    if not found:
        raise UsageError(f"{short_path(source)}: holds no backup. Name the folder that secondread backup wrote.")
    if name and name not in {one.name for one in found}:
        raise UsageError(f"snapshot {name!r} is not there; needed one of {', '.join(one.name for one in found)}.")
    return next(one for one in reversed(found) if name in {"", one.name})


def restore(
    source: Path, settings: RoomSettings, *, name: str = "", skip_damaged: bool = False, told: Told = lambda _: None
) -> Restored:
    """Make a room again in the folder and database that the settings name.

    Args:
        source: What ``secondread backup`` wrote.
        settings: Of the room that is made.
        name: Of a snapshot; the latest when empty.
        skip_damaged: Leave out files that are damaged in the backup instead of stopping.
        told: Hears how far it is.

    Raises:
        UsageError: If there is no such backup, or its database is of another kind than the settings name.
        OutputError: If the place is not empty or cannot be written.
        FormatError: If the backup is damaged.
    """
    snapshot = find_snapshot(source, name)
    about = layout.read_about(snapshot)
    folder = settings.storage.folder.resolve()
    url = make_url(settings.database.url or f"sqlite:///{folder / 'room.db'}")
    _check_place(about, folder, url)
    _check_snapshot(about, snapshot)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        count, size, lost = _files(source, snapshot, folder, told, skip_damaged=skip_damaged)
        for key in about.keys:
            shutil.copyfile(snapshot / key, folder / key)
            (folder / key).chmod(0o600)
        os.sync()
        restore_database(snapshot / layout.DATABASES[about.database], url)  # last: a room that is half there has none
    except OSError as error:
        raise OutputError(
            f"{short_path(folder)}: cannot be written ({error.strerror or type(error).__name__}). Empty it, make "
            "room, then run it again."
        ) from error
    return Restored(snapshot.name, about.created_at, count, size, lost, about.tables, about.tables != latest())


def _check_place(about: layout.About, folder: Path, url: URL) -> None:
    """The room's place is of the right kind, and empty."""
    if url.get_backend_name() != about.database:
        raise UsageError(
            f"the backup holds a {about.database} database, the settings name {url.get_backend_name()}. "
            "Change [database] url in the settings."
        )
    if folder.exists() and any(folder.iterdir()):
        raise OutputError(f"{short_path(folder)}: is not empty, and nothing is overwritten. Restore into a new folder.")
    check_empty(url)


def _check_snapshot(about: layout.About, snapshot: Path) -> None:
    """Its own parts are what they were; the files are compared as they are copied."""
    database = layout.DATABASES[about.database]
    parts = {database: about.database_sha256, layout.LIST: about.list_sha256, **about.keys}
    for part, needed in parts.items():
        if not (snapshot / part).is_file() or layout.sha256_of(snapshot / part) != needed:
            raise layout.damaged(snapshot / part)


def _files(source: Path, snapshot: Path, folder: Path, told: Told, *, skip_damaged: bool) -> tuple[int, int, int]:
    """(files, bytes, damaged) of what was copied."""
    count = size = lost = 0
    for entry in layout.read_list(snapshot):
        try:
            _file(layout.stored_at(source, entry.sha256), folder / entry.path, entry)
        except FormatError:
            if not skip_damaged:
                raise
            lost += 1
            continue
        count, size = count + 1, size + entry.size
        if count % _EVERY == 0:
            told({"event": "files", "done": count})
    return count, size, lost


def _file(stored: Path, target: Path, entry: layout.Entry) -> None:
    """Copy one file and compare its hash on the way."""
    if not stored.is_file():
        raise layout.damaged(stored)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    with stored.open("rb") as original, target.open("xb") as copy:
        while chunk := original.read(_CHUNK):
            digest.update(chunk)
            copy.write(chunk)
    if digest.hexdigest() != entry.sha256:
        target.unlink()
        raise layout.damaged(stored)
