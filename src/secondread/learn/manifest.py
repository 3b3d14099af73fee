"""Manifests: which files there are, what they show, whose they are, and that no patient stands in two splits."""

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from secondread.core.errors import ManifestError
from secondread.learn.recipe import DataSet

SPLITS = ("train", "val", "test")
FIRST_LINE = 2  # of a table, below its head
LISTED = "restore the file, or take its row out of the manifest"
TABLE = "put it beside manifest.csv, or correct data.patients_table of the recipe"


@dataclass(frozen=True, slots=True)
class Row:
    """One example of a manifest.

    Attributes:
        source: Its file.
        label: The model's label; empty when there is none.
        patient: What must not be split.
        split: One of ``SPLITS``.
        cells: The row as it stands.
    """

    source: str
    label: str
    patient: str
    split: str
    cells: Mapping[str, str]


def fingerprint(path: Path, patients_table: str = "") -> str:
    """SHA-256 of an ``.npz`` file, or over name and SHA-256 of the manifest and every file it lists.

    Args:
        path: Folder with the manifest, or the ``.npz`` file.
        patients_table: Name of a table of patients in that folder, which then counts too.

    Raises:
        ManifestError: If a file is missing.
    """
    if path.suffix == ".npz":
        return digest(path, path.name)
    rows = rows_of(path)
    total = hashlib.sha256(digest(path / "manifest.csv", path.name).encode())
    for row in rows:
        total.update(f"{row['file']} {digest(path / row['file'], path.name)}\n".encode())
    if patients_table:
        total.update(f"{patients_table} {digest(path / patients_table, path.name, TABLE)}\n".encode())
    return total.hexdigest()


def digest(path: Path, where: str, mend: str = LISTED) -> str:
    """SHA-256 of one file; ``mend`` says what to do if it is missing.

    Raises:
        ManifestError: If it is missing.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ManifestError(
            f"data set {where}: {path.name} is missing or cannot be read. Give --data the folder that holds the "
            f"sets; {mend}."
        ) from error


def rows_of(folder: Path) -> list[dict[str, str]]:
    """The rows of a manifest.

    Raises:
        ManifestError: If there is none, it is no table, or it lacks a column.
    """
    rows = cells_of(folder, "manifest.csv", "Give --data the folder that holds the data sets.")
    if not rows or not {"file", "split"} <= set(rows[0]):
        raise ManifestError(f"data set {folder.name}: manifest.csv needs the columns file and split, and a row.")
    return rows


def cells_of(folder: Path, name: str, mend: str) -> list[dict[str, str]]:
    """The rows of a CSV file of a set; ``mend`` says what to do if there is none.

    Raises:
        ManifestError: If there is none, or it is no table.
    """
    where = f"data set {folder.name}"
    try:
        with (folder / name).open(newline="", encoding="utf-8-sig") as handle:
            rows = list(csv.DictReader(handle, strict=True))
    except OSError as error:
        raise ManifestError(f"{where}: no {name}. {mend}") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise ManifestError(f"{where}: {name} is not a table in UTF-8 ({error}). Save it as CSV.") from error
    for line, row in enumerate(rows, FIRST_LINE):
        if None in row or None in row.values():
            raise ManifestError(f"{where}: row {line} of {name} has not as many cells as the first. Correct it.")
    return rows


def chosen(item: DataSet, rows: list[dict[str, str]], where: str) -> list[Row]:
    """The rows the recipe asks for, with the model's label.

    Raises:
        ManifestError: If the manifest lacks a column or a label that the recipe names, or no row is left.
    """
    check_columns(item, rows, where)
    kept = []
    for row in rows:
        if any(row.get(column) not in values for column, values in item.only.items()):
            continue
        label = item.classes.get(row.get(item.label, ""), item.classes.get("*"))
        if label is not None or item.unlabelled or not item.classes:
            patient = f"{where}/{row.get('patient') or row['file']}"
            kept.append(Row(row["file"], label or "", patient, row["split"], row))
    if not kept:
        raise ManifestError(f"data set {where}: no row is left. Check data.classes and data.only of the recipe.")
    return kept


def is_judged(item: DataSet, row: Row) -> bool:
    """Whether networks are judged on this row, or only learn from it."""
    return all(row.cells.get(column) in values for column, values in item.judge_only.items())


def check_columns(item: DataSet, rows: list[dict[str, str]], where: str) -> None:
    """Every column and label that the recipe names is there.

    Raises:
        ManifestError: If not.
    """
    named = set(item.classes) - {"*"}
    needed = {
        *item.groups,
        *item.only,
        *item.judge_only,
        *item.columns,
        *item.numbers,
        *([item.label] if named else []),
    }
    needed |= {item.mask, item.boxes, item.stack} - {""}
    needed |= {item.order} if item.parts or "neighbours" in item.picture else set()
    missing = [f"column {name!r}" for name in sorted(needed - set(rows[0]))]
    missing = missing or [f"label {name!r}" for name in sorted(named - {row.get(item.label) for row in rows})]
    if missing:
        raise ManifestError(
            f"data set {where}: the manifest has no {missing[0]}, and the recipe names it. Correct one of them."
        )


def check_split(rows: list[Row], where: str) -> None:
    """No patient in two splits, no unknown split.

    Raises:
        ManifestError: If so.
    """
    home: dict[str, str] = {}
    for row in rows:
        if row.split not in SPLITS:
            raise ManifestError(f"data set {where}: split {row.split!r} is unknown; needed one of {SPLITS}.")
        if home.setdefault(row.patient, row.split) != row.split:
            raise ManifestError(
                f"data set {where}: a patient stands in the splits {home[row.patient]!r} and {row.split!r} "
                f"(file {Path(row.source).name}). Results would be too good; put all files of a patient into one split."
            )
