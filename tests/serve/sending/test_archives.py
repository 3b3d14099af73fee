"""Archives by DIMSE and DICOMweb, others' programs among them: what was taken, what is sent again, what is promised."""

import json
import subprocess
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
from pydicom import Dataset, dcmread
from pynetdicom import AE, StoragePresentationContexts, evt
from pynetdicom.sop_class import StorageCommitmentPushModel

import dicom_factory
import orthanc
import outbox_desk as desk
import rooms
from ports import free_port
from secondread.serve.config.room import Destination, DicomSettings, Peer
from secondread.serve.node.service import Node
from secondread.serve.sending.backoff import LONGEST_COMMITMENT_SECONDS, LONGEST_SECONDS, MAX_ASKS
from secondread.serve.sending.confirm import committed
from witness import need


@pytest.fixture(scope="module")
def pacs(tmp_path_factory):
    with orthanc.running(tmp_path_factory.mktemp("orthanc")) as place:
        yield place


@pytest.fixture
def ready(tmp_path):
    made = []

    def ready(destination, port=0):
        dicom = DicomSettings(peers=(Peer("WITNESS", "127.0.0.1", port),))
        room = rooms.make_room(tmp_path, desk.settings_for(destination, dicom=dicom))
        made.append(room)
        desk.queue(room, desk.study_in(room, tmp_path))
        return room

    yield ready
    for room in made:
        room.database.dispose()


@contextmanager
def archive(store=lambda _: 0x0000, commit=lambda _: 0x0000):
    """An archive that answers as it is told; its port."""
    application = AE("WITNESS")
    application.supported_contexts = StoragePresentationContexts
    application.add_supported_context(StorageCommitmentPushModel)
    handlers = [
        (evt.EVT_C_STORE, lambda event: store(event.request.AffectedSOPInstanceUID)),
        (evt.EVT_N_ACTION, lambda event: (commit(event.action_information), None)),
    ]
    server = application.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    try:
        yield server.socket.getsockname()[1]
    finally:
        server.shutdown()


def the_delivery(room):
    [row] = desk.outbox(room)
    return row


def test_an_archive_gets_the_kinds_it_takes_by_c_store(ready, pacs):
    pacs.forget()
    room = ready(Destination("pacs", "dicom", peer="WITNESS", objects=("sr", "seg")), pacs.dicom)
    uids = desk.results(room)
    desk.send(room)
    assert the_delivery(room)["state"] == "confirmed", the_delivery(room)["error"]
    assert json.loads(the_delivery(room)["taken"]) == {name: uid for name, uid in uids.items() if ".sc." not in name}
    assert len(json.loads(pacs.ask("/instances"))) == 2
    assert pacs.stored(uids["chest.sr.dcm"])


def test_an_archive_gets_the_kinds_it_takes_by_stow(ready, pacs):
    pacs.forget()
    room = ready(Destination("pacs", "dicomweb", url=f"http://127.0.0.1:{pacs.http}/dicom-web"))
    uids = desk.results(room)
    desk.send(room)
    assert the_delivery(room)["state"] == "confirmed", the_delivery(room)["error"]
    assert {uid for uid in uids.values() if pacs.stored(uid)} == set(uids.values())


def test_dcmtk_gets_the_objects_unchanged_once_it_is_there(ready, tmp_path):
    program = need("storescp", "dcmtk")
    port = free_port()
    room = ready(Destination("pacs", "dicom", peer="WITNESS", objects=("sr",)), port)
    desk.results(room)
    desk.send(room)
    assert (the_delivery(room)["state"], the_delivery(room)["refusals"]) == ("waiting", 0)
    assert "not reached" in the_delivery(room)["error"]
    kept = tmp_path / "kept"
    kept.mkdir()
    server = subprocess.Popen([program, "-od", kept, "--accept-all", str(port)])
    try:
        for _ in range(100):
            room.clock.go_on(2 * LONGEST_SECONDS)
            desk.send(room)
            if the_delivery(room)["state"] == "confirmed":
                break
            time.sleep(0.1)
    finally:
        server.terminate()
        server.wait(10)
    [file] = kept.iterdir()
    assert dcmread(file) == dcmread(room.folders.results / "read-1" / "chest.sr.dcm")


def test_only_what_was_not_taken_is_sent_again(ready):
    seen = []

    def store(uid):
        seen.append(uid)
        return 0xC000 if seen.count(uid) == 1 and uid == uids["chest.sc.dcm"] else 0x0000

    with archive(store) as port:
        room = ready(Destination("pacs", "dicom", peer="WITNESS"), port)
        uids = desk.results(room)
        desk.send(room)
        row = the_delivery(room)
        assert (row["state"], row["refusals"]) == ("waiting", 1)
        assert "chest.sc.dcm: the receiver answered with status C000H" in row["error"]
        room.clock.go_on(LONGEST_SECONDS)
        desk.send(room)
    assert the_delivery(room)["state"] == "confirmed"
    assert seen == [uids[f"chest.{kind}.dcm"] for kind in ("seg", "sc", "sr", "sc")]


