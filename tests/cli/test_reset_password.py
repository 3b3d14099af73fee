import json

import pytest
from sqlalchemy import select

import rooms
from secondread.cli import run
from secondread.serve.database.tables import audit_events, users
from secondread.serve.people.passwords import verify


@pytest.fixture
def room(tmp_path):
    room = rooms.make_room(tmp_path)
    yield room
    room.database.dispose()


def ask(room, *options):
    return run(["reset-password", *options, "--folder", str(room.folders.top)])


def test_who_runs_the_machine_gets_back_in_and_it_stands_in_the_trail(room, capsys):
    rooms.add_person(room, "administrator", "admin", failed_attempts=5, locked_until="2999-01-01T00:00:00.000000Z")
    assert ask(room, "Admin", "--json") == 0
    password = json.loads(capsys.readouterr().out)["password"]
    (person,) = rooms.tables(room, select(users))
    assert verify(password, person["password_hash"]).right
    assert (person["must_change_password"], person["locked_until"]) == (True, None)
    (told,) = rooms.tables(room, select(audit_events))
    assert (told["actor"], told["action"]) == ("secondread", "password-reset")
    assert password not in told["entry"]


def test_of_nobody_and_of_who_logs_in_elsewhere_there_is_no_password(room, capsys):
    rooms.add_person(room, "viewer", "kim", oidc_issuer="https://id.example", oidc_subject="s-1")
    assert ask(room, "nobody") == 2
    assert ask(room, "kim") == 2
    assert "single sign-on" in capsys.readouterr().err
