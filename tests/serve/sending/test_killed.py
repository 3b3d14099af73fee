"""Senders that are killed in the middle, again and again: nothing is lost, and little comes twice."""

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from pynetdicom import AE, StoragePresentationContexts, evt

import outbox_desk as desk
import sender_process
from secondread.serve.database import migrate
from secondread.serve.moments import wall_clock
from secondread.serve.room import open_room

PROGRAM = Path(sender_process.__file__)
END_S = 600


@pytest.fixture
def archive():
    """Takes its time for each object, so that a killed sender is often in the middle of one; counts by UID."""
    seen = Counter()

    def store(event):
        time.sleep(0.02)
        seen[str(event.request.AffectedSOPInstanceUID)] += 1
        return 0x0000

    application = AE("WITNESS")
    application.supported_contexts = StoragePresentationContexts
    server = application.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, store)])
    yield server.socket.getsockname()[1], seen
    server.shutdown()


def test_a_killed_sender_loses_nothing(tmp_path, archive):
    nothing_is_lost(tmp_path, f"sqlite:///{tmp_path / 'outbox.db'}", archive, studies=5, kills=1)


@pytest.mark.slow
def test_senders_that_are_killed_twenty_times_lose_nothing(tmp_path, database_url, archive):
    nothing_is_lost(tmp_path, database_url, archive, studies=100, kills=20)


def nothing_is_lost(tmp_path, database_url, archive, *, studies, kills):
    port, seen = archive
    room = open_room(sender_process.settings(tmp_path, database_url, port), clock=wall_clock)
    migrate.upgrade(room.database)
    expected = set()
    for number in range(studies):
        desk.queue(room, desk.study_in(room, tmp_path, f"s{number}"), f"read-{number}")
        expected |= set(desk.results(room, f"read-{number}").values())
    chance = random.Random(6)
    end = time.monotonic() + END_S
    processes = [start(tmp_path, database_url, port) for _ in range(2)]
    try:
        while not all(row["state"] == "confirmed" for row in desk.outbox(room)):
            assert time.monotonic() < end, Counter(row["state"] for row in desk.outbox(room))
            time.sleep(chance.uniform(0.05, 0.5))
            if kills:
                kills -= 1
                victim = processes.pop(chance.randrange(2))
                victim.kill()
                victim.wait()
                processes.append(start(tmp_path, database_url, port))
    finally:
        for process in processes:
            process.kill()
            process.wait()
        room.database.dispose()
    assert set(seen) == expected
    assert max(seen.values()) <= 4, "an object was sent again and again"
    shelf = [folder for folder in (tmp_path / "shelf").iterdir() if not folder.name.startswith(".")]
    assert len(shelf) == studies
    assert {len(list(folder.iterdir())) for folder in shelf} == {6}


def start(folder, url, port):
    process = subprocess.Popen(
        [sys.executable, PROGRAM, folder, url, str(port)], stdout=subprocess.PIPE, text=True, cwd=PROGRAM.parent
    )
    assert process.stdout.readline() == "sending\n"
    process.stdout.close()
    return process
