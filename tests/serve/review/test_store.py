"""A review is saved so that nothing is lost, whoever else saves, and every change is a row for ever."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

import read_rooms
import rooms
from read_rooms import ACCEPT, REJECT, accepted, plain, saved
from secondread.serve.database.tables import review_events
from secondread.serve.review.store import load


def events(room):
    return [plain(row) for row in rooms.tables(room, select(review_events).order_by(review_events.c.id))]


def test_a_review_is_stored_and_each_change_is_a_row_with_who_and_how_long(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    client = rooms.logged_in(room)
    content = accepted(f0_0=ACCEPT, f1_0=REJECT)
    content["added"] = [{"id": "a1", "name": "Rib fracture", "location": "left"}]
    answer = saved(client, study, content)
    assert answer.status_code == 200
    assert answer.json()["revision"] == 1
    assert answer.json()["saved_by"] == "Radiologist"
    rows = events(room)
    assert [row["action"] for row in rows] == ["accepted", "rejected", "added", "text"]
    assert sum(row["seconds"] for row in rows) == pytest.approx(12.5)
    assert rows[1]["reader"] == "chest-xray-heart-size"
    assert (rows[1]["finding"], rows[1]["before"] or None) == (0, None)
    assert rows[1]["after"]["reason"] == "artefact"
    assert all(row["ai_shown"] and row["revision"] == 1 for row in rows)


def test_taking_a_decision_back_is_a_change_too(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    client = rooms.logged_in(room)
    saved(client, study, accepted(f0_0=ACCEPT))
    saved(client, study, accepted(), revision=1)
    assert [row["action"] for row in events(room)] == ["accepted", "text", "reopened"]
    assert events(room)[2]["before"]["decision"] == "accepted"


def test_a_save_that_changes_nothing_makes_no_revision(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    client = rooms.logged_in(room)
    assert saved(client, study, accepted(f0_0=ACCEPT)).json()["revision"] == 1
    assert saved(client, study, accepted(f0_0=ACCEPT), revision=1).json()["revision"] == 1


def test_the_second_save_of_one_revision_is_refused_and_told_who_changed_what(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    first, second = rooms.logged_in(room, name="kim"), rooms.logged_in(room, name="lee")
    assert saved(first, study, accepted(f0_0=REJECT)).status_code == 200
    refused = saved(second, study, accepted(f0_0=ACCEPT))
    assert refused.status_code == 409
    told = refused.json()
    assert "Kim saved a change meanwhile" in told["detail"]
    assert told["current"]["content"]["findings"]["0.0"]["decision"] == "rejected"
    assert [(one["who"], one["action"]) for one in told["changes"]] == [("Kim", "rejected"), ("Kim", "text")]
    assert saved(second, study, accepted(f0_0=ACCEPT), revision=1).status_code == 200


def test_of_many_saves_at_once_exactly_one_of_each_revision_is_stored(any_room, tmp_path):
    study = read_rooms.with_picture(any_room, tmp_path / "in")
    clients = [rooms.logged_in(any_room, name=f"dr{n}") for n in range(6)]
    for client in clients:  # an application prepares a route when it is first asked, and not well in many threads
        assert client.put(f"/review/{study}", json={}).status_code == 400

    def save(number):
        content = accepted(f0_0=ACCEPT)
        content["text"]["findings"] = f"Text of {number}."
        return saved(clients[number], study, content).status_code

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(save, range(6)))
    assert sorted(answers) == [200, 409, 409, 409, 409, 409]
    review = load(any_room, study)
    assert review.revision == 1
    winner = answers.index(200)
    assert review.content["text"]["findings"] == f"Text of {winner}."
    assert review.saved_by == f"Dr{winner}"


def test_what_was_reviewed_of_an_older_read_stays_with_it(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    client = rooms.logged_in(room)
    saved(client, study, accepted(f0_0=REJECT))
    read_rooms.drafted(room, [tmp_path / "in" / "chest.dcm"], read_rooms.read_of_picture, version=2)
    refused = saved(client, study, accepted(f0_0=ACCEPT), revision=1)
    assert refused.status_code == 409
    assert "read again" in refused.json()["detail"]
    assert load(room, study).revision == 0
    assert load(room, study, 1).content["findings"]["0.0"]["decision"] == "rejected"


def test_a_study_without_a_read_cannot_be_reviewed(room, tmp_path):
    rooms.send_in(room, read_rooms.picture(tmp_path))
    client = rooms.logged_in(room)
    assert client.get("/review/1.2.3").status_code == 404
    assert saved(client, "1.2.3", accepted()).status_code == 400
