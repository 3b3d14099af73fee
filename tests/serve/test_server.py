import threading
from dataclasses import replace

import httpx
import pytest

import rooms
from secondread.core.errors import UsageError
from secondread.serve import server
from secondread.serve.config.room import DicomSettings, ReadingSettings, RoomSettings, ServerSettings
from secondread.serve.database import migrate

QUIET = RoomSettings(
    server=ServerSettings(port=0), dicom=DicomSettings(enabled=False), reading=ReadingSettings(workers=0)
)


def test_a_room_is_served_until_it_is_told_to_stop(tmp_path):
    room = rooms.make_room(tmp_path, QUIET)
    told, stopping, heard = threading.Event(), threading.Event(), []

    def ready(running: server.Running) -> None:
        heard.append(running.url)
        told.set()

    thread = threading.Thread(target=server.serve, args=(room,), kwargs={"ready": ready, "stopping": stopping})
    thread.start()
    assert told.wait(20)
    answer = httpx.get(heard[0] + "static/theme.css")
    assert "--ground" in answer.text
    stopping.set()
    thread.join(20)
    assert not thread.is_alive()


def test_a_port_that_is_taken_is_named(tmp_path):
    taken = server._listen("127.0.0.1", 0, "probe")
    settings = replace(QUIET, server=ServerSettings(port=taken.getsockname()[1]))
    with pytest.raises(UsageError, match=r"\[server\] port: 127\.0\.0\.1 port \d+ cannot be used"):
        server.serve(rooms.make_room(tmp_path, settings), ready=lambda _: None)
    taken.close()


def test_tables_of_another_version_are_not_worked_on(tmp_path):
    room = rooms.make_room(tmp_path, QUIET)
    migrate.downgrade(room.database, "base")
    with pytest.raises(UsageError, match="secondread database upgrade"):
        server.serve(room, ready=lambda _: None)
