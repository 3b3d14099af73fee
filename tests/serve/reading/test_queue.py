import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

import rooms
from reading_desk import chest
from secondread.serve.config.room import ReadingSettings, RoomSettings
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import jobs, studies
from secondread.serve.reading import queue

LEASE = ReadingSettings().lease_seconds


def with_studies(room, tmp_path, count):
    """Rows of studies with one image each."""
    rooms.send_in(room, *(chest(tmp_path / f"{number}.dcm", number) for number in range(count)))
    return [row["id"] for row in rooms.tables(room, select(studies.c.id).order_by(studies.c.id))]


def enqueue(room, study, **values):
    with writing(room.database) as connection:
        return queue.enqueue_read(connection, room, study, **values)


def job(room, number):
    (row,) = rooms.tables(room, select(jobs).where(jobs.c.id == number))
    return row


@pytest.fixture
def study(room, tmp_path):
    return with_studies(room, tmp_path, 1)[0]


def state(room):
    (row,) = rooms.tables(room, select(studies.c.state))
    return row["state"]


def test_a_study_waits_in_the_queue_once(any_room, tmp_path):
    study = with_studies(any_room, tmp_path, 1)[0]
    first = enqueue(any_room, study, reason="ordered")
    assert first is not None
    assert enqueue(any_room, study) is None
    assert "queued: ordered" in job(any_room, first)["log"]


def test_the_most_urgent_comes_first_and_of_these_the_oldest(any_room, tmp_path):
    routine, late, urgent, critical = with_studies(any_room, tmp_path, 4)
    for study, priority in ((routine, 2), (late, 2), (urgent, 1), (critical, 0)):
        enqueue(any_room, study, priority=priority)
        any_room.clock.go_on(1)
    order = [queue.claim(any_room, "w").study_id for _ in range(4)]
    assert order == [critical, urgent, routine, late]
    assert queue.claim(any_room, "w") is None


def test_a_job_that_is_worked_on_is_nobody_elses_until_its_lease_ends(any_room, tmp_path):
    (study,) = with_studies(any_room, tmp_path, 1)
    enqueue(any_room, study)
    held = queue.claim(any_room, "one")
    any_room.clock.go_on(LEASE)
    assert queue.claim(any_room, "two") is None
    any_room.clock.go_on(0.001)
    again = queue.claim(any_room, "two")
    assert (again.job_id, again.attempt, again.started_at) == (held.job_id, 2, held.started_at)
    assert not queue.alive(any_room, held)
    with writing(any_room.database) as connection:
        assert not queue.still_held(connection, held)
        assert queue.still_held(connection, again)


def test_a_worker_that_took_its_own_job_up_again_holds_it_by_the_later_claim(room, study):
    enqueue(room, study)
    first = queue.claim(room, "w")
    room.clock.go_on(LEASE + 1)
    second = queue.claim(room, "w")
    assert not queue.alive(room, first)
    assert queue.alive(room, second)


def test_a_heartbeat_lengthens_the_lease(room, study):
    enqueue(room, study)
    held = queue.claim(room, "one")
    for _ in range(5):
        room.clock.go_on(LEASE * 0.9)
        assert queue.alive(room, held)
        assert queue.claim(room, "two") is None


def test_a_failed_attempt_is_tried_again_after_a_wait_that_doubles_and_then_given_up(room, study):
    number = enqueue(room, study)
    seconds = room.settings.reading.retry_seconds
    for wait in (seconds, 2 * seconds):
        assert queue.fail(room, queue.claim(room, "w"), "no network") == "waiting"
        assert state(room) == "reading"
        room.clock.go_on(wait - 0.001)
        assert queue.claim(room, "w") is None
        room.clock.go_on(0.001)
    assert queue.fail(room, queue.claim(room, "w"), "no network") == "failed"
    assert (job(room, number)["state"], job(room, number)["error"]) == ("failed", "no network")
    assert job(room, number)["finished_at"] == room.now()
    assert state(room) == "failed"
    assert "given up after 3 attempts: no network" in job(room, number)["log"]


