"""A room is copied while it works, and made again somewhere else, to the last byte."""

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

import dicom_factory
import outbox_desk as desk
import postgres
import rooms
from secondread.core.errors import FormatError, OutputError, UsageError
from secondread.serve.backup import database_copy, layout
from secondread.serve.backup.back_up import back_up
from secondread.serve.backup.restore import restore
from secondread.serve.config.room import DatabaseSettings, RoomSettings, StorageSettings
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import instances, studies
from secondread.serve.room import open_room
from secondread.serve.storage.arrive import data_set_hash
from secondread.serve.storage.take_in import image_count
from secondread.serve.trail.checkpoint import make_checkpoint, open_checkpoints
from secondread.serve.trail.record import record
from secondread.serve.trail.verify import verify


@pytest.fixture
def target(tmp_path):
    return tmp_path / "backup"


def scan(folder: Path, number: int) -> Path:
    folder.mkdir(exist_ok=True)
    uid = dicom_factory.uid("instance", number)
    study = dicom_factory.uid("study", number // 3)
    return dicom_factory.chest_xray(folder / f"{number}.dcm", SOPInstanceUID=uid, StudyInstanceUID=study)


def fill(room, folder: Path, numbers=range(6)) -> None:
    rooms.send_in(room, *(scan(folder, number) for number in numbers))


def add_read(room, name="read-1") -> Path:
    """A read with a folder of results."""
    desk.results(room, name)
    rooms.add_read(room, rooms.tables(room, select(studies.c.id))[0]["id"], folder=name)
    return room.folders.results / name


def settings_at(folder: Path, url="") -> RoomSettings:
    return RoomSettings(storage=StorageSettings(folder=folder), database=DatabaseSettings(url))


def content(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def check_whole(room) -> int:
    """Every file that the index names is there and is what the index says; how many."""
    rows = rooms.tables(room, select(instances))
    for row in rows:
        assert data_set_hash(room.folders.images / row["path"]) == row["sha256"]
    return len(rows)


def test_a_room_that_goes_on_receiving_is_copied_and_serves_again_elsewhere(any_room, request, tmp_path, target):
    room = any_room
    fill(room, tmp_path / "scans")
    results = add_read(room)
    for _ in range(3):
        record(room, actor="dr1", action="view", study_uid="1.2.3")
    checkpoint = make_checkpoint(room)
    stop = threading.Event()

    def go_on() -> None:
        for number in range(100, 400):
            if stop.is_set():
                return
            fill(room, tmp_path / "scans", [number])

    sender = threading.Thread(target=go_on)
    sender.start()
    try:
        for _ in range(3):
            room.clock.go_on(60)
            done = back_up(room, target)
    finally:
        stop.set()
        sender.join()
    assert done.missing == 0
    url = ""
    if room.database.dialect.name == "postgresql":
        with postgres.database(request.getfixturevalue("postgres_server")) as url:
            restored_is_whole(target, settings_at(tmp_path / "again", url), done, results, room, checkpoint)
    else:
        restored_is_whole(target, settings_at(tmp_path / "again"), done, results, room, checkpoint)


def restored_is_whole(target, settings, done, results, original, checkpoint) -> None:
    told = restore(target, settings)
    assert (told.files, told.bytes, told.damaged, told.upgrade_needed) == (done.files, done.bytes, 0, False)
    room = open_room(settings)
    try:
        count = check_whole(room)
        assert 6 <= count == done.files - len(content(results))
        assert content(room.folders.results / "read-1") == content(results)
        assert room.secret == original.secret
        fill(room, settings.storage.folder.parent / "new", [1000])  # keys go on where they were
        with room.database.connect() as connection:
            assert image_count(connection) == count + 1
        record(room, actor="dr1", action="view", study_uid="1.2.3")
        assert chain_is_whole(room, checkpoint)
        assert rooms.logged_in(room, "viewer").get("/").status_code == 200
    finally:
        room.database.dispose()


def chain_is_whole(room, checkpoint) -> bool:
    with room.database.connect() as connection:
        found = verify(connection, open_checkpoints(checkpoint, room))
    return found.broken_at is None and found.entries > 3


def test_only_what_is_new_is_copied_again(room, tmp_path, target):
    fill(room, tmp_path / "scans")
    first = back_up(room, target)
    assert (first.files, first.copied) == (6, 6)
    room.clock.go_on(3600)
    fill(room, tmp_path / "scans", [7, 8])
    second = back_up(room, target, keep=2)
    assert (second.files, second.copied, second.removed) == (8, 2, 0)
    assert len(layout.snapshots(target)) == 2


def test_what_was_erased_leaves_the_backup_with_the_next_one(room, tmp_path, target):
    fill(room, tmp_path / "scans")
    back_up(room, target)
    room.clock.go_on(3600)
    with writing(room.database) as connection:
        [gone] = connection.execute(select(instances.c.path, instances.c.sop_instance_uid).limit(1)).all()
        connection.execute(instances.delete().where(instances.c.path == gone.path))
    (room.folders.images / gone.path).unlink()
    done = back_up(room, target)
    assert (done.files, done.removed) == (5, 1)
    assert len(list((target / layout.FILES).glob("*/*"))) == 5
    assert not any(gone.sop_instance_uid.encode() in data for data in content(target).values())


def test_a_file_that_rotted_in_the_room_stays_as_the_backup_has_it(room, tmp_path, target):
    fill(room, tmp_path / "scans")
    back_up(room, target)
    room.clock.go_on(3600)
    file = next(room.folders.images.rglob("*.dcm"))
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + b"!")
    done = back_up(room, target)
    assert (done.files, done.missing) == (6, 0)
    assert whole in content(target / layout.FILES).values()


def test_what_is_missing_in_room_and_backup_is_told_and_earlier_snapshots_stay(room, tmp_path, target):
    fill(room, tmp_path / "scans")
    back_up(room, target)
    room.clock.go_on(3600)
    fill(room, tmp_path / "scans", [9])
    newest = rooms.tables(room, select(instances.c.path).order_by(instances.c.id.desc()))[0]["path"]
    (room.folders.images / newest).unlink()
    done = back_up(room, target)
    assert (done.files, done.missing) == (6, 1)
    assert len(layout.snapshots(target)) == 2


def test_nothing_is_overwritten(room, tmp_path, target):
    fill(room, tmp_path / "scans")
    back_up(room, target)
    with pytest.raises(OutputError, match="is not empty"):
        restore(target, room.settings)
    other = settings_at(tmp_path / "again", f"sqlite:///{tmp_path / 'room' / 'room.db'}")
    with pytest.raises(OutputError, match="never overwritten"):
        restore(target, other)
    assert not (tmp_path / "again").exists()


def test_a_database_with_tables_is_not_restored_into(postgres_url, tmp_path, target):
    room = rooms.make_room(tmp_path, url=postgres_url)
    try:
        back_up(room, target)
        with pytest.raises(OutputError, match="never overwritten"):
            restore(target, settings_at(tmp_path / "again", postgres_url))
        with pytest.raises(UsageError, match="holds a postgresql database, the settings name sqlite"):
            restore(target, settings_at(tmp_path / "again"))
    finally:
        room.database.dispose()


@pytest.mark.parametrize("part", ["a file", "a missing file", "the database", "the list"])
def test_a_damaged_backup_is_told(room, tmp_path, target, part):
    fill(room, tmp_path / "scans")
    add_read(room)
    done = back_up(room, target)
    snapshot = target / layout.SNAPSHOTS / done.snapshot
    stored = next((target / layout.FILES).glob("*/*"))
    file = {"the database": snapshot / "room.db", "the list": snapshot / layout.LIST}.get(part, stored)
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    if part == "a missing file":
        file.unlink()
    with pytest.raises(FormatError, match="missing or damaged"):
        restore(target, settings_at(tmp_path / "again"))
    assert not (tmp_path / "again" / "room.db").exists()
    if "file" in part:
        again = restore(target, settings_at(tmp_path / "third"), skip_damaged=True)
        assert (again.files, again.damaged) == (done.files - 1, 1)


def test_a_backup_that_rotted_is_mended_by_verifying(room, tmp_path, target):
    fill(room, tmp_path / "scans")
    back_up(room, target)
    stored = next((target / layout.FILES).glob("*/*"))
    stored.write_bytes(b"rotten")
    room.clock.go_on(3600)
    assert back_up(room, target, verify=True).copied == 1
    assert restore(target, settings_at(tmp_path / "again")).files == 6


def test_a_list_that_names_a_place_outside_the_room_is_not_followed(room, tmp_path, target):
    fill(room, tmp_path / "scans")
    done = back_up(room, target)
    snapshot = target / layout.SNAPSHOTS / done.snapshot
    [first, *_] = layout.read_list(snapshot)
    layout.write_list(snapshot, [replace(first, path="images/../../stolen.dcm")])
    about = layout.read_about(snapshot)
    layout.write_about(snapshot, replace(about, list_sha256=layout.sha256_of(snapshot / layout.LIST)))
    with pytest.raises(FormatError):
        restore(target, settings_at(tmp_path / "again"))
    assert not (tmp_path / "stolen.dcm").exists()


def test_a_folder_that_holds_something_else_is_left_alone(room, tmp_path, target):
    target.mkdir()
    (target / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match="holds something that is no backup"):
        back_up(room, target)
    with pytest.raises(UsageError, match="in the room itself"):
        back_up(room, room.folders.cache / "backup")
    with pytest.raises(UsageError, match="holds no backup"):
        restore(target, settings_at(tmp_path / "again"))


def test_two_rooms_do_not_share_a_backup(room, tmp_path, target):
    back_up(room, target)
    other = rooms.make_room(tmp_path / "other")
    with pytest.raises(OutputError, match="another room"):
        back_up(other, target)
    other.database.dispose()


def test_only_its_owner_may_look_at_a_backup(room, tmp_path, target):
    fill(room, tmp_path / "scans")
    back_up(room, target)
    assert target.stat().st_mode & 0o077 == 0


def test_a_missing_pg_dump_is_told_with_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(database_copy, "_DEBIAN", tmp_path)
    with pytest.raises(UsageError, match="apt-get install postgresql-client"):
        database_copy.find_tool("pg_dump")
