"""Whether a study was here and was erased, from a keyed hash of its UID that tells nobody which study it was."""

import hashlib
import hmac

from sqlalchemy import Connection, select

from secondread.serve.database.connect import reading
from secondread.serve.database.tables import erased_studies
from secondread.serve.room import Room


def study_hash(room: Room, study_uid: str) -> str:
    """HMAC-SHA256 (RFC 2104) with the room's key; the word before keeps it apart from the names in the trail."""
    return hmac.new(room.secret, f"erased {study_uid}".encode(), hashlib.sha256).hexdigest()


def erased(connection: Connection, room: Room, study_uid: str) -> bool:
    """Whether a study was erased. One that came again stands in ``studies``: look there first."""
    known = select(erased_studies.c.study_hash).where(erased_studies.c.study_hash == study_hash(room, study_uid))
    return connection.execute(known).one_or_none() is not None


def was_erased(room: Room, study_uid: str) -> bool:
    """As :func:`erased`, for who holds no transaction."""
    with reading(room.database) as connection:
        return erased(connection, room, study_uid)