def test_a_study_that_kills_every_worker_is_given_up_and_does_not_hold_up_the_next(any_room, tmp_path):
    poison, other = with_studies(any_room, tmp_path, 2)
    enqueue(any_room, poison, priority=0)
    for _ in range(any_room.settings.reading.max_attempts):
        assert queue.claim(any_room, "w").study_id == poison
        any_room.clock.go_on(LEASE + 1)
    enqueue(any_room, other)
    assert queue.claim(any_room, "w").study_id == other
    (row,) = rooms.tables(any_room, select(studies).where(studies.c.id == poison))
    assert (row["state"], row["said_key"]) == ("failed", "reading.failed")


def test_what_a_dead_worker_held_need_not_wait_for_its_lease(any_room, tmp_path):
    (study,) = with_studies(any_room, tmp_path, 1)
    enqueue(any_room, study)
    queue.claim(any_room, "dead")
    assert queue.expire(any_room, "other") == 0
    assert queue.expire(any_room, "dead") == 1
    assert queue.claim(any_room, "alive").attempt == 2


def test_a_job_that_is_given_back_has_lost_no_attempt(room, study):
    enqueue(room, study)
    assert queue.release(room, queue.claim(room, "one"), "the worker was told to end")
    assert queue.claim(room, "two").attempt == 1


def test_a_waiting_job_is_cancelled_and_can_be_tried_again(room, study):
    number = enqueue(room, study)
    assert queue.cancel(room, number)
    assert not queue.cancel(room, number)
    assert queue.claim(room, "w") is None
    assert state(room) == "refused"
    assert queue.retry(room, number)
    assert not queue.retry(room, number)  # one is waiting
    assert queue.claim(room, "w").study_id == study
    assert state(room) == "reading"


def test_a_running_job_that_is_cancelled_is_not_its_workers_any_more(any_room, tmp_path):
    (study,) = with_studies(any_room, tmp_path, 1)
    number = enqueue(any_room, study)
    held = queue.claim(any_room, "w")
    assert queue.cancel(any_room, number)
    assert not queue.alive(any_room, held)
    assert queue.fail(any_room, held, "too late") == ""
    assert job(any_room, number)["state"] == "cancelled"


def test_nothing_is_cancelled_or_tried_again_that_is_not_there(room):
    assert not queue.cancel(room, 99)
    assert not queue.retry(room, 99)


def test_the_log_of_a_job_keeps_its_latest_lines(room, study):
    number = enqueue(room, study)
    held = queue.claim(room, "w")
    for event in range(1000):
        queue.note(room, held, f"event {event} " + "x" * 50)
    text = job(room, number)["log"]
    assert len(text) <= queue.LOG_LENGTH
    assert "event 999" in text


def test_many_workers_at_once_take_every_job_once(any_room, tmp_path):
    """Threads of one process, each with a connection of its own; processes are seen to in test_killed."""
    count, workers = 40, 8
    for study in with_studies(any_room, tmp_path, count):
        enqueue(any_room, study)
    gate = threading.Barrier(workers)

    def take(worker):
        gate.wait()
        taken = []
        while (held := queue.claim(any_room, f"w{worker}")) is not None:
            taken.append(held.job_id)
        return taken

    with ThreadPoolExecutor(workers) as pool:
        taken = [number for one in pool.map(take, range(workers)) for number in one]
    assert len(taken) == count
    assert len(set(taken)) == count


def test_many_who_order_one_study_at_once_make_one_job(any_room, tmp_path):
    (study,) = with_studies(any_room, tmp_path, 1)
    gate = threading.Barrier(8)

    def order(_):
        gate.wait()
        return enqueue(any_room, study)

    with ThreadPoolExecutor(8) as pool:
        made = [number for number in pool.map(order, range(8)) if number is not None]
    assert len(made) == 1


def test_the_settings_say_how_often_and_how_long(tmp_path):
    reading = replace(ReadingSettings(), max_attempts=1, lease_seconds=5)
    room = rooms.make_room(tmp_path, RoomSettings(reading=reading))
    (study,) = with_studies(room, tmp_path, 1)
    number = enqueue(room, study)
    held = queue.claim(room, "w")
    assert job(room, number)["lease_until"] > room.now()
    assert queue.fail(room, held, "once") == "failed"
    room.database.dispose()
