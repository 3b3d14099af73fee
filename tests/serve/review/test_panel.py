"""The panel: positive findings first, refusals and failures apart, nothing that a person may not see or do."""

import base64
import html
import json
import re
from dataclasses import replace

import numpy as np
from sqlalchemy import select

import read_rooms
import rooms
from reading_desk import QUIET, chest, make_desk, read_all
from secondread.core.report import Outcome, Read, Refusal
from secondread.core.trust import Check
from secondread.report.locales import plain
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import reads, studies
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
    assert first.measurements == ((("width",), "41.3 mm", "by a program"),)
    assert first.rulings == (("A rule (2020): 2. Look again.", "doi 10.1000/1"),)
    assert "Of 100 pictures" in first.meaning
    assert first.drawn
    assert (first.read.model, first.read.version) == ("chest-xray-pneumonia", "1.2.3")
    assert first.read.level


def test_refused_and_failed_reads_stand_apart_and_idle_ones_are_only_named(room, tmp_path):
    shown = panel(room, tmp_path)
    assert [[(one.reader, one.outcome) for one in alike] for alike in shown.unanswered] == [
        [("chest-xray-tuberculosis", "refused")],
        [("chest-xray-findings", "failed")],
    ]
    assert [one.reader for one in shown.idle] == ["head-ct-haemorrhage"]
    assert "needed a frontal view" in plain(shown.unanswered[0][0].why)


def test_readers_of_other_examinations_are_only_named_where_all_others_refused_by_the_tags(room, tmp_path):
    def refused(study):
        refusal = Refusal("view", "Found view LL; needed a frontal view (PA or AP).", "Send the frontal picture.")
        view = Read("chest-xray-findings", "What is there?", Outcome.REFUSED, refusal=refusal)
        return (view, read_rooms.read_of_picture(study)[-1])

    study = read_rooms.drafted(room, [read_rooms.picture(tmp_path / "in")], refused)
    shown = panel_of(room, person_of(room, rooms.logged_in(room)), study, "ko")
    assert [[one.reader for one in alike] for alike in shown.unanswered] == [["chest-xray-findings"]]
    assert plain(shown.unanswered[0][0].why).startswith("확인된 것: 촬영 방향 LL.")
    assert [one.reader for one in shown.idle] == ["head-ct-haemorrhage"]


def refused_by_several(study, greys):
    """The refusal of a doubtful picture, by as many readers as there are greys of what they draw."""
    first = read_rooms.read_of_doubtful_picture(study)[-1]
    pictures = [np.full((30, 60, 3), grey, np.uint8) for grey in greys]
    drawn = [(replace(first.illustrations[0], rgb=rgb),) for rgb in pictures]
    names = ("chest-xray-findings", "chest-xray-heart-size", "chest-xray-tuberculosis")
    return [replace(first, reader=name, illustrations=one) for name, one in zip(names, drawn, strict=True)]


def test_readers_that_refuse_for_one_reason_say_it_once_and_each_is_named_and_has_its_place(room, tmp_path):
    files = [read_rooms.picture(tmp_path / "in")]
    study = read_rooms.drafted(room, files, lambda study: refused_by_several(study, (80, 80, 80)))
    page = rooms.logged_in(room).get(f"/studies/{study}").text
    told = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
    assert told.count("This picture is unlike the pictures it was trained on. Look at the picture.") == 1
    assert "chest-xray-findings , chest-xray-heart-size , chest-xray-tuberculosis : Refused" in told
    assert re.findall(r"/illustrations/1/(\d)/0", page) == ["0"]
    assert re.findall(r'id="reader-(\d)"', page) == ["0", "1", "2"]
    assert told.count("Tested:") == 3


def test_readers_that_draw_something_else_are_shown_apart(room, tmp_path):
    files = [read_rooms.picture(tmp_path / "in")]
    study = read_rooms.drafted(room, files, lambda study: refused_by_several(study, (80, 90, 80)))
    shown = panel_of(room, person_of(room, rooms.logged_in(room)), study, "en")
    assert [[one.number for one in alike] for alike in shown.unanswered] == [[0, 2], [1]]


def doubtful(room, tmp_path, language="en"):
    study = read_rooms.with_doubt(room, tmp_path / "in")
    client = rooms.logged_in(room, language=language)
    return panel_of(room, person_of(room, client), study, language), client.get(f"/studies/{study}").text, client, study


def test_what_is_undecided_stands_first_after_what_is_positive_and_asks_for_a_decision(room, tmp_path):
    shown, page, *_ = doubtful(room, tmp_path)
    assert [(one.name, one.kind) for one in shown.findings] == [
        ("Pneumonia", "undecided"),
        ("Cardiomegaly", "negative"),
    ]
    assert (
        shown.findings[0].call == "undecided: from 38 % to 62 % this network cannot tell; its operating point is 50 %"
    )
    assert json.loads(shown.script)["findings"]["0.0"]["kind"] == "undecided"
    assert "Accept says that it is there, reject that it is not." in page


def test_checks_likeness_and_similar_cases_with_their_pictures_are_shown(room, tmp_path):
    shown, page, *_ = doubtful(room, tmp_path)
    trust = shown.answered[0].trust
    warned = (("agreement of the tags",), ("The tags name view AP, the picture looks like PA.",))
    assert [(name, why) for _, _, name, why in trust.checks.noted] == [warned]
    assert [one.outside for one in trust.distances] == [False]
    pictures = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
    assert [base64.b64decode(one) for one in pictures] == [read_rooms.small_picture(60 + 40 * n) for n in range(3)]
    assert "Of the 2 nearest: 2 pneumonia." in page


