"""Two bundles on the test split that they share, with paired tests and one correction for all of them."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from secondread.core.errors import RecipeError
from secondread.engine.bundle import NETWORK_FILE
from secondread.learn.comparing.rows import Row, of_marks, of_question, of_structure
from secondread.learn.comparing.sides import Side, shared, side
from secondread.learn.loop import Progress, silent
from secondread.stats.paired import holm


def compare_bundles(
    folders: tuple[Path, Path], recipes: tuple[Path, Path], data_root: Path, *, progress: Progress = silent
) -> dict[str, Any]:
    """Every question, structure and kind of mark that both answer.

    Each bundle sees the cases in its own model space, with the calibration and the operating points of its own card.
    All p values together are raised by Holm's method, so that of many comparisons of equals none misleads.

    Args:
        folders: Of the bundles.
        recipes: Of each; they name the same data.
        data_root: Folder that holds the data sets.
        progress: Called with events.

    Returns:
        Plain data: what was compared, ``rows`` (see :class:`Row`, and ``p_holm``) and ``not_compared`` with reasons.

    Raises:
        BundleError: If a bundle is missing, altered or was not evaluated.
        RecipeError: If a recipe is not its bundle's, or they share no data or nothing to compare.
        ManifestError: If the data do not fit.
    """
    whole = []
    for folder, recipe in zip(folders, recipes, strict=True):
        whole.append(side(folder, recipe, data_root))
        progress({"event": "predicted", "bundle": whole[-1].card.name, "cases": len(whole[-1].test)})
    a, b = shared(*whole)
    rows, why = everything(a, b)
    if not rows:
        told = "; ".join(f"{name}: {reason}" for name, reason in why.items()) or "no question or structure is in both"
        raise RecipeError(
            f"bundles {a.card.name!r} and {b.card.name!r}: nothing to compare ({told}). Compare bundles that answer "
            "the same."
        )
    return {
        "a": about(a, whole[0]),
        "b": about(b, whole[1]),
        "split": "test",
        "data": [{"path": item.path, "sha256": item.sha256} for item in a.recipe.data],
        "cases": len(a.test),
        "patients": len(np.unique(a.test.patients)),
        "rows": corrected(rows),
        "not_compared": why,
    }


def about(used: Side, whole: Side) -> dict[str, Any]:
    """Which bundle it is, its grid, and how many of its test cases the other lacks."""
    card = used.card
    return {
        "bundle": card.name,
        "version": card.version,
        "model_sha256": card.sha256[NETWORK_FILE],
        "grid": list(card.input.grid),
        "left_out": len(whole.test) - len(used.test),
    }


def everything(a: Side, b: Side) -> tuple[list[Row], dict[str, str]]:
    """All comparisons, and what could not be compared, with the reason."""
    rows, why = list[Row](), dict[str, str]()

    def put(name: str, found: list[Row] | str) -> None:
        if isinstance(found, str):
            why[name] = found
        else:
            rows.extend(found)

    theirs = {question.name: question for question in b.recipe.questions}
    for question in a.recipe.questions:
        if question.name in theirs:
            put(question.name, of_question(question, theirs[question.name], a, b))
    if a.outlines is not None and b.outlines is not None:
        compare_outlines(a, b, put)
    return rows, why


def compare_outlines(a: Side, b: Side, put: Callable[[str, list[Row] | str], None]) -> None:
    """Structures and marks that both have."""
    outlined = a.test.masks is not None and b.test.masks is not None
    for name in a.recipe.model.structures if outlined else ():
        if name in b.recipe.model.structures:
            put(name, of_structure(name, a, b))
    rates = {mark.structure: mark.rate for mark in b.recipe.marks}
    for mark in a.recipe.marks:
        if mark.structure in rates:
            put(f"{mark.structure} marks", of_marks(mark.structure, mark.rate, a, b))


def corrected(rows: list[Row]) -> list[dict[str, Any]]:
    """Rows as plain data, with p values after Holm's correction over all of them."""
    known = [row.p for row in rows if row.p is not None]
    raised = iter(holm(known) if known else ())
    return [asdict(row) | {"p_holm": None if row.p is None else next(raised)} for row in rows]
