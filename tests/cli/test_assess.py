"""``secondread assess`` as its users meet it."""

import json

import pytest

from secondread.cli import run
from secondread.core.report import NOTICE

pytest.importorskip("torch")


def test_a_person_reads_what_each_part_found_and_what_it_is_not_for(spotted, capsys):
    bundle, where = spotted
    assert run(["assess", str(bundle), *where, "--only", "conformal"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    rows = json.loads((bundle / "evaluation.json").read_text(encoding="utf-8"))["trust"]["conformal"]["rows"]
    assert rows
    for name, row in rows.items():
        assert " ".join(f"{name}: {row}".split()) in told
    assert "part: conformal" in told
    assert told.endswith(NOTICE)


def test_a_program_reads_nothing_but_lines_of_json(spotted, capsys):
    bundle, where = spotted
    assert run(["assess", str(bundle), *where, "--only", "conformal", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event"] for event in events] == ["predicted", "part", "part", "done"]
    assert [event["name"] for event in events[1:3]] == ["conformal", "selective"]
    assert all(event["rows"] for event in events[1:3])
