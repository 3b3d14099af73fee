"""The band about each outline: its two lines, and how often they hold what they promise."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.audit.assessed import Assessed, Measured
from secondread.audit.bands.levels import Levels, Line, choose, held, sizes
from secondread.audit.sureness.sizes import is_stack, single_pictures, whole_patients
from secondread.explain.band import INNER, OUTER, line_name
from secondread.learn.trial import Trial
from secondread.stats.proportion import wilson

NAME, ORDER = "bands", 65
RULES = {
    INNER: "90 % of what lies within it belongs to the structure in {often} of 10 validation patients",
    OUTER: "it holds 90 % of the structure in {often} of 10 validation patients",
}

Cases = list[tuple[NDArray[np.uint8], NDArray[np.bool_]]]


def measure(assessed: Assessed) -> Measured:
    """Levels from validation, coverage on test, of every structure."""
    trial = assessed.trial
    if not trial.recipe.model.structures or trial.found["val"].outlines is None:
        return Measured({"rows": {"Band about the outline": "none: the network outlines nothing"}})
    structures, points, rows = {}, [], {}
    for n, name in enumerate(trial.recipe.model.structures):
        val, test = (cases(trial, split, n) for split in ("val", "test"))
        levels = choose(val)
        structures[name] = told(levels, test)
        rows[f"Band about the outline: {name}"] = sentence(structures[name])
        for kind, line in ((INNER, levels.inner), (OUTER, levels.outer)):
            if line is not None:
                rule = RULES[kind].format(often=often(line))
                points.append({"name": line_name(name, kind), "value": line.level, "rule": rule})
    return Measured({"rows": rows, "structures": structures, "points": points})


def often(line: Line) -> int:
    """In how many of ten cases a line holds."""
    return round(10 * (1.0 - line.quantile.alpha))


def cases(trial: Trial, split: str, structure: int) -> Cases:
    """(Probability times 255, structure) of one case a patient: a picture drawn, or all slices of an examination."""
    part, outlines = trial.splits[split], trial.found[split].outlines
    assert part.masks is not None
    assert outlines is not None
    true = part.masks == 1 + structure
    rows = whole_patients(part) if is_stack(trial) else single_pictures(true, part.patients)
    return [(outlines[row, structure], true[row]) for row in rows if true[row].any()]


def told(levels: Levels, test: Cases) -> dict[str, Any]:
    """As plain data."""
    result: dict[str, Any] = {"validation_patients": levels.cases, "test_patients": len(test)}
    for kind, line in (("inner", levels.inner), ("outer", levels.outer)):
        if line is None or not test:
            result[kind] = None
            continue
        found = held(line, test, outer=kind == "outer")
        share = wilson(found.count, found.cases)
        result[kind] = {
            "level": round(line.level, 6),
            "promised": 1.0 - line.quantile.alpha,
            "held": found.count,
            "share": [round(value, 5) for value in (share.value, share.low, share.high)],
            "expected": list(found.expected),
        }
    between = sizes(levels, test) if test else None
    if between is not None:
        result |= {"true_size_between": between[0], "outer_over_inner": between[1] and round(between[1], 4)}
    return result


def sentence(found: dict[str, Any]) -> str:
    """One line for the card."""
    n = found["test_patients"]
    words = {"outer": "the outer line holds 90 % of it", "inner": "90 % within the inner line belongs to it"}
    parts = []
    for kind, text in words.items():
        line = found[kind]
        if line is None:
            parts.append(f"no {kind} line: no level of the probability holds it on validation")
        else:
            low, high = line["expected"]
            promised = f"promised {line['promised']:.0%}: {low} to {high}"
            parts.append(f"{text} in {line['held']} of {n} test patients ({promised})")
    if "true_size_between" in found:
        width = found["outer_over_inner"]
        parts.append(f"the true size lies between both in {found['true_size_between']}")
        parts.append(f"outer over inner size {width:.2f}, median" if width else "the inner line is often empty")
    return "; ".join(parts)
