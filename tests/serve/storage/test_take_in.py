import shutil

import pytest
from sqlalchemy import select

import rooms
from secondread.serve.database.tables import instances, studies
from secondread.serve.storage.arrive import arrival_of, incoming_file
from secondread.serve.storage.take_in import ConflictError, Kept, take_in

CHEST = rooms.EXAMPLES / "child-viral.dcm"


def test_an_object_lies_in_its_place_and_in_the_index(any_room):
    assert rooms.send_in(any_room, CHEST) == [Kept.STORED]
    (row,) = rooms.tables(any_room, select(instances))
    assert (any_room.folders.images / row["path"]).read_bytes() == CHEST.read_bytes()
    (study,) = rooms.tables(any_room, select(studies))
    assert (study["state"], study["instance_count"]) == ("arriving", 1)
    assert not list(any_room.folders.incoming.iterdir())


def test_the_same_object_twice_is_one_object(any_room):
    assert rooms.send_in(any_room, CHEST, CHEST) == [Kept.STORED, Kept.ALREADY_HERE]
    assert len(rooms.tables(any_room, select(instances))) == 1
    assert not list(any_room.folders.incoming.iterdir())


def test_another_content_under_the_same_uid_is_refused_and_the_first_stays(any_room, tmp_path):
    rooms.send_in(any_room, CHEST)
    changed = tmp_path / "changed.dcm"
    content = bytearray(CHEST.read_bytes())
    content[-1] ^= 1
    changed.write_bytes(content)
    part = incoming_file(any_room)
    shutil.copy(changed, part)
    with pytest.raises(ConflictError, match="another content"):
        take_in(any_room, arrival_of(part, "SCANNER"))
    (row,) = rooms.tables(any_room, select(instances))
    assert (any_room.folders.images / row["path"]).read_bytes() == CHEST.read_bytes()
    assert len([file for file in any_room.folders.images.rglob("*") if file.is_file()]) == 1
