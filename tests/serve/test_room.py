import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from secondread.core.errors import UsageError
from secondread.serve.config.room import RoomSettings, StorageSettings
from secondread.serve.database import migrate
from secondread.serve.room import open_room


@pytest.fixture
def settings(tmp_path):
    return RoomSettings(storage=StorageSettings(folder=tmp_path / "somewhere" / "room"))


@pytest.fixture
def usual_umask():
    """What most machines give a new file: everybody may read it."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_nobody_else_of_the_machine_reads_what_is_in_a_room(settings, usual_umask):
    room = open_room(settings)
    migrate.upgrade(room.database)
    top = room.folders.top
    files = [top, *top.iterdir()]
    assert {"room.db", "secret.key", "images"} <= {file.name for file in files}
    open_to_others = [file.name for file in files if stat.S_IMODE(file.stat().st_mode) & 0o077]
    room.database.dispose()
    assert open_to_others == []


def test_a_database_in_a_folder_that_others_may_enter_is_closed_to_them(settings, usual_umask):
    settings.storage.folder.mkdir(parents=True, mode=0o755)
    room = open_room(settings)
    migrate.upgrade(room.database)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in room.folders.top.glob("room.db*")}
    room.database.dispose()
    assert len(modes) > 1
    assert set(modes.values()) == {0o600}


def test_two_programs_that_start_at_once_have_one_key(settings):
    with ThreadPoolExecutor(8) as several:
        rooms = list(several.map(lambda _: open_room(settings), range(8)))
    assert len({room.secret for room in rooms}) == 1
    assert open_room(settings).secret == rooms[0].secret
    assert list(rooms[0].folders.top.glob("*.part")) == []


def test_a_key_that_was_lost_half_way_is_refused_rather_than_used(settings):
    open_room(settings)
    (settings.storage.folder / "secret.key").write_bytes(b"")
    with pytest.raises(UsageError, match="backup"):
        open_room(settings)
