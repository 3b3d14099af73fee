"""Rules that could replace one threshold for all, each fitted on validation."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.audit.fairness.cases import enough
from secondread.audit.fairness.layer import last_layer, probabilities, reweighing
from secondread.audit.fairness.results import Answers, Results
from secondread.stats.checks import Bools, Floats
from secondread.stats.operating import threshold_for_sensitivity

EDGE = 1e-6  # probabilities are kept off 0 and 1 before their logit is taken
AS_IT_IS = "as it is"


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """Calls of the audited cases by one rule.

    Attributes:
        name: ``as it is``, ``thresholds``, ``recalibration``, ``last layer``, ``reweighting`` or ``weighted
            threshold``.
        uses_group: Whether the group must be known when a case is read.
        called: Whether each audited case is called positive [n].
        left_out: Groups with too little validation.
    """

    name: str
    uses_group: bool
    called: Bools
    left_out: tuple[str, ...] = ()


def ways(column: str, results: Results) -> list[Way]:
    """What it is, and everything that can be tried for the groups of a column."""
    seen, known, learnt = results.answers, results.validation, results.learnt
    found = [Way(AS_IT_IS, False, seen.p >= results.threshold)]
    if known is None:
        return found
    found += [by_threshold(column, results, known), by_calibration(column, results, known)]
    if learnt is None or min(learnt.y.sum(), (~learnt.y).sum()) < 1:
        return [*found, weighted_threshold(column, results, known)]
    weights = reweighing(learnt.groups[column], learnt.y)
    return [*found, retrained("last layer", results, known, None), retrained("reweighting", results, known, weights)]


def target(results: Results, known: Answers) -> float:
    """Sensitivity of the one threshold on validation: what the rules aim at."""
    return float((known.p[known.y] >= results.threshold).mean())


def by_threshold(column: str, results: Results, known: Answers) -> Way:
    """A threshold of each group that finds the same share of its ill."""
    aim, called = target(results, known), results.answers.p >= results.threshold

    def fit(inside: Bools, there: Bools) -> None:
        own = threshold_for_sensitivity(known.y[inside], known.p[inside], aim)
        called[there] = results.answers.p[there] >= own

    return Way("thresholds", True, called, each(column, results, known, fit))


def by_calibration(column: str, results: Results, known: Answers) -> Way:
    """The logit of each group moved so that its mean probability is the share of its ill; one threshold for all."""
    called = results.answers.p >= results.threshold

    def fit(inside: Bools, there: Bools) -> None:
        shift = in_the_large(known.y[inside], known.p[inside])
        called[there] = moved(results.answers.p[there], shift) >= results.threshold

    return Way("recalibration", True, called, each(column, results, known, fit))


def each(column: str, results: Results, known: Answers, fit: Callable[[Bools, Bools], None]) -> tuple[str, ...]:
    """Fit for every group that validation has enough of; the names of the others."""
    here, there = known.groups[column], results.answers.groups[column]
    left = []
    for name in np.unique(there[there != ""]).tolist():
        if enough(known.y, here == name):
            fit(here == name, there == name)
        else:
            left.append(name)
    return tuple(left)


def in_the_large(y: Bools, p: Floats) -> float:
    """What must be added to logits so that the mean probability is the share of positive cases.

    Raises:
        ValueError: If a class is absent.
    """
    from scipy.optimize import brentq

    if y.all() or not y.any():
        raise ValueError("found cases of one class; needed both")
    return float(brentq(lambda shift: float((moved(p, shift) - y).mean()), -40.0, 40.0))


def moved(p: Floats, shift: float) -> Floats:
    """Probabilities whose logits are moved."""
    inside = np.clip(p, EDGE, 1.0 - EDGE)
    return 1.0 / (1.0 + np.exp(-(np.log(inside / (1.0 - inside)) + shift)))


def weighted_threshold(column: str, results: Results, known: Answers) -> Way:
    """One threshold, chosen where every group and both labels count alike.

    It has the largest mean of the groups' sensitivity and specificity; of several, it is the nearest to the old one.
    """
    values = known.groups[column]
    members = [values == name for name in np.unique(values[values != ""]).tolist()]
    members = [inside for inside in members if enough(known.y, inside)]
    places = np.unique(np.append(known.p, results.threshold))
    gain = np.array([balanced(members, known, place) for place in places])
    best = places[gain >= gain.max() - 1e-12]
    chosen = best[np.abs(best - results.threshold).argmin()]
    return Way("weighted threshold", False, results.answers.p >= chosen)


def balanced(members: list[Bools], known: Answers, place: float) -> float:
    """Mean over groups of sensitivity and specificity."""
    called = known.p >= place
    return float(np.mean([called[m & known.y].mean() + (~called)[m & ~known.y].mean() for m in members]))


def retrained(name: str, results: Results, known: Answers, weights: Floats | None) -> Way:
    """A new last layer, at the threshold that finds on validation what the old one found."""
    if results.learnt is None:
        raise ValueError("learnt: found no cases; needed embeddings to learn from")
    model = last_layer(results.learnt, weights)
    own = threshold_for_sensitivity(known.y, probabilities(model, known), target(results, known))
    called: NDArray[np.bool_] = probabilities(model, results.answers) >= own
    return Way(name, False, called)
