"""C-MOVE and C-GET: what is held goes where it may go, in the syntax in which it came."""

import hashlib
import json
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import (
    CTImageStorage,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

import rooms
from dicom_factory import chest_xray, ct_series
from nodes import eventually, storescp
from ports import free_port
from secondread.core.errors import NetworkError
from secondread.dicom.node import command as commands
from secondread.dicom.node.association import Message
from secondread.dicom.node.client import Caller, get, move, store
from secondread.dicom.node.part10 import StoredFile, data_set_start
from secondread.dicom.node.proposal import Context
from secondread.dicom.node.retrieve import _Progress
from secondread.dicom.node.send import Stored
from secondread.serve.config.room import Peer

STUDY = "1.2.1"
MODELS = {
    "get": StudyRootQueryRetrieveInformationModelGet,
    "move": StudyRootQueryRetrieveInformationModelMove,
}


def filled(reached, folder):
    """A series of three slices and a compressed picture of another study."""
    files = ct_series(folder / "ct", (3, 8, 6), StudyInstanceUID=STUDY, SeriesInstanceUID="1.2.1.1")
    rooms.send_in(reached.room, *files, rooms.EXAMPLES / "hand.dcm")
    return files


def keys(*values):
    return [part for value in values for part in ("-k", value)]


def empty(folder):
    folder.mkdir()
    return folder


def contents(files):
    return sorted(hashlib.sha256(file.read_bytes()[data_set_start(file) :]).hexdigest() for file in files)


def test_a_study_of_more_objects_than_a_count_can_say_is_sent_all_the_same():
    told = []

    class Peer:
        def send(self, _context, command, _data=None):
            told.append(commands.decode(commands.encode(command)))

    request = {"CommandField": commands.C_MOVE, "MessageID": 1}
    files = [StoredFile(Path("x"), "1.2", f"1.2.{n}", "1.2.840.10008.1.2") for n in range(70_000)]
    progress = _Progress(Peer(), Message(Context(1, MODELS["move"], ()), request), files)
    progress.add(Stored("1.2.0", commands.SUCCESS))
    assert told[-1]["NumberOfRemainingSuboperations"] == 65535
    assert told[-1]["Status"] == commands.PENDING


def test_dcmtk_has_a_study_sent_to_a_peer(start, tmp_path):
    with storescp(empty(tmp_path / "archive")) as port:
        reached = start(Peer("PEER"), Peer("ARCHIVE", "127.0.0.1", port))
        files = filled(reached, tmp_path)
        told = reached.run(
            "movescu",
            "-v",
            "-S",
            "-aem",
            "ARCHIVE",
            "-k",
            "QueryRetrieveLevel=STUDY",
            "-k",
            f"StudyInstanceUID={STUDY}",
        )
        assert "Received Final Move Response (Success)" in told
        assert contents((tmp_path / "archive").iterdir()) == contents(files)
        assert eventually(reached.trail)
        (entry,) = reached.trail()
        assert '"action":"retrieve"' in entry
        assert '"destination":"ARCHIVE"' in entry
        assert '"instances":3' in entry


def test_one_image_of_a_series_is_moved_alone(start, tmp_path):
    with storescp(empty(tmp_path / "archive")) as port:
        reached = start(Peer("PEER"), Peer("ARCHIVE", "127.0.0.1", port))
        files = filled(reached, tmp_path)
        one = dcmread(files[1]).SOPInstanceUID
        above = ("QueryRetrieveLevel=IMAGE", f"StudyInstanceUID={STUDY}", "SeriesInstanceUID=1.2.1.1")
        reached.run("movescu", "-S", "-aem", "ARCHIVE", *keys(*above, f"SOPInstanceUID={one}"))
        assert contents((tmp_path / "archive").iterdir()) == contents(files[1:2])


def test_nothing_is_sent_to_a_stranger_or_to_a_peer_without_an_address(start, tmp_path):
    reached = start(Peer("PEER"), Peer("SILENT"))
    filled(reached, tmp_path)
    for title in ("STRANGER", "SILENT"):
        with pytest.raises(NetworkError, match="A801H"):
            move(reached.caller(), STUDY, title)


def test_a_peer_that_is_not_reached_makes_every_object_fail(start, tmp_path):
    reached = start(Peer("PEER"), Peer("GONE", "127.0.0.1", free_port()))
    filled(reached, tmp_path)
    with pytest.raises(NetworkError, match="move of 3 objects with status A702H"):
        move(reached.caller(), STUDY, "GONE")


def test_an_object_whose_file_is_gone_fails_and_the_others_come(start, tmp_path):
    with storescp(empty(tmp_path / "archive")) as port:
        reached = start(Peer("PEER"), Peer("ARCHIVE", "127.0.0.1", port))
        filled(reached, tmp_path)
        (reached.room.folders.images / str(reached.stored()[0]["path"])).unlink()
        with pytest.raises(NetworkError, match="move of 1 objects with status B000H"):
            move(reached.caller(), STUDY, "ARCHIVE")
        assert len(list((tmp_path / "archive").iterdir())) == 2


def test_dcmtk_gets_a_study_on_its_own_association(start, tmp_path):
    reached = start(Peer("PEER"))
    files = filled(reached, tmp_path)
    (tmp_path / "got").mkdir()
    told = reached.run(
        "getscu",
        "-v",
        "-S",
        "-od",
        tmp_path / "got",
        "-k",
        "QueryRetrieveLevel=STUDY",
        "-k",
        f"StudyInstanceUID={STUDY}",
    )
    assert "Number of Completed Suboperations : 3" in told
    assert contents((tmp_path / "got").iterdir()) == contents(files)


def test_pynetdicom_gets_a_study_and_learns_what_it_did_not_take(start, tmp_path):
    reached = start(Peer("PEER"))
    filled(reached, tmp_path)
    ae, got = AE("PEER"), []
    ae.add_requested_context(StudyRootQueryRetrieveInformationModelGet)
    ae.add_requested_context(CTImageStorage)
    handlers = [(evt.EVT_C_STORE, lambda event: got.append(event.dataset.SOPInstanceUID) or 0)]
    association = ae.associate(
        "127.0.0.1", reached.port, ae_title="SECONDREAD", evt_handlers=handlers,
        ext_neg=[build_role(CTImageStorage, scp_role=True)],
    )  # fmt: skip
    wanted = Dataset()
    wanted.QueryRetrieveLevel, wanted.StudyInstanceUID = "STUDY", STUDY
    *_, (last, _) = association.send_c_get(wanted, StudyRootQueryRetrieveInformationModelGet)
    wanted.StudyInstanceUID = str(dcmread(rooms.EXAMPLES / "hand.dcm").StudyInstanceUID)
    *_, (refused, failed) = association.send_c_get(wanted, StudyRootQueryRetrieveInformationModelGet)
    association.release()
    assert (last.Status, last.NumberOfCompletedSuboperations, len(got)) == (0, 3, 3)
    assert (refused.Status, refused.NumberOfFailedSuboperations) == (0xA702, 1)
    assert failed.FailedSOPInstanceUIDList == dcmread(rooms.EXAMPLES / "hand.dcm").SOPInstanceUID


@pytest.mark.parametrize("by", ["get", "move"])
def test_a_retrieval_can_be_stopped(start, tmp_path, by):
    archive, calling, caught = AE("ARCHIVE"), AE("PEER"), []
    model = MODELS[by]

    def stop(_):
        if not caught:
            caught.append(1)
            association.send_c_cancel(7, query_model=model)
        return 0

    archive.add_supported_context(CTImageStorage)
    server = archive.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, stop)])
    try:
        reached = start(Peer("PEER"), Peer("ARCHIVE", "127.0.0.1", server.socket.getsockname()[1]))
        rooms.send_in(reached.room, *ct_series(tmp_path / "ct", (40, 8, 6), StudyInstanceUID=STUDY))
        calling.add_requested_context(model)
        calling.add_requested_context(CTImageStorage)
        association = calling.associate(
            "127.0.0.1", reached.port, ae_title="SECONDREAD", evt_handlers=[(evt.EVT_C_STORE, stop)],
            ext_neg=[build_role(CTImageStorage, scp_role=True)],
        )  # fmt: skip
        wanted = Dataset()
        wanted.QueryRetrieveLevel, wanted.StudyInstanceUID = "STUDY", STUDY
        if by == "get":
            answers = association.send_c_get(wanted, model, msg_id=7)
        else:
            answers = association.send_c_move(wanted, "ARCHIVE", model, msg_id=7)
        *_, (last, _) = answers
        association.release()
    finally:
        server.shutdown()
    assert last.Status == 0xFE00
    assert last.NumberOfRemainingSuboperations + last.NumberOfCompletedSuboperations == 40
    assert last.NumberOfRemainingSuboperations > 0


