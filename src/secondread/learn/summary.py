"""The evaluation in the few lines that a card shows."""

from collections.abc import Collection
from typing import Any

from secondread.learn.card_rows.elsewhere import external_rows, fold_rows
from secondread.learn.card_rows.outlines import all_outlines
from secondread.learn.card_rows.questions import all_questions, class_rows, not_answered
from secondread.learn.card_rows.words import text
from secondread.learn.manifest import SPLITS
from secondread.learn.variants import variant_rows


def card_results(result: dict[str, Any]) -> dict[str, str]:
    """Measure to text with interval."""
    silent = not_answered(result)
    rows = {"Data": "; ".join(f"{name}: {counted(result['splits'][name])}" for name in SPLITS)}
    rows |= class_rows(result["classes"]) | all_questions(result) | all_outlines(result)
    rows |= external_rows(result, silent) | fold_rows(result, silent) | variant_rows(result)
    return rows | dict(asked_for(row, silent) for row in result["acceptance"])


def counted(split: dict[str, int]) -> str:
    """Pictures and patients of a split."""
    made, pictures = split["made"], split["pictures"]
    of = f" ({made} made from the others)" if made else ""
    owners = "each counted as a patient" if split["patients"] == pictures else f"{split['patients']} patients"
    return f"{pictures} pictures{of}, {owners}"


def asked_for(row: dict[str, Any], silent: Collection[str] = ()) -> tuple[str, str]:
    """One figure that the recipe asked for, and whether it was reached; of questions in ``silent`` none is told."""
    limits = (("at least", row["at_least"]), ("at most", row["at_most"]))
    needed = " and ".join(f"{words} {value:g}" for words, value in limits if value is not None)
    place = row.get("on", "test")
    where = "" if place == "test" else " in cross-validation" if place == "cross-validation" else f" on {place}"
    asked = f"Asked for: {row['question']}, {row['measure']} {needed}{where}"
    if row["question"] in silent:
        return asked, "missed: the question is not answered"
    if row["reached"] is None:
        return asked, "missed: it could not be measured"
    return asked, f"{'reached' if row['accepted'] else 'missed'} with {row['reached']:.4f}"


def card_subgroups(result: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """One row a question or structure and group."""
    rows, silent = [], not_answered(result)
    for name, part in result["questions"].items():
        for row in part["subgroups"] if name not in silent else ():
            told = "too few cases" if row["suppressed"] else text(row["auroc"])
            rows.append({"group": f"{name}: {row['group']}", "n": row["n"], "measure": "AUROC", "value": told})
    for name, part in result.get("structures_found", {}).items():
        for row in part["subgroups"]:
            told = "too few patients" if row["dice"] is None else text(row["dice"]["mean"])
            rows.append({"group": f"{name}: {row['group']}", "n": row["n"], "measure": "mean Dice", "value": told})
    return tuple(rows)
