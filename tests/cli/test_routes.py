import json
from pathlib import Path

import pytest

import rooms
from command_line import complaint
from reading_desk import chest
from secondread.cli import run
from secondread.serve.config.room import RoomSettings, Route

SETTINGS = """
[storage]
folder = "room"

[[destination]]
name = "folder"
kind = "folder"
path = "out"

[[route]]
name = "old films"
source = ["ARCHIVE*"]
ignore = true

[[route]]
name = "films"
modality = ["DX"]
readers = ["chest-xray-pneumonia", "chest-ct-lungs"]
send_to = ["folder"]
priority = "urgent"
"""


@pytest.fixture
def settings(here) -> Path:
    (here / "room.toml").write_text(SETTINGS, encoding="utf-8")
    return here / "room.toml"


def explained(capsys, *arguments):
    assert run(["routes", "explain", *map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_study_on_disk_is_told_its_route_readers_and_destinations(settings, chest_xray, capsys):
    told = explained(capsys, chest_xray, "--settings", settings)
    assert (told["route"], told["priority"], told["ignore"]) == ("films", "urgent", False)
    assert told["why"][0] == "route 'old films' does not match: source is not stated; needed one like ARCHIVE*"
    assert [(one["name"], one["reads"]) for one in told["readers"]] == [
        ("chest-xray-pneumonia", True),
        ("chest-ct-lungs", False),
    ]
    assert told["destinations"] == [{"name": "folder", "kind": "folder", "when": "both"}]


def test_the_sender_may_decide(settings, chest_xray, capsys):
    told = explained(capsys, chest_xray, "--settings", settings, "--source", "ARCHIVE_2")
    assert (told["route"], told["ignore"], told["readers"]) == ("old films", True, [])


def test_nothing_is_changed_by_a_dry_run(settings, chest_xray, capsys):
    before = sorted(settings.parent.rglob("*"))
    run(["routes", "explain", str(chest_xray), "--settings", str(settings)])
    assert sorted(settings.parent.rglob("*")) == before
    said = capsys.readouterr().out
    assert "Route 'films' matches." in said
    assert "Results go to 'folder' (folder), draft and signed." in said


def test_a_study_of_the_room_is_explained_by_its_uid(here, tmp_path, capsys):
    room = rooms.make_room(here, RoomSettings(routes=(Route("scanner", source=("SCANNER",)),)))
    rooms.send_in(
        room,
        chest(tmp_path / "1.dcm", 1, StudyDate="20230101", PatientID="SAME"),
        chest(tmp_path / "2.dcm", 2, StudyDate="20240101", PatientID="SAME", StudyInstanceUID="1.2.3"),
    )
    room.database.dispose()
    (here / "room.toml").write_text(
        '[storage]\nfolder = "room"\n[[route]]\nname = "scanner"\nsource = ["SCANNER"]\n', encoding="utf-8"
    )
    told = explained(capsys, "1.2.3", "--settings", here / "room.toml")
    assert told["route"] == "scanner"
    assert told["facts"]["sources"] == ["SCANNER"]
    asked = {one["name"]: one for one in told["readers"]}
    assert asked["chest-xray-pneumonia"]["reads"]
    assert "no earlier examination" not in asked["change-since-prior"]["told"]


@pytest.mark.parametrize(
    ("study", "told"), [("nowhere.dcm", "no study UID"), ("1.2.3", "no such folder")], ids=["no file", "no room"]
)
def test_what_is_not_there_is_said(settings, capsys, study, told):
    assert run(["routes", "explain", study, "--settings", str(settings)]) == 2
    assert told in complaint(capsys)


def test_a_study_that_the_room_does_not_hold_is_said_to_be_missing(here, capsys):
    rooms.make_room(here).database.dispose()
    assert run(["routes", "explain", "1.2.3", "--folder", str(here / "room")]) == 3
    assert "the room does not hold it" in complaint(capsys)
