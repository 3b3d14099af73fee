"""Rooms with results to send, and somebody else's archive that takes them."""

import pytest

import orthanc
import outbox_desk as desk
import rooms
from secondread.serve.config.room import DicomSettings, Peer


@pytest.fixture(scope="module")
def pacs(tmp_path_factory):
    with orthanc.running(tmp_path_factory.mktemp("orthanc")) as place:
        yield place


@pytest.fixture
def ready(tmp_path):
    """Makes rooms with one destination and a study whose results are queued for it."""
    made = []

    def ready(destination, port=0):
        dicom = DicomSettings(peers=(Peer("WITNESS", "127.0.0.1", port),))
        room = rooms.make_room(tmp_path, desk.settings_for(destination, dicom=dicom))
        made.append(room)
        desk.queue(room, desk.study_in(room, tmp_path))
        return room

    yield ready
    for room in made:
        room.database.dispose()
