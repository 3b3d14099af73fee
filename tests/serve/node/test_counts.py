"""How many images a study has, asked of an Orthanc that forwards it."""

from dataclasses import replace

import pytest
from sqlalchemy import select

import dicom_factory
import rooms
from secondread.serve.config.room import DicomSettings, Peer, ReadingSettings, RoomSettings
from secondread.serve.database.tables import studies
from secondread.serve.reading.completion import complete_due
from secondread.serve.reading.counts import Counts

QUIET, INCOMPLETE = 30, 300


@pytest.fixture
def images(tmp_path):
    """Two images of one study."""
    files = [tmp_path / "1.dcm", tmp_path / "2.dcm"]
    for number, file in enumerate(files, 1):
        dicom_factory.chest_xray(file, StudyInstanceUID="2.25.77", SOPInstanceUID=f"2.25.77.{number}")
    return files


@pytest.fixture
def room(tmp_path, pacs):
    peer = Peer("WITNESS", "127.0.0.1", pacs.dicom, counts=True)
    reading = ReadingSettings(quiet_seconds=QUIET, incomplete_seconds=INCOMPLETE)
    room = rooms.make_room(tmp_path, RoomSettings(dicom=DicomSettings(peers=(peer,)), reading=reading))
    yield room
    room.database.dispose()
    pacs.forget()


def expected(room) -> object:
    return rooms.tables(room, select(studies.c.expected_instances))[0]["expected_instances"]


def test_a_study_is_not_read_before_the_last_image_that_its_sender_has(room, pacs, images):
    for file in images:
        pacs.stow(file)
    counts = Counts(room)
    rooms.send_in(room, images[0], source="WITNESS")
    room.clock.go_on(QUIET)
    counts.look()
    assert expected(room) == 2
    assert complete_due(room) == 0
    rooms.send_in(room, images[1], source="WITNESS")
    assert complete_due(room) == 1  # at once: no more is to come


def test_a_study_whose_last_image_never_comes_is_read_all_the_same(room, pacs, images):
    for file in images:
        pacs.stow(file)
    rooms.send_in(room, images[0], source="WITNESS")
    room.clock.go_on(QUIET)
    Counts(room).look()
    room.clock.go_on(INCOMPLETE - QUIET - 1)
    assert complete_due(room) == 0
    room.clock.go_on(1)
    assert complete_due(room) == 1


@pytest.mark.parametrize("change", [{"counts": False}, {"port": 1}])
def test_a_sender_that_is_not_to_be_asked_or_does_not_answer_changes_nothing(room, images, change):
    (peer,) = room.settings.dicom.peers
    dicom = replace(room.settings.dicom, peers=(replace(peer, **change),))
    other = replace(room, settings=replace(room.settings, dicom=dicom))
    rooms.send_in(other, images[0], source="WITNESS")
    other.clock.go_on(QUIET)
    Counts(other).look()
    assert expected(other) is None
    assert complete_due(other) == 1


def test_one_silence_is_one_question(room, images, monkeypatch):
    from secondread.serve.reading import counts as module

    asked = []
    monkeypatch.setattr(module, "count_at", lambda caller, study_uid: asked.append(study_uid))
    counts = Counts(room)
    rooms.send_in(room, images[0], source="WITNESS")
    counts.look()
    assert asked == []  # not while images are coming
    room.clock.go_on(QUIET / 2)
    counts.look()
    counts.look()
    assert asked == ["2.25.77"]
    rooms.send_in(room, images[1], source="WITNESS")
    room.clock.go_on(QUIET / 2)
    counts.look()
    assert asked == ["2.25.77", "2.25.77"]
