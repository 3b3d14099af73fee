"""Labels become yes/no questions; each is counted by split, and what is too small is told."""

import numpy as np
import pytest

from secondread.learn.inspection.classes import balance, findings, of_column, of_masks, questions
from secondread.learn.inspection.columns import columns
from small_set import rows_of


def asked(table, *named):
    return questions(table, columns(table, named))


def told(table, *named):
    return {item.what: item for item in findings(table, asked(table, *named))}


def test_values_that_exclude_each_other_are_one_question_each(opened):
    found = asked(opened(rows_of(12, label=("a", "b", "c"))))
    assert [question.name for question in found] == ["a", "b", "c"]
    assert (np.sum([question.answers for question in found], axis=0) == 1).all()


def test_columns_of_yes_and_no_are_questions_that_may_all_be_answered_with_yes(opened):
    table = opened(rows_of(12, Mass=("0", "1"), Edema=("1", "0", "1"), both=("no", "yes")))
    found = {question.name: question.answers.tolist() for question in asked(table)}
    assert found["Mass"] == [0, 1] * 6
    assert found["Edema"] == [1, 0, 1] * 4
    assert found["both"] == [0, 1] * 6


def test_several_labels_in_one_cell_are_told_apart_and_an_empty_cell_is_unknown():
    found = of_column("label", np.array(["active", "active+old", "old", ""]))
    assert {question.name: question.answers.tolist() for question in found} == {
        "active": [1, 1, 0, -1],
        "old": [0, 1, 1, -1],
    }


def test_a_plus_in_names_that_never_stand_alone_parts_nothing():
    assert [question.name for question in of_column("label", np.array(["ER+", "ER-", "HER2+"]))] == [
        "ER+",
        "ER-",
        "HER2+",
    ]


def test_whether_something_is_drawn_is_asked_where_it_differs_and_no_label_says_it():
    drawn = np.array([0, 1, 1])
    assert of_masks(drawn, ()).answers.tolist() == [0, 1, 1]
    assert of_masks(np.ones(3, np.int64), ()) is None
    normal = of_column("label", np.array(["normal", "ill", "ill"]))
    assert of_masks(drawn, normal) is None


def test_balance_counts_pictures_and_patients_of_each_split(opened):
    rows = rows_of(12, label=("a", "b"))
    rows[2]["patient"] = rows[0]["patient"]
    table = opened(rows)
    a, b = balance(table, asked(table))
    assert (a["label"], b["label"]) == ("a", "b")
    assert a["splits"]["train"] == {"positive": 3, "known": 6, "positive_patients": 2, "negative_patients": 3}
    assert sum(part["positive"] for part in b["splits"].values()) == 6


def test_fewer_than_15_positive_pictures_in_test_are_told_and_15_are_enough(opened):
    rows = rows_of(120, label=("a", "b"))
    assert told(opened(rows, name="enough")) == {}
    rows[90]["label"] = "b"  # test begins at 90, with an a
    (what,) = told(opened(rows, name="few"))
    assert what.endswith("in test: a 14")


def test_a_label_in_one_split_only_and_one_of_a_single_patient_are_told(opened):
    rows = rows_of(80, label=("a", "b"))
    rows[0]["label"] = "train only"
    rows[1]["label"] = rows[41]["label"] = rows[61]["label"] = "rare"
    found = told(opened(rows))
    assert any("in one split only: train only" in what for what in found)
    assert any("fewer than 2 patients" in what and what.endswith(": rare") for what in found)


def test_empty_cells_are_told_by_row(opened):
    rows = rows_of(80, label=("a", "b"))
    rows[7]["label"] = ""
    table = opened(rows)
    (found,) = (item for item in findings(table, asked(table)) if "empty cell" in item.what)
    assert found.rows == (table.row_number(7),)


def test_a_recipe_takes_a_cell_as_a_whole_and_that_is_told(opened):
    found = told(opened(rows_of(120, label=("a", "b", "a+b"))))
    assert any("several labels in one cell" in what for what in found)


@pytest.mark.parametrize("head", ["label", "diagnosis"])
def test_a_label_of_0_and_1_is_called_by_its_value(opened, head):
    (question,) = asked(opened(rows_of(12, **{head: ("0", "1")})), head)
    assert question.name == (f"{head} 1")
