"""A backup of a room that goes on working: the database first, then the files it names."""

import fcntl
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from secondread.core.errors import FormatError, OutputError, UsageError, short_path
from secondread.core.version import __version__
from secondread.serve.backup import layout
from secondread.serve.backup.database_copy import copied
from secondread.serve.backup.index import Named, named_files
from secondread.serve.backup.keep_file import keep_file
from secondread.serve.database import migrate
from secondread.serve.room import Room
from secondread.serve.storage.place import sync

ROUNDS = 3
_EVERY = 1000
Told = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup did.

    Attributes:
        snapshot: Its name.
        files: Files in it.
        bytes: Their size.
        copied: Of them, copied now; the others were there.
        missing: Files that the database names and that are missing or damaged in the room and in the backup.
        removed: Files of earlier snapshots that no snapshot needs any more.
    """

    snapshot: str
    files: int
    bytes: int
    copied: int
    missing: int
    removed: int


def back_up(
    room: Room,
    target: Path,
    *,
    settings_file: Path | None = None,
    keep: int = 1,
    verify: bool = False,
    told: Told = lambda _: None,
) -> BackedUp:
    """Copy a room. Snapshots beyond the last ``keep`` are removed, so that what was erased leaves the backup too.

    Args:
        room: It may go on receiving.
        target: A new folder, or an earlier backup of the same room, to which only what is new is copied.
        settings_file: Goes along.
        keep: How many snapshots stay.
        verify: Read all that the backup holds first; what is damaged there is copied anew.
        told: Hears how far it is.

    Raises:
        UsageError: If the target lies in the room, or pg_dump is needed and not installed.
        OutputError: If the target holds something else, another backup is under way, or it cannot be written.
    """
    try:
        with _prepared(room, target):
            if verify:
                for file in (target / layout.FILES).glob("*/*"):
                    if layout.sha256_of(file) != file.name:
                        file.unlink()
            return _back_up(room, target, settings_file, keep, told)
    except OSError as error:
        raise OutputError(
            f"{short_path(target)}: cannot be written ({error.strerror or type(error).__name__}). The earlier "
            "snapshots are as they were; make room, then run it again."
        ) from error


def _back_up(room: Room, target: Path, settings_file: Path | None, keep: int, told: Told) -> BackedUp:
    created = room.now()
    name = created.replace(":", "-").replace(".", "-")
    part = target / layout.SNAPSHOTS / f"{name}{layout.PART}"
    earlier = _earlier(target)
    for _ in range(ROUNDS):  # a file that was erased in the meantime is not named by the next copy of the database
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        database = part / layout.DATABASES[room.database.dialect.name]
        with copied(room.database, database) as connection:
            told({"event": "database", "bytes": database.stat().st_size})
            wanted = _listed(connection, room, part)
        kept = _Kept()
        layout.write_list(part, kept.all(room, target, part / wanted, earlier, told))
        (part / wanted).unlink()
        if not kept.missing:
            break
    keys = {file.name: _key(file, part) for file in room.folders.top.glob(layout.KEYS)}
    if settings_file is not None:
        shutil.copyfile(settings_file, part / layout.SETTINGS)
    about = layout.About(
        layout.FORMAT, __version__, created, room.database.dialect.name, migrate.version(room.database) or "",
        layout.sha256_of(database), layout.sha256_of(part / layout.LIST), keys, kept.files, kept.bytes, kept.missing,
    )  # fmt: skip
    layout.write_about(part, about)
    for file in part.iterdir():
        sync(file)
    sync(part)
    part.rename(part.with_suffix(""))
    sync(part.parent)
    removed = _prune(target, keep) if not kept.missing else 0
    return BackedUp(name, kept.files, kept.bytes, kept.copied, kept.missing, removed)


def _key(file: Path, part: Path) -> str:
    shutil.copyfile(file, part / file.name)
    (part / file.name).chmod(0o600)
    return layout.sha256_of(part / file.name)


class _Kept:
    """Counts of what was kept."""

    def __init__(self) -> None:
        self.files = self.bytes = self.copied = self.missing = 0

    def all(
        self, room: Room, target: Path, wanted: Path, earlier: dict[str, layout.Entry], told: Told
    ) -> Iterator[layout.Entry]:
        """Keep every file that is wanted."""
        with wanted.open(encoding="utf-8") as lines:
            for line in lines:
                entry, copied_now = keep_file(Named(*json.loads(line)), room.folders.top, target, earlier)
                if entry is None:
                    self.missing += 1
                    continue
                self.files, self.bytes = self.files + 1, self.bytes + entry.size
                self.copied += copied_now
                if self.files % _EVERY == 0:
                    told({"event": "files", "done": self.files, "copied": self.copied})
                yield entry


def _listed(connection: Connection, room: Room, part: Path) -> str:
    """The files that the copied database names, in a file: there may be millions, and the view must end soon."""
    with (part / "wanted.jsonl").open("w", encoding="utf-8") as stream:
        for named in named_files(connection, room.folders.top):
            stream.write(json.dumps([named.path, named.data_sha256]) + "\n")
    return "wanted.jsonl"


def _earlier(target: Path) -> dict[str, layout.Entry]:
    found = layout.snapshots(target)
    try:
        return {entry.path: entry for entry in layout.read_list(found[-1])} if found else {}
    except FormatError:  # then everything is read again
        return {}


@contextmanager
def _prepared(room: Room, target: Path) -> Iterator[None]:
    """The target is there, is this room's, and nobody else writes to it."""
    top = room.folders.top.resolve()
    if target.resolve() == top or top in target.resolve().parents:
        raise UsageError("the backup would lie in the room itself. Choose a folder elsewhere, best on another disk.")
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    mark = target / layout.MARK
    own = {"format": layout.FORMAT, "room": hashlib.sha256(b"backup of " + room.secret).hexdigest()[:32]}
    if not mark.exists():
        if any(target.iterdir()):
            raise OutputError(f"{short_path(target)}: holds something that is no backup. Choose an empty folder.")
        layout.write_json(mark, own)
    if json.loads(mark.read_text(encoding="utf-8")) != own:
        raise OutputError(f"{short_path(target)}: holds the backup of another room. Choose another folder.")
    for name in (layout.SNAPSHOTS, layout.FILES):
        (target / name).mkdir(exist_ok=True, mode=0o700)
    with mark.open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputError(f"{short_path(target)}: another backup is under way. Wait until it is done.") from error
        yield


def _prune(target: Path, keep: int) -> int:
    """Remove old snapshots, then the files that none of the others names, and what crashes left."""
    for old in layout.snapshots(target)[:-keep]:
        shutil.rmtree(old)
    for left in (target / layout.SNAPSHOTS).glob(f"*{layout.PART}"):
        shutil.rmtree(left)
    try:
        needed = {entry.sha256 for one in layout.snapshots(target) for entry in layout.read_list(one)}
    except FormatError:  # an older snapshot is damaged: what it needs is not known
        return 0
    removed = 0
    for file in (target / layout.FILES).glob("*/*"):
        if file.name not in needed:
            file.unlink()
            removed += 1
    for left in (target / layout.FILES).glob(f"*{layout.PART}"):
        left.unlink()
    return removed
