"""A table of patients beside the manifest: what it says of a patient holds for all their rows."""

import csv
from dataclasses import replace

import numpy as np
import pytest

import toy
import toy_tasks
from secondread.core.errors import ManifestError, RecipeError
from secondread.learn.checkpoint import mark
from secondread.learn.data import load, load_set
from secondread.learn.folds import fold_of
from secondread.learn.manifest import SPLITS, fingerprint
from secondread.learn.recipe import CrossValidation, read_recipe

COUNTS = {"train": 12, "val": 4, "test": 4}
NAME = "patients.csv"


@pytest.fixture
def folder(tmp_path):
    return toy_tasks.make_findings(tmp_path, counts=COUNTS)


def people(folder):
    """One row a patient: hospital by turns, and a number."""
    names = dict.fromkeys(row["patient"] for row in toy.read_manifest(folder))
    return [{"Patient": name, "hospital": "abc"[n % 3], "grade": str(n)} for n, name in enumerate(names)]


def write(folder, rows):
    with (folder / NAME).open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def recipe_of(folder, **data):
    laid = toy_tasks.FINDINGS["data"] | {"patients_table": NAME, "groups": ["hospital"], "numbers": ["grade"]} | data
    recipe = read_recipe(toy_tasks.write_recipe(folder, toy_tasks.FINDINGS | {"data": laid}))
    there = (folder / NAME).exists()
    item = replace(recipe.data[0], sha256=fingerprint(folder, NAME if there else ""))
    return replace(recipe, data=(item,))


def test_its_columns_are_groups_numbers_and_choices_of_every_row_of_the_patient(folder):
    write(folder, people(folder))
    found = load(recipe_of(folder), folder.parent, "train")
    told = {row["Patient"]: row for row in people(folder)}
    names = [name.rpartition("/")[2] for name in found.patients.tolist()]
    assert found.groups["hospital"].tolist() == [told[name]["hospital"] for name in names]
    assert found.numbers["grade"].tolist() == [float(told[name]["grade"]) for name in names]
    kept = load(recipe_of(folder, only={"hospital": ["b"]}), folder.parent, "train")
    assert 0 < len(kept) < len(found)
    assert set(kept.groups["hospital"]) == {"b"}


def test_its_columns_answer_labels(folder):
    write(folder, people(folder))
    asked = {"column": "hospital", "yes": ["a"], "no": ["b"]}
    recipe = recipe_of(folder, columns={"spot": "spot"}, answers={"stripe": asked})
    found = load(recipe, folder.parent, "train")
    expected = [{"a": 1, "b": 0, "c": -1}[value] for value in found.groups["hospital"].tolist()]
    assert found.labels[:, 1].tolist() == expected


def test_one_hospital_after_the_other_is_left_out(folder):
    write(folder, people(folder))
    recipe = recipe_of(folder)
    everything = load_set(recipe.data[0], recipe, folder.parent, SPLITS)
    fold, names = fold_of(everything, CrossValidation(by="hospital"))
    assert names == ["hospital a", "hospital b", "hospital c"]
    assert (everything.groups["hospital"] == np.array(list("abc"))[fold]).all()


def test_a_patient_who_is_not_in_it_has_empty_cells(folder):
    write(folder, people(folder)[1:])
    found = load(recipe_of(folder), folder.parent, "train")
    assert found.groups["hospital"].tolist()[:3] == ["", "", "b"]
    assert np.isnan(found.numbers["grade"][:2]).all()


def test_a_column_in_both_tables_may_say_the_same_or_nothing(folder):
    sex = {row["patient"]: row["sex"] for row in toy.read_manifest(folder)}
    write(folder, [row | {"sex": sex[row["Patient"]] if n else ""} for n, row in enumerate(people(folder))])
    found = load(recipe_of(folder, groups=["sex"]), folder.parent, "train")
    assert found.groups["sex"].tolist() == [sex[name.rpartition("/")[2]] for name in found.patients.tolist()]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: [*rows, rows[0]], r"rows 2 and 12 of patients\.csv are of the same patient"),
        (lambda rows: [{"who": row["Patient"], "hospital": "a"} for row in rows], "has no columns patient"),
        (lambda rows: [row | {"PATIENT": "x"} for row in rows], "has 2 columns patient"),
        (
            lambda rows: [row | {"sex": "X"} for row in rows],
            r"row 2 of manifest\.csv has another value in column 'sex'",
        ),
        (lambda rows: [row | {"Patient": f"p{n}"} for n, row in enumerate(rows)], "no patient of patients.csv stands"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_without_naming_a_patient(folder, change, words):
    write(folder, change(people(folder)))
    with pytest.raises(ManifestError, match=words) as told:
        load(recipe_of(folder), folder.parent, "train")
    assert not any(row["Patient"] in str(told.value) for row in people(folder))


def test_a_missing_table_is_named(folder):
    with pytest.raises(ManifestError, match=r"patients\.csv is missing .* data\.patients_table of the recipe"):
        load(recipe_of(folder), folder.parent, "train")


def test_a_manifest_without_patients_cannot_meet_it(folder):
    write(folder, people(folder))
    rows = toy.read_manifest(folder)
    toy.write_manifest(folder, [{key: cell for key, cell in row.items() if key != "patient"} for row in rows])
    with pytest.raises(ManifestError, match=r"manifest\.csv has no column patient"):
        load(recipe_of(folder), folder.parent, "train")


@pytest.mark.parametrize("change", [{"patients_table": "../patients.csv"}, {"patients_table": "manifest.csv"}])
def test_it_lies_beside_the_manifest(folder, change):
    with pytest.raises(RecipeError, match=r"data\.patients_table does not fit"):
        recipe_of(folder, **change)


def test_the_hash_of_a_set_covers_it_only_where_it_is_used(folder):
    before = fingerprint(folder)
    write(folder, people(folder))
    assert fingerprint(folder) == before
    first = fingerprint(folder, NAME)
    write(folder, people(folder)[1:])
    assert len({before, first, fingerprint(folder, NAME)}) == 3


def test_a_checkpoint_belongs_to_the_table_it_was_made_with(folder):
    write(folder, people(folder))
    recipe = recipe_of(folder)
    without = replace(recipe, data=(replace(recipe.data[0], patients_table=""),))
    assert mark(recipe, 1) != mark(without, 1)