def test_warnings_and_standing_come_before_the_findings_and_each_finding_names_its_reader(room, tmp_path):
    shown, page, *_ = doubtful(room, tmp_path)
    warning = "The tags name view AP, the picture looks like PA."
    assert (shown.checked.names, shown.checked.sentences) == (("agreement of the tags",), ((warning,),))
    assert shown.answered[0].warnings == ()  # told once, as what the gate warned of
    first = page.index('data-key="0.0"')
    before, card = page[:first], page[first : page.index('data-key="1.0"')]
    for told in ("1 warning about the images:", warning, "chest-xray-pneumonia</span> <strong"):
        assert told in before
    told = re.sub(r"<[^>]+>|\s+", " ", card)
    assert re.search(r"chest-xray-pneumonia +(validated|limited|not validated) +1 warning", told)
    assert card.index("1 warning") < card.index('data-do="accept"')


def test_what_a_reader_warns_of_stands_before_its_findings(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    page = rooms.logged_in(room, language="ko").get(f"/studies/{study}").text.partition('id="review-title"')[2]
    assert page.index("View AP.") < page.index("판독기 결과") < page.index("data-key=")
    assert page.count("View AP.") == 1
    assert page.count("경고 1건") == 3  # at the reader, and at each of its two findings


def test_the_figures_of_a_map_are_told_once_and_below_what_a_number_means(room, tmp_path, monkeypatch):
    from secondread.core.trust import MapRating
    from secondread.report import wording

    rating = MapRating("pneumonia", "unfaithful", "On 20 test pictures it fell by 0.1 SD.")
    monkeypatch.setattr(wording, "map_rating", lambda *_: rating)
    shown, page, client, study = doubtful(room, tmp_path)
    assert "0.1 SD" not in shown.findings[0].map_note[1]
    assert page.count("0.1 SD") == 1
    page = page.partition('id="review-title"')[2]
    assert page.index("What the number means") < page.index("0.1 SD")
    [told] = client.get(f"/view/{study}/overlays").json()["overlays"]
    assert "0.1 SD" not in told["map_note"]


def test_it_is_told_in_korean_too(room, tmp_path):
    _, page, *_ = doubtful(room, tmp_path, "ko")
    for words in (
        "판정 보류",
        "판독 전에 확인한 것",
        "학습 자료와 다른 정도",
        "비슷한 학습 사례",
        "색의 위치를 믿지 마십시오",
    ):
        assert words in page


def test_a_map_that_nobody_measured_is_warned_about_in_the_panel_and_at_its_switch(room, tmp_path):
    shown, page, client, study = doubtful(room, tmp_path)
    assert shown.findings[0].map_note[0] == "not-measured"
    assert shown.findings[1].map_note == ("", "", "")
    assert "Do not rely on where the colours lie" in page
    [told] = client.get(f"/view/{study}/overlays").json()["overlays"]
    assert told["map_note"].startswith("Do not rely on where the colours lie")
    assert (told["unsure"], told["positive"]) == (True, True)


def test_a_refusal_shows_the_picture_that_says_why(room, tmp_path):
    shown, page, client, study = doubtful(room, tmp_path)
    assert [[one.drawn for one in alike] for alike in shown.unanswered] == [
        [(("What is unlike", "Left: this picture."),)]
    ]
    address = f"/review/{study}/illustrations/1/2/0"
    assert address in page
    answer = client.get(address)
    assert (answer.headers["content-type"], answer.content[:4]) == ("image/png", b"\x89PNG")
    for wrong in ("1/2/1", "1/2/-1", "1/9/0", "1/-1/0", "7/2/0"):
        assert client.get(f"/review/{study}/illustrations/{wrong}").status_code == 404


def test_a_drawing_that_is_gone_costs_its_picture_and_nothing_else(room, tmp_path):
    study = read_rooms.with_doubt(room, tmp_path / "in")
    for file in room.folders.results.rglob("illustration-*.png"):
        file.unlink()
    page = rooms.logged_in(room).get(f"/studies/{study}")
    assert page.status_code == 200
    assert 'id="review-sign"' in page.text


def test_what_two_warnings_of_one_check_say_is_no_warning_of_the_reader_again(room, tmp_path):
    lower, upper = "The scan ends below.", "The scan ends above."

    def cut(study):
        first, *rest = read_rooms.read_of_picture(study)
        checks = (Check("missing-part", "warned", f"{lower} {upper}"),)
        return (replace(first, checks=checks, warnings=(lower, upper)), *rest)

    study = read_rooms.drafted(room, [read_rooms.picture(tmp_path / "in")], cut)
    shown = panel_of(room, person_of(room, rooms.logged_in(room)), study, "en")
    assert not any(one.warnings for one in shown.answered)


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


def test_a_study_whose_images_could_not_be_read_says_why(room, tmp_path):
    rooms.send_in(room, chest(tmp_path / "1.dcm", Modality="SR"))
    room.clock.go_on(QUIET)
    read_all(make_desk(room))
    (study,) = rooms.tables(room, select(studies))
    page = rooms.logged_in(room).get(f"/studies/{study['study_uid']}").text
    assert "There is no read of this study yet." not in page
    assert "Images not usable" in page
    assert "no picture" in page.partition('id="review-panel"')[2]


def test_who_did_not_answer_is_named_before_the_findings(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    page = rooms.logged_in(room).get(f"/studies/{study}").text
    before = page.partition('id="review-first"')[2].partition('id="review-findings"')[0]
    assert "chest-xray-tuberculosis, chest-xray-findings" in before
    assert 'href="#review-unanswered"' in before


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
