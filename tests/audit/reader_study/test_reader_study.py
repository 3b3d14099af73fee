"""``secondread reader-study`` as its users meet it: tables in, figures and a page out."""

import json
from pathlib import Path

import pytest

from secondread.cli import run

VAN_DYKE = Path(__file__).parents[2] / "data" / "mrmc" / "van_dyke.csv"
TRUTH = "case,lesion\n1,\n2,\n3,\n4,a\n5,a\n5,b\n6,a\n"
MARKS = "reader,modality,case,lesion,rating\n" + "".join(
    f"{reader},{modality},{case},{lesion},{rating}\n"
    for reader in ("kim", "lee")
    for modality, plus in (("alone", 0), ("aided", 1))
    for case, lesion, rating in ((1, "", 2), (4, "a", 3 + plus), (5, "a", 1 + plus), (5, "b", 4), (6, "a", 2))
)


def table(tmp_path, text, name="ratings.csv"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return str(tmp_path / name)


def told(capsys, *arguments):
    assert run(["reader-study", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_it_tells_the_published_analysis_and_what_is_not_inferior(capsys):
    found = told(capsys, str(VAN_DYKE), "--margin", "0.05")
    assert round(found["tests"][0]["p"], 4) == 0.0517
    assert found["cases"] == {"healthy": 69, "diseased": 45}
    assert found["differences"][0]["not_inferior"] == ["cine"]


def test_it_plans_a_study_from_its_pilot(capsys):
    found = told(capsys, str(VAN_DYKE), "--readers", "6", "--readers", "10", "--effect", "0.0438")
    assert [(plan["readers"], plan["cases"]) for plan in found["plans"]] == [(6, 251), (10, 163)]


def test_a_program_stands_apart_from_the_people(capsys, tmp_path):
    text = VAN_DYKE.read_text(encoding="utf-8")
    found = told(capsys, table(tmp_path, text), "--program", "4")
    assert found["readers"] == ["1", "2", "3", "5"]
    assert found["alone"] == pytest.approx([0.97310789, 0.99935588])
    assert found["against_program"][0]["people_less_program"]["value"] < 0


def test_marks_are_judged_by_the_afroc_area(capsys, tmp_path):
    marks, truth = table(tmp_path, MARKS), table(tmp_path, TRUTH, "truth.csv")
    found = told(capsys, marks, "--truth", truth, "--each-lesion")
    # Highest false marks of the healthy cases: 2, none, none. Lesions alone: 3, 1, 4, 2 of 4.
    assert found["figures"][0][0] == pytest.approx((3 + 2 + 3 + 2.5) / 12)
    assert found["cases"] == {"healthy": 3, "diseased": 3}


@pytest.mark.parametrize("name", ["study.html", "study.pdf"])
def test_the_page_is_written(tmp_path, capsys, name):
    assert run(["reader-study", str(VAN_DYKE), "--page", str(tmp_path / name)]) == 0
    assert "0.0517" in capsys.readouterr().out
    content = (tmp_path / name).read_bytes()
    assert content.startswith(b"%PDF") if name.endswith("pdf") else b"ROC curves of cine" in content


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("reader,modality,case,truth\n1,a,1,0\n", "rating"),
        ("reader,modality,case,truth,rating\n1,a,1,2,3\n", "needed 0 or 1"),
        ("reader,modality,case,truth,rating\n1,a,1,1,x\n", "line 2"),
        ("reader,modality,case,truth,rating\n1,a,1,1,3\n1,a,1,1,3\n", "rated twice"),
        ("reader,modality,case,truth,rating\n1,a,1,1,3\n2,a,2,0,3\n", "missing"),
        ("reader,modality,case,truth,rating\n", "found no row"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_its_place(tmp_path, capsys, text, word):
    assert run(["reader-study", table(tmp_path, text)]) == 5
    assert word in capsys.readouterr().err


def test_a_mark_on_a_case_that_there_is_not_is_refused(tmp_path, capsys):
    marks = table(tmp_path, MARKS + "kim,alone,9,,1\n")
    assert run(["reader-study", marks, "--truth", table(tmp_path, TRUTH, "truth.csv")]) == 5
    assert "names a case or lesion" in capsys.readouterr().err


def test_options_that_need_each_other_say_so(capsys):
    assert run(["reader-study", str(VAN_DYKE), "--readers", "6"]) == 2
    assert "belong together" in capsys.readouterr().err
