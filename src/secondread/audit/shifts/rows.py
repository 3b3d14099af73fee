"""What the card shows of the sets that a bundle was tried on."""

from collections.abc import Mapping, Sequence
from typing import Any


def rows_of(entry: Mapping[str, Any]) -> dict[str, str]:
    """Measure to text with interval."""
    test, sets = entry["test"], entry["sets"]
    accepted = f"{interval(test['accepted'])} of {test['inputs']} test inputs"
    if "examinations" in test:
        accepted += f"; {interval(test['examinations_accepted'])} of {test['examinations']} patients as a whole"
    rows = {"accepted (95 % aimed at)": accepted}
    far, near, bad = (of_kind(sets, kind) for kind in ("far", "near", "broken"))
    if far:
        worst = min(far, key=lambda one: one["auroc"][0])
        rows["far inputs, AUROC"] = f"at least {area(worst['auroc'])} ({worst['set']}), {len(far)} sets"
        rows["far inputs refused"] = refused(far)
    rows["near inputs refused"] = (
        "; ".join(f"{one['set']} {percent(one['refused'][0])}" for one in near) or "no such set"
    )
    if bad:
        rows["broken inputs refused"] = refused(bad)
    whole = [one for one in bad if "examinations_refused" in one]
    if whole:
        worst = min(whole, key=lambda one: one["examinations_refused"][0])
        mean = sum(one["examinations_refused"][0] for one in whole) / len(whole)
        told = f"{percent(mean)} on average; least of {worst['set']}: {interval(worst['examinations_refused'])}"
        rows["broken examinations refused, by the slice in the middle"] = told
    rows |= never_shown(far, bad)
    for one in of_kind(sets, "usual"):
        rows[f"{one['set']}, as in training, refused"] = interval(one["refused"])
    return rows


def never_shown(far: Sequence[Mapping[str, Any]], bad: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What is refused of kinds that were left out of the lessons, each in its turn."""
    found = {}
    for name, sets in (("far", far), ("broken", bad)):
        taught = [one for one in sets if "never_shown" in one]
        if taught:
            count = sum(one["inputs"] for one in taught)
            share = sum(one["inputs"] * one["never_shown"]["refused"][0] for one in taught) / count
            worst = min(taught, key=lambda one: one["never_shown"]["refused"][0])
            told = f"{percent(share)} of {count}; least of {worst['set']}: {interval(worst['never_shown']['refused'])}"
            found[f"{name} inputs of a kind left out of the lessons, refused"] = told
    return found


def of_kind(sets: Sequence[Mapping[str, Any]], kind: str) -> list[Mapping[str, Any]]:
    """The sets of a kind."""
    return [one for one in sets if one["kind"] == kind]


def refused(sets: Sequence[Mapping[str, Any]]) -> str:
    """Share of all inputs of these sets, and the set of which least were refused."""
    count = sum(one["inputs"] for one in sets)
    share = sum(one["inputs"] * one["refused"][0] for one in sets) / count
    worst = min(sets, key=lambda one: one["refused"][0])
    told = f"{percent(share)} of {count}; least of {worst['set']}: {interval(worst['refused'])}"
    if "refused_with_gate" in worst:
        least = min(sets, key=lambda one: one["refused_with_gate"][0])
        told += f"; with the gate's network at least {percent(least['refused_with_gate'][0])}"
    return told


def interval(found: Sequence[float]) -> str:
    """A share with its interval, in percent."""
    return f"{percent(found[0])} ({percent(found[1])} to {percent(found[2])})"


def area(found: Sequence[float]) -> str:
    """An area with its interval."""
    return f"{found[0]:.3f} ({found[1]:.3f} to {found[2]:.3f})"


def percent(share: float) -> str:
    """In percent, one digit where it is not whole."""
    return f"{100.0 * share:.1f}".removesuffix(".0") + " %"
