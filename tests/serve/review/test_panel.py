"""The panel: positive findings first, refusals and failures apart, nothing that a person may not see or do."""

import html
import json
import re

from sqlalchemy import select

import read_rooms
import rooms
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import reads
from secondread.serve.review.panel import panel_of
from secondread.serve.review.presence import GONE_SECONDS, Presence


def person_of(room, client):
    from starlette.requests import Request

    from secondread.serve.people.person import person_of as who

    name, value = next((cookie.name, cookie.value) for cookie in client.cookies.jar)
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "app": client.app, "scheme": "http",
             "server": ("testserver", 80), "headers": [(b"cookie", f"{name}={value}".encode())]}  # fmt: skip
    return who(Request(scope))


def panel(room, tmp_path, language="en", role="radiologist"):
    study = read_rooms.with_picture(room, tmp_path / "in")
    return panel_of(room, person_of(room, rooms.logged_in(room, role)), study, language)


def test_positive_findings_come_first_then_descriptions_then_the_rest(room, tmp_path):
    shown = panel(room, tmp_path)
    assert [(one.name, one.kind) for one in shown.findings] == [
        ("Pneumonia", "positive"),
        ("Quality of the picture", "described"),
        ("Cardiomegaly", "negative"),
    ]
    first = shown.findings[0]
    assert (first.leading, first.call) == ("91 %", "at or above the operating point of 50 %")
    assert first.measurements == (("width", "41.3 mm", "by a program"),)
    assert first.rulings == (("A rule (2020): 2. Look again.", "doi 10.1000/1"),)
    assert "Of 100 pictures" in first.meaning
    assert first.drawn
    assert (first.read.model, first.read.version) == ("chest-xray-pneumonia", "1.2.3")
    assert first.read.level


def test_refused_and_failed_reads_stand_apart_and_idle_ones_are_only_named(room, tmp_path):
    shown = panel(room, tmp_path)
    assert [(one.reader, one.outcome) for one in shown.unanswered] == [
        ("chest-xray-tuberculosis", "refused"),
        ("chest-xray-findings", "failed"),
    ]
    assert [one.reader for one in shown.idle] == ["head-ct-haemorrhage"]
    assert "needed a frontal view" in shown.unanswered[0].why


def test_korean_names_and_calls(room, tmp_path):
    shown = panel(room, tmp_path, "ko")
    assert shown.findings[0].name == "폐렴"
    assert "임계값" in shown.findings[0].call


def test_who_may_only_look_has_no_buttons_to_decide_or_sign(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    page = rooms.logged_in(room, "viewer").get(f"/studies/{study}").text
    assert "Pneumonia" in page
    assert 'data-do="accept"' not in page
    assert 'id="review-sign"' not in page
    assert 'id="review-sign"' in rooms.logged_in(room).get(f"/studies/{study}").text


def test_no_text_of_a_reader_can_become_markup(room, tmp_path, monkeypatch):
    from secondread.core.code import LOCAL, Code
    from secondread.core.finding import Finding

    evil = '"><script>alert(1)</script>'

    def reads(study):
        first, *rest = read_rooms.read_of_picture(study)
        bad = Finding(Code(LOCAL, "evil", evil), 0.9, 0.5, evil, notes=(evil,))
        from dataclasses import replace

        return (replace(first, findings=(*first.findings, bad), warnings=(evil,)), *rest)

    study = read_rooms.drafted(room, [read_rooms.picture(tmp_path / "in")], reads)
    page = rooms.logged_in(room).get(f"/studies/{study}").text
    assert "<script>alert" not in page
    assert "alert(1)" in html.unescape(page)
    assert not re.findall(r"<[^>]+ on[a-z]+=", page)
    assert not re.findall(r"<[^>]+ style=", page.partition('id="review-panel"')[2])


def test_a_study_without_a_read_says_so(room, tmp_path):
    rooms.send_in(room, read_rooms.picture(tmp_path / "in"))
    import pydicom

    study = pydicom.dcmread(tmp_path / "in" / "chest.dcm").StudyInstanceUID
    page = rooms.logged_in(room).get(f"/studies/{study}").text
    assert "There is no read of this study yet." in page


def test_a_card_of_a_network_and_of_a_method_can_be_read(room):
    client = rooms.logged_in(room, "viewer")
    assert "Not for" in client.get("/review/cards/chest-xray-pneumonia").text
    assert client.get("/review/cards/nothing").status_code == 404


def test_two_people_know_of_each_other_until_one_leaves():
    clock = rooms.Clock()
    presence = Presence(clock)
    assert presence.here("1.2", "kim", "Dr Kim") == ()
    assert presence.here("1.2", "lee", "Dr Lee") == ("Dr Kim",)
    assert presence.here("1.3", "park", "Dr Park") == ()
    presence.gone("1.2", "kim")
    assert presence.here("1.2", "lee", "Dr Lee") == ()
    presence.here("1.2", "kim", "Dr Kim")
    clock.go_on(GONE_SECONDS + 1)
    assert presence.here("1.2", "lee", "Dr Lee") == ()


def test_presence_is_told_with_the_revision_that_is_stored(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    client = rooms.logged_in(room)
    told = client.post(f"/review/{study}/presence", json={}).json()
    assert (told["others"], told["revision"], told["state"]) == ([], 0, "draft")
    assert client.post(f"/review/{study}/presence", json={"gone": True}).json()["others"] == []


def test_what_is_not_positive_is_accepted_at_once_only_where_there_is_something_of_the_kind(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    client = rooms.logged_in(room)
    assert 'id="review-accept-rest"' in client.get(f"/studies/{study}").text
    with writing(room.database) as connection:
        report = json.loads(connection.execute(select(reads.c.report)).scalar_one())
        for read in report["reads"]:
            read["findings"] = [finding for finding in read["findings"] if finding["positive"]]
        report["reads"] = [read for read in report["reads"] if read["findings"]]
        connection.execute(reads.update().values(report=json.dumps(report)))
    assert 'id="review-accept-rest"' not in client.get(f"/studies/{study}").text
