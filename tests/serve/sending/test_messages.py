"""FHIR and HL7 receivers that refuse, break or are busy at first, and get the message in the end."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select, update

import fakes
import outbox_desk as desk
import rooms
from report_desk import RESULTS, Desk
from secondread.report.fhir import to_fhir_json
from secondread.serve.config.room import Destination
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import deliveries, destinations, studies
from secondread.serve.sending.backoff import LONGEST_SECONDS

TAKEN = {"resourceType": "Bundle", "type": "transaction-response", "entry": [{"response": {"status": "201 Created"}}]}


@pytest.fixture
def ready(tmp_path):
    """A room with results to send to one destination."""
    made = []

    def ready(destination):
        room = rooms.make_room(tmp_path, desk.settings_for(destination))
        made.append(room)
        desk.queue(room, desk.study_in(room, tmp_path))
        desk.results(room)
        return room

    yield ready
    for room in made:
        room.database.dispose()


def after_tries(room, times):
    for _ in range(times):
        desk.send(room)
        room.clock.go_on(2 * LONGEST_SECONDS)
    [row] = desk.outbox(room)
    return row


def failures(room):
    return [row["failures"] for row in rooms.tables(room, select(destinations))]


def test_a_fhir_server_that_is_busy_gets_the_bundle_later_with_the_token_of_that_moment(ready, tmp_path):
    seen = []

    def answer(number, request, body):
        seen.append((request.path, request.headers["Authorization"], request.headers["Content-Type"], body))
        return (503, None) if number == 0 else (200, TAKEN)

    token = tmp_path / "token"
    token.write_text("first\n")
    with desk.http(answer) as url:
        room = ready(Destination("ehr", "fhir", url=f"{url}/fhir", token_file=token))
        row = after_tries(room, 1)
        assert (row["state"], row["refusals"], failures(room)) == ("waiting", 0, [1])
        token.write_text("second")
        assert after_tries(room, 2)["state"] == "confirmed"
    bundle = (room.folders.results / "read-1/report.fhir.json").read_bytes()
    assert seen == [("/fhir", f"Bearer {token}", "application/fhir+json", bundle) for token in ("first", "second")]


def test_a_bundle_that_arrived_before_a_crash_makes_no_second_report_after_it(ready):
    """A server that keeps to conditional create: FHIR R4, RESTful API."""
    known, answers = {}, []

    def answer(_number, _request, body):
        entries = []
        for number, entry in enumerate(json.loads(body)["entry"]):
            name = entry["resource"]["resourceType"], entry["request"].get("ifNoneExist", f"{len(answers)}/{number}")
            entries.append({"response": {"status": "200 OK" if name in known else "201 Created"}})
            known.setdefault(name, entry["resource"])
        answers.append(entries)
        return 200, {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}

    with desk.http(answer) as url:
        room = ready(Destination("ehr", "fhir", url=url))
        reports = Desk(fakes.card(results=RESULTS))
        bundle = to_fhir_json(reports.report(reports.found()), reports.cards)
        (room.folders.results / "read-1/report.fhir.json").write_text(bundle)
        assert after_tries(room, 1)["state"] == "confirmed"
        with writing(room.database) as connection:
            connection.execute(update(deliveries).values(state="waiting", taken="{}"))
        assert after_tries(room, 1)["state"] == "confirmed"
    assert len(answers) == 2
    assert [kind for kind, _ in known].count("DiagnosticReport") == 1
    assert [kind for kind, _ in known].count("Observation") == 1


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 302])
def test_an_answer_that_any_bundle_would_get_is_no_refusal(ready, status):
    with desk.http(lambda *_: (status, None)) as url:
        room = ready(Destination("ehr", "fhir", url=url))
        row = after_tries(room, 3)
    assert (row["state"], row["refusals"], failures(room)) == ("waiting", 0, [3])
    assert str(status) in row["error"]


def test_a_refused_bundle_says_why_in_codes_and_not_in_words_that_may_name_the_patient(ready):
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "processing", "diagnostics": "Patient HONG^GILDONG is unknown"}],
    }
    with desk.http(lambda *_: (422, outcome)) as url:
        room = ready(Destination("ehr", "fhir", url=url))
        row = after_tries(room, 1)
    assert (row["state"], row["refusals"], failures(room)) == ("waiting", 1, [0])
    assert "422 (processing)" in row["error"]
    assert "HONG" not in row["error"]


def test_one_refused_entry_of_a_batch_is_not_taken_for_success(ready):
    batch = {
        "resourceType": "Bundle",
        "type": "batch-response",
        "entry": [{"response": {"status": "200"}}, {"response": {"status": "412 Precondition Failed"}}],
    }
    with desk.http(lambda *_: (200, batch)) as url:
        row = after_tries(ready(Destination("ehr", "fhir", url=url)), 1)
    assert row["state"] == "waiting"
    assert "412 for entry 2" in row["error"]


def test_a_page_that_answers_everything_is_no_fhir_server(ready):
    with desk.http(lambda *_: (200, {"hello": "world"})) as url:
        row = after_tries(ready(Destination("ehr", "fhir", url=url)), 1)
    assert row["state"] == "waiting"
    assert "no transaction-response" in row["error"]


def test_a_missing_token_is_told_and_nothing_is_sent(ready, tmp_path):
    with desk.http(lambda *_: pytest.fail("sent without its token")) as url:
        room = ready(Destination("ehr", "fhir", url=url, token_file=tmp_path / "none"))
        row = after_tries(room, 1)
    assert "token_file" in row["error"]


def test_an_hl7_receiver_that_refuses_at_first_gets_the_same_message_again(ready):
    with desk.mllp("AE", "AR", "AA") as (port, received):
        room = ready(Destination("ris", "hl7", url=f"mllp://127.0.0.1:{port}"))
        row = after_tries(room, 1)
        assert (row["state"], row["refusals"]) == ("waiting", 1)
        assert "answered AE" in row["error"]
        assert after_tries(room, 3)["state"] == "confirmed"
    assert len(received) == 3
    assert set(received) == {b"\x0b" + desk.MESSAGE.encode() + b"\x1c\x0d"}


def test_an_hl7_receiver_that_is_not_there_is_waited_for(ready):
    with desk.mllp() as (port, _):
        pass
    room = ready(Destination("ris", "hl7", url=f"mllp://127.0.0.1:{port}"))
    row = after_tries(room, 4)
    assert (row["state"], row["refusals"], failures(room)) == ("waiting", 0, [4])
    assert "connection failed" in row["error"]


def test_a_receiver_inside_the_hospital_gets_the_patient_and_the_folder_keeps_the_pseudonym(ready):
    with desk.mllp("AA") as (port, received):
        room = ready(Destination("ris", "hl7", url=f"mllp://127.0.0.1:{port}", identified=True))
        [study] = rooms.tables(room, select(studies))
        assert after_tries(room, 1)["state"] == "confirmed"
    assert f"PID|1||{study['patient_id']}^^^".encode() in received[0]
    assert (room.folders.results / "read-1/report.hl7").read_bytes() == desk.MESSAGE.encode()


def test_a_patient_without_a_number_is_filed_under_nobody(ready):
    room = ready(Destination("ehr", "fhir", url="http://127.0.0.1:9", identified=True))
    with writing(room.database) as connection:
        connection.execute(update(studies).values(patient_id=""))
    row = after_tries(room, 1)
    assert (row["state"], row["refusals"]) == ("waiting", 1)
    assert "states no patient ID" in row["error"]


def test_a_fault_of_the_senders_own_is_shown_and_not_retried_for_ever(ready, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("secondread.serve.sending.sender.carry", broken)
    row = after_tries(ready(replace(Destination("ris", "hl7"), url="mllp://127.0.0.1:9")), 12)
    assert row["state"] == "failed"
    assert "ZeroDivisionError" in row["error"]
