import json
import re

import numpy as np
import pytest

from command_line import complaint
from secondread.cli import run
from secondread.core.report import NOTICE


def reports(folder, seed, shift=0.0, count=80):
    random = np.random.default_rng(seed)
    for number in range(count):
        p = float(1 / (1 + np.exp(1.0 - random.normal() - shift)))
        code = {"system": "s", "value": "v", "display": "Pneumonia"}
        finding = {"code": code, "probability": p, "positive": p >= 0.5, "unsure": False, "point": None}
        read = {
            "reader": "chest", "outcome": "found" if p >= 0.5 else "nothing found", "findings": [finding],
            "refusal": None, "failure": None, "distances": [], "checks": [],
            "provenance": {"bundle": "b", "version": "1", "sha256": "a" * 64, "input_sop_instance_uids": "1"},
        }  # fmt: skip
        place = folder / str(number)
        place.mkdir(parents=True)
        (place / "report.json").write_text(json.dumps({"created_at": "2026-03-04", "reads": [read]}))
    return folder


def test_folders_of_reports_are_compared_and_what_differs_stands_out(tmp_path, capsys):
    old, new = reports(tmp_path / "old", 1), reports(tmp_path / "new", 2, shift=2.0)
    assert run(["drift", str(new), "--reference", str(old)]) == 12
    lines = capsys.readouterr().out.splitlines()
    assert next(line for line in lines if "probability: Pneumonia" in line).startswith("ALARM")
    assert lines[-1] == NOTICE
    assert run(["drift", str(old), "--reference", str(old), "--json"]) == 0
    assert {one["status"] for one in json.loads(capsys.readouterr().out)} == {"ok"}
    assert run(["drift", str(new), "--reference", str(old), "--json"]) == 12
    assert "alarm" in {one["status"] for one in json.loads(capsys.readouterr().out)}


def test_a_folder_without_reports_is_said_to_be_one(tmp_path, capsys):
    assert run(["drift", str(tmp_path), "--reference", str(tmp_path)]) == 2
    assert "found no report.json" in complaint(capsys)


@pytest.mark.parametrize("option", [("--level", "2"), ("--least", "0")])
def test_options_that_make_no_sense_are_refused(tmp_path, capsys, option):
    assert run(["drift", str(tmp_path), "--reference", str(tmp_path), *option]) == 2
    assert "--level" in complaint(capsys)


@pytest.mark.parametrize("text", ["[1]", "{", '{"created_at": "2026-03-04", "reads": [{}]}', '{"reads": []}'])
def test_of_many_files_of_one_name_the_one_that_is_no_report_is_named_by_its_folder(tmp_path, capsys, text):
    old, new = reports(tmp_path / "old", 1, count=1), reports(tmp_path / "Doe Jane", 2, count=3)
    (new / "1").rename(new / "1 Roe Richard")
    (new / "1 Roe Richard" / "report.json").write_text(text)
    assert run(["drift", str(new), "--reference", str(old)]) == 2
    told = complaint(capsys)
    assert "report.json, file 2 of 3 in the order of their paths: is no report" in told
    assert not re.search("Doe|Roe", told)
