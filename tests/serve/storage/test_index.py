"""The index stays right whoever else writes at the same time, and whatever was remembered."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydicom import dcmread
from sqlalchemy import delete, select, update

import rooms
from dicom_factory import chest_xray, ct_series
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import instances, series, studies
from secondread.serve.storage.arrive import arrival_of, incoming_file
from secondread.serve.storage.take_in import ConflictError, Kept, Known, take_in


def received(room, file, known=None, **more):
    part = incoming_file(room)
    shutil.copy(file, part)
    return take_in(room, arrival_of(part, "SCANNER", **more), known)


def counts(room):
    (study,) = rooms.tables(room, select(studies))
    return study["instance_count"], sorted(row["instance_count"] for row in rooms.tables(room, select(series)))


def test_many_senders_of_one_new_study_make_one_study(any_room, tmp_path):
    files = ct_series(tmp_path / "a", (6, 8, 6), StudyInstanceUID="1.2", SeriesInstanceUID="1.2.1")
    files += ct_series(tmp_path / "b", (6, 8, 6), StudyInstanceUID="1.2", SeriesInstanceUID="1.2.2", Modality="MR",
                       SOPClassUID="1.2.840.10008.5.1.4.1.1.4")  # fmt: skip
    together = threading.Barrier(4)

    def send(share):
        known = Known()
        together.wait()
        return [received(any_room, file, known) for file in share]

    with ThreadPoolExecutor(4) as pool:
        outcomes = [one for found in pool.map(send, [files[k::4] for k in range(4)]) for one in found]
    assert set(outcomes) == {Kept.STORED}
    assert counts(any_room) == (12, [6, 6])
    (study,) = rooms.tables(any_room, select(studies))
    assert study["modalities"] == "CT MR"
    assert len(rooms.tables(any_room, select(instances))) == 12


def test_the_same_object_from_many_senders_is_one_object(any_room, tmp_path):
    (file,) = ct_series(tmp_path / "a", (1, 8, 6))
    together = threading.Barrier(4)

    def send(_):
        together.wait()
        return received(any_room, file)

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(send, range(4)))
    assert outcomes == [Kept.ALREADY_HERE] * 3 + [Kept.STORED]
    assert counts(any_room) == (1, [1])
    (row,) = rooms.tables(any_room, select(instances))
    assert (any_room.folders.images / row["path"]).is_file()


def test_what_is_remembered_of_a_study_that_was_erased_does_no_harm(any_room, tmp_path):
    files, known = ct_series(tmp_path / "a", (3, 8, 6)), Known()
    received(any_room, files[0], known)
    with writing(any_room.database) as connection:
        connection.execute(delete(studies))
    other = chest_xray(tmp_path / "other.dcm", StudyInstanceUID="1.2.3")
    received(any_room, other)  # it may get the key that the erased study had
    received(any_room, files[1], known)
    rows = rooms.tables(any_room, select(studies.c.study_uid, studies.c.instance_count, studies.c.modalities))
    assert {(row["study_uid"], row["instance_count"], row["modalities"]) for row in rows} == {
        ("1.2.3", 1, "DX"),
        (str(dcmread(files[1]).StudyInstanceUID), 1, "CT"),
    }


def test_what_a_refused_object_said_of_its_study_is_not_remembered(any_room, tmp_path):
    files, known = ct_series(tmp_path / "a", (2, 8, 6)), Known()
    received(any_room, files[0], known)
    changed = dcmread(files[0])
    changed.Modality = "MR"
    changed.save_as(tmp_path / "changed.dcm")
    with pytest.raises(ConflictError):
        received(any_room, tmp_path / "changed.dcm", known)
    assert counts(any_room) == (1, [1])
    later = dcmread(files[1])
    later.Modality = "MR"
    later.save_as(tmp_path / "later.dcm")
    received(any_room, tmp_path / "later.dcm", known)
    (study,) = rooms.tables(any_room, select(studies))
    assert study["modalities"] == "CT MR"


@pytest.mark.parametrize(
    ("state", "version", "after", "late"),
    [
        ("arriving", 0, "arriving", False),
        ("reading", 0, "arriving", True),
        ("draft", 1, "arriving", True),
        ("refused", 1, "arriving", True),
        ("signed", 1, "signed", True),
    ],
)
@pytest.mark.parametrize("remembered", [True, False])
def test_a_late_image_is_seen_in_every_state(room, tmp_path, state, version, after, late, remembered):
    files, known = ct_series(tmp_path / "a", (2, 8, 6)), Known()
    received(room, files[0], known)
    with writing(room.database) as connection:
        connection.execute(update(studies).values(state=state, read_version=version))
    room.clock.go_on(5)
    received(room, files[1], known if remembered else None)
    (study,) = rooms.tables(room, select(studies))
    assert (study["state"], bool(study["late_images"]), study["instance_count"]) == (after, late, 2)
    assert study["last_received_at"] == study["changed_at"] == room.now()


def test_a_result_of_ours_changes_nothing_of_its_study(any_room, tmp_path):
    image = chest_xray(tmp_path / "image.dcm")
    result = dcmread(image)
    result.SOPInstanceUID = result.file_meta.MediaStorageSOPInstanceUID = "1.2.9"
    result.SeriesInstanceUID, result.Modality = "1.2.9.1", "SR"
    result.save_as(tmp_path / "result.dcm")
    received(any_room, image)
    (before,) = rooms.tables(any_room, select(studies))
    any_room.clock.go_on(5)
    received(any_room, tmp_path / "result.dcm", own=True)
    assert rooms.tables(any_room, select(studies)) == [before]
    assert [row["own"] for row in rooms.tables(any_room, select(series).order_by(series.c.id))] == [False, True]
