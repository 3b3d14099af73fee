import re

import pytest
from sqlalchemy import delete

import rooms
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import audit_subjects
from secondread.serve.trail.record import record


@pytest.fixture
def administrator(room):
    for number in range(120):
        record(room, actor="dr1", action="view", study_uid=f"1.2.{number % 2}", detail={"series": number})
    record(room, actor="dr2", action="log-in", outcome="failure", detail={"why": "<i>password</i>"})
    room.clock.go_on(86400)
    record(room, actor="dr2", action="sign", study_uid="1.2.0")
    return rooms.logged_in(room, "administrator", "chief")


def numbers(answer):
    return [int(number) for number in re.findall(r"<tr>\s*<td>(\d+)</td>", answer.text)]


def test_the_newest_entries_come_first_and_older_ones_are_a_page_away(administrator):
    first = administrator.get("/admin/audit")
    assert numbers(first) == list(range(122, 22, -1))
    older = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    second = administrator.get(older)
    assert numbers(second) == list(range(22, 0, -1))
    assert 'rel="next"' not in second.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("person=dr2", [122, 121]),
        ("action=sign", [122]),
        ("outcome=failure", [121]),
        ("day=2026-03-05", [122]),
        ("day=2026-03-04&person=dr2", [121]),
        ("study=1.2.0&person=dr2", [122]),
        ("person=nobody", []),
        ("outcome=%25", []),
        ("before=x&person=dr2", [122, 121]),
    ],
)
def test_entries_are_found_by_person_action_day_study_and_outcome(administrator, query, found):
    assert numbers(administrator.get(f"/admin/audit?{query}")) == found


def test_looking_at_the_trail_stands_in_the_trail_too(administrator):
    administrator.get("/admin/audit?person=dr2")
    assert "trail-seen" in administrator.get("/admin/audit?person=chief").text


def test_an_erased_study_is_shown_as_erased_and_what_was_typed_is_no_markup(room, administrator):
    assert "/studies/1.2.0" in administrator.get("/admin/audit?action=sign").text
    with writing(room.database) as connection:
        connection.execute(delete(audit_subjects))
    page = administrator.get("/admin/audit?person=dr2").text
    assert "/studies/1.2.0" not in page
    assert "erased" in page
    assert "<i>password" not in page
