import itertools
import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import select

import rooms
from reading_desk import chest, make_desk
from secondread.serve.config.room import ReadingSettings, RoomSettings
from secondread.serve.database.tables import jobs
from secondread.serve.reading import completion, queue, watch
from secondread.serve.reading.attempt import attempt
from secondread.serve.reading.watch import StoppedError, Watch


@pytest.fixture
def desk(tmp_path):
    """A desk with one job waiting, in a room where all waits are short."""
    reading = replace(ReadingSettings(), lease_seconds=0.5, quiet_seconds=0.0, timeout_seconds=3600)
    room = rooms.make_room(tmp_path, RoomSettings(reading=reading))
    rooms.send_in(room, chest(tmp_path / "1.dcm"))
    completion.complete_due(room)
    yield make_desk(room)
    room.database.dispose()


def job(desk):
    (row,) = rooms.tables(desk.room, select(jobs))
    return row


def until(true):
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def stopped(clock):
    try:
        clock()
    except StoppedError as stop:
        return stop.args[0]
    return None


def test_the_lease_is_lengthened_for_as_long_as_the_read_lasts(desk):
    held = queue.claim(desk.room, "w")
    desk.room.clock.go_on(0.4)
    with Watch(desk, held, threading.Event()) as beside:
        until(lambda: job(desk)["lease_until"] > desk.room.now()[:-3])
        before = job(desk)["lease_until"]
        desk.room.clock.go_on(0.1)
        until(lambda: job(desk)["lease_until"] > before)
        assert stopped(beside.clock) is None


def test_a_cancelled_read_is_told_to_stop(desk):
    held = queue.claim(desk.room, "w")
    with Watch(desk, held, threading.Event()) as beside:
        queue.cancel(desk.room, held.job_id)
        until(lambda: stopped(beside.clock) == watch.LOST)


def test_a_read_of_an_ending_worker_is_given_back_without_a_lost_attempt(desk, monkeypatch):
    ending = threading.Event()

    def endless(room, networks, *_args):
        ending.set()
        until(lambda: stopped(_args[-1].clock))
        _args[-1].clock()

    monkeypatch.setattr("secondread.serve.reading.attempt.make_results", endless)
    attempt(desk, queue.claim(desk.room, "w"), ending)
    assert (job(desk)["state"], job(desk)["attempts"]) == ("waiting", 0)
    assert "given back: the worker was told to end" in job(desk)["log"]


def test_a_read_that_takes_too_long_is_a_failed_attempt(desk, monkeypatch):
    seconds = itertools.count(0, 3000)
    hurried = replace(desk, monotonic=lambda: float(next(seconds)))

    def endless(*args):
        until(lambda: stopped(args[-1].clock))
        args[-1].clock()

    monkeypatch.setattr("secondread.serve.reading.attempt.make_results", endless)
    attempt(hurried, queue.claim(desk.room, "w"), threading.Event())
    assert job(desk)["state"] == "waiting"
    assert "took longer than 3600 s" in job(desk)["error"]


def test_a_read_that_does_not_stop_is_left_standing_and_its_process_ends(desk, monkeypatch):
    """The network computes on: its job is given back, then the process is asked to end."""
    monkeypatch.setattr(watch, "GRACE_SECONDS", 0.05)
    left, ending = threading.Event(), threading.Event()

    def stuck(*_args):
        ending.set()
        assert left.wait(60)
        raise KeyboardInterrupt  # what os._exit does to it in a worker

    monkeypatch.setattr("secondread.serve.reading.attempt.make_results", stuck)
    with pytest.raises(KeyboardInterrupt):
        attempt(desk, queue.claim(desk.room, "w"), ending, left.set)
    assert (job(desk)["state"], job(desk)["attempts"]) == ("waiting", 0)
