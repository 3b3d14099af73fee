"""``secondread probe`` as its users meet it."""

import json

import pytest

from secondread.audit.probes import moved
from secondread.cli import run
from secondread.core.report import NOTICE

pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch):
    monkeypatch.setattr(moved, "RESAMPLES", 50)


def test_a_person_reads_lines_that_fit_a_terminal_and_what_they_are_not_for(spotted, capsys, tmp_path):
    bundle, where = spotted
    assert run(["probe", str(bundle), *where, "--most", "30", "--page", str(tmp_path / "probes.html")]) == 0
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= 110
    assert "probed: border blanked\n" in told
    assert told.rstrip().endswith(NOTICE)
    page = (tmp_path / "probes.html").read_text(encoding="utf-8")
    assert page.count(NOTICE) == 2
    assert 'name="viewport"' in page


def test_a_program_reads_nothing_but_json(spotted, capsys):
    bundle, where = spotted
    assert run(["probe", str(bundle), *where, "--most", "30", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pictures"] == 30


@pytest.mark.parametrize(("option", "value", "least"), [("--most", "5", 10), ("--seed", "-1", 0)])
def test_a_number_that_is_too_small_is_told_with_the_least(spotted, capsys, option, value, least):
    bundle, where = spotted
    assert run(["probe", str(bundle), *where, option, value]) == 2
    assert f"{option} is {value}; needed at least {least}." in capsys.readouterr().err
