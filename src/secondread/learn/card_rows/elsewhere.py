"""The rows of what was measured beside the test split: sets of other sources, and cross-validation."""

from collections.abc import Collection, Mapping
from typing import Any

from secondread.learn.card_rows.outlines import empty_row, fixed_rows, size_row
from secondread.learn.card_rows.questions import against, alone_rows, macro_rows
from secondread.learn.card_rows.words import many, mean_and_median, prefixed, text

SMOOTHED = "smoothed over neighbouring slices"  # the name of that part of a cross-validation
NAMED = 6  # labels named by themselves


def external_rows(result: Mapping[str, Any], silent: Collection[str]) -> dict[str, str]:
    """Each set of another source; questions in ``silent`` are not answered there either."""
    rows: dict[str, str] = {}
    for path, part in (result.get("external") or {}).items():
        here = {"data": f"{many(part['pictures'], 'picture')}, {many(part['patients'], 'patient')}; none seen before"}
        if part.get("called"):
            here["most probable label"] = called_text(part["called"])
        for name, found in part["questions"].items():
            if name not in silent:
                here |= prefixed(name, question_there(found))
        for name, found in part["structures_found"].items():
            here |= prefixed(name, outline_there(found))
        for name, found in part["marks"].items():
            here |= prefixed(f"{name} marks", fixed_rows(found["at_threshold"]) | source_row(found))
        rows |= prefixed(f"On {path}", here)
    return rows


def called_text(called: Mapping[str, int]) -> str:
    """How often each label is the most probable one, the frequent ones first.

    >>> called_text({"hand": 3, "chest": 40, "head": 0})
    'chest 40, hand 3'
    """
    order = sorted((name for name, count in called.items() if count), key=lambda name: -called[name])
    rest = sum(called[name] for name in order[NAMED:])
    words = [f"{name} {called[name]}" for name in order[:NAMED]]
    return ", ".join([*words, f"others {rest}"] if rest else words)


def source_row(part: Mapping[str, Any]) -> dict[str, str]:
    """Whether the strongest mark tells the test split from this source: then marks may have learnt the hospital."""
    area = part.get("tells_the_source")
    return {"the strongest mark tells the sources apart, AUROC": text(area)} if area else {}


def question_there(part: Mapping[str, Any]) -> dict[str, str]:
    """One question on another set, at the same threshold."""
    return {
        "AUROC": f"{text(part['auroc_by_patient'])}, {part['positives']} of {part['n']} pictures positive",
        "sensitivity, specificity": f"{text(part['sensitivity'])}, {text(part['specificity'])}",
        "ECE": f"{part['ece']:.3f}",
    }


def outline_there(part: Mapping[str, Any]) -> dict[str, str]:
    """One structure on another set."""
    return {"Dice by case": mean_and_median(part["dice"])} | size_row(part["size"]) | empty_row(part["empty"])


def fold_rows(result: Mapping[str, Any], silent: Collection[str]) -> dict[str, str]:
    """Cross-validation: networks of this recipe, each judged on patients that it had not seen."""
    found = result.get("cross_validation")
    if not found:
        return {}
    rows = {"how": f"{many(found['folds'], 'fold')}, by {found['by']}; networks of this recipe, not the one that ships"}
    if found.get("classes"):
        rows |= macro_rows(found["classes"])
    for group, area in found.get("groups", {}).items():
        rows[f"mean AUROC of the labels, {group}"] = text(area["macro_auroc"])
    for name, part in found["questions"].items():
        if name not in silent:
            rows |= prefixed(name, question_folds(part) | smoothed_rows(found.get(SMOOTHED, {}).get(name)))
    for name, part in found["structures_found"].items():
        rows |= prefixed(name, outline_folds(part))
    return prefixed("Cross-validation", rows)


def question_folds(part: Mapping[str, Any]) -> dict[str, str]:
    """One question over all folds."""
    each = [value for value in part["auroc_of_each_fold"] if value is not None]
    spread = f"; single folds {min(each):.3f} to {max(each):.3f}" if len(each) > 1 else ""
    rows = {"AUROC": f"{text(part['auroc'])}, {part['positives']} of {part['n']} positive{spread}"}
    if part["auroc_by_patient"] is not None:
        rows["AUROC by patient"] = text(part["auroc_by_patient"])
    rows["AUROC of the shortcut baseline"] = against(part["shortcut"])
    return rows | alone_rows(part)


def smoothed_rows(part: Mapping[str, Any] | None) -> dict[str, str]:
    """One question when slices answer together with their neighbours."""
    if part is None:
        return {}
    rows = {f"AUROC, {SMOOTHED}": text(part["auroc"])}
    return rows | (
        {f"AUROC by patient, {SMOOTHED}": text(part["auroc_by_patient"])} if part["auroc_by_patient"] else {}
    )


def outline_folds(part: Mapping[str, Any]) -> dict[str, str]:
    """One structure over all folds."""
    rows = {"Dice by patient": mean_and_median(part["by_patient"], "patient")}
    judged = [fold for fold in part["folds"] if fold["mean"] is not None]
    if judged:
        low, high = (pick(judged, key=lambda fold: fold["mean"]) for pick in (min, max))
        told = (f"{fold['mean']:.3f} ({fold['name']}, {many(fold['patients'], 'patient')})" for fold in (low, high))
        rows["mean Dice of single folds"] = " to ".join(told)
    return rows | empty_row(part["empty"])
