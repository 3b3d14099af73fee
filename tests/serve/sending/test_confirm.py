"""What an archive promises to keep, by storage commitment: when it counts, and what is done when it does not come."""

from dataclasses import replace

import pytest

import outbox_desk as desk
import rooms
from nodes import eventually
from ports import free_port
from secondread.serve.config.room import Destination, DicomSettings, Peer
from secondread.serve.node.service import Node
from secondread.serve.sending.backoff import LONGEST_COMMITMENT_SECONDS, LONGEST_SECONDS, MAX_ASKS
from secondread.serve.sending.confirm import committed


@pytest.fixture
def promised(ready):
    """A delivery whose commitment was asked for; the requests that came."""
    requests = []

    def commit(request):
        requests.append(request)
        return 0x0000

    with desk.archive(commit=commit) as port:
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
        assert eventually(lambda: desk.the_delivery(room)["state"] == "confirmed")
    finally:
        node.stop()
    assert (desk.the_delivery(room)["state"], desk.the_delivery(room)["confirmed_at"]) == ("confirmed", room.now())
    assert len(desk.the_delivery(room)["transaction_uids"].split()) == 1
    room.database.dispose()


def test_what_was_sent_is_confirmed_only_when_the_archive_promises_to_keep_it(promised):
    room, uids, [request] = promised
    assert (desk.the_delivery(room)["state"], desk.the_delivery(room)["confirmed_at"]) == ("sent", None)
    assert {item.ReferencedSOPInstanceUID for item in request.ReferencedSOPSequence} == set(uids.values())
    assert not committed(room, "1.2.3", uids.values(), ())
    assert committed(room, request.TransactionUID, list(uids.values()), ())
    assert (desk.the_delivery(room)["state"], desk.the_delivery(room)["confirmed_at"]) == ("confirmed", room.now())
    assert committed(room, request.TransactionUID, (), list(uids.values()))  # heard, and too late to matter
    assert desk.the_delivery(room)["state"] == "confirmed"


def test_a_promise_that_does_not_come_is_asked_for_again_and_a_late_one_counts(promised):
    room, uids, requests = promised
    desk.send(room)
    assert len(requests) == 1
    room.clock.go_on(LONGEST_COMMITMENT_SECONDS)
    desk.send(room)
    assert len(requests) == 2
    assert requests[0].TransactionUID != requests[1].TransactionUID
    assert committed(room, requests[0].TransactionUID, list(uids.values()), ())
    assert desk.the_delivery(room)["state"] == "confirmed"


def test_half_a_promise_is_none(promised):
    room, uids, [request] = promised
    committed(room, request.TransactionUID, list(uids.values())[:1], ())
    assert desk.the_delivery(room)["state"] == "sent"
    assert "says nothing of 2 of 3" in desk.the_delivery(room)["error"]


def test_what_the_archive_does_not_keep_is_sent_again(promised):
    room, uids, requests = promised
    lost = uids["chest.sc.dcm"]
    committed(room, requests[0].TransactionUID, [uid for uid in uids.values() if uid != lost], [lost])
    assert (desk.the_delivery(room)["state"], desk.the_delivery(room)["refusals"]) == ("waiting", 1)
    room.clock.go_on(LONGEST_SECONDS)
    desk.send(room)
    assert desk.the_delivery(room)["state"] == "sent"
    assert {item.ReferencedSOPInstanceUID for item in requests[1].ReferencedSOPSequence} == set(uids.values())


def test_an_archive_that_never_answers_is_given_to_a_person(promised):
    room, uids, requests = promised
    for _ in range(MAX_ASKS + 2):
        room.clock.go_on(2 * LONGEST_COMMITMENT_SECONDS)
        desk.send(room)
    assert len(requests) == MAX_ASKS
    assert desk.the_delivery(room)["state"] == "failed"
    assert "had no answer" in desk.the_delivery(room)["error"]
    assert committed(room, requests[3].TransactionUID, list(uids.values()), ())
    assert desk.the_delivery(room)["state"] == "confirmed"


def test_a_request_that_did_not_arrive_is_made_again_without_sending_again(ready):
    stored, asked = [], []

    def commit(_request):
        asked.append(1)
        return 0x0110 if len(asked) == 1 else 0x0000  # processing failure

    with desk.archive(lambda uid: stored.append(uid) or 0x0000, commit) as port:
        room = ready(replace(Destination("pacs", "dicom", peer="WITNESS"), commitment=True), port)
        desk.results(room)
        desk.send(room)
        assert (desk.the_delivery(room)["state"], desk.the_delivery(room)["transaction_uids"]) == ("sent", "")
        room.clock.go_on(LONGEST_SECONDS)
        desk.send(room)
    assert len(desk.the_delivery(room)["transaction_uids"].split()) == 1
    assert len(stored) == 3
