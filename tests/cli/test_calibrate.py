import csv
import io
import json
from contextlib import redirect_stderr, redirect_stdout
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit

from secondread import cli
from secondread.core.report import NOTICE
from secondread.engine.bundle import load_card
from secondread.engine.site import read_site
from tiny_bundle import make_bundle

LABELS = ("no", "ill")


@pytest.fixture
def bundles(tmp_path):
    make_bundle(tmp_path / "bundles", labels=LABELS, thresholds={"ill": 0.5})
    return tmp_path / "bundles"


def run(*args):
    """The command as a person types it: exit code, and what was printed."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.run([str(arg) for arg in args])
    return SimpleNamespace(code=code, out=out.getvalue(), err=err.getvalue())


def drawn(n=60, seed=0, shift=1.5):
    """Probabilities that are too high by ``shift`` in log odds."""
    random = np.random.default_rng(seed)
    z = random.normal(0, 1.5, n)
    return (random.random(n) < expit(z)).astype(int), expit(z + shift)


def table(path, y, p=None):
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["study", "patient", "label", *(["probability"] if p is not None else [])])
        for n, answer in enumerate(y):
            out.writerow([f"1.2.{n}", f"p{n}", answer, *([p[n]] if p is not None else [])])
    return path


def report(folder, n, p, weights, **provenance):
    """What ``secondread read`` writes, as far as it is looked at."""
    folder.mkdir(parents=True, exist_ok=True)
    finding = {"point": {"bundle": "tiny", "name": "ill"}, "probability": p}
    told = {"bundle": "tiny", "sha256": weights, **provenance}
    distances = [{"bundle": "tiny", "value": 0.5 + n / 100}]
    read = {"findings": [finding], "provenance": told, "distances": distances}
    content = {"schema_version": 3, "study_uid": f"1.2.{n}", "reads": [read]}
    (folder / f"{n}.json").write_text(json.dumps(content), encoding="utf-8")


def calibrate(tmp_path, *more, name="here"):
    args = ["calibrate", "tiny", "--cases", tmp_path / "cases.csv", "--site", tmp_path / "site"]
    named = ["--name", name] if name else []
    return run(*args, *named, "--bundle-dir", tmp_path / "bundles", "--created-at", "2026-01-31T09:00:00+09:00", *more)


def test_a_site_corrects_what_its_cases_speak_against(tmp_path, bundles):
    y, p = drawn(200)
    table(tmp_path / "cases.csv", y, p)
    done = calibrate(tmp_path, "--sensitivity", "0.9")
    assert done.code == 0, done.err
    found = read_site(tmp_path / "site" / "tiny.here.toml")
    (point,) = found.points
    assert point.shift == pytest.approx(-1.5, abs=0.5)
    moved = expit(point.slope * np.log(p / (1 - p)) + point.shift)
    assert (moved[y == 1] >= point.threshold).mean() == pytest.approx(0.9, abs=0.05)
    assert (found.model_sha256, found.made_at) == (load_card(bundles / "tiny").weights, "2026-01-31T09:00:00+09:00")
    assert point.undecided is not None
    assert "smaller by" in done.out


def test_cases_that_say_nothing_leave_the_probability_alone(tmp_path, bundles):
    table(tmp_path / "cases.csv", *drawn(60, seed=5, shift=0.0))
    assert calibrate(tmp_path, "--specificity", "0.8").code == 0
    (point,) = read_site(tmp_path / "site" / "tiny.here.toml").points
    assert abs(point.shift) < 0.5


def test_reports_of_the_cases_are_joined_by_study(tmp_path, bundles):
    y, p = drawn()
    table(tmp_path / "cases.csv", y)
    weights = load_card(bundles / "tiny").weights
    for n in range(60):
        report(tmp_path / "reports" / str(n % 7), n, p[n], weights)
    by_report = calibrate(tmp_path, "--reports", tmp_path / "reports", "--sensitivity", "0.9", "--json")
    table(tmp_path / "cases.csv", y, p)
    by_table = calibrate(tmp_path, "--sensitivity", "0.9", "--json")
    assert by_report.code == by_table.code == 0
    assert json.loads(by_report.out)["points"] == json.loads(by_table.out)["points"]


def test_reports_that_were_made_at_the_site_are_undone_first(tmp_path, bundles):
    y, p = drawn()
    table(tmp_path / "cases.csv", y, p)
    assert calibrate(tmp_path, "--sensitivity", "0.9").code == 0
    site = read_site(tmp_path / "site" / "tiny.here.toml")
    (first,) = site.points
    weights = load_card(bundles / "tiny").weights
    for n in range(60):
        moved = float(expit(first.slope * np.log(p[n] / (1 - p[n])) + first.shift))
        report(tmp_path / "reports", n, moved, weights, site="here", site_sha256=site.sha256)
    again = calibrate(tmp_path, "--reports", tmp_path / "reports", "--sensitivity", "0.9", "--dry-run", "--json")
    assert json.loads(again.out)["points"][0]["shift"] == pytest.approx(first.shift, abs=1e-6)
    (tmp_path / "site" / "tiny.here.toml").unlink()
    refused = calibrate(tmp_path, "--reports", tmp_path / "reports", "--sensitivity", "0.9")
    assert refused.code == 4
    assert "not at hand" in refused.err


def test_a_new_network_is_migrated_to_on_the_same_cases_alone(tmp_path, bundles):
    y, p = drawn()
    table(tmp_path / "cases.csv", y, p)
    assert calibrate(tmp_path, "--sensitivity", "0.9").code == 0
    old = (tmp_path / "site" / "tiny.here.toml").rename(tmp_path / "tiny.here.toml")
    same = calibrate(tmp_path, "--migrate", old, name="")
    assert same.code == 4
    assert "nothing to migrate" in same.err
    new = read_site(old).model_sha256[::-1]
    old.write_text(old.read_text(encoding="utf-8").replace(read_site(old).model_sha256, new), encoding="utf-8")
    done = calibrate(tmp_path, "--migrate", old, name="")
    assert done.code == 0, done.err
    assert "at the old threshold the new network would have" in done.out
    (point,) = read_site(tmp_path / "site" / "tiny.here.toml").points
    assert point.chosen_by == "sensitivity 0.9"
    table(tmp_path / "cases.csv", y[1:], p[1:])
    other = calibrate(tmp_path, "--migrate", old, name="")
    assert other.code == 4
    assert "Needed: the same cases" in other.err


def test_a_report_of_another_network_is_refused(tmp_path, bundles):
    y, p = drawn()
    table(tmp_path / "cases.csv", y)
    report(tmp_path / "reports", 0, p[0], "f" * 64)
    refused = calibrate(tmp_path, "--reports", tmp_path / "reports", "--sensitivity", "0.9")
    assert refused.code == 4
    assert "Read these cases again" in refused.err


@pytest.mark.parametrize(
    ("y", "says"),
    [
        ([0, 1] * 9, "found 18 patients, 9 of them with the answer yes and 9 with no"),
        ([0] * 40, "0 of them with the answer yes"),
        ([0] * 30 + [1] * 4, "needed at least 20, and 5 with each answer"),
        ([0, 1, 2] * 10, "line 4: found the label '2'; needed 0 for no or 1 for yes"),
        ([], "found no row"),
    ],
)
def test_cases_that_tell_too_little_are_refused(tmp_path, bundles, y, says):
    table(tmp_path / "cases.csv", y, np.linspace(0.1, 0.9, max(len(y), 1)))
    refused = calibrate(tmp_path, "--sensitivity", "0.9")
    assert refused.code == 5
    assert says in refused.err
    assert not (tmp_path / "site").exists()


def test_nothing_is_written_among_bundles(tmp_path, bundles):
    table(tmp_path / "cases.csv", *drawn())
    args = ("calibrate", "tiny", "--cases", tmp_path / "cases.csv", "--name", "here", "--sensitivity", "0.9")
    refused = run(*args, "--bundle-dir", bundles, "--site", bundles)
    assert refused.code == 7
    assert "a folder of the site's own" in refused.err


def test_a_rule_that_cannot_be_repeated_has_to_be_chosen(tmp_path, bundles):
    table(tmp_path / "cases.csv", *drawn())
    refused = calibrate(tmp_path)
    assert refused.code == 5
    assert "--sensitivity or --specificity" in refused.err


def test_a_dry_run_writes_nothing(tmp_path, bundles):
    table(tmp_path / "cases.csv", *drawn())
    assert calibrate(tmp_path, "--sensitivity", "0.9", "--dry-run").code == 0
    assert not (tmp_path / "site").exists()


def test_rows_that_are_not_used_are_counted_with_the_reason_on_the_terminal_and_in_the_file(tmp_path, bundles):
    y, p = drawn()
    weights = load_card(bundles / "tiny").weights
    table(tmp_path / "cases.csv", [*y[:50], *[""] * 10])
    for n in range(55):
        report(tmp_path / "reports", n, p[n], weights)
    (tmp_path / "reports" / "7.json").unlink()
    done = calibrate(tmp_path, "--reports", tmp_path / "reports", "--sensitivity", "0.9")
    said = "49 of 60 rows of the table; left out: 10 without a label, 1 without a report"
    assert said in done.out
    assert read_site(tmp_path / "site" / "tiny.here.toml").figures["ill: cases"] == said


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda y, p: (1 - y, p), "Are the labels swapped"),
        (lambda y, p: (y, np.full(len(p), 0.5)), "the same probability"),
    ],
)
def test_answers_that_are_useless_leave_no_file(tmp_path, bundles, change, sentence):
    table(tmp_path / "cases.csv", *change(*drawn()))
    refused = calibrate(tmp_path, "--sensitivity", "0.9")
    assert refused.code == 5
    assert sentence in refused.err
    assert not (tmp_path / "site").exists()


def test_answers_that_are_not_shown_to_beat_chance_say_so_first_in_the_verdict(tmp_path, bundles):
    y, p = drawn()
    table(tmp_path / "cases.csv", y, np.roll(p, 7))
    done = calibrate(tmp_path, "--sensitivity", "0.9")
    assert done.code == 0
    assert "ill: verdict: answers: not shown to be better than chance" in done.out


def test_the_last_figure_is_a_verdict_and_the_file_holds_it(tmp_path, bundles):
    table(tmp_path / "cases.csv", *drawn(60, seed=5, shift=0.0))
    done = calibrate(tmp_path, "--sensitivity", "0.9")
    last, _, _, notice = done.out.strip().splitlines()[-4:]
    assert notice == NOTICE
    assert last.startswith("  ill: verdict: probabilities: not shown to need it")
    figures = read_site(tmp_path / "site" / "tiny.here.toml").figures
    assert figures["ill: verdict"] in last
    assert figures["ill: AUROC"].startswith("0.")


GOOD = "study,patient,label,probability\n1.2.1,Hong^Gildong,1,0.9\n1.2.2,Kim^Gapsun,,0.2\n1.2.3,Lee^Sunshin,0,0.1\n"


@pytest.mark.parametrize(
    ("wrong", "right", "says"),
    [
        (",1,0.9", ",yes,0.9", "line 2: found the label 'yes'; needed 0 for no or 1 for yes."),
        (",0,0.1", ",1.0,0.1", "line 4: found the label '1.0'"),
        (",0,0.1", ",Lee Sunshin,0.1", "line 4: found the label a text of 11 characters"),
        ("Lee^Sunshin", "", "line 4: found no patient"),
        ("1.2.3", "", "line 4: found no study"),
        ("1.2.3", "1.2.1", "line 4: found the study of line 2 again"),
        ("0.1", "12", "line 4: found the probability '12'; needed a number from 0 to 1. Is it in percent?"),
        ("probability", "score", "line 1: found no column 'probability'; needed it, or --reports"),
        ("study,patient,label,probability\n", "", "line 1: found numbers where the columns are named"),
        (",", ";", "line 1: found columns separated by semicolons; needed commas"),
        (",", "\t", "line 1: found columns separated by tabs; needed commas"),
    ],
)
def test_a_fault_of_the_table_is_told_with_its_line_and_nobodys_name(tmp_path, bundles, wrong, right, says):
    (tmp_path / "cases.csv").write_text(GOOD.replace(wrong, right), encoding="utf-8")
    refused = calibrate(tmp_path, "--sensitivity", "0.9")
    assert refused.code == 5
    assert says in refused.err
    assert not any(name in refused.err for name in ("Hong", "Kim", "Lee", "1.2."))


def test_columns_may_be_named_in_capitals(tmp_path, bundles):
    table(tmp_path / "cases.csv", *drawn())
    text = (tmp_path / "cases.csv").read_text()
    (tmp_path / "cases.csv").write_text(
        text.replace("study,patient,label,probability", "Study,PATIENT,Label,Probability")
    )
    assert "60 of 60 rows" in calibrate(tmp_path, "--sensitivity", "0.9").out


def test_a_row_without_a_label_may_name_a_study_again_and_nobody(tmp_path, bundles):
    y, p = drawn()
    table(tmp_path / "cases.csv", y, p)
    with (tmp_path / "cases.csv").open("a", encoding="utf-8") as file:
        file.write("1.2.0,,,\n")
    assert "60 of 61 rows" in calibrate(tmp_path, "--sensitivity", "0.9").out
