"""Where an object lies, and how its file gets there so that it outlives a crash."""

import errno
import hashlib
import os
import threading
from pathlib import Path

START_BYTES = 4096  # of a file: more than its own header takes


def place_of(study_uid: str, sop_instance_uid: str, content: str) -> str:
    """The path of an object below the folder of images: a folder a study, spread over 256 folders.

    Names are hashes: a UID may hold a patient's number, and some file systems know no difference between cases. So much
    of the content's hash stands in the name that nobody can make another content for it, which would take its place.

    Args:
        study_uid: Of the object.
        sop_instance_uid: Of the object.
        content: As :func:`content_of` tells it.

    >>> place_of("1.2", "1.2.3", "ab" * 32)
    '77/77ac319bfe1979e2d799d9e6987e65fe/c47f5b18b8a430e6-abababababababababababababababab.dcm'
    """
    name = hashlib.sha256(sop_instance_uid.encode()).hexdigest()[:16]
    return f"{folder_name(study_uid)}/{name}-{content[:32]}.dcm"


def folder_name(study_uid: str) -> str:
    """Where what belongs to a study lies, below the room's folders of images, of results and of pictures.

    >>> folder_name("1.2")
    '77/77ac319bfe1979e2d799d9e6987e65fe'
    """
    name = hashlib.sha256(study_uid.encode()).hexdigest()[:32]
    return f"{name[:2]}/{name}"


def content_of(part: Path, data_sha256: str) -> str:
    """A hash for all of a file: its size and header, and the hash of its data set, which is known already.

    The same data set comes with other headers by other ways. Such a file must not take the place of the one that the
    index describes, whose size and transfer syntax it may not have.
    """
    with part.open("rb", buffering=0) as stream:
        start = stream.read(START_BYTES)
    return hashlib.sha256(start + f" {part.stat().st_size} {data_sha256}".encode()).hexdigest()


def settle(part: Path, target: Path, *, durable: bool) -> None:
    """Move a finished file to its place in one step.

    Args:
        part: The whole file, on the same file system.
        target: Its place; a file that is there has the same content and is replaced.
        durable: Whether file and folders are synced to disk, so that they outlive a power cut.
    """
    new = _made(target.parent)
    if not durable:
        part.replace(target)
        return
    try:
        # One write of the file system's journal for content and name, where syncing before a rename costs two. A file
        # that is there already is not touched: it may have been acknowledged, and this one is not on disk yet.
        os.link(part, target)
    except OSError:  # it is there already, or the file system has no links
        sync(part)
        part.replace(target)
        sync(target.parent)
    else:
        _sync_together(target, target.parent)
        part.unlink()
    for folder in new:
        sync(folder.parent)


def check_there(file: Path) -> None:
    """Stop before an object counts as received whose file an erasure took away, which was for an earlier copy of it.

    Raises:
        FileNotFoundError: If it is gone; whoever sends the object is to send it again.
    """
    if not file.is_file():
        raise FileNotFoundError(errno.ENOENT, "the file was erased while the object was received")


def _made(folder: Path) -> list[Path]:
    """Make a folder and those above it; returns the ones that were not there."""
    if folder.is_dir():
        return []
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return new


def _sync_together(file: Path, folder: Path) -> None:
    """Sync both at once: the disk is waited for once, not twice."""
    failed: list[OSError] = []

    def other() -> None:
        try:
            sync(folder)
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=other, name="sync of a folder")
    thread.start()
    try:
        sync(file)
    finally:
        thread.join()
    if failed:
        raise failed[0]


def sync(path: Path) -> None:
    """Wait until a file or folder is on disk. Source: POSIX fsync."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
