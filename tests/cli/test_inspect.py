"""``secondread inspect`` as typed: findings on stdout, the exit code of what was found, nothing half written."""

import json
from pathlib import Path

import pytest

from command_line import complaint
from secondread.cli import run
from small_set import noise, rows_of, write_set

pytest.importorskip("torch")
pytest.importorskip("sklearn")


@pytest.fixture
def good(tmp_path) -> Path:
    return write_set(tmp_path / "good", rows_of(24, label=("a", "b")))


@pytest.fixture
def leaking(tmp_path) -> Path:
    rows = rows_of(24, label=("a", "b"))
    rows[23]["patient"] = rows[0]["patient"]
    return write_set(tmp_path / "leaking", rows, {rows[22]["file"]: noise(1)})


def test_a_set_without_errors_gives_0_and_one_with_errors_5(good, leaking, here, capsys):
    assert run(["inspect", str(good)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("good: 0 errors")
    assert err == ""
    assert run(["inspect", str(leaking)]) == 5
    out, err = capsys.readouterr()
    assert out.startswith("leaking: 2 errors")
    assert "ERROR patients: 1 patient in more than one split" in out
    assert err == ""
    assert list(here.iterdir()) == []


def test_json_is_all_that_is_printed(leaking, here, capsys):
    assert run(["inspect", str(leaking), "--json"]) == 5
    told = json.loads(capsys.readouterr().out)
    assert told["counts"]["error"] == 2
    assert told["name"] == "leaking"


def test_the_page_is_written_although_errors_were_found(leaking, here, capsys):
    assert run(["inspect", str(leaking), "--out", "seen"]) == 5
    assert json.loads((here / "seen" / "inspect.json").read_text(encoding="utf-8"))["counts"]["error"] == 2
    assert (here / "seen" / "duplicates.png").exists()
    assert "Written to seen: inspect.html" in capsys.readouterr().out


def test_nothing_that_is_there_is_replaced(good, here, capsys):
    (here / "seen").mkdir()
    (here / "seen" / "mine.txt").write_text("mine")
    assert run(["inspect", str(good), "--out", "seen"]) == 7
    assert complaint(capsys).startswith("OutputError: seen: ")
    assert [path.name for path in (here / "seen").iterdir()] == ["mine.txt"]


def test_labels_that_are_named_are_taken_and_others_refused(good, here, capsys):
    assert run(["inspect", str(good), "--label", "label", "--json"]) == 0
    assert [row["label"] for row in json.loads(capsys.readouterr().out)["classes"]] == ["a", "b"]
    assert run(["inspect", str(good), "--label", "colour"]) == 5
    assert complaint(capsys).startswith("ManifestError: data set good: found no label column 'colour'")


@pytest.mark.parametrize("value", ["0", "1.5", "-1"])
def test_a_likeness_out_of_range_is_a_usage_error(good, here, capsys, value):
    assert run(["inspect", str(good), "--alike", value]) == 2
    assert complaint(capsys).startswith("UsageError: ")


def test_what_is_no_data_set_is_refused(here, capsys):
    assert run(["inspect", "."]) == 5
    assert complaint(capsys).startswith("ManifestError: ")


def test_a_folder_named_by_a_dot_is_told_by_its_own_name(good, here, monkeypatch, capsys):
    monkeypatch.chdir(good)
    assert run(["inspect", "."]) == 0
    out = capsys.readouterr().out
    assert out.startswith("good: ")
    assert 'path = "good"' in out
