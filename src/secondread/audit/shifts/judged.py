"""How well the distance of a bundle tells a set of strange inputs from the test pictures."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.audit.shifts.shift import Shift
from secondread.engine.outside import distance
from secondread.engine.reference import Reference
from secondread.stats.auroc import auroc, delong
from secondread.stats.bootstrap import bootstrap
from secondread.stats.interval import Interval
from secondread.stats.proportion import wilson

Floats = NDArray[np.float64]
RESAMPLES, SEED, DIGITS = 200, 7, 6


def rate(outside: NDArray[np.bool_], owners: NDArray[np.str_]) -> Interval:
    """Share of inputs beyond the threshold; of several a patient the interval is that of as many as there are patients.

    Source: Wilson's interval, as :func:`secondread.stats.proportion.wilson`.
    """
    share, patients = float(outside.mean()), len(np.unique(owners))
    bounds = wilson(round(share * patients), patients)
    return Interval(share, min(bounds.low, share), max(bounds.high, share), f"Wilson, {patients} patients")


def area(known: Floats, owners: NDArray[np.str_], strange: Floats, theirs: NDArray[np.str_]) -> Interval:
    """AUROC of the distance, strange inputs against test pictures; by patient where one has several."""
    y = np.repeat([0, 1], [len(known), len(strange)])
    scores, who = np.concatenate([known, strange]), np.concatenate([np.char.add("k", owners), np.char.add("s", theirs)])
    if len(np.unique(who)) == len(who):
        found = delong(y, scores)
        assert found is not None
        return found
    return bootstrap(auroc, who, y, scores, n=RESAMPLES, seed=SEED)


def judged(
    shift: Shift, strange: Floats, known: Floats, owners: NDArray[np.str_], gate: NDArray[np.bool_] | None
) -> dict[str, Any]:
    """One set: area, share refused, and the share refused with the gate's network in front.

    Args:
        shift: The set.
        strange: Distance of its inputs, 1 = threshold; those that nothing changed are not counted.
        known: Distance of the test pictures.
        owners: Patients of the test pictures.
        gate: Which of the set the gate's network refuses, or None where there is none.
    """
    counted = shift.counted
    found = {"set": shift.name, "kind": shift.kind, "inputs": int(counted.sum())}
    found |= alone(shift, strange, known, owners)
    if gate is not None:
        found["refused_with_gate"] = rounded(rate(((strange > 1.0) | gate)[counted], shift.owners[counted]))
    return found


def alone(shift: Shift, strange: Floats, known: Floats, owners: NDArray[np.str_]) -> dict[str, list[float]]:
    """Area and share refused of one set, by the distance alone; arguments as of :func:`judged`."""
    strange, theirs = strange[shift.counted], shift.owners[shift.counted]
    return {
        "auroc": rounded(area(known, owners, strange, theirs)),
        "refused": rounded(rate(strange > 1.0, theirs)),
    }


def by_examination(reference: Reference, each: Floats, owners: NDArray[np.str_]) -> tuple[Floats, NDArray[np.str_]]:
    """Distance of each patient, all inputs of a patient as one examination: that of the input in the middle."""
    names = np.unique(owners)
    found = [distance("", reference, each[owners == name])[0].value for name in names]
    return np.array(found), names


def examinations_refused(reference: Reference, each: Floats, owners: NDArray[np.str_]) -> list[float]:
    """Share of patients of a set whose slices are refused as one examination."""
    whole, names = by_examination(reference, each, owners)
    return rounded(rate(whole > 1.0, names))


def rounded(found: Interval) -> list[float]:
    """[value, low, high]."""
    return found.rounded(DIGITS)
