"""What can be guessed without anatomy: fitted on training, judged on validation, never on test."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from secondread.learn.inspection.baseline import GREY, encoded, findings, guesses
from secondread.learn.inspection.classes import questions
from secondread.learn.inspection.columns import columns
from secondread.learn.inspection.look import look
from small_set import noise, rows_of


def guessed(seen, rows, pictures=None, name="set"):
    table, looks = seen(rows, pictures, name)
    heads = columns(table, ())
    found = guesses(table, looks, heads, questions(table, heads))
    return {(guess.label, guess.source): guess for guess in found}


def test_brightness_that_goes_with_the_label_is_found_and_told(seen):
    rows = rows_of(80, label=("ill", "well"))
    pictures = {row["file"]: noise(n, grey=80.0 + 60 * (row["label"] == "ill")) for n, row in enumerate(rows)}
    found = guessed(seen, rows, pictures)
    assert found["well", GREY].area.low > 0.8
    (told,) = findings(list(found.values()))
    assert told.about == "shortcuts"
    assert "well" in told.what


def test_of_two_labels_that_exclude_each_other_one_is_asked(seen):
    assert {label for label, _ in guessed(seen, rows_of(40, label=("a", "b")))} == {"b"}
    assert {label for label, _ in guessed(seen, rows_of(60, label=("a", "b", "c")), name="three")} == {"a", "b", "c"}


def test_a_column_that_gives_the_label_away_is_a_warning_by_its_kind(seen):
    labels = ["ill" if n % 2 else "well" for n in range(80)]
    scanner = ["A" if (label == "ill") == (n % 10 > 0) else "B" for n, label in enumerate(labels)]
    score = [str(50 + n % 7 + 30 * (label == "ill")) for n, label in enumerate(labels)]
    found = guessed(seen, rows_of(80, label=labels, scanner=scanner, score=score, sex=("F", "M", "M")))
    assert found["well", "score"].area.value == pytest.approx(1.0)
    assert found["well", "scanner"].area.low > 0.55
    told = {item.what.split()[0]: item.grade for item in findings(list(found.values()))}
    assert told == {"scanner": "warning", "score": "note"}


def test_the_size_of_the_picture_is_a_source_where_it_differs(seen):
    rows = rows_of(80, label=("a", "b"))
    pictures = {row["file"]: noise(n, side=32 if row["label"] == "a" else 40) for n, row in enumerate(rows)}
    assert guessed(seen, rows, pictures)["b", "size of the picture"].area.value == 1.0
    assert ("b", "size of the picture") not in guessed(seen, rows, name="same")


def test_where_no_picture_can_be_read_nothing_is_guessed(opened):
    rows = rows_of(40, label=("a", "b"), age=[str(n) for n in range(40)])
    table = opened(rows)
    for row in rows:
        (table.path / row["file"]).write_bytes(b"nothing")
    heads = columns(table, ())
    found = guesses(table, look(table, lambda event: None), heads, questions(table, heads))
    assert {guess.source for guess in found} == {GREY, "age"}
    assert all(guess.area is None and guess.n == 0 for guess in found)


def test_the_area_is_that_of_validation_alone(seen):
    rows = rows_of(120, label=("a", "b"), age=[str(20 + 3 * (n % 2) + (n * 7) % 11) for n in range(120)])
    pictures = {row["file"]: noise(0) for row in rows}
    area = guessed(seen, rows, pictures)["b", "age"].area.value
    val = [row for row in rows if row["split"] == "val"]
    expected = roc_auc_score([row["label"] == "b" for row in val], [float(row["age"]) for row in val])
    assert area == pytest.approx(expected, abs=0.06)  # the square of the age bends it a little
    for row in rows:
        if row["split"] == "test":
            row["age"], row["label"] = "99", "b" if row["label"] == "a" else "a"
    assert guessed(seen, rows, pictures, name="other test")["b", "age"].area.value == area


def test_intervals_are_drawn_by_patient_where_a_patient_has_several_pictures(seen):
    rows = rows_of(80, label=("a", "b"))
    assert guessed(seen, rows, name="one")["b", GREY].area.method.startswith("DeLong")
    for n, row in enumerate(rows):
        row["patient"] = f"p{n // 4}"
    assert "patients" in guessed(seen, rows, name="four")["b", GREY].area.method


def test_too_few_patients_give_no_figure_and_that_is_told(seen):
    rows = rows_of(80, label=("a", "b"))
    rows[0]["label"] = rows[1]["label"] = rows[40]["label"] = "c"
    found = guessed(seen, rows)
    assert found["c", GREY].area is None
    assert any("too few" in item.what or "fewer than" in item.what for item in findings(list(found.values())))


def test_a_quantity_is_scaled_by_the_training_rows_and_an_empty_cell_is_a_fact_of_its_own():
    cells = np.array([*(str(n) for n in range(20)), "", "1000"])
    train = np.arange(22) < 20
    value, square, empty = encoded(cells, True, train).T
    assert value[:20].mean() == pytest.approx(0.0)
    assert value[:20].std() == pytest.approx(1.0)
    assert square[5] == pytest.approx(value[5] ** 2)
    assert empty.tolist() == [0] * 20 + [1, 0]


def test_kinds_that_training_hardly_has_get_no_column():
    cells = np.array(["a"] * 10 + ["b"] * 6 + ["rare"])
    assert encoded(cells, False, np.ones(17, bool)).shape == (17, 2)
    assert encoded(np.array(["x", "y"]), False, np.ones(2, bool)).shape == (2, 1)
