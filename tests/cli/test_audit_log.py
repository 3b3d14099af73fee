import json

import pytest
from sqlalchemy import delete

import rooms
from secondread.cli import run
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import audit_events
from secondread.serve.trail.record import record


@pytest.fixture
def room(tmp_path):
    room = rooms.make_room(tmp_path)
    for number in range(5):
        record(room, actor="dr1", action="view", study_uid=f"1.2.{number}")
    yield room
    room.database.dispose()


@pytest.fixture
def ask(room, capsys):
    def asked(what, *options):
        code = run(["audit-log", what, "--folder", str(room.folders.top), *map(str, options)])
        return code, capsys.readouterr()

    return asked


def cut(room, after):
    with writing(room.database) as connection:
        connection.execute(delete(audit_events).where(audit_events.c.seq > after))


def test_a_whole_trail_is_said_to_be_whole_and_that_it_was_asked_is_recorded(ask):
    code, said = ask("verify")
    assert code == 0
    assert "whole: 5 entries" in said.out
    assert json.loads(ask("verify", "--json")[1].out)["entries"] == 6


def test_a_broken_trail_ends_with_its_own_exit_code_and_says_where(room, ask):
    with writing(room.database) as connection:
        connection.execute(delete(audit_events).where(audit_events.c.seq == 3))
    code, said = ask("verify", "--json")
    assert (code, json.loads(said.out)["broken_at"]) == (9, 3)
    assert said.err.startswith("TrailError: audit trail: broken at entry 3")


def test_checkpoints_are_collected_in_a_file_and_tell_that_the_end_was_cut_off(room, ask, tmp_path):
    kept = tmp_path / "checkpoints.txt"
    assert ask("checkpoint", "--out", kept)[0] == ask("checkpoint", "--out", kept)[0] == 0
    assert len(kept.read_text().splitlines()) == 2
    code, said = ask("verify", "--checkpoint", kept)
    assert (code, "2 checkpoints agree" in said.out) == (0, True)
    cut(room, 4)
    assert ask("verify")[0] == 0
    assert ask("verify", "--checkpoint", kept)[0] == 9


def test_the_trail_is_exported_as_lines_or_as_a_bundle_and_replaces_nothing(ask, tmp_path):
    out = tmp_path / "trail.ndjson"
    assert ask("export", "--out", out)[0] == 0
    events = [json.loads(line) for line in out.read_text().splitlines()]
    assert [event["id"] for event in events] == ["1", "2", "3", "4", "5"]
    code, said = ask("export", "--out", out)
    assert (code, "is there already" in said.err) == (7, True)
    assert len(json.loads(ask("export", "--format", "bundle")[1].out)["entry"]) == 6


@pytest.mark.parametrize("options", [("--since", "yesterday"), ("--until", "04.03.2026")])
def test_a_day_is_written_as_iso_says(ask, options):
    code, said = ask("export", *options)
    assert (code, "needed a day" in said.err) == (2, True)


def test_what_is_no_room_is_said_to_be_none(capsys, tmp_path):
    assert run(["audit-log", "verify", "--folder", str(tmp_path / "none")]) == 2
    assert "no such folder" in capsys.readouterr().err
