"""C-STORE: what is acknowledged is there, whole and indexed; what is not leaves nothing behind."""

import errno
import os
import shutil

import pydicom
import pytest
from pydicom import dcmread, uid
from pydicom.encaps import encapsulate
from pynetdicom import AE
from pynetdicom.presentation import build_context
from pynetdicom.sop_class import CTImageStorage
from sqlalchemy import select

import rooms
from dicom_factory import chest_xray, ct_series
from nodes import eventually
from secondread.dicom.header import calm
from secondread.dicom.node import command as commands
from secondread.dicom.node.call import associated
from secondread.dicom.node.client import store
from secondread.dicom.node.part10 import data_set_start, file_header, stored_file
from secondread.dicom.node.send import send_file
from secondread.dicom.node.services import STORAGE_SYNTAXES
from secondread.serve.config.room import Peer
from secondread.serve.database.tables import studies
from secondread.serve.node.service import Node


def in_syntax(source, path, syntax):
    """A file that says it is of a syntax; its pixels need not be decodable to be kept."""
    dataset = dcmread(source)
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = uid.generate_uid()
    dataset.file_meta.TransferSyntaxUID = syntax
    private = not uid.UID(syntax).is_transfer_syntax
    if private or uid.UID(syntax).is_encapsulated:
        dataset.PixelData = encapsulate([b"\x00" * 64])
        dataset["PixelData"].VR = "OB"
        dataset["PixelData"].is_undefined_length = True
    if syntax == uid.ExplicitVRBigEndian:
        dataset.PixelData = bytes(len(dataset.PixelData))
        dataset["PixelData"].VR = "OW"
    implicit, little = syntax == uid.ImplicitVRLittleEndian, syntax != uid.ExplicitVRBigEndian
    with calm():
        pydicom.dcmwrite(
            path, dataset, enforce_file_format=True,
            **({"implicit_vr": implicit, "little_endian": little} if private or not little else {}),
        )  # fmt: skip
    return path


def bytes_of_data_set(path):
    return path.read_bytes()[data_set_start(path) :]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_scanner_stores_a_series_and_every_byte_is_there(start, tmp_path, kind, request):
    url = request.getfixturevalue("postgres_url") if kind == "postgresql" else ""
    reached = start(url=url)
    files = ct_series(tmp_path / "ct", (5, 8, 6))
    reached.run("storescu", "+sd", tmp_path / "ct")
    rows = {row["sop_instance_uid"]: row for row in reached.stored()}
    assert len(rows) == len(files)
    for file in files:
        row = rows[dcmread(file).SOPInstanceUID]
        kept = reached.room.folders.images / str(row["path"])
        assert dcmread(kept).SOPInstanceUID == row["sop_instance_uid"]
        assert bytes_of_data_set(kept) == bytes_of_data_set(file)
        assert row["size_bytes"] == kept.stat().st_size
        assert row["source"] == "PEER"
    (study,) = rooms.tables(reached.room, select(studies))
    assert (study["instance_count"], study["modalities"], study["state"]) == (5, "CT", "arriving")
    assert reached.left_over() == []
    assert eventually(reached.trail)
    (entry,) = reached.trail()
    assert '"action":"receive"' in entry
    assert '"instances":5' in entry
    assert '"via":"DICOM"' in entry  # a user may have the name of an application


@pytest.mark.parametrize("syntax", STORAGE_SYNTAXES, ids=str)
def test_every_transfer_syntax_that_is_read_is_received(reached, tmp_path, syntax):
    file = in_syntax(chest_xray(tmp_path / "source.dcm"), tmp_path / "one.dcm", syntax)
    (told,) = store(reached.caller(), [file])
    assert told.status == 0
    (row,) = reached.stored()
    kept = reached.room.folders.images / str(row["path"])
    assert row["transfer_syntax_uid"] == syntax
    assert bytes_of_data_set(kept) == bytes_of_data_set(file)
    assert dcmread(kept).file_meta.TransferSyntaxUID == syntax
    assert (row["rows"], row["columns"]) == (40, 32)


def test_a_class_younger_than_the_program_is_received_and_no_other_service_passes_for_one(reached, tmp_path):
    young = chest_xray(tmp_path / "young.dcm", SOPClassUID="1.2.840.10008.5.1.4.1.1.999.1")
    (told,) = store(reached.caller(), [young])
    assert told.ok
    foreign = chest_xray(tmp_path / "foreign.dcm", SOPClassUID="1.2.3.4")
    (told,) = store(reached.caller(), [foreign])
    assert (told.ok, told.status) == (False, -1)
    assert len(reached.stored()) == 1


def test_pynetdicom_stores_too(reached, tmp_path):
    (file,) = ct_series(tmp_path / "ct", (1, 8, 6))
    ae = AE("PEER")
    ae.requested_contexts = [build_context(CTImageStorage)]
    association = ae.associate("127.0.0.1", reached.port, ae_title="SECONDREAD")
    status = association.send_c_store(dcmread(file))
    association.release()
    assert status.Status == 0
    assert len(reached.stored()) == 1


