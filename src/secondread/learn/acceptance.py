"""Whether the figures that a recipe asks for were reached."""

from dataclasses import asdict
from typing import Any

from secondread.learn.recipe import Acceptance

ASKED = "{question}"  # stands for the structure, the group or the question that is asked for
PLACES = {  # where a measure stands in an evaluation; what is not named is one of a yes/no question
    "dice": ("structures_found", ASKED, "dice", "mean"),
    "median_dice": ("structures_found", ASKED, "dice", "median"),
    "patient_dice": ("structures_found", ASKED, "by_patient", "mean"),
    "patient_median_dice": ("structures_found", ASKED, "by_patient", "median"),
    "sensitivity_at_rate": ("marks", ASKED, "sensitivity_at_rate"),
    "macro_auroc": ("groups", ASKED, "macro_auroc"),
}
OF_ALL = ("classes", "macro_auroc")  # over all labels, where the question is ``all``


def accepted(item: Acceptance, result: dict[str, Any]) -> dict[str, Any]:
    """One line of the acceptance table; what could not be measured is not reached."""
    value = figure(item, result)
    row = asdict(item) | {"on": item.on}
    if value is None:
        return row | {"reached": None, "accepted": False}
    low = item.at_least is None or value >= item.at_least
    high = item.at_most is None or value <= item.at_most
    return row | {"reached": value, "accepted": low and high}


def figure(item: Acceptance, result: dict[str, Any]) -> float | None:
    """The figure that an acceptance is about, or None where there is none."""
    value = measured(item, result)
    if isinstance(value, dict):
        value = value["value"]
    return None if value is None else float(value)


def measured(item: Acceptance, result: dict[str, Any]) -> Any:
    """The same as it stands in the evaluation: a number, or an interval as plain data."""
    if item.on == "test":
        place = result
    elif item.on == "cross-validation":
        place = result["cross_validation"] or {}
    else:
        place = result["external"].get(item.on, {})
    path = PLACES.get(item.measure, ("questions", ASKED, item.measure))
    if item.measure == "macro_auroc" and item.question == "all":
        path = OF_ALL
    found: Any = place
    for name in path:
        found = (found or {}).get(item.question if name == ASKED else name)
    return found
