import json

import pytest
from sqlalchemy import select

import rooms
from secondread.cli import run
from secondread.serve.database.tables import studies

NUMBER = "child-viral"


@pytest.fixture
def room(tmp_path):
    room = rooms.make_room(tmp_path)
    rooms.send_in(room, rooms.EXAMPLES / "child-viral.dcm")
    yield room
    room.database.dispose()


@pytest.fixture
def ask(room, capsys):
    def asked(*options):
        code = run(["erase", "--folder", str(room.folders.top), *options])
        return code, capsys.readouterr()

    return asked


@pytest.fixture
def study(room):
    return rooms.tables(room, select(studies))[0]


def test_without_yes_it_only_tells_what_would_be_erased(room, ask, study):
    code, said = ask("--study", study["study_uid"])
    assert (code, "Studies that would be erased: 1." in said.out) == (0, True)
    assert rooms.tables(room, select(studies))


def test_with_a_reason_and_yes_the_patient_is_erased_and_the_receipt_printed(room, ask, study):
    assert ask("--patient", study["patient_id"], "--yes")[0] == 2
    code, said = ask("--patient", study["patient_id"], "--reason", "request of 4 March", "--yes", "--json")
    (receipt,) = json.loads(said.out)
    assert (code, receipt["receipt"]["instances"]) == (0, 1)
    assert not rooms.tables(room, select(studies))
    assert study["patient_id"] not in said.out
    assert ask("--patient", study["patient_id"])[0] == 3


def test_it_must_be_clear_who_is_meant(ask):
    assert ask()[0] == 2
    assert ask("--patient", "x", "--study", "1.2")[0] == 2
