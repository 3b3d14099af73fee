"""``secondread reader-study`` as its users meet it: tables in, figures and a page out."""

import json
from pathlib import Path

import pytest

from secondread.cli import run
from secondread.core.report import NOTICE
from witness import text_of

VAN_DYKE = Path(__file__).parents[2] / "data" / "mrmc" / "van_dyke.csv"
HEALTHY, ILL = range(1, 11), range(11, 21)
TRUTH = "case,lesion\n" + "".join([*(f"{n},\n" for n in HEALTHY), *(f"{n},a\n" for n in ILL), "12,b\n"])
MARKS = "reader,modality,case,lesion,rating\n" + "".join(
    f"{reader},{modality},{case},{lesion},{rating}\n"
    for reader in ("kim", "lee", "park")
    for modality, plus in (("alone", 0), ("aided", 1))
    for case, lesion, rating in ((1, "", 2), (11, "a", 3 + plus), (12, "a", 1 + plus), (12, "b", 4), (13, "a", 2))
)
RATINGS = [
    (reader, modality, case, int(case in ILL), (case * number) % 7 + 2 * (case in ILL) * (modality == "aided"))
    for number, reader in enumerate(("kim", "lee", "park"), 2)
    for modality in ("alone", "aided")
    for case in (*HEALTHY, *ILL)
]


def written(rows):
    """A table of ratings."""
    return "reader,modality,case,truth,rating\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)


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
    # Highest false marks of the healthy cases: 2, and none of nine. Lesions alone: 3, 1, 4, 2, and seven missed.
    assert found["figures"][0][0] == pytest.approx((10 + 9 + 10 + 9.5 + 7 * 4.5) / 110)
    assert found["cases"] == {"healthy": 10, "diseased": 10}


@pytest.mark.parametrize("modality", ["", "alone", "program"])
def test_a_program_says_its_ratings_once_and_is_compared_with_every_modality(capsys, tmp_path, modality):
    once = [("secondread", modality, case, truth, rating) for _, _, case, truth, rating in RATINGS[-20:]]
    every = [("secondread", name, *row[2:]) for name in ("alone", "aided") for row in once]
    found, same = (
        told(capsys, table(tmp_path, written([*RATINGS, *rows])), "--program", "secondread") for rows in (once, every)
    )
    assert found == same
    assert found["modalities"] == ["alone", "aided"]
    assert [row["modality"] for row in found["against_program"]] == ["alone", "aided"]


def test_marks_of_a_program_count_beside_every_modality_too(capsys, tmp_path):
    rows = "".join(f"cad,,{case},a,5\n" for case in ILL)
    marks, truth = table(tmp_path, MARKS + rows), table(tmp_path, TRUTH, "truth.csv")
    found = told(capsys, marks, "--truth", truth, "--program", "cad")
    assert found["alone"] == pytest.approx([0.975, 0.975])  # one lesion of twenty half-cases is missed


def test_too_few_readers_or_cases_are_refused(capsys, tmp_path):
    two = [row for row in RATINGS if row[0] != "park"]
    assert run(["reader-study", table(tmp_path, written(two))]) == 5
    assert "found 2 readers; needed at least 3" in capsys.readouterr().err
    few = [row for row in RATINGS if row[2] != 1]
    assert run(["reader-study", table(tmp_path, written(few))]) == 5
    assert "found 9 healthy and 10 diseased cases; needed at least 10 of each" in capsys.readouterr().err


def test_a_small_study_says_so_and_what_leaves_the_scale_is_cut_and_told(capsys, tmp_path):
    good = [(*row[:4], row[3] * 10 + (row[0] == "kim") * row[2] % 9) for row in RATINGS]
    worse = [(*row[:4], row[4] * (row[0] != "park")) for row in good]
    found = told(capsys, table(tmp_path, written(worse)))
    assert all(0.0 <= one["low"] <= one["high"] <= 1.0 for one in found["means"])
    assert any("cut" in one["method"] for one in found["means"])
    assert any(note.startswith("A small study") for note in found["notes"])
    assert any("was cut there" in note for note in found["notes"])
    assert told(capsys, str(VAN_DYKE))["notes"] == []


def turned(rows):
    """The same ratings with the truths swapped."""
    return [(*row[:3], 1 - row[3], row[4]) for row in rows]


