import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

import fakes
import rooms
from reading_desk import chest, make_desk
from secondread.core.errors import UsageError
from secondread.serve.config.load import settings_from
from secondread.serve.config.room import (
    AccessSettings,
    Destination,
    DicomSettings,
    Peer,
    ReadingSettings,
    RoomSettings,
    Route,
    StorageSettings,
)
from secondread.serve.database.tables import jobs, reads, studies
from secondread.serve.moments import wall_clock
from secondread.serve.reading import completion, crew, queue
from secondread.serve.reading.crew import Crew
from secondread.serve.reading.results import AT_WORK
from secondread.serve.reading.worker import order_of, work

SHORT = ReadingSettings(quiet_seconds=0.0, lease_seconds=2.0)


def until(true, seconds=300):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def states(room):
    return [row["state"] for row in rooms.tables(room, select(studies.c.state).order_by(studies.c.id))]


@pytest.fixture
def real_room(tmp_path):
    """A room whose time passes, with real bundles that are very small."""
    # With leases so long that nobody waits for the end of one.
    reading = replace(SHORT, lease_seconds=600.0, bundles=(fakes.write_bundles(tmp_path / "bundles"),))
    routes = (Route("all", readers=(fakes.READER,)),)
    room = rooms.make_room(tmp_path, RoomSettings(reading=reading, routes=routes), clock=wall_clock)
    yield room
    room.database.dispose()


def test_the_settings_reach_a_worker_as_they_are(tmp_path):
    settings = RoomSettings(
        storage=StorageSettings(tmp_path / "room", "process"),
        reading=replace(SHORT, bundles=(tmp_path / "bundles",), language="ko"),
        dicom=DicomSettings(peers=(Peer("PACS", "10.0.0.1", 104, may=("echo",)),), certificate=None),
        access=AccessSettings(oidc_roles={"x-ray": "radiologist"}),
        routes=(Route("r", modality=("CT",), send_to=("out",)),),
        destinations=(Destination("out", "folder", path=tmp_path / "out"),),
    )
    order = json.loads(order_of(settings, "w-1"))
    assert order["name"] == "w-1"
    assert settings_from(order["settings"], Path()) == settings


def test_a_worker_reads_until_it_is_told_to_end(tmp_path):
    room = rooms.make_room(tmp_path, RoomSettings(reading=SHORT))
    rooms.send_in(room, *(chest(tmp_path / f"{number}.dcm", number) for number in range(3)))
    completion.complete_due(room)
    ending = threading.Event()
    thread = threading.Thread(target=work, args=(make_desk(room), "w", ending))
    thread.start()
    until(lambda: states(room) == ["draft"] * 3)
    ending.set()
    thread.join(60)
    assert not thread.is_alive()
    room.database.dispose()


def test_a_worker_waits_while_the_database_is_away(tmp_path, monkeypatch):
    room = rooms.make_room(tmp_path, RoomSettings(reading=SHORT))
    rooms.send_in(room, chest(tmp_path / "1.dcm"))
    completion.complete_due(room)
    monkeypatch.setattr("secondread.serve.reading.worker.FAULT_SECONDS", 0.01)
    real, faults = queue.claim, iter([OSError("gone"), OSError("gone")])

    def claim(*args):
        fault = next(faults, None)
        if fault is not None:
            raise fault
        return real(*args)

    monkeypatch.setattr(queue, "claim", claim)
    ending = threading.Event()
    thread = threading.Thread(target=work, args=(make_desk(room), "w", ending))
    thread.start()
    until(lambda: states(room) == ["draft"])
    ending.set()
    thread.join(60)
    room.database.dispose()


def test_a_killed_worker_is_replaced_and_what_it_read_is_read_by_the_next(real_room, tmp_path):
    workers = Crew(real_room, 1)
    workers.start()
    try:
        (first,) = workers.processes()
        rooms.send_in(real_room, chest(tmp_path / "1.dcm"))
        completion.complete_due(real_room)
        until(lambda: [row["state"] for row in rooms.tables(real_room, select(jobs))] != ["waiting"])
        os.kill(first, signal.SIGKILL)
        until(lambda: states(real_room) == ["draft"])
        until(lambda: workers.processes() not in {(), (first,)})
    finally:
        workers.stop()
    assert workers.processes() == ()
    (read,) = rooms.tables(real_room, select(reads))
    assert read["version"] == 1
    assert list((real_room.folders.results / AT_WORK).iterdir()) == []


PARENT = """
import json, sys, time
from pathlib import Path
from secondread.serve.config.load import settings_from
from secondread.serve.reading.crew import Crew
from secondread.serve.room import open_room

crew = Crew(open_room(settings_from(json.loads(sys.argv[1])["settings"], Path())), 2)
crew.start()
print(*crew.processes(), flush=True)
time.sleep(600)
"""


def test_workers_end_with_whoever_started_them_even_by_kill(real_room):
    order = order_of(real_room.settings, "")
    with subprocess.Popen([sys.executable, "-c", PARENT, order], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        children = [int(number) for number in parent.stdout.readline().split()]
        parent.kill()
    assert len(children) == 2
    until(lambda: not any(runs(child) for child in children))


def runs(process):
    """Whether it runs; one that ended and that nobody waited for does not. Source: proc(5), /proc/pid/stat."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_worker_that_dies_at_once_is_started_again_after_longer_and_longer_waits(room):
    started = []

    def start(name):
        started.append(name)
        process = subprocess.Popen([sys.executable, "-S", "-c", ""], stdin=subprocess.PIPE)
        process.wait()
        return process

    workers = Crew(room, 1, start=start)
    at = []
    for look in range(20):
        workers._look()
        at += [look] * (len(started) - len(at))
    workers.stop()
    waits = [later - earlier for earlier, later in itertools.pairwise(at)]
    assert waits == sorted(waits)
    assert waits[-1] > waits[0]
    assert len(set(started)) == len(started)


def test_workers_do_not_start_for_a_route_that_names_a_reader_that_is_not_there(tmp_path):
    room = rooms.make_room(tmp_path, RoomSettings(routes=(Route("r", readers=("nobody",)),)))
    with pytest.raises(UsageError, match="readers names 'nobody'"):
        Crew(room, 1).start()
    room.database.dispose()


def test_what_killed_workers_left_behind_is_removed_and_what_is_at_work_is_not(room, tmp_path):
    rooms.send_in(room, chest(tmp_path / "1.dcm"))
    room.clock.go_on(30)
    completion.complete_due(room)
    held = queue.claim(room, "w")
    working = room.folders.results / AT_WORK
    for name in (f"{held.job_id}-1", "77-1"):
        (working / name).mkdir(parents=True)
    for name in (f"filing-{held.job_id}-x.part", "filing-77-x.part"):
        (room.folders.incoming / name).touch()
    crew.sweep(room)
    assert [file.name for file in room.folders.incoming.iterdir()] == [f"filing-{held.job_id}-x.part"]
    assert [folder.name for folder in working.iterdir()] == [f"{held.job_id}-1"]
