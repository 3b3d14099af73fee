"""Copies are found although they were resized, compressed, shifted or made brighter; look-alikes are not."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageFilter

from secondread.learn.inspection.agreement import findings as disagreements
from secondread.learn.inspection.classes import questions
from secondread.learn.inspection.columns import columns
from secondread.learn.inspection.duplicates import facts, findings, ranked, search
from small_set import noise, rows_of

SIDE = 96


def sharp(seed):
    """uint8 [96, 96] with detail of every size."""
    random = np.random.default_rng(seed)
    picture = Image.fromarray(random.integers(0, 256, (8, 8)).astype(np.uint8)).resize((SIDE, SIDE), Image.BICUBIC)
    fine = Image.fromarray(random.integers(0, 256, (SIDE, SIDE)).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1.2))
    return np.asarray(Image.blend(picture, fine, 0.5))


def compressed(values):
    held = BytesIO()
    Image.fromarray(values).save(held, "JPEG", quality=60)
    return np.asarray(Image.open(held))


CHANGES = {
    "resized": lambda values: np.asarray(Image.fromarray(values).resize((70, 64))),
    "compressed": compressed,
    "brighter, with less contrast": lambda values: (values * 0.6 + 80).astype(np.uint8),
    "shifted": lambda values: np.roll(values, (2, -2), (0, 1)),
}


def searched(seen, rows, pictures, limit=0.7):
    table, looks = seen(rows, pictures)
    return table, search(table, looks, lambda event: None, limit)


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_in_another_split_is_found_and_nothing_else(seen, change):
    rows = rows_of(48)
    pictures = {row["file"]: sharp(n) for n, row in enumerate(rows)}
    pictures[rows[40]["file"]] = CHANGES[change](pictures[rows[3]["file"]])
    table, found = searched(seen, rows, pictures)
    assert [(pair.a, pair.b) for pair in found.near] == [(3, 40)]
    (told,) = findings(table, found)
    assert told.grade == "warning"
    assert "different splits" in told.what
    assert told.rows == (table.row_number(3), table.row_number(40))


def test_identical_pixels_in_two_splits_are_an_error_whatever_the_file_is_called(seen):
    rows = rows_of(12)
    table, found = searched(seen, rows, {rows[11]["file"]: noise(2)})
    assert found.identical == ((2, 11),)
    assert found.near == ()
    (told,) = findings(table, found)
    assert told.grade == "error"
    assert facts(table, found)["identical"] == [[table.row_number(2), table.row_number(11)]]


def test_identical_pictures_of_one_split_are_graded_by_whose_they_are(seen):
    rows = rows_of(12)
    rows[1]["patient"] = rows[0]["patient"]
    table, found = searched(seen, rows, {rows[1]["file"]: noise(0), rows[3]["file"]: noise(2)})
    assert [item.grade for item in findings(table, found)] == ["warning", "note"]


def test_neighbouring_slices_of_one_patient_are_not_reported(seen):
    rows = rows_of(48)
    pictures = {row["file"]: sharp(n) for n, row in enumerate(rows)}
    pictures[rows[1]["file"]] = CHANGES["compressed"](sharp(0))
    rows[1]["patient"] = rows[0]["patient"]
    table, found = searched(seen, rows, pictures)
    assert findings(table, found) == []


def test_blank_pictures_are_no_duplicates_of_each_other(seen):
    rows = rows_of(12)
    blank = np.full((48, 48), 30, np.uint8)
    table, found = searched(seen, rows, {rows[0]["file"]: blank, rows[11]["file"]: blank})
    assert findings(table, found) == []


def test_outlines_that_all_share_make_no_duplicates(seen):
    """Two different heads in the same frame: alike when looked at coarsely, not in detail."""
    y, x = np.indices((SIDE, SIDE)) - SIDE / 2
    head = np.hypot(y * 1.1, x) < SIDE * 0.4
    rows = rows_of(48)
    pictures = {row["file"]: np.where(head, 60 + sharp(n) // 3, 0).astype(np.uint8) for n, row in enumerate(rows)}
    _, found = searched(seen, rows, pictures)
    assert found.near == ()


def test_the_limit_is_the_callers(seen):
    rows = rows_of(48)
    pictures = {row["file"]: sharp(n) for n, row in enumerate(rows)}
    most = np.where(np.arange(SIDE)[None] < SIDE * 0.9, sharp(3), sharp(99)).astype(np.uint8)
    pictures[rows[40]["file"]] = most
    _, strict = searched(seen, rows, pictures, 0.95)
    assert strict.near == ()
    assert (strict.next[0].a, strict.next[0].b) == (3, 40)
    _, loose = searched(seen, rows, pictures, 0.5)
    assert [(pair.a, pair.b) for pair in loose.near] == [(3, 40)]


def test_copies_with_different_labels_are_told_and_unknown_labels_do_not_differ(seen):
    rows = rows_of(12, label=("a", "b"))
    rows[7]["label"] = ""
    table, found = searched(seen, rows, {rows[1]["file"]: noise(0), rows[7]["file"]: noise(2)})
    (told,) = disagreements(table, questions(table, columns(table, ())), found)
    assert told.rows == (table.row_number(0), table.row_number(1))


def test_a_few_pictures_are_searched_too(seen):
    rows = rows_of(4)
    pictures = {row["file"]: sharp(n) for n, row in enumerate(rows)}
    pictures[rows[3]["file"]] = CHANGES["compressed"](sharp(0))
    _, found = searched(seen, rows, pictures)
    assert [(pair.a, pair.b) for pair in found.near] == [(0, 3)]


def test_pairs_across_splits_come_first(seen):
    rows = rows_of(48)
    pictures = {row["file"]: sharp(n) for n, row in enumerate(rows)}
    pictures[rows[2]["file"]] = CHANGES["resized"](sharp(1))
    pictures[rows[40]["file"]] = CHANGES["compressed"](sharp(5))
    table, found = searched(seen, rows, pictures)
    assert [(pair.a, pair.b) for pair in ranked(table, found)] == [(5, 40), (1, 2)]
