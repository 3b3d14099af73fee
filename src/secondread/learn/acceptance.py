"""Whether the figures that a recipe asks for were reached."""

from dataclasses import asdict
from typing import Any

from secondread.learn.recipe import Acceptance


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
    return FIGURES.get(item.measure, of_question)(place, item)


def of_question(place: dict[str, Any], item: Acceptance) -> Any:
    """A measure of a yes/no question."""
    return place.get("questions", {}).get(item.question, {}).get(item.measure)


def mean_dice(place: dict[str, Any], item: Acceptance) -> Any:
    """Mean Dice by case."""
    return _inside(place, "structures_found", item.question, "dice", "mean")


def median_dice(place: dict[str, Any], item: Acceptance) -> Any:
    """Median Dice by case."""
    return _inside(place, "structures_found", item.question, "dice", "median")


def patient_dice(place: dict[str, Any], item: Acceptance) -> Any:
    """Mean Dice over all cases of a patient together."""
    return _inside(place, "structures_found", item.question, "by_patient", "mean")


def patient_median_dice(place: dict[str, Any], item: Acceptance) -> Any:
    """Median of the same."""
    return _inside(place, "structures_found", item.question, "by_patient", "median")


def at_rate(place: dict[str, Any], item: Acceptance) -> Any:
    """Sensitivity at the recipe's rate of false marks."""
    return _inside(place, "marks", item.question, "sensitivity_at_rate")


def macro(place: dict[str, Any], item: Acceptance) -> Any:
    """Mean area over independent labels; ``all``, or a group such as ``native 64``."""
    if item.question != "all":
        return _inside(place, "groups", item.question, "macro_auroc")
    return _inside(place, "classes", "macro_auroc")


def _inside(place: Any, *names: str) -> Any:
    for name in names:
        place = (place or {}).get(name)
    return place


FIGURES = {
    "dice": mean_dice,
    "median_dice": median_dice,
    "patient_dice": patient_dice,
    "patient_median_dice": patient_median_dice,
    "sensitivity_at_rate": at_rate,
    "macro_auroc": macro,
}
