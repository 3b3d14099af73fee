"""``secondread audit`` on tables and on reports, as a hospital would run it."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from secondread import cli
from secondread.audit.fairness.words import Words
from unfair import unfair
from witness import text_of


def write(path, answers, head="case,patient,label,probability,sex,site", before=""):
    rows = zip(answers.y, answers.p, answers.groups["sex"], answers.groups["site"], strict=True)
    lines = [
        f"{before}c{k},{before}p{k // 2},{int(y)},{p:.5f},{sex},{site}" for k, (y, p, sex, site) in enumerate(rows)
    ]
    path.write_text("\n".join([head, *lines]) + "\n")
    return str(path)


@pytest.fixture
def cases(here):
    return write(here / "test.csv", unfair(n=300)), write(here / "val.csv", unfair(n=300, seed=2), before="v")


QUICK = ("--resamples", "60")


def test_a_table_is_audited_and_a_page_printed_in_korean(cases, here, capsys):
    test, val = cases
    assert cli.run(["audit", test, "--validation", val, "--page", "page.html", "--language", "ko", *QUICK]) == 0
    said = capsys.readouterr().out
    assert "성별 F" in said
    assert "검증에서 민감도 + 특이도가 가장 큰 값" in said
    assert not [line for line in said.splitlines() if re.search(r"[a-z]{3} [a-z]{2}", line)], "English in Korean"
    assert "page.html" in said
    page = (here / "page.html").read_text(encoding="utf-8")
    assert '<html lang="ko">' in page
    assert page.count("<svg") >= 8


def test_json_holds_figures_gaps_and_remedies_and_nothing_else_is_printed(cases, capsys):
    test, val = cases
    assert cli.run(["audit", test, "--validation", val, "--groups", "sex", "--json", *QUICK]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {group["column"] for group in found["groups"]} == {"sex"}
    gap = next(gap for gap in found["gaps"] if gap["measure"] == "sensitivity")
    assert gap["difference"][2] < 0.0
    assert {"p", "holm", "benjamini_hochberg"} <= set(gap)
    assert {one["way"] for one in found["remedies"]} >= {
        "as it is",
        "thresholds",
        "recalibration",
        "weighted threshold",
    }
    assert 0.0 < found["threshold"] < 1.0


@pytest.mark.parametrize("language", ["en", "ko"])
def test_swapped_labels_are_warned_of_above_everything_else(here, capsys, language):
    answers = unfair(n=300)
    test = write(here / "test.csv", replace(answers, y=~answers.y))
    say = Words(language)
    command = ["audit", test, "--threshold", "0.5", "--language", language, *QUICK]
    for name in ("page.html", "page.pdf"):
        assert cli.run([*command, "--page", name]) == 0
        said = capsys.readouterr().out.splitlines()
        assert said[0].startswith(f"{say('warning')}: ")
        assert "AUROC 0.1" in said[0]
        assert not re.search(r"[a-z]{3} [a-z]{2}", said[0]) or language == "en"
    page = (here / "page.html").read_text(encoding="utf-8")
    assert page.index(say("warning")) < page.index("<svg")
    assert say("warning") in text_of(here / "page.pdf")
    assert cli.run([*command, "--json"]) == 0
    (warning,) = json.loads(capsys.readouterr().out)["warnings"]
    assert f"{say('warning')}: {warning}" == said[0]


def test_a_score_that_may_be_as_good_as_chance_is_not_said_to_be_turned_round(here, capsys):
    answers = unfair(n=300)
    for p in (answers.p, np.full(300, 0.5), np.random.default_rng(3).random(300)):
        test = write(here / "test.csv", replace(answers, p=p))
        assert cli.run(["audit", test, "--threshold", "0.5", "--json", *QUICK]) == 0
        assert json.loads(capsys.readouterr().out)["warnings"] == []


def test_reports_are_audited_with_a_table_of_what_is_true(here, capsys):
    random = np.random.default_rng(1)
    lines = ["case,label,sex"]
    for k in range(60):
        ill = k % 2
        code = {"system": "SCT", "value": "233604007", "display": "Pneumonia"}
        found = [{"code": code, "probability": 0.3 * ill + 0.6 * random.random(), "threshold": 0.5}]
        (here / "reads" / str(k)).mkdir(parents=True)
        report = {"study_uid": f"1.2.{k}", "reads": [{"findings": found}]}
        (here / "reads" / str(k) / "report.json").write_text(json.dumps(report))
        lines.append(f"1.2.{k},{ill},{'FM'[k % 4 // 2]}")
    (here / "labels.csv").write_text("\n".join([*lines, "1.2.99,1,F"]))
    command = ["audit", "reads", "--labels", "labels.csv", "--finding", "pneumonia", "--json", *QUICK]
    assert cli.run(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["overall"]["n"] == 60
    assert "1 more were refused" in found["source"]
    assert found["threshold"] == 0.5


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "needed --threshold, or --validation"),
        (("--threshold", "1.5"), "--threshold is 1.5"),
        (("--threshold", "0.5", "--groups", "race"), "no column 'race'"),
        (("--threshold", "0.5", "--age-bins", "60,40"), "needed rising years"),
        (("--threshold", "0.5", "--age-bins", "old"), "needed whole years"),
        (("--threshold", "0.5", "--page", "page.doc"), "is no page that can be written"),
        (("--threshold", "0.5", "--resamples", "0"), "needed at least 1"),
        (("--threshold", "0.5", "--validation", "none.csv"), "none.csv: cannot be opened"),
    ],
)
def test_what_does_not_fit_is_said_in_one_sentence(cases, capsys, options, sentence):
    assert cli.run(["audit", cases[0], *options]) in {2, 5}
    assert sentence in capsys.readouterr().err


def test_a_folder_of_reports_needs_what_is_true_of_them(here, capsys):
    assert cli.run(["audit", str(here)]) == 2
    assert "needed --labels" in capsys.readouterr().err


def test_validation_of_the_same_people_is_refused_and_nobody_is_named(cases, here, capsys):
    test, val = cases
    lines = (here / "test.csv").read_text().splitlines()
    (here / "val.csv").write_text("\n".join([*(here / "val.csv").read_text().splitlines(), *lines[1:6]]))
    assert cli.run(["audit", test, "--validation", val, *QUICK]) == 5
    said = capsys.readouterr()
    assert "val.csv: found in the audited table too: 5 of its cases, 3 of its patients" in said.err
    assert "p0" not in said.err
    other = [line.replace("c", "w", 1) for line in lines[1:3]]  # another picture of the same person
    (here / "val.csv").write_text("\n".join([lines[0], *other]))
    assert cli.run(["audit", test, "--threshold", "0.5", "--validation", val, *QUICK]) == 5
    assert "0 of its cases, 1 of its patients" in capsys.readouterr().err


def test_too_few_cases_end_with_the_code_of_a_table_that_does_not_fit(cases, here, capsys):
    lines = (here / "test.csv").read_text().splitlines()
    (here / "few.csv").write_text("\n".join(lines[:15]))
    assert cli.run(["audit", "few.csv", "--threshold", "0.5"]) == 5
    assert "needed at least 10 of each" in capsys.readouterr().err


def test_a_wrong_label_is_told_with_its_line_in_the_table_of_reports_too(here, capsys):
    (here / "reads" / "1").mkdir(parents=True)
    code = {"system": "SCT", "value": "233604007", "display": "Pneumonia"}
    found = [{"code": code, "probability": 0.7, "threshold": 0.5}]
    report = {"study_uid": "1.2.1", "reads": [{"findings": found}]}
    (here / "reads" / "1" / "report.json").write_text(json.dumps(report))
    (here / "labels.csv").write_text("case,label\n1.2.8,0\n1.2.9,0\n1.2.1,yes\n")
    assert cli.run(["audit", "reads", "--labels", "labels.csv", "--finding", "pneumonia"]) == 5
    assert "labels.csv: line 4: found the label 'yes'" in capsys.readouterr().err
