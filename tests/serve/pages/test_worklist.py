import json
import re

import pytest
from sqlalchemy import select

import rooms
import worklists
from secondread.serve.database.tables import audit_events
from secondread.serve.pages.words import phrases


def cells(html, uid):
    """The text of one row's cells."""
    row = re.search(rf'<tr id="study-{uid}".*?</tr>', html, re.DOTALL)[0]
    return [re.sub(r"<[^>]+>|\s+", " ", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]


def test_a_row_says_priority_state_age_patient_examination_answer_and_images(room):
    uid = worklists.add_study(
        room, 1, state="draft", priority=0, patient_name="Adams^Ruth", patient_id="MRN-1", patient_sex="F",
        patient_age="071Y", modalities="CT", body_parts="HEAD", study_description="CT Brain", study_date="20260304",
        said="Intracranial haemorrhage", said_key="", instance_count=40, late_images=True,
        first_received_at="2026-03-04T09:18:00.000000Z",
    )  # fmt: skip
    page = rooms.logged_in(room).get("/")
    assert [re.sub(r"\s+", " ", cell) for cell in cells(page.text, uid)] == [
        "Critical", "Draft", "42 min", "Adams, Ruth MRN-1", "F 71 y", "CT head", "CT Brain 2026-03-04",
        "Intracranial haemorrhage", "40 Late images",
    ]  # fmt: skip
    assert f'href="/studies/{uid}"' in page.text


def test_refused_failed_not_read_and_nothing_found_look_different_from_each_other(room):
    wanted = {
        "refused": {"state": "refused", "said": ""},
        "failed": {"state": "failed", "said": ""},
        "nothing": {"state": "draft", "priority": 2, "said": "Nothing found", "said_key": "reading.nothing-found"},
        "none": {"state": "reading", "said": ""},
        "described": {"state": "draft", "priority": 2, "said": "Described only", "said_key": "reading.described"},
        "undecided": {"state": "draft", "priority": 1, "said": "Undecided", "said_key": "reading.undecided"},
        "found": {"state": "draft", "priority": 1, "said": "Pneumonia", "said_key": ""},
        "partly": {"state": "draft", "priority": 2, "said": "Partly failed", "said_key": "reading.partly-failed"},
        "partly-refused": {"state": "draft", "said": "Partly refused", "said_key": "reading.partly-refused"},
    }
    for number, values in enumerate(wanted.values(), 1):
        worklists.add_study(room, number, **values)
    html = rooms.logged_in(room).get("/").text
    found = re.findall(r'<span class="said ([\w-]+)">(.*?)</span>\s*</td>', html, re.DOTALL)
    assert {kind for kind, _ in found} == set(wanted)
    shapes = [
        re.sub(r"class=\"[^\"]*\"", "", "".join(re.findall(r"<(?:path|circle)[^>]*>", inner))) for _, inner in found
    ]
    words = [re.sub(r"<[^>]+>", "", inner).strip() for _, inner in found]
    assert len(set(shapes)) == len(set(words)) == len(wanted)


def test_what_is_not_said_by_the_answer_is_told_beside_it_in_a_quiet_sign(room):
    every = {"state": "draft", "said_also": "failed refused undecided warned"}
    signs = {
        worklists.add_study(room, 1, **every, said="Nodule +2", said_key=""):
            "Nodule +2 a reader failed a reader refused something undecided image warnings",
        worklists.add_study(room, 2, **every, said="Undecided", said_key="reading.undecided"):
            "Undecided a reader failed a reader refused image warnings",
        worklists.add_study(room, 3, state="draft", said="Partly failed", said_key="reading.partly-failed",
                            said_also="failed"): "Partly failed",
        worklists.add_study(room, 4, state="failed", said="Nodule", said_key="", said_also="warned"):
            "Not read: failed; an earlier read: Nodule",
        worklists.add_study(room, 5, state="draft", said="Partly refused", said_key="reading.partly-refused",
                            said_also="refused"): "Partly refused",
    }  # fmt: skip
    html = rooms.logged_in(room).get("/").text
    assert {uid: re.sub(r"\s+", " ", cells(html, uid)[7]) for uid in signs} == signs
    korean = rooms.logged_in(room, name="kim", language="ko").get("/").text
    for told in ("결절 +2", "일부 분석 실패", "판정 보류 있음", "영상 경고"):
        assert told in korean


@pytest.mark.parametrize("state", ["refused", "failed"])
def test_what_an_earlier_read_said_is_not_the_answer_of_one_that_was_refused_or_failed(room, state):
    worklists.add_study(room, 1, state=state, said="Nothing found", said_key="reading.nothing-found", read_version=1)
    html = rooms.logged_in(room).get("/").text
    assert re.search(
        rf'<span class="said {state}">.*?Not read: {state}; an earlier read: Nothing found', html, re.DOTALL
    )
    assert 'class="said nothing"' not in html


def test_who_hides_names_is_sent_no_name_number_or_accession(room):
    worklists.add_study(
        room, 1, state="draft", patient_name="Hong^Gildong", patient_id="MRN-77", accession_number="ACC-5",
        patient_key="p-00ff",
    )  # fmt: skip
    client = rooms.logged_in(room, "viewer", hides_names=True)
    for html in (client.get("/").text, client.post("/", data={"part": "rows"}).text):
        assert "p-00ff" in html
        assert not re.search("Hong|Gildong|MRN-77|ACC-5", html)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_the_readers_say_is_said_in_the_persons_language(room, language):
    worklists.add_study(room, 1, state="draft", said="Nothing found", said_key="reading.nothing-found")
    assert phrases(language)("reading.nothing-found") in rooms.logged_in(room, language=language).get("/").text


def test_no_link_of_the_page_holds_what_was_searched_for(room):
    worklists.add_studies(room, 300)
    html = rooms.logged_in(room).post("/", data={"q": "adams", "state": "all"}).text
    assert 'value="adams"' in html
    assert not [link for link in re.findall(r'(?:href|action|data-after)="([^"]*)"', html) if "adams" in link.lower()]


def test_words_in_an_address_are_not_searched_for_so_that_nobody_puts_a_name_there(room):
    worklists.add_study(room, 1, state="draft", patient_name="Adams^Ruth")
    html = rooms.logged_in(room).get("/?q=nobody").text
    assert "Adams, Ruth" in html
    assert "nobody" not in html


def test_looking_at_the_list_and_searching_stand_in_the_trail_without_the_words(room):
    worklists.add_study(room, 1, state="draft", patient_name="Adams^Ruth")
    client = rooms.logged_in(room)
    client.get("/")
    client.post("/", data={"q": "adams", "part": "rows"})
    client.post("/", data={"q": "adams", "part": "rows", "live": "1"})  # nobody asked anew
    entries = [row["entry"] for row in rooms.tables(room, select(audit_events))]
    told = [(one["actor"], one["action"], one["detail"]) for one in map(json.loads, entries)]
    assert told == [
        ("radiologist", "search", {"found": 1, "state": "open", "words": False}),
        ("radiologist", "search", {"found": 1, "state": "open", "words": True}),
    ]
    assert "adams" not in "".join(entries).lower()


def test_a_program_that_says_that_nobody_asked_anew_leaves_its_trace(room):
    worklists.add_study(room, 1, state="draft", patient_name="Adams^Ruth")
    client = rooms.logged_in(room)
    for words in ("adams", "ruth", "adams"):
        assert "Adams" in client.post("/", data={"q": words, "part": "rows", "live": "1"}).text
    assert len(rooms.tables(room, select(audit_events))) == 2
    room.clock.go_on(86400 * 0.75)
    client = rooms.logged_in(room, name="another")
    client.post("/", data={"q": "adams", "part": "rows", "live": "1"})
    assert len(rooms.tables(room, select(audit_events))) == 3


def test_the_next_page_begins_where_this_one_ends(room):
    worklists.add_studies(room, 230)
    client = rooms.logged_in(room)
    seen, address = [], "/?state=all"
    while address:
        html = client.get(address).text
        seen += re.findall(r'<tr id="study-([\d.]+)"', html)
        after = re.search(r'data-after="([^"]*)"', html)[1].replace("&amp;", "&")
        address = f"/{after}" if after else ""
    assert len(seen) == len(set(seen)) == 230


def test_an_address_that_makes_no_sense_shows_the_list(room):
    worklists.add_study(room, 1, state="draft")
    client = rooms.logged_in(room)
    for query in ("state=nonsense", "after=1_2_x", "after=9999999999999_a_1", "from=yesterday", "priority=%00"):
        assert client.get(f"/?{query}").status_code == 200


def test_without_a_session_nothing_is_shown(room):
    worklists.add_study(room, 1)
    assert rooms.visitor(room).get("/").status_code == 401
    assert rooms.visitor(room).get("/events").status_code == 401
