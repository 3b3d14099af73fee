"""The rows of a set as its recipe sees them: those of the manifest, each with what is known of its patient."""

from pathlib import Path

from secondread.core.errors import ManifestError
from secondread.learn.answers import check_answers
from secondread.learn.manifest import FIRST_LINE, cells_of, rows_of
from secondread.learn.recipe import DataSet, Recipe

PATIENT = "patient"


def rows_for(item: DataSet, recipe: Recipe, folder: Path) -> list[dict[str, str]]:
    """The rows of one set of a recipe; a set of training must hold all that its answers name.

    Raises:
        ManifestError: If a table is missing or damaged, or the two do not fit each other or the recipe.
    """
    rows = rows_of(folder)
    if item.patients_table:
        rows = joined(rows, folder, item.patients_table)
    if item in recipe.data:
        check_answers(item, rows, folder.name)
    return rows


def joined(rows: list[dict[str, str]], folder: Path, name: str) -> list[dict[str, str]]:
    """Rows of a manifest with the columns of a table of patients; empty cells where a patient is not in it.

    An empty cell says nothing: the other table's cell stands.

    Args:
        rows: Of the manifest.
        folder: Of the set.
        name: Of the table, a CSV file in that folder with one row a patient.

    Raises:
        ManifestError: If the table is missing, names no patients, names one twice or none of the manifest, or says
            something else than the manifest.
    """
    where = f"data set {folder.name}"
    if PATIENT not in rows[0]:
        raise ManifestError(f"{where}: manifest.csv has no column patient, by which rows of {name} are found. Add it.")
    table, columns = patients_of(folder, name)
    if not {row[PATIENT].strip() for row in rows} & table.keys():
        raise ManifestError(f"{where}: no patient of {name} stands in manifest.csv. Write their names alike in both.")
    blank, found = dict.fromkeys(columns, ""), []
    for line, row in enumerate(rows, FIRST_LINE):
        more = table.get(row[PATIENT].strip(), blank)
        differ = [c for c in columns if row.get(c) and more[c] and row[c].strip() != more[c].strip()]
        if differ:
            raise ManifestError(
                f"{where}: row {line} of manifest.csv has another value in column {differ[0]!r} than {name} has for "
                "that patient. Correct one of them, or take the column out of one."
            )
        found.append(row | {c: row.get(c) or more[c] for c in columns})
    return found


def patients_of(folder: Path, name: str) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Patient to row of a table of patients, and its other columns.

    Raises:
        ManifestError: If it is missing, names no patients, or names one twice.
    """
    where = f"data set {folder.name}"
    rows = cells_of(folder, name, "Put it beside manifest.csv, or correct data.patients_table of the recipe.")
    heads = [head for head in (rows[0] if rows else ()) if head.strip().lower() == PATIENT]
    if len(heads) != 1:
        raise ManifestError(f"{where}: {name} has {len(heads) or 'no'} columns patient; needed one, and a row.")
    seen: dict[str, int] = {}
    for line, row in enumerate(rows, FIRST_LINE):
        patient = row[heads[0]].strip()
        if patient and seen.setdefault(patient, line) != line:
            raise ManifestError(
                f"{where}: rows {seen[patient]} and {line} of {name} are of the same patient. Keep one row a patient."
            )
    columns = [head for head in rows[0] if head != heads[0]]
    return {patient: rows[line - FIRST_LINE] for patient, line in seen.items()}, columns
