"""The outbox itself, with folders as destinations: what is queued, what is tried again, what is never lost."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select, update

import outbox_desk as desk
import rooms
from nodes import eventually
from secondread.serve.config.room import Destination
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import audit_events, deliveries, destinations
from secondread.serve.sending.backoff import LONGEST_SECONDS, MAX_REFUSALS, pause
from secondread.serve.sending.claim import LEASE_SECONDS, claim
from secondread.serve.sending.outbox import cancel, retry
from secondread.serve.sending.outcome import confirmed
from secondread.serve.sending.sender import Sender, fail_unknown


@pytest.fixture
def make(tmp_path, database_url):
    """A room that sends everything to the given destinations, on each kind of database."""
    made = []

    def make(*to, **changes):
        made.append(rooms.make_room(tmp_path, desk.settings_for(*to, **changes), url=database_url))
        return made[-1]

    yield make
    for room in made:
        room.database.dispose()


@pytest.fixture
def shelf(tmp_path):
    return Destination("shelf", "folder", path=tmp_path / "shelf")


def test_results_are_queued_once_for_each_destination_that_wants_them_then(make, shelf, tmp_path):
    final = Destination("final", "folder", path=tmp_path / "final", when="signed")
    elsewhere = Destination("elsewhere", "folder", path=tmp_path / "elsewhere")
    room = make(shelf, final)
    room = replace(room, settings=replace(room.settings, destinations=(shelf, final, elsewhere)))
    study = desk.study_in(room, tmp_path)
    assert desk.queue(room, study, "read-1", "draft") == 1
    assert desk.queue(room, study, "read-1", "draft") == 0
    assert desk.queue(room, study, "signed-1", "signed") == 2
    assert [row["destination"] for row in desk.outbox(room)] == ["shelf", "shelf", "final"]


def test_a_folder_appears_whole_and_only_once(make, shelf, tmp_path):
    room = make(replace(shelf, objects=("sr", "sc")))
    desk.queue(room, desk.study_in(room, tmp_path))
    desk.results(room)
    desk.send(room, times=3)
    [row] = desk.outbox(room)
    assert (row["state"], row["attempts"], row["error"]) == ("confirmed", 1, "")
    [folder] = shelf.path.iterdir()
    names = {file.name for file in folder.iterdir()}
    assert names == {"report.json", "report.fhir.json", "report.hl7", "chest.sr.dcm", "chest.sc.dcm"}
    assert (folder / "chest.sr.dcm").read_bytes() == (room.folders.results / "read-1/chest.sr.dcm").read_bytes()


def test_what_left_before_a_crash_is_not_there_twice_after_it(make, shelf, tmp_path):
    room = make(shelf)
    desk.queue(room, desk.study_in(room, tmp_path))
    desk.results(room)
    desk.send(room)
    with writing(room.database) as connection:  # as if the program had ended before the outbox was told
        connection.execute(update(deliveries).values(state="waiting", taken="{}", confirmed_at=None))
    desk.send(room)
    assert [row["state"] for row in desk.outbox(room)] == ["confirmed"]
    assert len(list(shelf.path.iterdir())) == 1


def test_a_destination_that_is_down_holds_up_no_other_and_gets_everything_in_the_end(make, shelf, tmp_path):
    (tmp_path / "file").write_text("in the way")
    down = Destination("down", "folder", path=tmp_path / "file" / "below")
    room = make(down, shelf)
    for name in ("one", "two"):
        desk.queue(room, desk.study_in(room, tmp_path, name), name)
        desk.results(room, name)
    desk.send(room, times=5)
    states = [(row["destination"], row["state"], row["attempts"]) for row in desk.outbox(room)]
    assert states == [
        ("down", "waiting", 1), ("shelf", "confirmed", 1), ("down", "waiting", 0), ("shelf", "confirmed", 1),
    ]  # fmt: skip
    assert "cannot be written" in desk.outbox(room)[0]["error"]
    for _ in range(60):  # days go by
        room.clock.go_on(2 * LONGEST_SECONDS)
        desk.send(room)
    assert {row["state"] for row in desk.outbox(room)} == {"confirmed", "waiting"}
    [place] = rooms.tables(room, select(destinations).where(destinations.c.name == "down"))
    assert place["failures"] > 50
    (tmp_path / "file").unlink()
    room.clock.go_on(2 * LONGEST_SECONDS)
    desk.send(room, times=2)
    assert {row["state"] for row in desk.outbox(room)} == {"confirmed"}
    [place] = rooms.tables(room, select(destinations).where(destinations.c.name == "down"))
    assert (place["failures"], place["error"], place["reached_at"]) == (0, "", room.now())


def test_waits_grow_to_a_quarter_of_an_hour_and_differ():
    waits = [pause(failures, lambda: "x") for failures in range(1, 20)]
    assert waits == sorted(waits)
    assert waits[0] < 10
    assert waits[-1] < 1.3 * LONGEST_SECONDS
    assert pause(5, lambda: "x") != pause(5, lambda: "y")


def test_a_delivery_without_its_results_is_shown_as_failed_and_can_be_tried_again(make, shelf, tmp_path):
    room = make(shelf)
    desk.queue(room, desk.study_in(room, tmp_path))
    for _ in range(MAX_REFUSALS + 3):
        desk.send(room)
        room.clock.go_on(2 * LONGEST_SECONDS)
    [row] = desk.outbox(room)
    assert (row["state"], row["refusals"]) == ("failed", MAX_REFUSALS)
    assert "Read the study again" in row["error"]
    assert rooms.tables(room, select(destinations)) == []  # nobody can say whether it would have been there
    desk.results(room)
    assert retry(room, row["id"])
    desk.send(room)
    [row] = desk.outbox(room)
    assert (row["state"], row["error"]) == ("confirmed", "")
    assert not retry(room, row["id"])
    actions = [row["entry"] for row in rooms.tables(room, select(audit_events.c.entry).order_by(audit_events.c.seq))]
    assert ['"outcome":"failure"' in one for one in actions] == [True, False]


def test_what_is_cancelled_is_not_sent(make, shelf, tmp_path):
    room = make(shelf)
    desk.queue(room, desk.study_in(room, tmp_path))
    desk.results(room)
    [row] = desk.outbox(room)
    assert cancel(room, row["id"])
    desk.send(room)
    assert not shelf.path.exists()
    assert not cancel(room, row["id"])
    assert not cancel(room, 999)
    assert not retry(room, 999)


def test_nothing_of_the_kinds_that_are_wanted_is_told(make, shelf, tmp_path):
    room = make(Destination("pacs", "dicomweb", url="http://127.0.0.1:9", objects=("ko",)))
    desk.queue(room, desk.study_in(room, tmp_path))
    desk.results(room)
    desk.send(room)
    [row] = desk.outbox(room)
    assert (row["state"], row["error"]) == ("cancelled", "the results hold nothing of ko.")


def test_a_draft_never_comes_after_the_signed_report(make, shelf, tmp_path):
    room = make(shelf)
    study = desk.study_in(room, tmp_path)
    desk.queue(room, study, "read-1", "draft")
    desk.queue(room, study, "signed-1", "signed")
    desk.results(room, "signed-1")
    desk.send(room, times=3)  # the draft's results are not there: it is tried again, the signed one waits for it
    assert [row["state"] for row in desk.outbox(room)] == ["waiting", "waiting"]
    assert [row["attempts"] for row in desk.outbox(room)] == [1, 0]
    assert cancel(room, desk.outbox(room)[0]["id"])
    desk.send(room)
    assert [row["state"] for row in desk.outbox(room)] == ["cancelled", "confirmed"]


def test_a_message_that_a_newer_one_has_overtaken_is_not_sent_again(make, tmp_path):
    with desk.mllp("AA") as (port, received):
        room = make(Destination("ris", "hl7", url=f"mllp://127.0.0.1:{port}"))
        study = desk.study_in(room, tmp_path)
        desk.queue(room, study, "read-1", "draft")
        desk.queue(room, study, "signed-1", "signed")
        desk.results(room, "read-1")
        desk.results(room, "signed-1")
        draft, _ = (row["id"] for row in desk.outbox(room))
        cancel(room, draft)
        desk.send(room)
        assert not retry(room, draft)
    assert len(received) == 1


def test_only_one_of_many_senders_takes_a_delivery_up(make, shelf, tmp_path):
    room = make(shelf)
    for name in ("one", "two", "three", "four"):
        desk.queue(room, desk.study_in(room, tmp_path, name), name)
    together, taken = threading.Barrier(8), []

    def take():
        together.wait()
        taken.append(claim(room, "shelf"))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    got = [one.id for one in taken if one is not None]
    assert len(got) == len(set(got))
    while (one := claim(room, "shelf")) is not None:  # a row that was locked for a moment is left to the next
        got.append(one.id)
    assert sorted(got) == [row["id"] for row in desk.outbox(room)]


def test_what_a_dead_sender_held_is_taken_up_by_another_and_its_word_no_longer_counts(make, shelf, tmp_path):
    room = make(shelf)
    desk.queue(room, desk.study_in(room, tmp_path))
    dead = claim(room, "shelf")
    assert claim(room, "shelf") is None
    room.clock.go_on(LEASE_SECONDS + 1)
    heir = claim(room, "shelf")
    assert (heir.id, heir.attempt) == (dead.id, dead.attempt + 1)
    confirmed(room, dead, {"a": "1"})
    assert [row["state"] for row in desk.outbox(room)] == ["waiting"]
    confirmed(room, heir, {"a": "1"})
    assert [row["state"] for row in desk.outbox(room)] == ["confirmed"]


def test_what_waits_for_a_destination_that_is_no_more_is_shown(make, shelf, tmp_path):
    room = make(shelf)
    desk.queue(room, desk.study_in(room, tmp_path))
    room = replace(room, settings=replace(room.settings, destinations=()))
    fail_unknown(room)
    [row] = desk.outbox(room)
    assert (row["state"], "no such destination" in row["error"]) == ("failed", True)


def test_the_service_sends_and_stops(make, shelf, tmp_path):
    room = make(shelf)
    desk.queue(room, desk.study_in(room, tmp_path))
    desk.results(room)
    service = Sender(room)
    service.start()
    try:
        assert eventually(lambda: desk.outbox(room)[0]["state"] == "confirmed")
    finally:
        service.stop()
    assert not any(loop._thread.is_alive() for loop in service._loops)
