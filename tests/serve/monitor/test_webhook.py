import hashlib
import hmac
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

import rooms
from drift_points import stream
from monitored import file_reads
from outbox_desk import http
from secondread.serve.config.room import MonitorSettings, RoomSettings
from secondread.serve.database.tables import monitor_alarms
from secondread.serve.monitor.look import look
from secondread.serve.monitor.webhook import NUMBER, SIGNATURE, send_due
from secondread.serve.sending.backoff import MAX_REFUSALS

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "watch-for-drift.md"
KEY = b"a key that both know"


@pytest.fixture
def alarmed(tmp_path):
    """Makes a room with alarms that are to be told to an address."""
    made = []

    def alarmed(url):
        (tmp_path / "key").write_bytes(KEY + b"\n")
        monitor = MonitorSettings(
            reference_reads=200, least_reads=60, webhook_url=url, webhook_key_file=tmp_path / "key"
        )
        room = rooms.make_room(tmp_path, RoomSettings(monitor=monitor))
        made.append(room)
        file_reads(room, [*stream(220, 1), *stream(150, 2, begin=220, shift=3.0)])
        assert look(room) > 0
        return room

    yield alarmed
    for room in made:
        room.database.dispose()


def states(room):
    return {row["state"] for row in rooms.tables(room, select(monitor_alarms))}


def test_an_alarm_is_told_once_signed_and_without_anything_about_one_patient(alarmed):
    taken = []

    def answer(number, request, body):
        taken.append((request.headers, body))
        return 204, None

    with http(answer) as url:
        room = alarmed(url)
        count = send_due(room)
        assert send_due(room) == 0
    assert count == len(taken) > 0
    assert states(room) == {"sent"}
    headers, body = taken[0]
    assert headers[SIGNATURE] == "sha256=" + hmac.new(KEY, body, hashlib.sha256).hexdigest()
    told = json.loads(body)
    assert (told["event"], str(told["alarm"]), told["status"]) == ("drift-alarm", headers[NUMBER], "alarm")
    assert not re.search(r"2\.25\.|P000001|patient|study", body.decode())


def test_the_page_tells_every_field_of_the_message(alarmed):
    taken = []
    with http(lambda _, __, body: (taken.append(body), (200, None))[1]) as url:
        send_due(alarmed(url))
    named = set(re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert set(json.loads(taken[0])) == named


def test_one_who_does_not_answer_is_asked_again_later_and_later_for_ever(alarmed):
    room = alarmed("http://127.0.0.1:9/")  # the discard port; nobody listens
    waits = []
    for _ in range(MAX_REFUSALS + 2):
        assert send_due(room) == 0
        assert send_due(room) == 0  # not before its time
        row = rooms.tables(room, select(monitor_alarms))[0]
        waits.append(row["attempts"])
        room.clock.go_on(2000)
    assert waits == list(range(1, MAX_REFUSALS + 3))
    assert states(room) == {"waiting"}
    assert "does not answer" in row["error"]


def test_one_who_says_no_is_given_up_and_the_alarm_stays(alarmed):
    with http(lambda *_: (400, None)) as url:
        room = alarmed(url)
        for _ in range(MAX_REFUSALS):
            send_due(room)
            room.clock.go_on(2000)
    assert states(room) == {"failed"}
    assert "answered 400" in rooms.tables(room, select(monitor_alarms))[0]["error"]


def test_without_the_key_nothing_is_sent_unsigned(alarmed):
    taken = []
    with http(lambda *_: (taken.append(1), (200, None))[1]) as url:
        room = alarmed(url)
        lost = replace(room.settings.monitor, webhook_key_file=Path("nowhere"))
        room = replace(room, settings=replace(room.settings, monitor=lost))
        assert send_due(room) == 0
    assert taken == []
    assert states(room) == {"waiting"}
