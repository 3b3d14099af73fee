from dataclasses import replace

import pytest
from sqlalchemy import select

import rooms
from reading_desk import chest, make_desk, read_all
from secondread.serve.config.room import ReadingSettings, RoomSettings, Route
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import jobs, reads, studies
from secondread.serve.reading.completion import complete_due, expect
from secondread.serve.storage.arrive import arrival_of, incoming_file
from secondread.serve.storage.take_in import take_in

QUIET = ReadingSettings().quiet_seconds


def study(room, **where):
    (row,) = rooms.tables(room, select(studies))
    return row


def queued(room):
    return [job["state"] for job in rooms.tables(room, select(jobs).order_by(jobs.c.id))]


def arrives(room, tmp_path, number=1, **tags):
    rooms.send_in(room, chest(tmp_path / f"{number}.dcm", image=number, **tags))


def test_a_study_is_queued_once_it_is_quiet_and_not_a_moment_before(any_room, tmp_path):
    arrives(any_room, tmp_path)
    any_room.clock.go_on(QUIET - 0.001)
    assert complete_due(any_room) == 0
    any_room.clock.go_on(0.001)
    assert complete_due(any_room) == 1
    assert study(any_room)["state"] == "reading"
    assert complete_due(any_room) == 0
    assert queued(any_room) == ["waiting"]


def test_every_image_puts_the_quiet_off(room, tmp_path):
    for number in range(1, 5):
        arrives(room, tmp_path, number)
        room.clock.go_on(QUIET - 1)
        assert complete_due(room) == 0
    room.clock.go_on(1)
    assert complete_due(room) == 1


def test_the_announced_number_of_images_ends_the_waiting(any_room, tmp_path):
    arrives(any_room, tmp_path, 1)
    with writing(any_room.database) as connection:
        assert expect(connection, str(study(any_room)["study_uid"]), 2)
        assert not expect(connection, "1.2.3", 2)
    assert complete_due(any_room) == 0
    arrives(any_room, tmp_path, 2)
    assert complete_due(any_room) == 1


def test_an_announced_image_that_never_comes_does_not_keep_the_study_from_being_read(room, tmp_path):
    arrives(room, tmp_path, 1)
    with writing(room.database) as connection:
        expect(connection, str(study(room)["study_uid"]), 9)
    room.clock.go_on(QUIET)
    assert complete_due(room) == 0  # somebody knows of more
    room.clock.go_on(room.settings.reading.incomplete_seconds - QUIET)
    assert complete_due(room) == 1


def test_more_images_than_were_announced_wait_for_the_quiet(room, tmp_path):
    arrives(room, tmp_path, 1)
    arrives(room, tmp_path, 2)
    with writing(room.database) as connection:
        expect(connection, str(study(room)["study_uid"]), 1)
    assert complete_due(room) == 0
    room.clock.go_on(QUIET)
    assert complete_due(room) == 1


def test_the_time_in_which_the_server_was_down_is_no_quiet(any_room, tmp_path):
    arrives(any_room, tmp_path, 1)
    any_room.clock.go_on(10 * QUIET)
    started = any_room.now()
    any_room.clock.go_on(QUIET - 1)
    assert complete_due(any_room, started) == 0
    any_room.clock.go_on(1)
    assert complete_due(any_room, started) == 1


def test_results_of_ours_are_no_images_that_make_a_study_complete(room, tmp_path):
    arrives(room, tmp_path, 1)
    room.clock.go_on(QUIET)
    assert read_all(make_desk(room)) == 1
    part = incoming_file(room)
    chest(part, image="result", SeriesInstanceUID="1.2.3", Modality="DX")
    take_in(room, arrival_of(part, "secondread", own=True))
    room.clock.go_on(10 * QUIET)
    assert complete_due(room) == 0
    assert study(room)["state"] == "draft"


def test_images_that_come_while_the_job_waits_are_waited_for_and_read_together(room, tmp_path):
    arrives(room, tmp_path, 1)
    room.clock.go_on(QUIET)
    complete_due(room)
    arrives(room, tmp_path, 2)
    desk = make_desk(room)
    assert read_all(desk) == 1  # it looks, and waits
    assert rooms.tables(room, select(reads)) == []
    room.clock.go_on(QUIET)
    assert read_all(desk) == 1
    (read,) = rooms.tables(room, select(reads))
    assert read["instance_count"] == 2
    assert study(room)["state"] == "draft"
    assert queued(room) == ["done"]


def test_a_late_image_leads_to_a_second_version_and_the_first_keeps_its_files(any_room, tmp_path):
    room = any_room
    arrives(room, tmp_path, 1)
    room.clock.go_on(QUIET)
    desk = make_desk(room)
    read_all(desk)
    arrives(room, tmp_path, 2)
    assert study(room)["state"] == "arriving"
    assert study(room)["late_images"]
    assert read_all(desk) == 0
    room.clock.go_on(QUIET)
    assert read_all(desk) == 1
    first, second = rooms.tables(room, select(reads).order_by(reads.c.version))
    assert (first["version"], first["instance_count"]) == (1, 1)
    assert (second["version"], second["instance_count"]) == (2, 2)
    assert first["folder"] != second["folder"]
    for read in (first, second):
        assert (room.folders.results / str(read["folder"]) / "report.json").is_file()
    assert (study(room)["state"], study(room)["read_version"], study(room)["late_images"]) == ("draft", 2, False)


def test_a_signed_study_stays_signed_and_gets_a_new_version_beside(room, tmp_path):
    arrives(room, tmp_path, 1)
    room.clock.go_on(QUIET)
    desk = make_desk(room)
    read_all(desk)
    with writing(room.database) as connection:
        connection.execute(studies.update().values(state="signed"))
    arrives(room, tmp_path, 2)
    room.clock.go_on(QUIET)
    assert read_all(desk) == 1
    assert (study(room)["state"], study(room)["read_version"], study(room)["late_images"]) == ("signed", 2, True)


def test_a_study_of_a_route_that_ignores_it_is_kept_and_said_to_be_not_read(tmp_path):
    settings = RoomSettings(routes=(Route("no films", modality=("DX",), ignore=True),))
    room = rooms.make_room(tmp_path, settings)
    arrives(room, tmp_path, 1)
    room.clock.go_on(QUIET)
    assert complete_due(room) == 1
    assert complete_due(room) == 0
    assert queued(room) == []
    assert (study(room)["state"], study(room)["said_key"]) == ("refused", "reading.ignored")
    room.database.dispose()


@pytest.mark.parametrize("seconds", [0.0, 3.0])
def test_the_quiet_is_as_long_as_the_settings_say(tmp_path, seconds):
    room = rooms.make_room(tmp_path, RoomSettings(reading=replace(ReadingSettings(), quiet_seconds=seconds)))
    arrives(room, tmp_path, 1)
    room.clock.go_on(seconds)
    assert complete_due(room) == 1
    room.database.dispose()
