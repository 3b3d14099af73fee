"""An X-ray, a CT, an MR and an ultrasound of one patient in a folder: one call, one report, each by its readers."""

import json

import pytest

from phantoms.every import EXAMINATIONS
from secondread.cli import run
from secondread.core.report import Outcome

PARTS = ("chest X-ray: adult", "chest CT: nodule", "brain MR: lesion", "breast ultrasound")
ANSWERED = {Outcome.FOUND, Outcome.UNDECIDED, Outcome.NOTHING_FOUND}
NOW = "2026-03-04T10:22:05+09:00"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The JSON of one ``secondread read`` with every reader, and its folder."""
    place = tmp_path_factory.mktemp("mixed")
    for name in PARTS:
        folder = place / "study" / name.split(":")[0].replace(" ", "-")
        folder.mkdir(parents=True)
        EXAMINATIONS[name](folder)
    (place / "study" / "letter.txt").write_text("no image", encoding="utf-8")
    arguments = ["read", str(place / "study"), "--out", str(place / "out"), "--created-at", NOW, "--uid-seed", "a run"]
    arguments += ["--outside", "warn"]  # phantoms: no network was trained on them
    assert run(arguments) == 0
    return json.loads((place / "out" / "report.json").read_text(encoding="utf-8")), place / "out"


def answered(report):
    return {read["reader"] for read in report["reads"] if read["outcome"] in ANSWERED}


def test_each_examination_is_read_by_the_readers_that_are_meant_for_it(report):
    names = answered(report[0])
    assert {
        "chest-xray-findings",
        "chest-ct-lungs",
        "chest-ct-nodules",
        "brain-mr-tumour",
        "breast-ultrasound",
    } <= names
    assert not names & {"head-ct-haemorrhage", "mammogram", "chest-xray-pneumonia", "change-since-prior"}


def test_nothing_failed_and_every_reader_says_how_it_ended(report):
    outcomes = {read["reader"]: read["outcome"] for read in report[0]["reads"]}
    assert Outcome.FAILED not in outcomes.values(), [r["failure"] for r in report[0]["reads"] if r["failure"]]
    from secondread.readers import all_readers

    assert set(outcomes) == set(all_readers())


def test_each_reader_answered_about_series_of_its_own(report):
    inputs = {read["reader"]: read["provenance"].get("input_sop_instance_uids", "") for read in report[0]["reads"]}
    assert len(inputs["chest-xray-findings"].split()) == 1
    assert len(inputs["chest-ct-lungs"].split()) > 50
    assert not set(inputs["chest-ct-lungs"].split()) & set(inputs["brain-mr-tumour"].split())


def test_what_was_not_read_is_said_once_on_the_page(report):
    page = (report[1] / "report.html").read_text(encoding="utf-8")
    assert "letter.txt" in page
    assert "readers for other examinations" in page
    assert page.count("mammogram") == 1
    assert not (report[1] / "mammogram.sr.dcm").exists()
    assert (report[1] / "chest-ct-nodules.sr.dcm").exists()
