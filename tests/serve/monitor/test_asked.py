"""A reader that is asked no more is told in the room: on the page, in both languages, and by the webhook."""

import json
from dataclasses import replace

import pytest

import rooms
from drift_points import stream
from monitored import file_reads, read_without_readers
from outbox_desk import http
from secondread.serve.config.room import MonitorSettings, RoomSettings
from secondread.serve.monitor.alarms import alarms
from secondread.serve.monitor.asked import studies_asked
from secondread.serve.monitor.look import look, looks_of
from secondread.serve.monitor.switches import begin_reference, known_switches, switch
from secondread.serve.monitor.webhook import send_due
from secondread.serve.trail.record import Actor

READER = "chest-xray-pneumonia"
ADMIN = Actor("admin")


@pytest.fixture
def made(tmp_path):
    """Makes a room in which a reader was asked about 250 studies, and then about none of so many."""
    kept = []

    def made(then, url=""):
        monitor = MonitorSettings(reference_reads=200, least_reads=60, webhook_url=url)
        room = rooms.make_room(tmp_path, RoomSettings(monitor=monitor))
        kept.append(room)
        file_reads(room, stream(250, 1))
        read_without_readers(room, then, 251)
        return room

    yield made
    for room in kept:
        room.database.dispose()


def asked(room):
    return studies_asked(room, 200, 5000, known_switches(room))


def status(room):
    look(room)
    return {one.name: one.status for _, watched in looks_of(room) for one in watched.monitors}.get("asked")


def test_a_reader_that_is_asked_no_more_is_one_alarm_and_the_page_says_that_it_is_gone(made):
    room = made(60)
    assert look(room) == 1
    assert look(room) == 0
    assert [(one.reader, one.monitor) for one in alarms(room)] == [(READER, "asked")]
    words = {"en": ("Gone: it is asked about no study", "Studies that it is asked about"),
             "ko": ("사라진 판독기", "판독을 맡은 검사")}  # fmt: skip
    for language, told in words.items():
        page = rooms.logged_in(room, "administrator", f"admin-{language}", language=language).get("/admin/monitors")
        for word in (*told, "100.0 % → 0.0 %"):
            assert word in page.text


def test_the_webhook_tells_it(made):
    taken = []
    with http(lambda _, __, body: (taken.append(json.loads(body)), (204, None))[1]) as url:
        room = made(60, url)
        look(room)
        assert send_due(room) == 1
    assert (taken[0]["reader"], taken[0]["area"], taken[0]["name"]) == (READER, "outcome", "asked")
    assert taken[0]["told"].startswith("Gone: was asked about 200 of 200 studies; is asked about none of ")
    assert (taken[0]["was"], taken[0]["now"]) == (1.0, 0.0)


@pytest.mark.parametrize("missed", [0, 3])
def test_a_reader_that_is_asked_as_before_or_only_missed_a_few_raises_none(made, missed):
    assert status(made(missed)) in {"ok", "watch"}


def test_of_a_reader_that_a_person_switched_off_everybody_knows_and_switched_on_it_begins_anew(made):
    room = made(60)
    assert look(room) == 1
    switch(room, ADMIN, None, READER, off=True, reason="the scanner is replaced")
    assert asked(room) == {}
    assert status(room) is None
    room.clock.go_on(3600 * 24)
    switch(room, ADMIN, None, READER, off=False, reason="it is back")
    assert asked(room) == {}  # it read nothing since
    later = [replace(one, at=one.at.replace("03-04", "03-06")) for one in stream(250, 2)]
    file_reads(room, later, first=311)
    read_without_readers(room, 60, 561)
    assert look(room) == 1  # gone once more is told once more


def test_a_reference_that_a_person_began_forgets_the_studies_before(made):
    room = made(60)
    assert len(asked(room)[READER]) == 309  # all after its first
    room.clock.go_on(3600)
    begin_reference(room, ADMIN, READER, "few studies of its kind are expected")
    assert asked(room) == {}


def test_a_study_that_is_read_again_counts_once(made):
    room = made(1)
    rooms.add_read(room, 251, version=2)
    rooms.add_read(room, 250, version=2)  # this time nobody asked the reader
    assert [one for one, _ in asked(room)[READER]] == [True] * 248 + [False] * 2
