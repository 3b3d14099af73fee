"""The part of an assessment, on what ships."""

import json
from pathlib import Path

import pytest

from secondread.audit.fairness.audit import audit
from secondread.audit.fairness.entry import plain
from secondread.audit.fairness.means import Values, audit_means
from secondread.audit.parts.audit import NAME, NOTHING, brief, rows
from secondread.engine.bundle import shipped
from unfair import unfair, unfair_results

BUNDLES = sorted(path.parent for path in shipped().glob("*/card.toml"))


def test_the_card_names_the_lowest_group_and_the_largest_gap(found):
    told = rows({"malignant": found}, [])
    assert "malignant: sex & site F & " in told["Audit: lowest sensitivity of a group"]
    last = told["Audit: gaps that remain (Holm, within a question)"]
    assert "sex F against the others" in last
    assert len(told) <= 6


def test_outlines_and_gates_have_a_line_each():
    cases = unfair(n=80)
    values = Values("toy 1.0, lesion", "made up", "Dice", cases.p, cases.patients, cases.groups, resamples=50)
    told = rows({}, [audit_means(values)])
    assert list(told) == ["Audit: lowest mean Dice of a group, lesion"]
    assert "sex F" in told["Audit: lowest mean Dice of a group, lesion"]


def test_a_bundle_whose_data_name_nobody_says_so():
    assert rows({}, []) == {"Audit by group": NOTHING}


def test_what_is_kept_with_a_bundle_is_plain_and_short(found):
    whole = plain(found)
    kept = brief(whole, many=True)
    json.dumps(kept, allow_nan=False)
    assert not [one for one in kept["groups"] if "&" in one["column"]]
    assert {one["column"] for one in kept["remedies"]} == {"sex"}
    assert len(json.dumps(kept)) < len(json.dumps(whole))


@pytest.fixture(scope="module")
def found():
    return audit(unfair_results(resamples=40))


@pytest.mark.parametrize("folder", BUNDLES, ids=lambda folder: folder.name)
def test_every_bundle_that_ships_was_audited_or_says_why_not(folder: Path):
    entry = json.loads((folder / "evaluation.json").read_text())["trust"][NAME]
    assert entry["rows"]
    judged = bool(entry["questions"] or entry["means"])
    assert judged != (entry["rows"] == {"Audit by group": NOTHING})
    for question in entry["questions"].values():
        for group in question["groups"]:
            assert min(group["positives"], group["n"] - group["positives"]) >= 10