def test_an_archive_that_is_full_is_waited_for_and_what_it_took_by_then_is_not_sent_twice(ready):
    seen = []

    def store(uid):
        seen.append(uid)
        return 0xA700 if len(seen) == 2 else 0x0000

    with archive(store) as port:
        room = ready(Destination("pacs", "dicom", peer="WITNESS"), port)
        uids = desk.results(room)
        desk.send(room)
        assert (the_delivery(room)["state"], the_delivery(room)["refusals"]) == ("waiting", 0)
        room.clock.go_on(LONGEST_SECONDS)
        desk.send(room)
    assert the_delivery(room)["state"] == "confirmed"
    assert seen == [uids[f"chest.{kind}.dcm"] for kind in ("seg", "sc", "sc", "sr")]


def test_each_failure_that_stow_tells_is_read(ready):
    def answer(number, _request, _body):
        names = list(uids.values())
        stored = [{"00081155": {"vr": "UI", "Value": [uid]}} for uid in (names[:1] if number == 0 else names)]
        failed = [{"00081155": {"vr": "UI", "Value": [names[1]]}, "00081197": {"vr": "US", "Value": [0xC122]}}]
        said = {"00081199": {"vr": "SQ", "Value": stored}}
        if number == 0:
            said["00081198"] = {"vr": "SQ", "Value": failed}
        return (202 if number == 0 else 200), said

    with desk.http(answer) as url:
        room = ready(Destination("pacs", "dicomweb", url=url))
        uids = desk.results(room, kinds=("sr", "sc"))
        desk.send(room)
        row = the_delivery(room)
        assert json.loads(row["taken"]) == {"chest.sr.dcm": uids["chest.sr.dcm"]}
        assert (row["state"], row["refusals"]) == ("waiting", 1)
        assert "chest.sc.dcm: the server answered with failure reason C122H" in row["error"]
        room.clock.go_on(LONGEST_SECONDS)
        desk.send(room)
    assert the_delivery(room)["state"] == "confirmed"


def test_a_request_that_stow_does_not_understand_is_a_refusal_and_a_closed_door_is_none(ready):
    with desk.http(lambda number, *_: ((400, 401)[number], None)) as url:
        room = ready(Destination("pacs", "dicomweb", url=url))
        desk.results(room)
        desk.send(room)
        assert the_delivery(room)["refusals"] == 1
        room.clock.go_on(LONGEST_SECONDS)
        desk.send(room)
    assert (the_delivery(room)["state"], the_delivery(room)["refusals"]) == ("waiting", 1)


def signed(room, referred: str) -> str:
    """A signed report in the folder of its read, whose document refers to an object; its UID."""
    evidence, series, item = Dataset(), Dataset(), Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.66.4", referred
    series.ReferencedSeriesSequence = [Dataset()]
    series.ReferencedSeriesSequence[0].ReferencedSOPSequence = [item]
    evidence.CurrentRequestedProcedureEvidenceSequence = [series]
    folder, uid = room.folders.results / "read-1" / "signed-0", dicom_factory.uid("signed", referred)
    folder.mkdir()
    dicom_factory.chest_xray(
        folder / "signed.sr.dcm",
        Modality="OT",
        SOPInstanceUID=uid,
        CurrentRequestedProcedureEvidenceSequence=evidence.CurrentRequestedProcedureEvidenceSequence,
    )
    return uid


@pytest.mark.parametrize(("when", "expected"), [("signed", ["seg", "signed"]), ("both", ["seg", "sc", "sr", "signed"])])
def test_an_archive_that_wants_no_drafts_gets_the_outlines_that_a_signed_report_refers_to(tmp_path, when, expected):
    seen = []
    with archive(lambda uid: seen.append(uid) or 0x0000) as port:
        dicom = DicomSettings(peers=(Peer("WITNESS", "127.0.0.1", port),))
        room = rooms.make_room(
            tmp_path, desk.settings_for(Destination("pacs", "dicom", peer="WITNESS", when=when), dicom=dicom)
        )
        study = desk.study_in(room, tmp_path)
        uids = {name.split(".")[1]: uid for name, uid in desk.results(room).items()}
        read = rooms.add_read(room, study, folder="read-1")
        uids["signed"] = signed(room, uids["seg"])
        desk.queue(room, study, "read-1", "draft", read)
        desk.queue(room, study, "read-1/signed-0", "signed", read)
        desk.send(room, times=3)
        assert {row["state"] for row in desk.outbox(room)} == {"confirmed"}
        room.database.dispose()
    assert seen == [uids[name] for name in expected]


