"""How many images a study has at the application that sends it: asked by C-FIND, where its settings allow that.

C-STORE does not say when a study is whole. An archive that forwards studies can be asked, so that a study is neither
read before the last image came nor waits once it has come.
"""

import logging

from pydicom import Dataset
from sqlalchemy import Select, select

from secondread.core.errors import NetworkError
from secondread.dicom.node.client import Caller, find
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import instances, series, studies
from secondread.serve.moments import after
from secondread.serve.node.peers import caller_of
from secondread.serve.reading.completion import expect
from secondread.serve.room import Room
from secondread.serve.service import Loop

_log = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
SILENCE = 0.5  # share of the quiet period after which the sender is asked


class Counts:
    """Asks about each study once in each silence, so that a sender is not asked again and again."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._asked: dict[int, str] = {}  # row of the study to when its last image had come

    def look(self) -> float:
        """Ask about every study that has fallen silent; returns the seconds until the next look."""
        titles = [peer.ae_title for peer in self._room.settings.dicom.peers if peer.counts]
        if titles:
            with reading(self._room.database) as connection:
                silent = {
                    row.id: row
                    for row in connection.execute(_silent(self._room, titles)).all()
                    if self._asked.get(row.id) != row.last_received_at
                }
            self._asked = {key: moment for key, moment in self._asked.items() if moment >= self._long_ago()}
            for row in silent.values():
                self._asked[row.id] = row.last_received_at
                self._ask(row.study_uid, row.source)
        return LOOK_SECONDS

    def _long_ago(self) -> str:
        return after(self._room.now(), -86400)

    def _ask(self, study_uid: str, ae_title: str) -> None:
        caller = caller_of(self._room, ae_title)
        if caller is None:
            return
        try:
            count = count_at(caller, study_uid)
        except NetworkError as error:
            _log.warning("sender was not asked how many images a study has: error=%s", type(error).__name__)
            return
        if count is not None:
            with writing(self._room.database) as connection:
                expect(connection, study_uid, count)


def service(room: Room) -> Loop:
    """Asks for as long as the room runs."""
    return Loop("counts", Counts(room).look)


def count_at(caller: Caller, study_uid: str) -> int | None:
    """NumberOfStudyRelatedInstances of a study, or None where the application does not say.

    Raises:
        NetworkError: If it does not answer.

    Source: DICOM PS3.4 C.6.2.1.2, study level keys.
    """
    keys = Dataset()
    keys.StudyInstanceUID = study_uid
    keys.NumberOfStudyRelatedInstances = None
    for match in find(caller, "STUDY", keys):
        told = match.get("NumberOfStudyRelatedInstances")
        if match.get("StudyInstanceUID") == study_uid and told is not None and int(told) > 0:
            return int(told)
    return None


def _silent(room: Room, titles: list[str]) -> Select[tuple[int, str, str, str]]:
    """Studies with images that nobody was asked to read, silent for a part of the quiet period, and who sent them."""
    since = after(room.now(), -SILENCE * room.settings.reading.quiet_seconds)
    return (
        select(studies.c.id, studies.c.study_uid, studies.c.last_received_at, instances.c.source)
        .join(instances, instances.c.study_id == studies.c.id)
        .join(series, series.c.id == instances.c.series_id)
        .where(
            studies.c.instance_count > studies.c.asked_instances,
            studies.c.last_received_at <= since,
            instances.c.source.in_(titles),
            series.c.own.is_(False),
        )
        .distinct()
    )
