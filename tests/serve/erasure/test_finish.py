import shutil
from dataclasses import replace

import pytest
from sqlalchemy import select

import rooms
from nodes import eventually
from patients import NUMBER, OTHER, KilledError, files, gone, grown, image
from secondread.serve.config.room import StorageSettings
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import (
    erasure_files,
    erasures,
    instances,
)
from secondread.serve.erasure import finish as second_half
from secondread.serve.erasure.finish import finish_all, sweep_cache
from secondread.serve.storage.place import folder_name
from secondread.serve.trail.verify import verify


@pytest.mark.parametrize("step", range(1, 12, 2))
def test_a_kill_in_the_middle_is_taken_up_again_at_the_next_start(room, tmp_path, monkeypatch, step):
    rooms.add_person(room, "radiologist", "dr1")
    for study in ("1.2.276.1", "1.2.276.2"):
        rooms.send_in(room, *(image(tmp_path, NUMBER, study, one) for one in (1, 2)))
        grown(room, study)
    done = []
    real = second_half._removed

    def until_killed(*args):
        if len(done) == step:
            raise KilledError
        done.append(real(*args))
        return done[-1]

    monkeypatch.setattr(second_half, "_removed", until_killed)
    with pytest.raises(KilledError):
        gone(room)
    assert rooms.counts(room)["studies"] == 0
    assert files(room)
    monkeypatch.undo()
    assert finish_all(room) == (2 if step < 6 else 1)
    assert not files(room)
    assert rooms.counts(room)["erasure_files"] == 0
    assert finish_all(room) == 0
    with reading(room.database) as connection:
        assert verify(connection).broken_at is None


def test_what_cannot_be_removed_now_is_tried_again(room, tmp_path, monkeypatch):
    rooms.add_person(room, "radiologist", "dr1")
    rooms.send_in(room, image(tmp_path, NUMBER, "1.2.276.1", 1))
    grown(room, "1.2.276.1")

    def refused(path, *_):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(shutil, "rmtree", refused)
        gone(room)
    (row,) = rooms.tables(room, select(erasures))
    assert row["finished_at"] is None
    assert rooms.tables(room, select(erasure_files))
    assert finish_all(room) == 1
    assert not files(room)


def test_images_that_came_again_meanwhile_are_not_taken_for_the_erased_ones(room, tmp_path, monkeypatch):
    rooms.send_in(room, image(tmp_path, NUMBER, "1.2.276.1", 1))
    with monkeypatch.context() as killed:
        killed.setattr("secondread.serve.erasure.erase.finish", lambda *_: False)
        gone(room)
    rooms.send_in(room, image(tmp_path, NUMBER, "1.2.276.1", 1))
    finish_all(room)
    (row,) = rooms.tables(room, select(instances))
    assert (room.folders.images / row["path"]).is_file()


def test_pictures_that_were_made_while_their_study_was_erased_are_swept_out(room, tmp_path):
    rooms.send_in(room, image(tmp_path, NUMBER, "1.2.276.1", 1), image(tmp_path, OTHER, "1.2.276.3", 1))
    gone(room)
    for study in ("1.2.276.1", "1.2.276.3"):
        (room.folders.cache / "view" / folder_name(study)).mkdir(parents=True)
    assert sweep_cache(room) == 1
    assert (room.folders.cache / "view" / folder_name("1.2.276.3")).is_dir()


def test_a_room_that_outlives_power_cuts_erases_as_well(room, tmp_path):
    settings = replace(room.settings, storage=StorageSettings(folder=room.folders.top, durability="power"))
    rooms.send_in(room, image(tmp_path, NUMBER, "1.2.276.1", 1))
    gone(replace(room, settings=settings))
    assert not files(room)


def test_the_service_ends_what_was_begun_as_soon_as_the_program_starts(room, tmp_path, monkeypatch):
    rooms.send_in(room, image(tmp_path, NUMBER, "1.2.276.1", 1))
    with monkeypatch.context() as killed:
        killed.setattr("secondread.serve.erasure.erase.finish", lambda *_: False)
        gone(room)
    assert files(room)
    service = second_half.eraser(room)
    service.start()
    try:
        assert eventually(lambda: rooms.tables(room, select(erasures))[0]["finished_at"])
    finally:
        service.stop()
    assert not files(room)