@pytest.fixture
def promised(ready):
    """A delivery whose commitment was asked for; the requests that came."""
    requests = []

    def commit(request):
        requests.append(request)
        return 0x0000

    with archive(commit=commit) as port:
        room = ready(Destination("pacs", "dicom", peer="WITNESS", commitment=True), port)
        uids = desk.results(room)
        desk.send(room)
        yield room, uids, requests


def test_another_programs_archive_promises_and_the_room_hears_it(pacs, tmp_path):
    own = free_port()
    dicom = DicomSettings(port=own, peers=(Peer("WITNESS", "127.0.0.1", pacs.dicom),))
    pacs.know("SECONDREAD", own)
    to = Destination("pacs", "dicom", peer="WITNESS", commitment=True)
    room = rooms.make_room(tmp_path, desk.settings_for(to, dicom=dicom))
    desk.queue(room, desk.study_in(room, tmp_path))
    desk.results(room)
    node = Node(room)
    node.start()
    try:
        desk.send(room)
        for _ in range(200):
            if the_delivery(room)["state"] == "confirmed":
                break
            time.sleep(0.05)
    finally:
        node.stop()
    assert (the_delivery(room)["state"], the_delivery(room)["confirmed_at"]) == ("confirmed", room.now())
    assert len(the_delivery(room)["transaction_uids"].split()) == 1
    room.database.dispose()


def test_what_was_sent_is_confirmed_only_when_the_archive_promises_to_keep_it(promised):
    room, uids, [request] = promised
    assert (the_delivery(room)["state"], the_delivery(room)["confirmed_at"]) == ("sent", None)
    assert {item.ReferencedSOPInstanceUID for item in request.ReferencedSOPSequence} == set(uids.values())
    assert not committed(room, "1.2.3", uids.values(), ())
    assert committed(room, request.TransactionUID, list(uids.values()), ())
    assert (the_delivery(room)["state"], the_delivery(room)["confirmed_at"]) == ("confirmed", room.now())
    assert committed(room, request.TransactionUID, (), list(uids.values()))  # heard, and too late to matter
    assert the_delivery(room)["state"] == "confirmed"


def test_a_promise_that_does_not_come_is_asked_for_again_and_a_late_one_counts(promised):
    room, uids, requests = promised
    desk.send(room)
    assert len(requests) == 1
    room.clock.go_on(LONGEST_COMMITMENT_SECONDS)
    desk.send(room)
    assert len(requests) == 2
    assert requests[0].TransactionUID != requests[1].TransactionUID
    assert committed(room, requests[0].TransactionUID, list(uids.values()), ())
    assert the_delivery(room)["state"] == "confirmed"


def test_half_a_promise_is_none(promised):
    room, uids, [request] = promised
    committed(room, request.TransactionUID, list(uids.values())[:1], ())
    assert the_delivery(room)["state"] == "sent"
    assert "says nothing of 2 of 3" in the_delivery(room)["error"]


def test_what_the_archive_does_not_keep_is_sent_again(promised):
    room, uids, requests = promised
    lost = uids["chest.sc.dcm"]
    committed(room, requests[0].TransactionUID, [uid for uid in uids.values() if uid != lost], [lost])
    assert (the_delivery(room)["state"], the_delivery(room)["refusals"]) == ("waiting", 1)
    room.clock.go_on(LONGEST_SECONDS)
    desk.send(room)
    assert the_delivery(room)["state"] == "sent"
    assert {item.ReferencedSOPInstanceUID for item in requests[1].ReferencedSOPSequence} == set(uids.values())


def test_an_archive_that_never_answers_is_given_to_a_person(promised):
    room, uids, requests = promised
    for _ in range(MAX_ASKS + 2):
        room.clock.go_on(2 * LONGEST_COMMITMENT_SECONDS)
        desk.send(room)
    assert len(requests) == MAX_ASKS
    assert the_delivery(room)["state"] == "failed"
    assert "had no answer" in the_delivery(room)["error"]
    assert committed(room, requests[3].TransactionUID, list(uids.values()), ())
    assert the_delivery(room)["state"] == "confirmed"


def test_a_request_that_did_not_arrive_is_made_again_without_sending_again(ready):
    stored, asked = [], []

    def commit(_request):
        asked.append(1)
        return 0x0110 if len(asked) == 1 else 0x0000  # processing failure

    with archive(lambda uid: stored.append(uid) or 0x0000, commit) as port:
        room = ready(replace(Destination("pacs", "dicom", peer="WITNESS"), commitment=True), port)
        desk.results(room)
        desk.send(room)
        assert (the_delivery(room)["state"], the_delivery(room)["transaction_uids"]) == ("sent", "")
        room.clock.go_on(LONGEST_SECONDS)
        desk.send(room)
    assert len(the_delivery(room)["transaction_uids"].split()) == 1
    assert len(stored) == 3
