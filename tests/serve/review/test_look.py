"""Where the room asks for it, nothing that a program said reaches a radiologist before their own look."""

from dataclasses import replace

import pytest
from sqlalchemy import select

import read_rooms
import rooms
from read_rooms import ACCEPT, accepted, plain, saved
from secondread.serve.config.room import AccessSettings, RoomSettings
from secondread.serve.database.tables import review_events


@pytest.fixture
def blind(tmp_path):
    settings = replace(RoomSettings(), access=AccessSettings(hide_until_looked=True))
    room = rooms.make_room(tmp_path, settings)
    yield room, read_rooms.with_picture(room, tmp_path / "in")
    room.database.dispose()


def test_before_a_look_neither_similar_cases_nor_what_a_reader_drew_is_given(tmp_path):
    room = rooms.make_room(tmp_path, replace(RoomSettings(), access=AccessSettings(hide_until_looked=True)))
    study = read_rooms.with_doubt(room, tmp_path / "in")
    client = rooms.logged_in(room)
    assert "data:image/jpeg" not in client.get(f"/studies/{study}").text
    assert client.get(f"/review/{study}/illustrations/1/2/0").status_code == 403
    room.database.dispose()


def test_before_a_look_the_page_names_no_finding_and_no_report_is_given(blind):
    room, study = blind
    client = rooms.logged_in(room)
    page = client.get(f"/studies/{study}").text
    assert "Pneumonia" not in page
    assert "review-look" in page
    for form in ("html", "pdf", "json", "fhir.json", "hl7"):
        assert client.get(f"/studies/{study}/report.{form}").status_code == 403
    assert saved(client, study, accepted(f0_0=ACCEPT)).status_code == 403
    assert client.post(f"/review/{study}/text", json={"content": accepted()}).status_code == 403
    told = client.get(f"/review/{study}").json()
    assert (told["sees_ai"], told["content"]) == (False, None)


def test_after_it_all_is_shown_and_the_look_is_a_row_of_its_own(blind):
    room, study = blind
    client = rooms.logged_in(room)
    assert client.post(f"/review/{study}/look", json={"impression": "Clear.", "seconds": 30}).json() == {
        "sees_ai": True
    }
    assert "Pneumonia" in client.get(f"/studies/{study}").text
    assert client.get(f"/studies/{study}/report.json").status_code == 200
    (row,) = [plain(one) for one in rooms.tables(room, select(review_events))]
    assert (row["action"], row["after"], row["seconds"]) == ("looked", {"impression": "Clear."}, 30)
    assert not row["ai_shown"]


def test_each_radiologist_looks_for_themselves_and_others_see_it_after_anybody_has(blind):
    room, study = blind
    first, second, viewer = rooms.logged_in(room), rooms.logged_in(room, name="kim"), rooms.logged_in(room, "viewer")
    assert "Pneumonia" not in viewer.get(f"/studies/{study}").text
    first.post(f"/review/{study}/look", json={})
    assert "Pneumonia" not in second.get(f"/studies/{study}").text
    assert "Pneumonia" in viewer.get(f"/studies/{study}").text


def test_a_look_makes_no_revision_that_a_save_would_trip_over(blind):
    room, study = blind
    client = rooms.logged_in(room)
    client.post(f"/review/{study}/look", json={})
    assert saved(client, study, accepted(f0_0=ACCEPT)).status_code == 200
