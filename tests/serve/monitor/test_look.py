import json

import pytest
from sqlalchemy import select

import rooms
from drift_points import stream
from monitored import file_reads
from secondread.core.errors import UsageError
from secondread.serve.config.room import MonitorSettings, RoomSettings
from secondread.serve.database.tables import audit_events, monitor_alarms
from secondread.serve.monitor import service
from secondread.serve.monitor.alarms import acknowledge, alarms
from secondread.serve.monitor.look import look, looks_of
from secondread.serve.monitor.points import stored_points
from secondread.serve.monitor.switches import begin_reference
from secondread.serve.pages.metrics import exposition
from secondread.serve.trail.record import Actor

SETTINGS = RoomSettings(monitor=MonitorSettings(reference_reads=200, least_reads=60, window_reads=400))
ADMIN = Actor("admin")


@pytest.fixture
def drifted(tmp_path):
    """A room whose reads changed after 250."""
    room = rooms.make_room(tmp_path, SETTINGS)
    file_reads(room, [*stream(250, 1), *stream(150, 2, begin=250, shift=2.0)])
    yield room
    room.database.dispose()


def test_a_change_is_one_alarm_however_often_one_looks(drifted):
    first = look(drifted)
    assert first >= 1
    assert look(drifted) == 0
    names = [one.monitor for one in alarms(drifted)]
    assert "probability: pneumonia" in names
    assert len(names) == len(set(names)) == first
    entries = [json.loads(row["entry"])["action"] for row in rooms.tables(drifted, select(audit_events))]
    assert entries.count("drift-alarm") == first


def test_what_the_latest_look_said_is_kept_and_measured(drifted):
    look(drifted)
    ((at, watched),) = looks_of(drifted)
    assert at == drifted.now()
    assert watched.complete
    text = exposition(drifted)
    alarmed = sum(one.status == "alarm" for one in watched.monitors)
    assert f'secondread_monitors{{reader="chest-xray-pneumonia",status="alarm"}} {alarmed}' in text
    assert f"secondread_drift_alarms_open {alarmed}" in text


def test_an_alarm_is_acknowledged_once_by_a_person_with_a_note(drifted):
    look(drifted)
    user = rooms.add_person(drifted, "administrator")
    first = alarms(drifted)[0]
    with pytest.raises(UsageError, match="note"):
        acknowledge(drifted, ADMIN, user, first.id, "  ")
    assert acknowledge(drifted, ADMIN, user, first.id, "New scanner, accepted.")
    assert not acknowledge(drifted, ADMIN, user, first.id, "Again.")
    done = next(one for one in alarms(drifted) if one.id == first.id)
    assert (done.by, done.note, done.acknowledged_at) == ("Administrator", "New scanner, accepted.", drifted.now())
    last = json.loads(rooms.tables(drifted, select(audit_events).order_by(audit_events.c.seq.desc()))[0]["entry"])
    assert (last["action"], last["detail"]["alarm"]) == ("alarm-acknowledged", first.id)


def test_after_a_new_reference_the_same_monitor_may_alarm_again(drifted):
    look(drifted)
    before = len(alarms(drifted))
    drifted.clock.go_on(3600)
    begin_reference(drifted, ADMIN, "chest-xray-pneumonia", "the new scanner is accepted")
    look(drifted)
    assert looks_of(drifted) == []  # nothing came since
    later = [*stream(250, 3, shift=2.0), *stream(150, 4, begin=250, shift=-1.0)]
    moved = [type(one)(**{**vars_of(one), "at": one.at.replace("2026", "2027")}) for one in later]
    file_reads(drifted, moved, 1000)
    assert look(drifted) >= 1
    assert len(alarms(drifted)) > before


def vars_of(point):
    return {name: getattr(point, name) for name in point.__slots__}


def test_the_reference_stays_when_far_more_reads_came_than_are_looked_at(tmp_path):
    room = rooms.make_room(tmp_path, SETTINGS)
    points = stream(900, 5)
    file_reads(room, points)
    kept = stored_points(room, 200, 400, {})
    assert [one.at for one in kept] == [one.at for one in (*points[:200], *points[500:])]
    room.database.dispose()


def test_the_service_looks_as_often_as_the_settings_say(drifted, monkeypatch):
    looked = []
    monkeypatch.setattr(service, "look", lambda room: looked.append(room.now()))
    monitoring = service.Monitoring(drifted)
    for _ in range(4):
        monitoring.tick()
        drifted.clock.go_on(6 * 60)
    assert len(looked) == 2  # at once, and once after 15 minutes
    assert rooms.tables(drifted, select(monitor_alarms)) == []
