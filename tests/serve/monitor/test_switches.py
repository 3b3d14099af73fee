"""A reader that is switched off reads nothing from then on, and every study says so."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

import rooms
from fakes import READER, FakeBundles
from reading_desk import PNEUMONIA, arrived, make_desk, only, read_all
from secondread.core.errors import UsageError
from secondread.serve.config.room import Route
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import audit_events, jobs, monitor_points, reads, studies
from secondread.serve.monitor.switches import known_switches, switch
from secondread.serve.reading.queue import enqueue_read
from secondread.serve.trail.record import Actor

ADMIN = Actor("admin", "10.0.0.1")


def turn(room, *, off, reason="it marks pacemakers"):
    switch(room, ADMIN, None, READER, off=off, reason=reason)


def read_of(room, version):
    row = next(row for row in rooms.tables(room, select(reads)) if row["version"] == version)
    return json.loads(row["report"])["reads"][0]


def test_a_reader_that_is_off_asks_no_network_and_the_report_says_that_it_was_switched_off(any_room, tmp_path):
    room = any_room
    turn(room, off=True)
    arrived(room, tmp_path)
    bundles = FakeBundles()
    bundles.run = None  # whoever asks a network fails
    read_all(make_desk(room, bundles))
    read = read_of(room, 1)
    assert (read["outcome"], read["refusal"]["reason"]) == ("refused", "switched-off")
    assert room.now()[:10] in read["refusal"]["message"]
    study = only(room, studies)
    assert (study["state"], study["said_key"]) == ("refused", "reading.refused")
    assert rooms.tables(room, select(monitor_points)) == []  # it is no refusal of the input
    html = next(room.folders.results.rglob("report.html")).read_text(encoding="utf-8")
    assert "switched off in this reading room" in html


def test_when_it_is_on_again_the_same_images_are_read_anew(room, tmp_path):
    turn(room, off=True)
    arrived(room, tmp_path)
    desk = make_desk(room)
    read_all(desk)
    turn(room, off=False, reason="mended")
    with writing(room.database) as connection:
        enqueue_read(connection, room, 1)
    read_all(desk)
    assert read_of(room, 2)["outcome"] == "found"


def test_a_route_whose_readers_are_all_off_queues_nothing_and_the_worklist_says_why(room, tmp_path):
    route = Route("chests", readers=PNEUMONIA)
    room = replace(room, settings=replace(room.settings, routes=(route,)))
    turn(room, off=True)
    arrived(room, tmp_path)
    assert read_all(make_desk(room)) == 0
    assert rooms.tables(room, select(jobs)) == []
    study = only(room, studies)
    assert (study["state"], study["said"], study["said_key"]) == (
        "refused", "Readers switched off", "reading.switched-off",
    )  # fmt: skip


def test_switching_needs_a_reason_and_stands_in_the_trail(room):
    with pytest.raises(UsageError, match="reason"):
        turn(room, off=True, reason=" ")
    turn(room, off=True)
    assert known_switches(room)[READER].off
    turn(room, off=False, reason="mended")
    assert not known_switches(room)[READER].off
    entries = [json.loads(row["entry"]) for row in rooms.tables(room, select(audit_events))]
    assert [(one["action"], one["detail"]["reason"], one["actor"]) for one in entries] == [
        ("reader-off", "it marks pacemakers", "admin"),
        ("reader-on", "mended", "admin"),
    ]


def test_a_reader_that_is_off_still_says_when_a_study_is_not_its_business(room, tmp_path):
    turn(room, off=True)
    arrived(room, tmp_path, Modality="MG")
    read_all(make_desk(room))
    assert read_of(room, 1)["refusal"]["reason"] != "switched-off"
