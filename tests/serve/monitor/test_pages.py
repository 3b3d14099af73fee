import re

import pytest

import rooms
from drift_points import stream
from monitored import administrator, file_reads
from secondread.audit.drift.judge import Judged
from secondread.serve.config.room import MonitorSettings, RoomSettings
from secondread.serve.monitor.alarms import alarms
from secondread.serve.monitor.look import look
from secondread.serve.monitor.pages import HEIGHT, WIDTH, line
from secondread.serve.monitor.switches import known_switches
from secondread.serve.people.rights import Right
from web_servers import token_of

READER = "chest-xray-pneumonia"


@pytest.fixture
def drifted(tmp_path):
    monitor = MonitorSettings(reference_reads=200, least_reads=60)
    room = rooms.make_room(tmp_path, RoomSettings(monitor=monitor))
    file_reads(room, [*stream(220, 1), *stream(150, 2, begin=220, shift=2.0)])
    look(room)
    yield room
    room.database.dispose()


def test_the_page_shows_alarms_figures_and_charts_in_both_languages_and_no_style_in_the_page(drifted):
    for language, word in (("en", "alarm"), ("ko", "경보")):
        client = rooms.logged_in(drifted, "administrator", f"admin-{language}", language=language)
        html = client.get("/admin/monitors").text
        assert word in html
        assert "pneumonia" in html
        assert html.count('<svg class="course"') > 3
        assert not re.search(r"style=|<style|<script", html)


def test_before_the_first_look_the_page_says_how_many_reads_of_each_reader_are_there(tmp_path):
    room = rooms.make_room(tmp_path, RoomSettings(monitor=MonitorSettings(reference_reads=200, least_reads=60)))
    for language, none, some in (
        ("en", "0 of the 200 reads", "gathering the reference: 7 of 200 reads"),
        ("ko", "현재 0건", "기준 자료 수집 중: 200건 중 7건"),
    ):
        client = rooms.logged_in(room, "administrator", f"admin-{language}", language=language)
        if language == "en":
            assert none in client.get("/admin/monitors").text
            file_reads(room, stream(7, 1))
        html = client.get("/admin/monitors").text
        assert some in html
        assert none not in html
    look(room)
    html = client.get("/admin/monitors").text
    assert html.count("200건 중 7건") == 1  # once it was looked at it stands at the reader alone
    room.database.dispose()


def test_a_token_that_may_measure_sees_the_page_and_changes_nothing(drifted):
    client = rooms.visitor(drifted)
    client.headers["Authorization"] = f"Bearer {token_of(drifted, Right.MEASURE)}"
    page = client.get("/admin/monitors")
    assert page.status_code == 200
    assert '<form class="ask"' not in page.text
    assert client.post("/admin/monitors/alarms/1", data={"note": "seen it"}).status_code == 403
    assert not alarms(drifted)[0].acknowledged_at


def test_an_administrator_acknowledges_and_begins_a_new_reference(drifted):
    client = administrator(drifted)
    number = alarms(drifted)[0].id
    assert client.post(f"/admin/monitors/alarms/{number}", data={"note": ""}).status_code == 422
    assert client.post(f"/admin/monitors/alarms/{number}", data={"note": "New scanner."}).status_code == 303
    assert client.post(f"/admin/monitors/alarms/{number}", data={"note": "Again."}).headers["location"].endswith("=1")
    assert "New scanner." in client.get("/admin/monitors").text
    assert client.post(f"/admin/monitors/references/{READER}", data={"reason": "accepted"}).status_code == 303
    assert known_switches(drifted)[READER].since == drifted.now()
    assert client.post("/admin/monitors/references/nobody", data={"reason": "accepted"}).status_code == 404


def test_a_reader_is_switched_off_and_on_on_the_page_of_readers(room):
    client = administrator(room)
    assert client.post(f"/admin/readers/{READER}/switch", data={"off": "1", "reason": ""}).status_code == 422
    client.post(f"/admin/readers/{READER}/switch", data={"off": "1", "reason": "it marks pacemakers"})
    assert "it marks pacemakers" in client.get("/admin/readers").text
    assert known_switches(room)[READER].off
    client.post(f"/admin/readers/{READER}/switch", data={"off": "0", "reason": "mended"})
    assert not known_switches(room)[READER].off


def test_a_chart_stays_within_its_frame_and_marks_where_the_change_began():
    one = Judged("output", "positive", "rate", "alarm", 500, 100, since=50, was=0.2, now=0.4, course=(0.2, 0.25, 0.4))
    drawn = line(one)
    numbers = [tuple(map(float, pair.split(","))) for pair in drawn.points.split()]
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in numbers)
    assert numbers[0][1] == drawn.was  # the first block is as the reference
    assert numbers[0][1] > numbers[2][1]  # more is higher
    assert drawn.change == WIDTH / 2
    assert line(Judged("output", "positive", "rate", "too few", 500, 0)) is None
