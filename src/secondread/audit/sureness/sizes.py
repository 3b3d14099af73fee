"""How far the size of an outline can be off, and how wide a margin holds the structure, nine times of ten."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.audit.sureness.asked import DRAWN, Floats, Texts, rounded
from secondread.audit.sureness.conforming import ALPHA, quantile_told
from secondread.learn.examples import Examples
from secondread.learn.judge_outlines import drawn
from secondread.learn.pictures import SLICED
from secondread.learn.trial import Trial
from secondread.stats.conformal import conformal_quantile, coverage, one_each

INSIDE = 0.95  # share of the structure that the margin must hold

Bools = NDArray[np.bool_]


def sizes_of(trial: Trial, structure: int, threshold: float) -> dict[str, Any]:
    """Conformal factor of the size and conformal margin of one structure.

    A patient is one unit: of a set of slices in order all are summed to one size, of other pictures one is drawn.
    """
    found = {split: _units(trial, split, structure, threshold) for split in ("val", "test")}
    result: dict[str, Any] = {}
    for name, number in (("size_factor", 0), ("margin_px", 1)):
        val, test = found["val"][number], found["test"][number]
        quantile = conformal_quantile(val, ALPHA)
        row: dict[str, Any] = quantile_told(quantile) | {"test_patients": len(test)}
        if quantile.known and np.isfinite(quantile.value):
            held = coverage(test <= quantile.value, (quantile,))
            row["quantile"] = rounded(float(np.exp(quantile.value)) if number == 0 else quantile.value)
            row |= {"covered": held.covered, "expected": list(held.expected), "verdict": held.verdict}
        else:
            row["quantile"] = None
        result[name] = row
    return result


def _units(trial: Trial, split: str, structure: int, threshold: float) -> tuple[Floats, Floats]:
    """Of each patient with the structure: |log(true size / drawn size)|, and the margin in pixels of the grid."""
    part, outlines = trial.splits[split], trial.found[split].outlines
    assert part.masks is not None
    assert outlines is not None
    found, true = drawn(outlines, structure, threshold), part.masks == 1 + structure
    rows = whole_patients(part) if is_stack(trial) else single_pictures(true, part.patients)
    pairs = [(found[row], true[row]) for row in rows if true[row].any()]
    return np.array([off(a, b) for a, b in pairs]), np.array([margin(a, b) for a, b in pairs])


def is_stack(trial: Trial) -> bool:
    """Whether a patient's pictures are the slices of one examination."""
    return any(item.picture in SLICED and not item.stack for item in trial.recipe.data)


def whole_patients(part: Examples) -> list[NDArray[np.intp]]:
    """Numbers of the pictures of each patient."""
    return [np.flatnonzero(part.patients == name) for name in np.unique(part.patients)]


def single_pictures(true: Bools, patients: Texts) -> list[NDArray[np.intp]]:
    """One picture with the structure drawn from each patient."""
    has = np.flatnonzero(true.reshape(len(true), -1).any(1))
    return [] if not len(has) else [np.array([n]) for n in has[one_each(patients[has], DRAWN)]]


def off(found: Bools, true: Bools) -> float:
    """|log(true size / drawn size)|; infinity where nothing was drawn."""
    return abs(float(np.log(true.sum() / found.sum()))) if found.any() else float("inf")


def margin(found: Bools, true: Bools) -> float:
    """How many pixels the drawn region must grow to hold ``INSIDE`` of the structure; infinity where it is empty.

    Args:
        found: Drawn, bool [picture, *grid]; distances are measured within each picture.
        true: Of the same shape.

    Source: conformal margins by growing a mask: Mossina and Friedrich, Conformal prediction for image segmentation
    using morphological prediction sets, MICCAI 2025.
    """
    from scipy.ndimage import distance_transform_edt

    if not found.any():
        return float("inf")
    parts = [
        distance_transform_edt(~a)[b] if a.any() else np.full(int(b.sum()), np.inf)
        for a, b in zip(found, true, strict=True)
    ]
    ranked = np.sort(np.concatenate(parts))
    return float(ranked[int(np.ceil(INSIDE * len(ranked))) - 1])
