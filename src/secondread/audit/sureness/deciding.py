"""What is gained when the least sure cases are left to a person."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.audit.sureness.asked import Answers, Asked, Floats, rounded, told
from secondread.learn.examples import UNKNOWN
from secondread.learn.judge import SEED
from secondread.learn.judge_outlines import dices, drawn
from secondread.learn.trial import Trial
from secondread.stats.bootstrap import bootstrap
from secondread.stats.selective import POINTS, aurc_interval, risk_coverage, spared, sureness

SHARE = 0.8
DRAWS = 1000


def deciding(asked: Asked, ends: tuple[float, float] | None, points: int = POINTS) -> dict[str, Any]:
    """Risk-coverage curve on test with the error rate at the operating point, and what the undecided range leaves."""
    test = asked.test
    entry: dict[str, Any] = {"name": asked.name, "n": len(test.y)}
    if test.few():
        return entry
    wrong = ((test.p >= asked.threshold) != (test.y == 1)).astype(np.float64)
    entry |= curve_of(wrong, sureness(test.p, asked.threshold), test.patients, points)
    return entry | {"decided": decided(test, asked.threshold, ends)}


def curve_of(losses: Floats, sure: Floats, patients: NDArray[np.str_], points: int = POINTS) -> dict[str, Any]:
    """The curve, its area, and the risk of the surest ``SHARE``, with intervals over patients."""
    found = risk_coverage(losses, sure)
    return {
        "risk": told(bootstrap(lambda v: float(v.mean()), patients, losses, n=DRAWS, seed=SEED)),
        "risk_at_80": told(
            bootstrap(lambda v, s: risk_coverage(v, s).at(SHARE), patients, losses, sure, n=DRAWS, seed=SEED)
        ),
        "spared": told(spared(patients, losses, sure, SHARE, seed=SEED)),
        "aurc": told(aurc_interval(patients, losses, sure, n=DRAWS, seed=SEED)),
        "curve": found.points(points),
    }


def decided(test: Answers, threshold: float, ends: tuple[float, float] | None) -> dict[str, Any]:
    """Share left undecided by the range, and how often the decided are right; None where none is decided."""
    sure = np.ones(len(test.p), dtype=np.bool_) if ends is None else (test.p < ends[0]) | (test.p > ends[1])
    right = (test.p >= threshold) == (test.y == 1)
    found: dict[str, Any] = {"undecided": rounded(float(1.0 - sure.mean())), "cases": int(sure.sum())}
    parts = {"accuracy": sure, "sensitivity": sure & (test.y == 1), "specificity": sure & (test.y == 0)}
    for name, mine in parts.items():
        found[name] = None
        if mine.any():
            rate = bootstrap(lambda v: float(v.mean()), test.patients[mine], right[mine], n=DRAWS, seed=SEED)
            found[name] = told(rate)
    return found


def labels_at_once(trial: Trial) -> dict[str, Any] | None:
    """As :func:`deciding`, for three or more labels that exclude each other: the most probable label is the answer."""
    labels, part = trial.recipe.model.labels, trial.splits["test"]
    if trial.recipe.model.activation == "sigmoid" or len(labels) < 3:
        return None
    known = np.flatnonzero(part.labels != UNKNOWN)
    p = trial.probabilities(trial.found["test"].logits[known])
    wrong = (p.argmax(1) != part.labels[known]).astype(np.float64)
    return {"n": len(known)} | curve_of(wrong, p.max(1), part.patients[known])


def outlines_at_once(trial: Trial, structure: int, threshold: float) -> dict[str, Any] | None:
    """Risk = 1 - Dice of cases with the structure, surest first by the Dice that the network itself expects.

    Source: Borges, Pacheco and Silva, Soft Dice Confidence: a near-optimal confidence estimator for selective
    prediction in semantic segmentation, arXiv 2402.10665.
    """
    part, outlines = trial.splits["test"], trial.found["test"].outlines
    assert part.masks is not None
    assert outlines is not None
    true = part.masks == 1 + structure
    has = np.flatnonzero(true.reshape(len(true), -1).any(1))
    if len(has) < 2:
        return None
    found = drawn(outlines[has], structure, threshold)
    losses = 1.0 - np.array(dices(found, true[has]))
    sure = np.array([expected_dice(o, f) for o, f in zip(outlines[has, structure], found, strict=True)])
    return {"n": len(has)} | curve_of(losses, sure, part.patients[has])


def expected_dice(outline: NDArray[np.uint8], found: NDArray[np.bool_]) -> float:
    """Twice the probability inside the drawn region over its size and all probability; 0 where nothing is drawn."""
    p = outline.astype(np.float64) / 255.0
    return float(2.0 * p[found].sum() / (p.sum() + found.sum())) if found.any() else 0.0
