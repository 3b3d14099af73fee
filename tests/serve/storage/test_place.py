import os

import pytest

from secondread.serve.storage import place
from secondread.serve.storage.place import place_of, settle


@pytest.fixture
def synced(monkeypatch):
    """What is synced to the disk, in order, and whether the file had its place by then."""
    paths = []
    monkeypatch.setattr(place, "sync", paths.append)
    return paths


def part_of(tmp_path, content=b"whole"):
    part = tmp_path / "incoming" / "one.part"
    part.parent.mkdir(exist_ok=True)
    part.write_bytes(content)
    return part


def test_a_file_and_every_new_folder_are_synced_before_it_counts(tmp_path, synced):
    target = tmp_path / "images" / "ab" / "study" / "one.dcm"
    (tmp_path / "images").mkdir()
    part = part_of(tmp_path)
    settle(part, target, durable=True)
    assert target.read_bytes() == b"whole"
    assert not part.exists()
    assert set(synced[:2]) == {target, target.parent}  # at once
    assert synced[2:] == [target.parent.parent, tmp_path / "images"]


def test_a_file_that_is_there_is_replaced_only_by_one_that_is_on_disk(tmp_path, synced):
    target = tmp_path / "images" / "one.dcm"
    settle(part_of(tmp_path), target, durable=True)
    synced.clear()
    part = part_of(tmp_path)
    settle(part, target, durable=True)
    assert synced == [part, target.parent]
    assert not part.exists()


@pytest.mark.parametrize("broken", ["one.dcm", "images"])
def test_a_disk_that_fails_to_sync_is_no_success(tmp_path, monkeypatch, broken):
    def fails(path):
        if path.name == broken:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(place, "sync", fails)
    with pytest.raises(OSError, match="Input/output error"):
        settle(part_of(tmp_path), tmp_path / "images" / "one.dcm", durable=True)


def test_a_file_system_without_links_will_do(tmp_path, synced, monkeypatch):
    def no_links(*_):
        raise PermissionError

    monkeypatch.setattr(os, "link", no_links)
    target, part = tmp_path / "images" / "one.dcm", part_of(tmp_path)
    settle(part, target, durable=True)
    assert target.read_bytes() == b"whole"
    assert synced[0] == part


def test_nothing_is_synced_where_only_the_process_may_end(tmp_path, synced):
    settle(part_of(tmp_path), tmp_path / "images" / "one.dcm", durable=False)
    assert synced == []
    assert (tmp_path / "images" / "one.dcm").read_bytes() == b"whole"


def test_no_two_contents_or_objects_share_a_place():
    places = {place_of(study, uid, digit * 64) for study in ("1.2", "1.3") for uid in ("1", "2") for digit in "ab"}
    assert len(places) == 8
