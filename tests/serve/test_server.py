import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx2
import pytest

import rooms
from certificates import self_signed
from secondread.core.errors import UsageError
from secondread.serve import server
from secondread.serve.config.room import DicomSettings, ReadingSettings, RoomSettings, ServerSettings
from secondread.serve.database import migrate
from secondread.serve.room import Room

QUIET = RoomSettings(
    server=ServerSettings(port=0), dicom=DicomSettings(enabled=False), reading=ReadingSettings(workers=0)
)


@contextmanager
def served(room: Room) -> Iterator[str]:
    """The room behind its own port; the URL of its first page."""
    told, stopping, heard = threading.Event(), threading.Event(), []

    def ready(running: server.Running) -> None:
        heard.append(running.url)
        told.set()

    thread = threading.Thread(target=server.serve, args=(room,), kwargs={"ready": ready, "stopping": stopping})
    thread.start()
    try:
        assert told.wait(120)
        yield heard[0]
    finally:
        stopping.set()
        thread.join(60)
    assert not thread.is_alive()


def test_a_room_is_served_until_it_is_told_to_stop(tmp_path):
    with served(rooms.make_room(tmp_path, QUIET)) as url:
        assert url.startswith("http://127.0.0.1:")
        assert "--ground" in httpx2.get(url + "static/theme.css").text


def test_with_a_certificate_nothing_goes_over_the_wire_in_the_open(tmp_path):
    certificate, key = self_signed(tmp_path)
    settings = replace(QUIET, server=ServerSettings(port=0, certificate=certificate, certificate_key=key))
    with served(rooms.make_room(tmp_path, settings)) as url:
        assert url.startswith("https://127.0.0.1:")
        trusted = ssl.create_default_context(cafile=str(certificate))
        assert httpx2.get(url + "static/theme.css", verify=trusted).status_code == 200
        with pytest.raises(httpx2.HTTPError):
            httpx2.get(url.replace("https", "http") + "static/theme.css")


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