def test_the_same_object_again_is_acknowledged_and_another_under_its_uid_is_not(reached, tmp_path):
    first = chest_xray(tmp_path / "first.dcm", PatientID="A")
    assert [one.status for one in store(reached.caller(), [first, first])] == [0, 0]
    other = tmp_path / "other.dcm"
    changed = dcmread(first)
    changed.StudyDescription = "changed"
    changed.save_as(other)
    (told,) = store(reached.caller(), [other])
    assert told.status == 0x0111
    (row,) = reached.stored()
    kept = reached.room.folders.images / str(row["path"])
    assert bytes_of_data_set(kept) == bytes_of_data_set(first)
    assert list(reached.room.folders.images.rglob("*.dcm")) == [kept]


def headed(path, class_uid, instance_uid, data):
    path.write_bytes(file_header(class_uid, instance_uid, uid.ExplicitVRLittleEndian, "X") + data)
    return path


def test_a_data_set_that_is_not_what_the_request_says_is_a_mismatch(reached, tmp_path):
    source = chest_xray(tmp_path / "source.dcm")
    data, one = bytes_of_data_set(source), stored_file(source)
    wrong = headed(tmp_path / "wrong.dcm", one.sop_class_uid, "1.2.3.4.5", data)
    (told,) = store(reached.caller(), [wrong])
    assert told.status == 0xA900
    assert reached.stored() == []
    assert reached.left_over() == []
    assert eventually(lambda: any('"status":"A900H"' in entry for entry in reached.trail()))


def test_what_is_no_data_set_cannot_be_understood_and_what_comes_after_it_is_stored(reached, tmp_path):
    good = chest_xray(tmp_path / "good.dcm")
    one = stored_file(good)
    rubbish = headed(tmp_path / "rubbish.dcm", one.sop_class_uid, "1.2.3", b"\x08\x00rubbish" * 40)
    no_study = chest_xray(tmp_path / "no-study.dcm", StudyInstanceUID=None)
    assert [told.status for told in store(reached.caller(), [rubbish, no_study, good])] == [0xC000, 0xC000, 0]
    assert reached.left_over() == []


def test_a_full_disk_is_told_as_such_and_the_association_goes_on(reached, tmp_path, monkeypatch):
    files = ct_series(tmp_path / "ct", (2, 8, 6))
    monkeypatch.setattr("secondread.serve.storage.take_in.settle", full)
    assert [told.status for told in store(reached.caller(), files)] == [0xA700, 0xA700]
    assert reached.left_over() == []
    monkeypatch.undo()
    monkeypatch.setattr("secondread.dicom.node.receive._write", full)
    assert [told.status for told in store(reached.caller(), files)] == [0xA700, 0xA700]
    monkeypatch.undo()
    assert [told.status for told in store(reached.caller(), files)] == [0, 0]
    assert reached.left_over() == []


def full(*_args, **_settings):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_killed_association_leaves_nothing_of_the_object_it_was_sending(reached, tmp_path):
    files = ct_series(tmp_path / "ct", (2, 64, 64))
    whole, half = stored_file(files[0]), tmp_path / "half.dcm"
    shutil.copy(files[1], half)
    with pytest.raises(KilledError):
        send_one_and_a_half(reached.caller(), whole, stored_file(half))
    assert eventually(lambda: not reached.left_over())
    assert [row["sop_instance_uid"] for row in reached.stored()] == [whole.sop_instance_uid]


class KilledError(Exception):
    """The sender is gone."""


def send_one_and_a_half(caller, whole, half):
    with associated(caller, [(whole.sop_class_uid, [whole.transfer_syntax_uid])]) as association:
        assert send_file(association, whole) == 0
        begin_and_die(association, half)


def begin_and_die(association, one):
    """Send the request and the first fragment of its data set, then cut the line."""
    request = {
        "CommandField": commands.C_STORE, "MessageID": 9, "AffectedSOPClassUID": one.sop_class_uid,
        "AffectedSOPInstanceUID": one.sop_instance_uid, "Priority": 0,
    }  # fmt: skip
    pieces = association._pieces(1, commands.encode(commands.with_data_set(request)), 1)
    fragment = one.path.read_bytes()[data_set_start(one.path) :][:2000]
    pieces += association._pieces(1, fragment, 0)
    association._connection.write(b"".join(pieces)[:-1])
    association._connection.close()
    raise KilledError


def test_what_a_crash_left_half_received_is_removed_at_the_start_and_nothing_else(tmp_path, start):
    reached = start(Peer("PEER"))
    ours, old, of_a_worker = (
        reached.room.folders.incoming / name for name in ("dimse-of-a-crash.part", "of-an-upload.part", "now.part")
    )
    for file in (ours, old, of_a_worker):
        file.write_bytes(b"x")
    hours_ago = of_a_worker.stat().st_mtime - 7200
    os.utime(old, (hours_ago, hours_ago))
    node = Node(reached.room)
    node.start()
    node.stop()
    assert reached.left_over() == [of_a_worker]
