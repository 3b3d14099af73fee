"""Storage commitment both ways: what is promised is held, and the promise is heard."""

import json
import time
from contextlib import contextmanager

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import StorageCommitmentPushModel, StorageCommitmentPushModelInstance
from sqlalchemy import select

import rooms
from dicom_factory import ct_series
from nodes import eventually
from ports import free_port
from secondread.core.errors import NetworkError
from secondread.dicom.node.client import request_commitment
from secondread.serve.config.room import Peer
from secondread.serve.database.tables import commitments
from secondread.serve.node.commitments import answer_next


def references(files):
    return [(str(one.SOPClassUID), str(one.SOPInstanceUID)) for one in map(dcmread, files)]


@contextmanager
def listening(told, port=0, status=0):
    """A scanner that waits for N-EVENT-REPORT on associations that the archive opens."""

    def heard(event):
        told.append((event.event_type, event.event_information))
        return status, None

    ae = AE("SCANNER")
    ae.add_supported_context(StorageCommitmentPushModel, scu_role=False, scp_role=True)
    ae.add_supported_context(StorageCommitmentPushModel)
    server = ae.start_server(("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_N_EVENT_REPORT, heard)])
    try:
        yield server.socket.getsockname()[1]
    finally:
        server.shutdown()


def state(reached):
    return [(row["state"], row["attempts"]) for row in rooms.tables(reached.room, select(commitments))]


def error(reached):
    """What the last attempt came to; it is written when that has ended."""
    (row,) = rooms.tables(reached.room, select(commitments))
    return row["error"]


def test_what_is_held_is_promised_on_an_association_of_our_own(start, tmp_path):
    files, told = ct_series(tmp_path / "ct", (3, 8, 6)), []
    with listening(told) as port:
        reached = start(Peer("SCANNER", "127.0.0.1", port))
        rooms.send_in(reached.room, *files)
        request_commitment(reached.caller("SCANNER"), "1.2.3", references(files))
        assert eventually(lambda: state(reached) == [("done", 1)])
    ((event, answer),) = told
    assert (event, answer.TransactionUID, answer.RetrieveAETitle) == (1, "1.2.3", "SECONDREAD")
    assert {one.ReferencedSOPInstanceUID for one in answer.ReferencedSOPSequence} == {u for _, u in references(files)}
    assert "FailedSOPSequence" not in answer


def test_what_is_not_held_is_said_with_its_reason(start, tmp_path):
    files, told = ct_series(tmp_path / "ct", (3, 8, 6)), []
    with listening(told) as port:
        reached = start(Peer("SCANNER", "127.0.0.1", port))
        rooms.send_in(reached.room, *files)
        wanted = references(files)
        (reached.room.folders.images / str(reached.stored()[0]["path"])).write_bytes(b"cut")
        wanted[1] = ("1.2.840.10008.5.1.4.1.1.4", wanted[1][1])
        request_commitment(reached.caller("SCANNER"), "1.2.3", [*wanted, ("1.2.840.10008.5.1.4.1.1.2", "1.9")])
        assert eventually(lambda: told)
    ((event, answer),) = told
    assert event == 2
    reasons = {one.ReferencedSOPInstanceUID: one.FailureReason for one in answer.FailedSOPSequence}
    assert reasons == {wanted[0][1]: 0x0112, wanted[1][1]: 0x0119, "1.9": 0x0112}
    assert [one.ReferencedSOPInstanceUID for one in answer.ReferencedSOPSequence] == [wanted[2][1]]


def test_a_caller_that_waits_is_told_on_the_same_association(start, tmp_path):
    files, told = ct_series(tmp_path / "ct", (2, 8, 6)), []
    reached = start(Peer("SCANNER"))  # without an address it could not be called
    rooms.send_in(reached.room, *files)

    def heard(event):
        told.append(event.event_information.TransactionUID)
        return 0, None

    ae = AE("SCANNER")
    ae.add_requested_context(StorageCommitmentPushModel)
    association = ae.associate(
        "127.0.0.1", reached.port, ae_title="SECONDREAD", evt_handlers=[(evt.EVT_N_EVENT_REPORT, heard)],
        ext_neg=[build_role(StorageCommitmentPushModel, scu_role=True, scp_role=False)],
    )  # fmt: skip
    status, _ = association.send_n_action(
        request(references(files)), 1, StorageCommitmentPushModel, StorageCommitmentPushModelInstance
    )
    assert status.Status == 0
    assert eventually(lambda: told == ["1.2.3"])
    association.release()
    assert eventually(lambda: state(reached) == [("done", 0)])
    assert not answer_next(reached.room)


def request(wanted):
    asked = Dataset()
    asked.TransactionUID = "1.2.3"
    asked.ReferencedSOPSequence = []
    for kind, uid in wanted:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = kind, uid
        asked.ReferencedSOPSequence.append(item)
    return asked


def test_a_promise_is_told_again_until_it_is_heard(any_room_url, start, tmp_path):
    files, told = ct_series(tmp_path / "ct", (1, 8, 6)), []
    port = free_port()
    reached = start(Peer("SCANNER", "127.0.0.1", port), url=any_room_url)
    rooms.send_in(reached.room, *files)
    request_commitment(reached.caller("SCANNER"), "1.2.3", references(files))
    assert eventually(lambda: state(reached) == [("waiting", 1)] and error(reached))
    assert not answer_next(reached.room)  # not before its time
    with listening(told, port):
        reached.room.clock.go_on(3600)
        assert eventually(lambda: state(reached) == [("done", 2)])
    assert len(told) == 1


@pytest.fixture(params=["sqlite", "postgresql"])
def any_room_url(request):
    return request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""


def test_a_promise_that_nobody_can_be_told_is_given_up(start, tmp_path):
    reached = start(Peer("SCANNER"))
    files = ct_series(tmp_path / "ct", (1, 8, 6))
    request_commitment(reached.caller("SCANNER"), "1.2.3", references(files))
    assert eventually(lambda: state(reached) == [("failed", 1)])


def test_one_transaction_is_one_request(start, tmp_path):
    reached = start(Peer("SCANNER"), Peer("OTHER"))
    wanted = references(ct_series(tmp_path / "ct", (1, 8, 6)))
    request_commitment(reached.caller("SCANNER"), "1.2.3", wanted)
    request_commitment(reached.caller("SCANNER"), "1.2.3", wanted)
    with pytest.raises(NetworkError, match="0110H"):
        request_commitment(reached.caller("OTHER"), "1.2.3", wanted)
    with pytest.raises(NetworkError, match="0115H"):
        request_commitment(reached.caller("OTHER"), "1.2.4", [])
    assert len(state(reached)) == 1


def test_an_archive_tells_us_about_our_results(start, monkeypatch):
    heard = []

    def committed(_room, transaction, kept, lost):
        heard.append((transaction, list(kept), list(lost)))
        return transaction == "1.2.3"

    monkeypatch.setattr("secondread.serve.node.visit.committed", committed)
    reached = start(Peer("ARCHIVE"))
    ae = AE("ARCHIVE")
    ae.add_requested_context(StorageCommitmentPushModel)
    association = ae.associate(
        "127.0.0.1", reached.port, ae_title="SECONDREAD",
        ext_neg=[build_role(StorageCommitmentPushModel, scu_role=False, scp_role=True)],
    )  # fmt: skip
    report = request([("1.2.840.10008.5.1.4.1.1.2", "1.1")])
    report.FailedSOPSequence = request([("1.2.840.10008.5.1.4.1.1.2", "1.2")]).ReferencedSOPSequence
    statuses = []
    for event, transaction in ((2, "1.2.3"), (2, "1.2.4"), (1, "1.2.3"), (3, "1.2.3")):
        report.TransactionUID = transaction
        status, _ = association.send_n_event_report(
            report, event, StorageCommitmentPushModel, StorageCommitmentPushModelInstance
        )
        statuses.append(status.Status)
    association.release()
    assert statuses == [0, 0x0115, 0x0115, 0x0113]
    assert heard == [("1.2.3", ["1.1"], ["1.2"]), ("1.2.4", ["1.1"], ["1.2"])]


def test_orthanc_asks_us_for_a_commitment(start, pacs, tmp_path):
    """Orthanc 1.10 only asks, and takes the answer at its own port."""
    reached = start(Peer("WITNESS", "127.0.0.1", pacs.dicom))
    pacs.forget()
    us = {"AET": "SECONDREAD", "Host": "127.0.0.1", "Port": reached.port}
    pacs.put("/modalities/us", us)
    (file,) = ct_series(tmp_path / "ct", (1, 8, 6))
    pacs.send(file)
    instances = json.loads(pacs.ask("/instances"))
    pacs.ask("/modalities/us/store", json.dumps(instances).encode())
    asked = json.loads(pacs.ask("/modalities/us/storage-commitment", json.dumps({"Resources": instances}).encode()))
    end = time.monotonic() + 60
    status = {}
    while time.monotonic() < end and status.get("Status") != "Success":
        status = json.loads(pacs.ask(asked["Path"]))
        time.sleep(0.1)
    assert status["Status"] == "Success"
    assert [one["SOPInstanceUID"] for one in status["Success"]] == [str(dcmread(file).SOPInstanceUID)]
