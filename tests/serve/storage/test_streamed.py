"""Files that are looked into as they come in, and objects that are taken in together."""

import threading
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from sqlalchemy import select

import rooms
from secondread.core.errors import FormatError
from secondread.serve.database.tables import instances, studies
from secondread.serve.storage.arrive import arrival_of, incoming_file
from secondread.serve.storage.index import Known
from secondread.serve.storage.streamed import StreamedFile
from secondread.serve.storage.take_in import Kept
from secondread.serve.storage.together import take_in_together

NAMES = [
    "CT_small.dcm",
    "MR_small_RLE.dcm",
    "MR_small_implicit.dcm",
    "ExplVR_BigEnd.dcm",
    "image_dfl.dcm",
    "reportsi.dcm",
]


def streamed(room, content: bytes, size: int):
    """What is known of a file that came in pieces of ``size`` bytes."""
    with StreamedFile(incoming_file(room)) as file:
        for at in range(0, len(content), size):
            file.write(content[at : at + size])
    return file.arrival("SENDER")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [97, 4096, 1 << 20])
def test_what_is_known_on_the_way_is_what_the_file_says(room, name, size):
    source = Path(get_testdata_file(name))
    on_the_way = streamed(room, source.read_bytes(), size)
    assert on_the_way.part.read_bytes() == source.read_bytes()
    read_again = arrival_of(on_the_way.part, "SENDER")
    assert (on_the_way.entry, on_the_way.sha256) == (read_again.entry, read_again.sha256)


@pytest.mark.parametrize(
    "content", [b"", b"x" * 50, b"\0" * 128 + b"DICM", b"\0" * 128 + b"DICM\x02\0\0\0UL\x04\0\xff\xff\xff\xff"]
)
def test_what_is_no_dicom_file_is_refused(room, content):
    with pytest.raises(FormatError):
        streamed(room, content, 7)


def slices(folder: Path, study: int, count: int) -> list[Path]:
    """Files of one study."""
    dataset, made = pydicom.dcmread(get_testdata_file("CT_small.dcm")), []
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = f"1.2.{study}", f"1.2.{study}.1"
    for number in range(1, count + 1):
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"1.2.{study}.1.{number}"
        made.append(folder / f"{study}-{number}.dcm")
        dataset.save_as(made[-1])
    return made


def arrivals(room, files: list[Path]):
    return [streamed(room, file.read_bytes(), 1 << 16) for file in files]


def test_objects_of_several_studies_are_in_their_places_and_counted(any_room, tmp_path):
    files = [*slices(tmp_path, 1, 3), *slices(tmp_path, 2, 2)]
    assert take_in_together(any_room, arrivals(any_room, files), Known()) == [Kept.STORED] * 5
    assert sorted(row["instance_count"] for row in rooms.tables(any_room, select(studies))) == [2, 3]
    for row in rooms.tables(any_room, select(instances)):
        assert (any_room.folders.images / row["path"]).stat().st_size == row["size_bytes"]
    assert not list(any_room.folders.incoming.iterdir())


def test_one_that_is_here_already_or_differs_spoils_nothing_for_the_others(any_room, tmp_path):
    files = slices(tmp_path, 1, 4)
    rooms.send_in(any_room, files[0], files[1])
    files[1].write_bytes(files[1].read_bytes()[:-1] + b"\x01")
    kept = take_in_together(any_room, arrivals(any_room, files), Known())
    assert kept == [Kept.ALREADY_HERE, None, Kept.STORED, Kept.STORED]
    (row,) = rooms.tables(any_room, select(studies))
    assert row["instance_count"] == 4
    assert len(list(any_room.folders.images.rglob("*.dcm"))) == 4


def test_several_who_send_the_same_studies_at_once_in_another_order_all_come_to_an_end(any_room, tmp_path):
    files = [*slices(tmp_path, 1, 4), *slices(tmp_path, 2, 4)]
    batches = [arrivals(any_room, files), arrivals(any_room, files[::-1]), arrivals(any_room, files[4:] + files[:4])]
    outcomes: list[list[Kept | None]] = []
    threads = [
        threading.Thread(target=lambda batch=batch: outcomes.append(take_in_together(any_room, batch, Known())))
        for batch in batches
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(outcomes) == 3
    assert all(kept in set(Kept) for outcome in outcomes for kept in outcome)
    assert len(rooms.tables(any_room, select(instances))) == 8
    assert [row["instance_count"] for row in rooms.tables(any_room, select(studies))] == [4, 4]
