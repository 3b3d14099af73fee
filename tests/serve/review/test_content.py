"""What a review may hold: a person's decisions; never a probability."""

import pytest

import read_rooms
import rooms
from read_rooms import accepted, saved

POINTS = [[1, 1], [5, 1], [5, 5]]
WRONG = {
    "a probability": {"decision": "edited", "probability": 0.1},
    "no decision": {"decision": "perhaps"},
    "a rejection without a reason": {"decision": "rejected"},
    "an unknown reason": {"decision": "rejected", "reason": "mood"},
    "another reason without words": {"decision": "rejected", "reason": "other"},
    "a reason to accept": {"decision": "accepted", "reason": "artefact"},
    "a number without a unit": {"decision": "edited", "measurements": [{"name": "width", "value": 1.0}]},
    "a unit that is none": {"decision": "edited", "measurements": [{"name": "w", "value": 1.0, "unit": "inch"}]},
    "a number that is none": {"decision": "edited", "measurements": [{"name": "w", "value": "1", "unit": "mm"}]},
    "a line of two points": {"decision": "edited", "outlines": [
        {"seriesUid": "1", "sopInstanceUid": "2", "points": POINTS[:2]}]},
    "a line on no image": {"decision": "edited", "outlines": [
        {"seriesUid": "", "sopInstanceUid": "", "points": POINTS}]},
    "a presence of its own": {"decision": "edited", "presence": "maybe"},
    "a book": {"decision": "edited", "text": "a" * 20_001},
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_no_review_may_hold_is_refused_with_a_sentence(room, tmp_path, wrong):
    study = read_rooms.with_picture(room, tmp_path / "in")
    answer = saved(rooms.logged_in(room), study, accepted(f0_0=wrong))
    assert answer.status_code == 400
    assert answer.json()["detail"].endswith(".")


@pytest.mark.parametrize("key", ["0.7", "9.0", "-1.0", "00.0", "x", "0", "0.0.0"])
def test_a_decision_about_a_finding_that_the_draft_does_not_have_is_refused(room, tmp_path, key):
    study = read_rooms.with_picture(room, tmp_path / "in")
    content = accepted() | {"findings": {key: {"decision": "accepted"}}}
    assert saved(rooms.logged_in(room), study, content).status_code == 400


def test_added_findings_are_told_apart_by_their_ids(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    twice = accepted() | {"added": [{"id": "a", "name": "one"}, {"id": "a", "name": "two"}]}
    client = rooms.logged_in(room)
    assert saved(client, study, twice).status_code == 400
    assert saved(client, study, accepted() | {"added": [{"id": "a", "name": " "}]}).status_code == 400


def test_the_text_is_made_of_what_is_held_in_the_language_that_is_asked_for(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    client = rooms.logged_in(room)
    content = accepted(f0_0={"decision": "accepted"}, f1_0={"decision": "accepted"})
    content["added"] = [{"id": "a", "name": "Rib fracture", "location": "left"}]
    made = client.post(f"/review/{study}/text", json={"content": content}).json()
    assert made["findings"].splitlines() == [
        "Pneumonia, right lower zone: width 41.3 mm.",
        "Rib fracture, left.",
        "Not seen: Cardiomegaly.",
    ]
    assert made["impression"] == "1. Pneumonia, right lower zone.\n2. Rib fracture, left."
    content["text"]["language"] = "ko"
    korean = client.post(f"/review/{study}/text", json={"content": content}).json()
    assert "폐렴" in korean["findings"]
    assert "보이지 않음: 심장 비대" in korean["findings"]


def test_a_rejected_finding_is_not_in_the_text_and_nothing_held_is_not_called_normal(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    client = rooms.logged_in(room)
    content = accepted(f0_0={"decision": "rejected", "reason": "nothing-there"})
    made = client.post(f"/review/{study}/text", json={"content": content}).json()
    assert "Pneumonia" not in made["findings"] + made["impression"]
    assert "does not exclude disease" in made["impression"]
    assert "normal" not in made["findings"].lower() + made["impression"].lower()


def test_making_the_text_stores_nothing(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    client = rooms.logged_in(room)
    client.post(f"/review/{study}/text", json={"content": accepted(f0_0={"decision": "accepted"})})
    assert client.get(f"/review/{study}").json()["revision"] == 0
