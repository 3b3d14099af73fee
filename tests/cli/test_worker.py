import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import select

import fakes
import rooms
from command_line import complaint
from reading_desk import chest
from secondread.cli import run
from secondread.serve.config.room import ReadingSettings, RoomSettings
from secondread.serve.database.tables import studies
from secondread.serve.reading import completion

SETTINGS = """
[storage]
folder = "room"
[reading]
quiet_seconds = 0
bundles = ["{bundles}"]
[[route]]
name = "all"
readers = ["chest-xray-pneumonia"]
"""


def test_a_worker_beside_the_server_reads_and_ends_when_it_is_told_to(tmp_path):
    bundles = fakes.write_bundles(tmp_path / "bundles")
    settings = tmp_path / "room.toml"
    settings.write_text(SETTINGS.format(bundles=bundles), encoding="utf-8")
    room = rooms.make_room(tmp_path, RoomSettings(reading=ReadingSettings(quiet_seconds=0.0)))
    rooms.send_in(room, chest(tmp_path / "1.dcm"))
    completion.complete_due(room)
    command = [sys.executable, "-m", "secondread", "worker", "--settings", str(settings)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "1 worker at work. Stop with Ctrl-C.\n"
        deadline = time.monotonic() + 300
        while [row["state"] for row in rooms.tables(room, select(studies.c.state))] != ["draft"]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(120) == 0
    room.database.dispose()


@pytest.mark.parametrize(
    ("options", "told"),
    [(["--folder", "nowhere"], "there is no such folder"), (["--folder", "room", "--workers", "0"], "from 1 to 64")],
)
def test_a_worker_without_a_room_or_a_number_says_so(here, capsys, options, told):
    rooms.make_room(here).database.dispose()
    assert run(["worker", *options]) == 2
    assert told in complaint(capsys)
