"""Archives by DIMSE and DICOMweb, others' programs among them: what was taken, what is sent again."""

import json
import subprocess
import time

import pytest
from pydicom import Dataset, dcmread

import dicom_factory
import outbox_desk as desk
import rooms
from ports import free_port
from secondread.serve.config.room import Destination, DicomSettings, Peer
from secondread.serve.sending.backoff import LONGEST_SECONDS
from witness import need


def test_an_archive_gets_the_kinds_it_takes_by_c_store(ready, pacs):
    pacs.forget()
    room = ready(Destination("pacs", "dicom", peer="WITNESS", objects=("sr", "seg")), pacs.dicom)
    uids = desk.results(room)
    desk.send(room)
    assert desk.the_delivery(room)["state"] == "confirmed", desk.the_delivery(room)["error"]
    assert json.loads(desk.the_delivery(room)["taken"]) == {
        name: uid for name, uid in uids.items() if ".sc." not in name
    }
    assert len(json.loads(pacs.ask("/instances"))) == 2
    assert pacs.stored(uids["chest.sr.dcm"])


def test_an_archive_gets_the_kinds_it_takes_by_stow(ready, pacs):
    pacs.forget()
    room = ready(Destination("pacs", "dicomweb", url=f"http://127.0.0.1:{pacs.http}/dicom-web"))
    uids = desk.results(room)
    desk.send(room)
    assert desk.the_delivery(room)["state"] == "confirmed", desk.the_delivery(room)["error"]
    assert {uid for uid in uids.values() if pacs.stored(uid)} == set(uids.values())


def test_dcmtk_gets_the_objects_unchanged_once_it_is_there(ready, tmp_path):
    program = need("storescp", "dcmtk")
    port = free_port()
    room = ready(Destination("pacs", "dicom", peer="WITNESS", objects=("sr",)), port)
    desk.results(room)
    desk.send(room)
    assert (desk.the_delivery(room)["state"], desk.the_delivery(room)["refusals"]) == ("waiting", 0)
    assert "not reached" in desk.the_delivery(room)["error"]
    kept = tmp_path / "kept"
    kept.mkdir()
    server = subprocess.Popen([program, "-od", kept, "--accept-all", str(port)])
    try:
        for _ in range(600):
            room.clock.go_on(2 * LONGEST_SECONDS)
            desk.send(room)
            if desk.the_delivery(room)["state"] == "confirmed":
                break
            time.sleep(0.1)
    finally:
        server.terminate()
        server.wait(60)
    [file] = kept.iterdir()
    assert dcmread(file) == dcmread(room.folders.results / "read-1" / "chest.sr.dcm")


def test_only_what_was_not_taken_is_sent_again(ready):
    seen = []

    def store(uid):
        seen.append(uid)
        return 0xC000 if seen.count(uid) == 1 and uid == uids["chest.sc.dcm"] else 0x0000

    with desk.archive(store) as port:
        room = ready(Destination("pacs", "dicom", peer="WITNESS"), port)
        uids = desk.results(room)
        desk.send(room)
        row = desk.the_delivery(room)
        assert (row["state"], row["refusals"]) == ("waiting", 1)
        assert "chest.sc.dcm: the receiver answered with status C000H" in row["error"]
        room.clock.go_on(LONGEST_SECONDS)
        desk.send(room)
    assert desk.the_delivery(room)["state"] == "confirmed"
    assert seen == [uids[f"chest.{kind}.dcm"] for kind in ("seg", "sc", "sr", "sc")]


def test_an_archive_that_is_full_is_waited_for_and_what_it_took_by_then_is_not_sent_twice(ready):
    seen = []

    def store(uid):
        seen.append(uid)
        return 0xA700 if len(seen) == 2 else 0x0000

    with desk.archive(store) as port:
        room = ready(Destination("pacs", "dicom", peer="WITNESS"), port)
        uids = desk.results(room)
        desk.send(room)
        assert (desk.the_delivery(room)["state"], desk.the_delivery(room)["refusals"]) == ("waiting", 0)
        room.clock.go_on(LONGEST_SECONDS)
        desk.send(room)
    assert desk.the_delivery(room)["state"] == "confirmed"
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
        row = desk.the_delivery(room)
        assert json.loads(row["taken"]) == {"chest.sr.dcm": uids["chest.sr.dcm"]}
        assert (row["state"], row["refusals"]) == ("waiting", 1)
        assert "chest.sc.dcm: the server answered with failure reason C122H" in row["error"]
        room.clock.go_on(LONGEST_SECONDS)
        desk.send(room)
    assert desk.the_delivery(room)["state"] == "confirmed"


def test_a_request_that_stow_does_not_understand_is_a_refusal_and_a_closed_door_is_none(ready):
    with desk.http(lambda number, *_: ((400, 401)[number], None)) as url:
        room = ready(Destination("pacs", "dicomweb", url=url))
        desk.results(room)
        desk.send(room)
        assert desk.the_delivery(room)["refusals"] == 1
        room.clock.go_on(LONGEST_SECONDS)
        desk.send(room)
    assert (desk.the_delivery(room)["state"], desk.the_delivery(room)["refusals"]) == ("waiting", 1)


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
    with desk.archive(lambda uid: seen.append(uid) or 0x0000) as port:
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
