"""What the data sets say about the people and machines behind their cases, by the name of each case.

Recipes name the columns that training and evaluation need; an audit looks at all that a set has.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secondread.audit.fairness.ages import binned, years
from secondread.core.errors import ManifestError
from secondread.learn.examples import Examples, data_sets
from secondread.learn.manifest import cells_of

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "cxr-nih": ("sex", "age", "view", "native"),
    "breast-us-busbra": ("device", "side", "birads"),
    "brain-mr-oasis1": ("sex", "age"),
    "brain-mr-lgg": ("sex", "age", "site", "race"),
}
PATIENT_TABLES = {"brain-mr-lgg": ("patients.csv", "Patient")}  # what is known by patient, not by picture
MISSING = frozenset({"", "nan", "NA", "unknown", "Unknown"})
Columns = dict[str, NDArray[np.str_]]


def source_of(examples: Examples) -> NDArray[np.str_]:
    """The data set of each case, str [n]."""
    return data_sets(examples.names)


def columns_of(examples: Examples, data_root: Path) -> Columns:
    """Every column of ``COLUMNS`` that the sets of these cases have, str [n]; empty where it is not stated.

    Raises:
        ManifestError: If a manifest is missing or does not hold a case.
    """
    sources = source_of(examples)
    found = {name: COLUMNS[name] for name in np.unique(sources).tolist() if name in COLUMNS}
    wanted = list(dict.fromkeys(column for columns in found.values() for column in columns))
    told = {name: facts(data_root / name, columns) for name, columns in found.items()}
    result = {}
    for column in wanted:
        cells = [
            told[source][file_of(name)][column] if column in found.get(source, ()) else ""
            for source, name in zip(sources.tolist(), examples.names.tolist(), strict=True)
        ]
        result[column] = in_groups(column, cells)
    return result


def file_of(name: str) -> str:
    """The file of an example's name; what was made of a file tells in brackets how.

    >>> file_of("cxr-nih:images/00004.png (invert)")
    'images/00004.png'
    """
    return name.partition(":")[2].partition(" (")[0]


def facts(folder: Path, columns: tuple[str, ...]) -> Mapping[str, Mapping[str, str]]:
    """File to the cells of its row, and of its patient's row.

    Raises:
        ManifestError: If a table or a column is missing.
    """
    mend = "Give --data the folder that holds the data sets."
    rows = cells_of(folder, "manifest.csv", mend)
    if folder.name in PATIENT_TABLES:
        table, key = PATIENT_TABLES[folder.name]
        people = {row[key]: row for row in cells_of(folder, table, mend)}
        rows = [{**people.get(row["patient"], {}), **row} for row in rows]
    missing = [column for column in columns if not rows or column not in rows[0]]
    if missing:
        raise ManifestError(f"data set {folder.name}: found no column {missing[0]!r}; the audit looks at it. Add it.")
    return {row["file"]: row for row in rows}


def in_groups(column: str, cells: list[str]) -> NDArray[np.str_]:
    """Cells as groups: ages in ranges, what is not known empty, codes of a number without their decimals."""
    stated = ["" if cell.strip() in MISSING else cell.strip() for cell in cells]
    if column == "age":
        return binned([years(cell) for cell in stated])
    tidy: Callable[[str], str] = lambda cell: cell.removesuffix(".0")  # noqa: E731 - codes that pandas wrote
    return np.array([tidy(cell) for cell in stated], dtype=np.str_)
