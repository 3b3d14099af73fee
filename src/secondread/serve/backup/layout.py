"""How a backup lies on disk.

``files/`` holds every file once, named by its SHA-256; each folder of ``snapshots/`` is one backup: the database, the
list of files with their hashes, the room's key and its settings. A snapshot appears whole or not at all.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from secondread.core.errors import FormatError, short_path

FORMAT = 1
MARK, SNAPSHOTS, FILES = "secondread-backup.json", "snapshots", "files"
ABOUT, LIST, SETTINGS = "backup.json", "files.jsonl", "settings.toml"
KEYS = "*.key"  # of pseudonyms, and of checkpoints of the audit trail
DATABASES = {"sqlite": "room.db", "postgresql": "room.dump"}
PART = ".part"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the room.

    Attributes:
        path: Below the room's folder.
        size: In bytes.
        sha256: Of the whole file.
        changed_ns: When it was changed: the same file is not read again by the next backup.
    """

    path: str
    size: int
    sha256: str
    changed_ns: int


@dataclass(frozen=True, slots=True)
class About:
    """What a snapshot is.

    Attributes:
        format: Of the backup.
        program: Version of the program that made it.
        created_at: When.
        database: ``sqlite`` or ``postgresql``.
        tables: Version of the tables, or ``""``.
        database_sha256: Of the copy of the database.
        list_sha256: Of the list of files.
        keys: Name to SHA-256 of each of the room's keys.
        files: How many there are.
        bytes: How large they are together.
        missing: How many files the database names that were missing or damaged in the room.
    """

    format: int
    program: str
    created_at: str
    database: str
    tables: str
    database_sha256: str
    list_sha256: str
    keys: dict[str, str]
    files: int
    bytes: int
    missing: int


def stored_at(target: Path, sha256: str) -> Path:
    """Where a file of that content lies in a backup."""
    return target / FILES / sha256[:2] / sha256


def snapshots(target: Path) -> list[Path]:
    """The finished snapshots, the oldest first."""
    folder = target / SNAPSHOTS
    return sorted(one for one in folder.iterdir() if one.suffix != PART) if folder.is_dir() else []


def sha256_of(file: Path) -> str:
    """The hash of a whole file, read in pieces."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_json(file: Path, content: Any) -> None:
    """Write it readable for people."""
    file.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def write_about(snapshot: Path, about: About) -> None:
    """Write what a snapshot is."""
    write_json(snapshot / ABOUT, asdict(about))


def read_about(snapshot: Path) -> About:
    """What a snapshot is.

    Raises:
        FormatError: If it is damaged or of a later format.
    """
    try:
        content = json.loads((snapshot / ABOUT).read_text(encoding="utf-8"))
        about = About(**content)
    except (OSError, ValueError, TypeError) as error:
        raise damaged(snapshot / ABOUT) from error
    if any("/" in name or not name.endswith(".key") for name in about.keys):
        raise damaged(snapshot / ABOUT)
    if about.format != FORMAT or about.database not in DATABASES:
        raise FormatError(
            f"backup {snapshot.name}: found format {about.format}, needed {FORMAT}. Use the program that made it: "
            f"secondread {about.program}"
        )
    return about


def write_list(snapshot: Path, entries: Iterable[Entry]) -> None:
    """Write the list of files."""
    with (snapshot / LIST).open("w", encoding="utf-8", newline="\n") as stream:
        for entry in entries:
            stream.write(json.dumps(asdict(entry), sort_keys=True) + "\n")


def read_list(snapshot: Path) -> Iterator[Entry]:
    """The files of a snapshot.

    Raises:
        FormatError: If the list is damaged, or names a place outside the room.
    """
    try:
        with (snapshot / LIST).open(encoding="utf-8") as stream:
            for line in stream:
                entry = Entry(**json.loads(line))
                parts = PurePosixPath(entry.path).parts
                if not parts or parts[0] not in {"images", "results"} or ".." in parts:
                    raise damaged(snapshot / LIST)
                yield entry
    except (OSError, ValueError, TypeError) as error:
        raise damaged(snapshot / LIST) from error


def damaged(file: Path) -> FormatError:
    """A part of a backup that is not what it was."""
    return FormatError(
        f"{short_path(file)}: this part of the backup is missing or damaged. Take another copy of the backup, or an "
        "earlier snapshot with --snapshot."
    )