def test_an_old_archive_that_takes_only_implicit_vr_is_sent_just_that(tmp_path):
    source, got = chest_xray(tmp_path / "explicit.dcm"), []
    ae = AE("OLD")
    ae.add_supported_context(dcmread(source).SOPClassUID, [ImplicitVRLittleEndian])

    def keep(event):
        got.append((event.context.transfer_syntax, event.dataset))
        return 0

    server = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, keep)])
    try:
        (told,) = store(Caller("OLD", "127.0.0.1", server.socket.getsockname()[1], "US"), [source])
        (refused,) = store(
            Caller("OLD", "127.0.0.1", server.socket.getsockname()[1], "US"), [rooms.EXAMPLES / "hand.dcm"]
        )
    finally:
        server.shutdown()
    assert (told.ok, refused.ok) == (True, False)
    ((syntax, dataset),) = got
    assert syntax == ImplicitVRLittleEndian
    assert dataset == dcmread(source)


def test_an_implicit_object_comes_to_a_caller_that_was_given_explicit_vr(reached, tmp_path):
    implicit = dcmread(chest_xray(tmp_path / "a.dcm", StudyInstanceUID=STUDY))
    implicit.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    implicit.save_as(tmp_path / "implicit.dcm", implicit_vr=True, little_endian=True)
    rooms.send_in(reached.room, tmp_path / "implicit.dcm")
    (tmp_path / "got").mkdir()
    (file,) = get(reached.caller(), STUDY, tmp_path / "got")
    assert dcmread(file).file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert dcmread(file) == implicit


