"""Whose pictures they are, and in which split: the check that matters most."""

from typing import Any

import numpy as np

from secondread.learn.inspection.finding import Found, counted, some
from secondread.learn.inspection.table import Table
from secondread.learn.manifest import SPLITS


def facts(table: Table) -> dict[str, Any]:
    """Rows, patients, pictures a patient, and both by split."""
    owners, splits = table.patients, table.splits
    each = np.bincount(owners)
    return {
        "rows": len(table),
        "files": len(set(table.column("file").tolist())),
        "patients": len(each),
        "patients_known": bool((table.column("patient") != "").any()),
        "pictures_a_patient": {"fewest": int(each.min()), "median": float(np.median(each)), "most": int(each.max())},
        "splits": {
            name: {"pictures": int((splits == name).sum()), "patients": len(np.unique(owners[splits == name]))}
            for name in [*SPLITS, *sorted(set(splits.tolist()) - set(SPLITS))]
        },
    }


def findings(table: Table) -> list[Found]:
    """Patients in two splits, rows without a patient, unknown or empty splits."""
    found, splits, named = [], table.splits, table.column("patient") != ""
    shared = in_several_splits(table)
    if shared.any():
        among = " and ".join(sorted(set(splits[shared].tolist())))
        count = len(np.unique(table.patients[shared]))
        found.append(
            Found(
                "error",
                "patients",
                f"{counted(count, 'patient')} in more than one split ({among}): every figure would be too good",
                "Put all rows of a patient into one split.",
                table.numbers(shared),
            )
        )
    unknown = ~np.isin(splits, SPLITS)
    if unknown.any():
        names = sorted({repr(str(name)) for name in splits[unknown]})
        found.append(
            Found(
                "error",
                "patients",
                f"{counted(int(unknown.sum()), 'row')} of an unknown split: {some(names)}",
                f"Name one of {', '.join(SPLITS)}.",
                table.numbers(unknown),
            )
        )
    missing = [name for name in SPLITS if not (splits == name).any()]
    if missing:
        found.append(
            Found("error", "patients", f"No picture in {' or '.join(missing)}", "Give some patients to every split.")
        )
    if not named.any():
        found.append(
            Found(
                "warning",
                "patients",
                "No row names its patient: each picture counts as one",
                "Add a column patient. Without it nothing but the search for duplicates can tell that the splits "
                "share no one.",
            )
        )
    elif not named.all():
        found.append(
            Found(
                "warning",
                "patients",
                f"{counted(int((~named).sum()), 'row')} without a patient: each counts as one",
                "Fill the column patient in.",
                table.numbers(~named),
            )
        )
    return found


def in_several_splits(table: Table) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Rows of patients whose rows do not all stand in one split, bool [n]."""
    owners, splits = table.patients, np.unique(table.splits, return_inverse=True)[1]
    least, most = np.full(owners.max() + 1, len(table)), np.full(owners.max() + 1, -1)
    np.minimum.at(least, owners, splits)
    np.maximum.at(most, owners, splits)
    shared: np.ndarray[tuple[int], np.dtype[np.bool_]] = (least != most)[owners]
    return shared
