import io
import shutil

import pydicom
import pytest
from pydicom.filewriter import write_file_meta_info
from sqlalchemy import select

import rooms
from secondread.dicom.header import calm
from secondread.serve.database.tables import instances, studies
from secondread.serve.storage import take_in as taking
from secondread.serve.storage.arrive import arrival_of, incoming_file
from secondread.serve.storage.index import Known
from secondread.serve.storage.take_in import ConflictError, Kept, take_in
from secondread.serve.storage.together import take_in_together

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


def with_header(folder, **said):
    """The data set of the chest X-ray, byte for byte, behind another header."""
    meta = pydicom.dcmread(CHEST, stop_before_pixels=True).file_meta
    data = CHEST.read_bytes()[144 + meta.FileMetaInformationGroupLength :]
    with calm():
        for keyword, value in said.items():
            setattr(meta, keyword, value)
    header = io.BytesIO()
    write_file_meta_info(header, meta)
    made = folder / "other-header.dcm"
    made.write_bytes(bytes(128) + b"DICM" + header.getvalue() + data)
    return made


def together(room, file):
    part = incoming_file(room)
    shutil.copy(file, part)
    return take_in_together(room, [arrival_of(part, "SCANNER")], Known())[0]


@pytest.mark.parametrize("send", [lambda room, file: rooms.send_in(room, file)[0], together])
def test_the_same_data_set_by_another_way_leaves_the_file_that_the_index_describes(any_room, tmp_path, send):
    rooms.send_in(any_room, CHEST)
    again = with_header(tmp_path, ImplementationVersionName="SENT ANOTHER WAY")
    assert send(any_room, again) is Kept.ALREADY_HERE
    (row,) = rooms.tables(any_room, select(instances))
    files = [file for file in any_room.folders.images.rglob("*") if file.is_file()]
    assert files == [any_room.folders.images / row["path"]]
    assert files[0].read_bytes() == CHEST.read_bytes()


def test_a_header_with_another_transfer_syntax_makes_another_object_of_it(any_room, tmp_path):
    rooms.send_in(any_room, CHEST)
    with pytest.raises(ConflictError):
        rooms.send_in(any_room, with_header(tmp_path, TransferSyntaxUID="1.2.840.10008.1.2.4.90"))
    (row,) = rooms.tables(any_room, select(instances))
    assert (any_room.folders.images / row["path"]).read_bytes() == CHEST.read_bytes()


def test_an_object_whose_file_is_erased_while_it_comes_in_is_not_acknowledged(any_room, monkeypatch):
    add = taking.add

    def erased_before(connection, room, arrival, known, *, path, size):
        (room.folders.images / path).unlink()
        add(connection, room, arrival, known, path=path, size=size)

    monkeypatch.setattr(taking, "add", erased_before)
    with pytest.raises(FileNotFoundError):
        rooms.send_in(any_room, CHEST)
    assert rooms.tables(any_room, select(instances)) == []
    monkeypatch.undo()
    assert rooms.send_in(any_room, CHEST) == [Kept.STORED]


def test_a_transfer_syntax_that_is_no_uid_goes_into_no_header_of_an_answer(room, tmp_path):
    rooms.send_in(room, with_header(tmp_path, TransferSyntaxUID="1.2\r\nSet-Cookie: a=b"))
    (row,) = rooms.tables(room, select(instances))
    assert row["transfer_syntax_uid"] == ""