def test_our_own_client_gets_compressed_objects_as_they_are(start, tmp_path):
    reached = start(Peer("PEER"))
    filled(reached, tmp_path)
    hand = rooms.EXAMPLES / "hand.dcm"
    (tmp_path / "got").mkdir()
    files = get(reached.caller(), dcmread(hand).StudyInstanceUID, tmp_path / "got")
    assert contents(files) == contents([hand])
    assert dcmread(files[0]).file_meta.TransferSyntaxUID == dcmread(hand).file_meta.TransferSyntaxUID
    with pytest.raises(NetworkError, match="does not hold this study"):
        get(reached.caller(), "1.2.9", tmp_path / "got")


def test_a_stranger_may_store_and_nothing_else(start, tmp_path):
    reached = start()
    files = filled(reached, tmp_path)
    assert all(one.ok for one in store(reached.caller("STRANGER"), files))
    with pytest.raises(NetworkError, match="does not offer the service"):
        move(reached.caller("STRANGER"), STUDY, "PEER")
    with pytest.raises(NetworkError, match="does not offer the service"):
        get(reached.caller("STRANGER"), STUDY, tmp_path)


def test_orthanc_is_a_peer_in_both_directions(start, pacs, tmp_path):
    reached = start(Peer("WITNESS", "127.0.0.1", pacs.dicom))
    files = filled(reached, tmp_path)
    # Orthanc is told of us, sends to us, asks us, and has us send to it.
    pacs.forget()
    us = {"AET": "SECONDREAD", "Host": "127.0.0.1", "Port": reached.port}
    pacs.put("/modalities/us", us)
    pacs.ask("/modalities/us/echo", b"{}")
    (extra,) = ct_series(tmp_path / "extra", (1, 8, 6), StudyInstanceUID="1.2.7", PatientName="From^Orthanc")
    pacs.send(extra)
    instances = json.loads(pacs.ask("/instances"))
    pacs.ask("/modalities/us/store", json.dumps(instances).encode())
    assert len(reached.stored()) == 5
    query = {"Level": "Study", "Query": {"PatientName": "From*"}}
    found = json.loads(pacs.ask("/modalities/us/query", json.dumps(query).encode()))
    assert len(json.loads(pacs.ask(f"/queries/{found['ID']}/answers"))) == 1
    move = {"Level": "Study", "Resources": [{"StudyInstanceUID": STUDY}], "TargetAet": "WITNESS"}
    pacs.ask("/modalities/us/move", json.dumps(move).encode())
    assert len(json.loads(pacs.ask("/instances"))) == 4
    assert contents_of(pacs, files) == contents(files)


def contents_of(pacs, files):
    found = []
    for file in files:
        stored = pacs.stored(dcmread(file).SOPInstanceUID)
        copy = file.with_suffix(".copy")
        copy.write_bytes(stored)
        found.append(copy)
    return contents(found)