def test_swapped_truths_are_warned_of_above_every_figure_and_on_the_page(capsys, tmp_path):
    lines = [line.split(",") for line in VAN_DYKE.read_text(encoding="utf-8").splitlines()[1:]]
    whole = [(*line[:3], int(line[3]), line[4]) for line in lines]
    swapped = table(tmp_path, written(turned(whole)))
    for name in ("study.html", "study.pdf"):
        assert run(["reader-study", swapped, "--page", str(tmp_path / name)]) == 0
        told_it = capsys.readouterr().out
        assert told_it.startswith("WARNING: The whole interval of the mean area under the ROC curve lies below 0.5:")
        assert "spin echo 0.103 (0.031 to 0.175), cine 0.059" in told_it
    page = (tmp_path / "study.html").read_text(encoding="utf-8")
    assert page.index("WARNING") < page.index("ROC curves of cine")
    assert "rank worse than chance" in text_of(tmp_path / "study.pdf")
    assert len(told(capsys, swapped)["warnings"]) == 1


def test_of_a_modality_whose_interval_holds_one_half_nothing_is_warned(capsys, tmp_path):
    assert told(capsys, str(VAN_DYKE))["warnings"] == []
    good = [(*row[:4], row[3] * 10 + row[2] % 3) for row in RATINGS]
    one = [row for row in good if row[1] == "alone"] + turned([row for row in good if row[1] == "aided"])
    level = [(*row[:3], int(row[2] in ILL), row[4] if row[1] == "alone" else row[2] % 3) for row in one]
    assert told(capsys, table(tmp_path, written(level)))["warnings"] == []
    upside = [(*row[:4], -row[4] if row[1] == "alone" else row[4]) for row in good]
    (warning,) = told(capsys, table(tmp_path, written(upside)))["warnings"]
    assert "alone 0.000" in warning
    assert "aided" not in warning


def test_marks_that_are_worse_than_none_are_warned_of_in_other_words(capsys, tmp_path):
    false = "".join(
        f"{reader},{modality},{case},,{9 if case in HEALTHY else 1}\n"
        for reader in ("kim", "lee", "park")
        for modality in ("alone", "aided")
        for case in HEALTHY
    )
    marks, truth = table(tmp_path, MARKS + false), table(tmp_path, TRUTH, "truth.csv")
    assert "Whoever marks nothing reaches 0.5" in told(capsys, marks, "--truth", truth)["warnings"][0]
    assert told(capsys, table(tmp_path, MARKS), "--truth", truth)["warnings"] == []


@pytest.mark.parametrize(
    ("left_out", "words"), [(1, "1 rating is missing, that of"), (2, "2 ratings are missing, the")]
)
def test_ratings_that_are_missing_are_counted(capsys, tmp_path, left_out, words):
    assert run(["reader-study", table(tmp_path, written(RATINGS[:-left_out]))]) == 5
    assert words in capsys.readouterr().err


def test_one_modality_is_told_with_its_interval_and_that_nothing_was_compared(capsys, tmp_path):
    one = [row for row in RATINGS if row[1] == "alone"]
    found = told(capsys, table(tmp_path, written(one)))
    assert found["means"][0]["low"] < found["means"][0]["value"] < found["means"][0]["high"]
    assert run(["reader-study", table(tmp_path, written(one))]) == 0
    told_it = capsys.readouterr().out
    assert "no two were compared" in told_it
    assert told_it.rstrip().endswith(NOTICE)


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
        ("reader,modality,case,truth,rating\n1,a,7,0,3\n1,b,7,1,3\n", "two truths of one case, 0 on line 2, 1 here"),
        ("reader,modality,case,truth,rating\n1,a,1,1,3\n1,a,1,1,3\n", "rated twice"),
        ("reader,modality,case,truth,rating\n1,a,1,1,3\n2,a,2,0,3\n", "missing"),
        ("reader,modality,case,truth,rating\n", "found no row"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_its_place(tmp_path, capsys, text, word):
    assert run(["reader-study", table(tmp_path, text)]) == 5
    assert word in capsys.readouterr().err


def test_a_mark_on_a_case_that_there_is_not_is_refused(tmp_path, capsys):
    marks = table(tmp_path, MARKS + "kim,alone,99,,1\n")
    assert run(["reader-study", marks, "--truth", table(tmp_path, TRUTH, "truth.csv")]) == 5
    assert "names a case or lesion" in capsys.readouterr().err


def test_options_that_need_each_other_say_so(capsys):
    assert run(["reader-study", str(VAN_DYKE), "--readers", "6"]) == 2
    assert "belong together" in capsys.readouterr().err
