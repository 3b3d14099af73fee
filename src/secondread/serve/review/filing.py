"""Signed objects into the room, also those of a signature after which the program ended before it filed them."""

import logging
import shutil

from sqlalchemy import select

from secondread.core.errors import SecondreadError
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import instances, signatures, studies
from secondread.serve.reading.filing import file_object, take_back
from secondread.serve.room import Room
from secondread.serve.storage.arrive import incoming_file

AT_WORK = ".signing"  # below the folder of results: what is made before it is known
_log = logging.getLogger(__name__)


def file_signed(room: Room, study_uid: str, folder: str) -> None:
    """Take in the objects of a signature; those that are here stay. Of a study that was erased meanwhile nothing stays.

    Args:
        room: The room.
        study_uid: Study they belong to.
        folder: Of the signature, below the folder of results.

    Raises:
        SecondreadError: If one cannot be taken in.
        OSError: If there is no room on the disk.
    """
    place = room.folders.results / folder
    filed = [file_object(room, file, incoming_file(room)) for file in sorted(place.glob("*.dcm"))]
    with reading(room.database) as connection:
        known = connection.execute(select(signatures.c.id).where(signatures.c.folder == folder)).one_or_none()
    if known is None:
        take_back(room, study_uid, filed, place)


class SignedFiling:
    """A service that only begins: it files what is missing when the room opens."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def start(self) -> None:
        """File the objects of every signature whose report is not in the room; drop what was never signed."""
        shutil.rmtree(self._room.folders.results / AT_WORK, ignore_errors=True)
        for study_uid, folder in missing(self._room):
            try:
                file_signed(self._room, study_uid, folder)
            except (SecondreadError, OSError) as error:
                _log.error("signed objects could not be filed: error=%s", type(error).__name__)

    def stop(self) -> None:
        """Nothing runs on."""


def missing(room: Room) -> tuple[tuple[str, str], ...]:
    """(Study Instance UID, folder) of signatures whose structured report is not in the room."""
    here = select(instances.c.sop_instance_uid)
    with reading(room.database) as connection:
        found = connection.execute(
            select(studies.c.study_uid, signatures.c.folder)
            .join(studies, studies.c.id == signatures.c.study_id)
            .where(signatures.c.sr_sop_instance_uid.not_in(here))
            .order_by(signatures.c.id)
        )
        return tuple((row.study_uid, row.folder) for row in found)
