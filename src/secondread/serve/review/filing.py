"""Signed objects into the room, also those of a signature after which the program ended before it filed them."""

import logging

from sqlalchemy import select

from secondread.core.errors import SecondreadError
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import instances, signatures
from secondread.serve.reading.filing import file_objects
from secondread.serve.room import Room

_log = logging.getLogger(__name__)


class SignedFiling:
    """A service that only begins: it files what is missing when the room opens."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def start(self) -> None:
        """File the objects of every signature whose report is not in the room."""
        for folder in missing(self._room):
            try:
                file_objects(self._room, self._room.folders.results / folder)
            except (SecondreadError, OSError) as error:
                _log.error("signed objects could not be filed: error=%s", type(error).__name__)

    def stop(self) -> None:
        """Nothing runs on."""


def missing(room: Room) -> tuple[str, ...]:
    """Folders of signatures whose structured report is not in the room."""
    here = select(instances.c.sop_instance_uid)
    with reading(room.database) as connection:
        found = connection.execute(
            select(signatures.c.folder).where(signatures.c.sr_sop_instance_uid.not_in(here)).order_by(signatures.c.id)
        ).scalars()
        return tuple(found)
