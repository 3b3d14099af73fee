"""Sets of answers for a question, their coverage, and the probabilities at which nothing can be said."""

from typing import Any

import numpy as np

from secondread.audit.sureness.asked import DRAWN, Answers, Asked, Floats, Ints, Texts, rounded
from secondread.learn.examples import UNKNOWN
from secondread.learn.trial import Trial
from secondread.stats.conformal import (
    Quantile,
    by_class,
    conformal_quantile,
    coverage,
    least_cases,
    one_each,
    sets,
    undecided_range,
    wrong_where_empty,
)

ALPHA = 0.1
FEWEST = 20  # cases of a group below which its coverage tells nothing


def conformal_of(asked: Asked) -> dict[str, Any]:
    """Quantiles from validation, range, and coverage on test.

    Independent cases are needed, so one case of each patient is drawn, within each answer, on both splits.
    """
    negative, positive = (of_answer(asked.val, answer) for answer in (0, 1))
    quantiles = (negative, positive)
    entry: dict[str, Any] = {
        "name": asked.name,
        "validation": [quantile_told(q) for q in quantiles],
        "range": None,
        "available": all(q.known for q in quantiles),
    }
    if not entry["available"]:
        return entry
    rows = np.concatenate([drawn_of(asked.val, answer) for answer in (0, 1)])
    between = wrong_where_empty(asked.val.y[rows], asked.val.p[rows], negative, positive, asked.threshold)
    ends = undecided_range(negative, positive, asked.threshold, between)
    entry |= {"range": None if ends is None else list(ends), "empty": {"validation": between[1], "wrong": between[0]}}
    return entry | shown(asked.test, ends) | {"coverage": coverages(asked.test, quantiles)}


def of_answer(answers: Answers, answer: int) -> Quantile:
    """The quantile of the cases with one answer, one case drawn from each patient."""
    p = answers.p[drawn_of(answers, answer)]
    return conformal_quantile(1.0 - p if answer else p, ALPHA)


def drawn_of(answers: Answers, answer: int) -> Ints:
    """Rows of the cases with one answer, one case drawn from each patient."""
    mine = np.flatnonzero(answers.y == answer)
    return mine[one_each(answers.patients[mine], DRAWN)] if len(mine) else mine


def quantile_told(quantile: Quantile) -> dict[str, Any]:
    """A quantile as plain data."""
    return {
        "patients": quantile.n,
        "rank": quantile.k,
        "quantile": rounded(quantile.value) if quantile.known else None,
    }


def shown(test: Answers, ends: tuple[float, float] | None) -> dict[str, Any]:
    """How often the range leaves a test case undecided, in all and for each true answer, by patient.

    Each patient counts once, with the share of their pictures.
    """
    unsure = np.zeros(len(test.p)) if ends is None else ((test.p >= ends[0]) & (test.p <= ends[1])).astype(np.float64)
    share = {"undecided": rounded(by_patient(unsure, test.patients))}
    for answer, word in ((1, "positive"), (0, "negative")):
        mine = test.y == answer
        if mine.any():
            share[f"undecided_{word}"] = rounded(by_patient(unsure[mine], test.patients[mine]))
    return share


def by_patient(values: Floats, patients: Texts) -> float:
    """Mean over patients of the mean over their cases."""
    _, owner = np.unique(patients, return_inverse=True)
    return float((np.bincount(owner, weights=values) / np.bincount(owner)).mean())


def coverages(test: Answers, quantiles: tuple[Quantile, ...]) -> list[dict[str, Any]]:
    """Coverage on test of each answer, of all, and of each group that is not too small."""
    columns = np.column_stack((1.0 - test.p, test.p))
    held = sets(columns, quantiles)
    # a patient may have cases of both answers: one of each is drawn, as on validation
    keys = np.array([f"{patient}/{answer}" for patient, answer in zip(test.patients, test.y, strict=True)])
    chosen = one_each(keys, DRAWN)
    truth, inside, size = test.y[chosen], held[chosen, test.y[chosen]], held[chosen].sum(1)
    masks = {"negative": truth == 0, "positive": truth == 1, "all": np.ones(len(truth), dtype=np.bool_)}
    for column, values in test.groups.items():
        masks |= {f"{column} {group}": values[chosen] == group for group in np.unique(values).tolist()}
    rows = [row_of(name, truth[m], inside[m], size[m], quantiles) for name, m in masks.items() if m.any()]
    return [row for row in rows if row is not None]


def row_of(name: str, truth: Ints, inside: Any, size: Any, quantiles: tuple[Quantile, ...]) -> dict[str, Any] | None:
    """One row of the table; None of a group that is too small to tell."""
    if len(truth) < FEWEST and name not in {"negative", "positive", "all"}:
        return None
    found = coverage(inside, quantiles, truth)
    return {
        "group": name,
        "n": len(truth),
        "covered": found.covered,
        "coverage": [rounded(end) for end in (found.share.low, found.share.high)],
        "expected": list(found.expected),
        "verdict": found.verdict,
        "single": rounded(float((size == 1).mean())),
        "both": rounded(float((size > 1).mean())),
        "empty": rounded(float((size == 0).mean())),
    }


def several(trial: Trial) -> dict[str, Any] | None:
    """Sets over three or more labels that exclude each other; None where there are none."""
    labels = trial.recipe.model.labels
    if trial.recipe.model.activation == "sigmoid" or len(labels) < 3:
        return None
    drawn = {split: _drawn(trial, split) for split in ("val", "test")}
    quantiles = by_class(*drawn["val"], ALPHA)
    truth, p = drawn["test"]
    held, kept = sets(p, quantiles), [q.known for q in quantiles]
    rows = []
    for number, label in enumerate(labels):
        mine = truth == number
        row: dict[str, Any] = {"label": label, **quantile_told(quantiles[number]), "n": int(mine.sum())}
        if kept[number] and mine.any():
            found = coverage(held[mine, number], (quantiles[number],))
            row |= {"covered": found.covered, "expected": list(found.expected), "verdict": found.verdict}
        rows.append(row)
    size = held.sum(1)
    return {
        "classes": rows,
        "mean_size": rounded(float(size.mean())),
        "single": rounded(float((size == 1).mean())),
        "empty": rounded(float((size == 0).mean())),
    }


def _drawn(trial: Trial, split: str) -> tuple[Ints, Floats]:
    """Labels and probabilities, one case drawn from each patient within each label."""
    part = trial.splits[split]
    known = np.flatnonzero(part.labels != UNKNOWN)
    keys = np.array([f"{part.patients[n]}/{part.labels[n]}" for n in known])
    chosen = known[one_each(keys, DRAWN)]
    return part.labels[chosen], trial.probabilities(trial.found[split].logits[chosen])


def needed() -> int:
    """Patients of each answer that a range needs."""
    return least_cases(ALPHA)
