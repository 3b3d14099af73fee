"""Reports on disk, and a table of what is true."""

import json

import pytest

from secondread.audit.fairness.reports import reported
from secondread.audit.fairness.table import Wanted
from secondread.core.errors import FormatError, ManifestError, UsageError

MASS = {"code": {"system": "SCT", "value": "4147007", "display": "Mass"}, "probability": None, "threshold": None}


def report(folder, uid, probability, threshold=0.4, more=()):
    code = {"system": "SCT", "value": "233604007", "display": "Pneumonia"}
    point = {"bundle": "lungs", "name": "pneu"}
    found = [{"code": code, "probability": probability, "threshold": threshold, "point": point}, *more]
    reads = [{"findings": [MASS | {"point": None}]}, {"findings": found if probability is not None else []}]
    (folder / uid).mkdir(parents=True)
    (folder / uid / "report.json").write_text(json.dumps({"study_uid": uid, "reads": reads}))


@pytest.fixture
def desk(tmp_path):
    for uid, probability in (("1.2.1", 0.9), ("1.2.2", 0.1), ("1.2.3", None)):
        report(tmp_path / "reads", uid, probability)
    table = tmp_path / "labels.csv"
    table.write_text("case,label,sex\n1.2.1,1,F\n1.2.2,0,M\n1.2.3,1,F\n1.2.9,0,M\n")
    return tmp_path / "reads", table


@pytest.mark.parametrize("finding", ["pneumonia", "233604007", "pneu", "Lungs:Pneu"])
def test_answers_are_found_by_code_name_or_question_and_studies_without_an_answer_are_counted(desk, finding):
    found = reported(*desk, finding, Wanted())
    assert found.answers.y.tolist() == [True, False]
    assert found.answers.p.tolist() == [0.9, 0.1]
    assert found.answers.groups["sex"].tolist() == ["F", "M"]
    assert (found.threshold, found.unanswered) == (0.4, 2)


def second(bundle, probability):
    point = {"bundle": bundle, "name": "pneu"}
    code = {"system": "99", "value": bundle, "display": "Pneumonia"}
    return {"code": code, "probability": probability, "threshold": 0.4, "point": point}


def test_of_two_findings_of_one_name_one_has_to_be_chosen(desk):
    report(desk[0], "1.2.9", 0.3, more=[second("chest", 0.6)])
    with pytest.raises(UsageError, match=r"found 2 findings of the name 'pneu' .* Name one of chest:pneu, lungs:pneu"):
        reported(*desk, "pneu", Wanted())
    assert reported(*desk, "chest:pneu", Wanted()).answers.p.tolist() == [0.6]


@pytest.mark.parametrize("other", [0.95, 0.05])
def test_a_study_with_several_answers_counts_with_the_highest(desk, other):
    report(desk[0], "1.2.9", 0.5, more=[second("lungs", other)])
    assert reported(*desk, "pneu", Wanted()).answers.p.tolist() == [0.9, 0.1, max(0.5, other)]


def test_two_thresholds_are_two_versions_and_not_one_audit(desk):
    report(desk[0], "1.2.9", 0.3, threshold=0.6)
    with pytest.raises(UsageError, match="2 thresholds"):
        reported(*desk, "Pneumonia", Wanted())


def test_what_the_reports_do_not_have_is_said_with_what_they_have(desk, tmp_path):
    for without in ("Fracture", "Mass"):
        with pytest.raises(UsageError, match=r"they have Pneumonia \(pneu\)\.$"):
            reported(*desk, without, Wanted())
    with pytest.raises(UsageError, match=r"no report\.json below"):
        reported(tmp_path / "nothing", desk[1], "Pneumonia", Wanted())
    desk[1].write_text("case,label\n9.9,1\n")
    with pytest.raises(ManifestError, match="no study of the reports"):
        reported(*desk, "Pneumonia", Wanted())


@pytest.mark.parametrize("text", ["not json", "[]", '{"a": 1}'])
def test_a_file_that_is_no_report_is_named(desk, text):
    (desk[0] / "1.2.1" / "report.json").write_text(text)
    with pytest.raises(FormatError, match=r"^report\.json, file 1 of 3 in the order of their paths: "):
        reported(*desk, "Pneumonia", Wanted())
