"""One received object: to its place on disk, then into the index, then it may be acknowledged."""

from enum import StrEnum

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.exc import IntegrityError

from secondread.core.errors import InputError, short_uid
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import instances
from secondread.serve.room import Room
from secondread.serve.storage.index import Arrival, Known, add
from secondread.serve.storage.place import check_there, content_of, place_of, settle

__all__ = ["Arrival", "ConflictError", "Kept", "Known", "image_count", "take_in"]


class Kept(StrEnum):
    """What became of an object."""

    STORED = "stored"
    ALREADY_HERE = "already here"  # the same data set, byte for byte: acknowledged, nothing changes


_CONTENT = select(instances.c.sha256, instances.c.path, instances.c.transfer_syntax_uid).where(
    instances.c.sop_instance_uid == bindparam("uid")
)


class ConflictError(InputError):
    """An object with this SOP Instance UID is here already, with another content."""


def take_in(room: Room, arrival: Arrival, known: Known | None = None) -> Kept:
    """Store and index one object. When this returns, the object outlives what the room's durability promises.

    Args:
        room: The room.
        arrival: What was received.
        known: Rows that the caller's earlier objects needed: what comes after them needs fewer statements.

    Raises:
        ConflictError: If the room holds another object under its SOP Instance UID; nothing is changed.
        OSError: If there is no room on the disk, or the file was erased with an earlier copy of the same object.
    """
    entry = arrival.entry
    path = place_of(entry.study_uid, entry.sop_instance_uid, content_of(arrival.part, arrival.sha256))
    size = arrival.part.stat().st_size
    settle(arrival.part, room.folders.images / path, durable=room.settings.storage.durable)
    known = Known() if known is None else known
    try:
        with writing(room.database) as connection:
            add(connection, room, arrival, known, path=path, size=size)
            check_there(room.folders.images / path)
    except Exception as error:
        known.forget(entry.study_uid)  # what it says was rolled back
        if not isinstance(error, IntegrityError):
            raise
        with reading(room.database) as connection:
            here = connection.execute(_CONTENT, {"uid": entry.sop_instance_uid}).one_or_none()
        if here is None:
            raise
        if here.path != path:
            (room.folders.images / path).unlink(missing_ok=True)
        if (here.sha256, here.transfer_syntax_uid) == (arrival.sha256, entry.transfer_syntax_uid):
            return Kept.ALREADY_HERE
        raise ConflictError(
            f"object {short_uid(entry.sop_instance_uid)}: another content is stored under this SOP Instance UID. "
            "A changed object needs a UID of its own; send it under one."
        ) from None
    return Kept.STORED


def image_count(connection: Connection) -> int:
    """How many objects the room holds."""
    return int(connection.execute(select(func.count()).select_from(instances)).scalar_one())
