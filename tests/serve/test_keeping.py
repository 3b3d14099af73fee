import os
from collections import namedtuple
from datetime import timedelta

import pytest

import dicom_factory
import rooms
from secondread.serve import keeping
from secondread.serve.keeping import LEFT_SECONDS, keep_house, make_way, remove_left, storage_figures


def aged(path, seconds):
    """A file, or a folder with one, that was written so many seconds before the room's time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"0123456789")
    moment = (rooms.START - timedelta(seconds=seconds)).timestamp()
    os.utime(path, (moment, moment))
    if path.parent.name.startswith((".", "zip-")):
        os.utime(path.parent, (moment, moment))
    return path


def test_what_was_left_half_received_is_removed_and_what_is_being_received_is_not(room):
    incoming = room.folders.incoming
    old, new = aged(incoming / "old.part", LEFT_SECONDS + 1), aged(incoming / "new.part", 60)
    old_zip = aged(incoming / "zip-old" / "a.dcm", LEFT_SECONDS + 1)
    new_zip = aged(incoming / "zip-new" / "a.dcm", LEFT_SECONDS + 1)
    aged(incoming / "zip-new" / "b.dcm", 1)
    assert remove_left(room) == 2
    assert not old.exists()
    assert not old_zip.parent.exists()
    assert new.exists()
    assert new_zip.exists()


def test_half_written_results_go_and_finished_ones_stay(room):
    half = aged(room.folders.results / "ab" / "abcd" / ".secondread-x1" / "report.json", LEFT_SECONDS + 1)
    young = aged(room.folders.results / "ab" / "abcd" / ".secondread-x2" / "report.json", 5)
    whole = aged(room.folders.results / "ab" / "abcd" / "1-0123" / "report.json", 10 * LEFT_SECONDS)
    keep_house(room)
    assert not half.parent.exists()
    assert young.exists()
    assert whole.exists()


Disk = namedtuple("Disk", "total used free")


@pytest.mark.parametrize(("free", "left"), [(100, 3), (95, 2), (85, 1), (0, 0)])
def test_the_cache_makes_way_when_the_disk_is_nearly_full_the_longest_unused_first(room, monkeypatch, free, left):
    files = [aged(room.folders.cache / "view" / f"{age}" / "frames.bin", age) for age in (30, 20, 10)]
    monkeypatch.setattr(keeping.shutil, "disk_usage", lambda _: Disk(1000, 1000 - free, free))
    make_way(room)
    assert [file.parent.exists() for file in files] == [False] * (3 - left) + [True] * left


def test_figures_tell_what_lies_where(room, tmp_path):
    scan = dicom_factory.chest_xray(tmp_path / "scan.dcm")
    size = scan.stat().st_size
    rooms.send_in(room, scan)
    for folder, count in ((room.folders.results, 1), (room.folders.cache, 2), (room.folders.incoming, 3)):
        for number in range(count):
            aged(folder / "below" / f"{number}", 0)
    found = storage_figures(room)
    assert (found.objects, found.images) == (1, size)
    assert (found.results, found.cache, found.incoming) == (10, 20, 30)
    assert 0 < found.free < found.disk
