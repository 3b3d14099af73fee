"""Attempts that are cut, overtaken, cancelled or made vain: one read comes of them, or none, and nothing more."""

import shutil
import threading

import pytest
from sqlalchemy import delete, select

import rooms
from fakes import FakeBundles
from reading_desk import QUIET, arrived, chest, make_desk, only, own_objects, read_all
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import instances, jobs, reads, series, studies
from secondread.serve.reading import attempt as attempting
from secondread.serve.reading import queue, results
from secondread.serve.reading.completion import complete_due


@pytest.mark.parametrize("step", ["file_objects", "_finish"])
def test_an_attempt_that_was_cut_after_its_results_is_finished_with_the_same_objects(room, tmp_path, monkeypatch, step):
    """A worker killed between the folder and the table: the next does not read again, and nothing is there twice."""
    arrived(room, tmp_path)
    desk = make_desk(room, bundles := FakeBundles())
    complete_due(room)
    real = getattr(attempting, step)

    def cut(*args):
        if step == "file_objects":
            real(*args)
        raise KeyboardInterrupt  # as the end of a process: nothing catches it

    monkeypatch.setattr(attempting, step, cut)
    with pytest.raises(KeyboardInterrupt):
        attempting.attempt(desk, queue.claim(room, "killed"), threading.Event())
    monkeypatch.setattr(attempting, step, real)
    before, ran = own_objects(room), len(bundles.ran)
    assert before
    left = room.folders.results / results.AT_WORK / f"{only(room, jobs)['id']}-1" / "images"
    left.mkdir(parents=True)  # a process that ends takes nothing away
    room.clock.go_on(room.settings.reading.lease_seconds + 1)
    assert read_all(desk) == 1
    assert len(bundles.ran) == ran
    assert own_objects(room) == before
    assert only(room, reads)["version"] == 1
    assert "an earlier attempt had finished the results" in only(room, jobs)["log"]
    assert not left.parent.exists()


def test_what_a_cut_attempt_filed_is_taken_back_when_more_images_came_since(any_room, tmp_path, monkeypatch):
    room = any_room
    arrived(room, tmp_path)
    desk = make_desk(room)
    complete_due(room)

    def cut(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(attempting, "_finish", cut)
        with pytest.raises(KeyboardInterrupt):
            attempting.attempt(desk, queue.claim(room, "killed"), threading.Event())
    old = {row["sop_instance_uid"] for row in own_objects(room)}
    rooms.send_in(room, chest(tmp_path / "late.dcm", image=2))
    room.clock.go_on(room.settings.reading.lease_seconds + 1)
    assert read_all(desk) == 1
    assert only(room, reads)["instance_count"] == 2
    new = {row["sop_instance_uid"] for row in own_objects(room)}
    assert old
    assert new
    assert not old & new
    assert len(list(room.folders.results.rglob("report.json"))) == 1


@pytest.mark.parametrize("step", [(results, "_write"), (attempting, "file_objects")], ids=["writing", "filing"])
def test_two_workers_of_one_job_make_one_read(any_room, tmp_path, monkeypatch, step):
    """The first is slow, its lease ends, a second takes the job up; whoever comes last writes nothing."""
    room = any_room
    arrived(room, tmp_path)
    desk = make_desk(room)
    complete_due(room)
    real, slow = getattr(*step), threading.Event()

    def second_is_faster(*args):
        if not slow.is_set():
            slow.set()
            room.clock.go_on(room.settings.reading.lease_seconds + 1)
            attempting.attempt(desk, queue.claim(room, "second"), threading.Event())
        return real(*args)

    monkeypatch.setattr(*step, second_is_faster)
    attempting.attempt(desk, queue.claim(room, "first"), threading.Event())
    assert only(room, reads)["version"] == 1
    assert only(room, jobs)["worker"] == "second"
    assert only(room, jobs)["error"] == ""
    folder = room.folders.results / str(only(room, reads)["folder"])
    assert len(own_objects(room)) == len(list(folder.glob("*.dcm")))


def test_images_that_come_during_the_read_are_not_mixed_into_it(any_room, tmp_path, monkeypatch):
    room = any_room
    arrived(room, tmp_path)
    desk = make_desk(room)
    complete_due(room)
    real = attempting.make_results

    def with_a_late_image(*args):
        rooms.send_in(room, chest(tmp_path / "late.dcm", image=2))
        return real(*args)

    monkeypatch.setattr(attempting, "make_results", with_a_late_image)
    attempting.attempt(desk, queue.claim(room, "w"), threading.Event())
    monkeypatch.setattr(attempting, "make_results", real)
    assert only(room, reads)["instance_count"] == 1
    assert (only(room, studies)["state"], only(room, studies)["late_images"]) == ("arriving", True)
    assert read_all(desk) == 0
    room.clock.go_on(QUIET)
    assert read_all(desk) == 1
    assert [row["instance_count"] for row in rooms.tables(room, select(reads).order_by(reads.c.version))] == [1, 2]
    assert only(room, studies)["state"] == "draft"


def test_a_job_that_is_cancelled_while_its_results_are_filed_leaves_none(room, tmp_path, monkeypatch):
    arrived(room, tmp_path)
    desk = make_desk(room)
    complete_due(room)
    real = attempting.file_objects

    def cancelled_meanwhile(*args):
        filed = real(*args)
        assert queue.cancel(room, int(str(only(room, jobs)["id"])))
        return filed

    monkeypatch.setattr(attempting, "file_objects", cancelled_meanwhile)
    attempting.attempt(desk, queue.claim(room, "w"), threading.Event())
    assert own_objects(room) == []
    assert rooms.tables(room, select(reads)) == []
    assert list(room.folders.results.rglob("*.dcm")) == []
    assert len(list(room.folders.images.rglob("*.dcm"))) == 1


def test_a_study_that_is_erased_while_it_is_read_does_not_come_back(room, tmp_path, monkeypatch):
    arrived(room, tmp_path)
    desk = make_desk(room)
    complete_due(room)
    real = attempting.file_objects

    def erased_meanwhile(*args):
        with writing(room.database) as connection:
            connection.execute(delete(studies))
        shutil.rmtree(room.folders.images)
        room.folders.images.mkdir()
        return real(*args)

    monkeypatch.setattr(attempting, "file_objects", erased_meanwhile)
    attempting.attempt(desk, queue.claim(room, "w"), threading.Event())
    for table in (studies, series, instances, reads, jobs):
        assert rooms.tables(room, select(table)) == []
    assert list(room.folders.top.rglob("*.dcm")) == []


def test_results_that_a_slower_worker_put_there_meanwhile_are_taken(room, tmp_path, monkeypatch):
    arrived(room, tmp_path)
    real = results._write

    def another_was_faster(desk, task, readers, digest, *more):
        real(desk, task, readers, digest, *more)
        shutil.copytree(more[-1], room.folders.results / results.folder_of(task, digest))

    monkeypatch.setattr(results, "_write", another_was_faster)
    assert read_all(make_desk(room)) == 1
    assert (only(room, jobs)["state"], only(room, jobs)["attempts"]) == ("done", 1)
    assert list((room.folders.results / results.AT_WORK).iterdir()) == []
