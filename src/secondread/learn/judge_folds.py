"""What the networks of a cross-validation say together: each of patients that it had not seen."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.engine.probabilities import calibrated
from secondread.learn.calibrate import fit_calibration
from secondread.learn.evaluate import LEAST, enough
from secondread.learn.examples import UNKNOWN, Examples
from secondread.learn.judge import RESAMPLES, SEED, interval, score, truth
from secondread.learn.judge_outlines import by_patient, choose, drawn, empty, told
from secondread.learn.predict import Predictions
from secondread.learn.recipe import Question, Recipe
from secondread.learn.smoothing import smoothed_along
from secondread.stats.auroc import auroc, compare_delong
from secondread.stats.bootstrap import bootstrap
from secondread.stats.calibration import ece
from secondread.stats.multilabel import cross_validated_auroc, macro_auroc
from secondread.stats.overlap import dice_of_patients, summarise

Floats = NDArray[np.float64]
SMOOTHED = "smoothed over neighbouring slices"


@dataclass(frozen=True, slots=True, eq=False)
class Left:
    """What is said of the patients left out of one training.

    Attributes:
        index: Their numbers among all that are judged.
        answers: The network's.
        shortcut: float64 [n, label] of the grey-level baseline trained on the same patients.
        alone: Name of a number to float64 [n, label] of a logistic regression on it; NaN where it is not known.
    """

    index: NDArray[np.intp]
    answers: Predictions
    shortcut: Floats
    alone: dict[str, Floats]


def judge_folds(
    recipe: Recipe, everything: Examples, fold: NDArray[np.int64], names: list[str], kept: list[Left]
) -> dict[str, Any]:
    """All folds together.

    Args:
        recipe: Names labels, structures and questions.
        everything: All examples that are judged.
        fold: int64 [n], of each.
        names: Of the folds.
        kept: One for each fold, in their order.
    """
    labels = recipe.model.labels
    blank = np.zeros((len(everything), len(labels)))
    logits, shortcut, alone = blank.copy(), blank.copy(), dict[str, Floats]()
    for part in kept:
        logits[part.index], shortcut[part.index] = part.answers.logits, part.shortcut
        for name, values in part.alone.items():
            alone.setdefault(name, np.full(blank.shape, np.nan))[part.index] = values
    probabilities = cross_fitted(recipe, everything, fold, logits) if labels else blank
    result: dict[str, Any] = {"questions": {}, "structures_found": {}, "groups": {}, "classes": None}
    for question in recipe.questions:
        result["questions"][question.name] = by_question(
            question, everything, labels, fold, probabilities, shortcut, alone
        )
    if labels and recipe.cross_validation.smooth:
        result[SMOOTHED] = smoothed(recipe, everything, fold, logits)
    if labels and recipe.model.activation == "sigmoid":
        result |= macros(recipe, everything, fold, probabilities)
    if kept[0].answers.outlines is not None:
        result["structures_found"] = structures(recipe, everything, fold, names, kept)
    return result


def cross_fitted(recipe: Recipe, everything: Examples, fold: NDArray[np.int64], logits: Floats) -> Floats:
    """Probabilities of each fold, calibrated on the other folds' answers."""
    activation, found = recipe.model.activation, np.zeros(logits.shape)
    for n in np.unique(fold):
        others = fold != n
        how = fit_calibration(recipe.train.calibration, logits[others], everything.labels[others], activation)
        found[~others] = calibrated(logits[~others], how, activation)
    return found


def smoothed(recipe: Recipe, everything: Examples, fold: NDArray[np.int64], logits: Floats) -> dict[str, Any]:
    """Areas of each question when slices answer together with their neighbours."""
    labels, order = recipe.model.labels, everything.numbers[recipe.cross_validation.smooth]
    together = smoothed_along(logits, everything.patients, order)
    probabilities = cross_fitted(recipe, everything, fold, together)
    found = {}
    for question in recipe.questions:
        y = truth(everything.labels, labels, question)
        found[question.name] = areas(y, score(probabilities, labels, question), everything.patients, fold)
    return found


def areas(y: NDArray[np.int64], p: Floats, patients: NDArray[np.str_], fold: NDArray[np.int64]) -> dict[str, Any]:
    """Areas over what is known: pooled, with the interval drawn by patient; of patients; and of each fold."""
    folds, known = np.unique(fold), y != UNKNOWN
    y, p, patients, fold = y[known], p[known], patients[known], fold[known]
    few = scarce(y, patients)
    area = None if few else bootstrap(auroc, patients, y, p, n=RESAMPLES, seed=SEED)
    return {
        "auroc": interval(area),
        "auroc_of_each_fold": [auroc(y[fold == n], p[fold == n]) for n in folds],
        "auroc_by_patient": of_patients(y, p, patients),
    }


def by_question(
    question: Question,
    everything: Examples,
    labels: tuple[str, ...],
    fold: NDArray[np.int64],
    probabilities: Floats,
    shortcut: Floats,
    alone: dict[str, Floats],
) -> dict[str, Any]:
    """Pooled over folds, with the interval drawn by patient, and fold by fold."""
    y = truth(everything.labels, labels, question)
    known = np.flatnonzero(y != UNKNOWN)
    p, patients = score(probabilities, labels, question), everything.patients
    found = areas(y, p, patients, fold)
    each = [value for value in found["auroc_of_each_fold"] if value is not None]
    return {
        "n": len(known),
        "positives": int((y[known] == 1).sum()),
        "positive_patients": len(np.unique(patients[known][y[known] == 1])),
        **found,
        "auroc_mean_of_folds": float(np.mean(each)) if each else None,
        "ece": None if scarce(y[known], patients[known]) else ece(y[known], p[known]),
        "shortcut": against(y, p, score(shortcut, labels, question), known, patients),
        "numbers_alone": {
            name: against(y, p, score(values, labels, question), known, patients) for name, values in alone.items()
        },
    }


def scarce(y: NDArray[np.int64], patients: NDArray[np.str_]) -> bool:
    """Whether fewer than two patients have an answer: then there is no interval."""
    return min(len(np.unique(patients[y == answer])) for answer in (0, 1)) < 2


def of_patients(y: NDArray[np.int64], p: Floats, patients: NDArray[np.str_]) -> dict[str, Any] | None:
    """Area of the largest probability of each patient; None where every patient is one case or all are alike."""
    names, owner = np.unique(patients, return_inverse=True)
    ill, highest = np.zeros(len(names), dtype=np.int64), np.zeros(len(names))
    np.maximum.at(ill, owner, y)
    np.maximum.at(highest, owner, p)
    if len(names) == len(y) or scarce(ill, names):
        return None
    return interval(bootstrap(auroc, names, ill, highest, n=RESAMPLES, seed=SEED))


def against(
    y: NDArray[np.int64], p: Floats, other: Floats, known: NDArray[np.intp], patients: NDArray[np.str_]
) -> dict[str, Any]:
    """Area of something simpler on the cases where it has an answer, and the paired difference by patient."""
    here = known[np.isfinite(other[known])]
    if scarce(y[here], patients[here]):
        return {"n": len(here), "auroc": None, "difference": None, "p": None}

    def less(truth_: Any, ours: Any, theirs: Any) -> float | None:
        a, b = auroc(truth_, ours), auroc(truth_, theirs)
        return None if a is None or b is None else a - b

    gap = bootstrap(less, patients[here], y[here], p[here], other[here], n=RESAMPLES, seed=SEED)
    return {
        "n": len(here),
        "auroc": interval(bootstrap(auroc, patients[here], y[here], other[here], n=RESAMPLES, seed=SEED)),
        "difference": interval(gap),
        "p": compare_delong(y[here], p[here], other[here]).p,
    }


def macros(recipe: Recipe, everything: Examples, fold: NDArray[np.int64], probabilities: Floats) -> dict[str, Any]:
    """Mean area over independent labels, over all cases and within each group."""
    labels = recipe.model.labels
    known = np.flatnonzero((everything.labels != UNKNOWN).all(1))
    if not enough(everything.labels[known]):
        return {"classes": {"macro_auroc": None, "least": LEAST, "labels": {}, "not_judged": list(labels)}}
    whole = cross_validated_auroc(
        everything.labels[known], probabilities[known], everything.patients[known], fold[known], labels,
        least=LEAST, n=RESAMPLES, seed=SEED,
    )  # fmt: skip
    groups = {}
    for column, values in everything.groups.items():
        for value in np.unique(values[known]):
            mine = known[values[known] == value]
            y = everything.labels[mine]
            if enough(y):
                area = macro_auroc(
                    y, probabilities[mine], everything.patients[mine], labels, least=LEAST, n=RESAMPLES, seed=SEED
                )
                groups[f"{column} {value}"] = area_rows(area)
    return {"classes": area_rows(whole.pooled) | {"mean_of_folds": interval(whole.averaged.macro)}, "groups": groups}


def area_rows(area: Any) -> dict[str, Any]:
    """A macro area as plain data."""
    return {
        "macro_auroc": interval(area.macro),
        "least": area.least,
        "labels": {
            row.label: {"positives": row.positives, "negatives": row.negatives, "auroc": interval(row.auroc)}
            for row in area.labels
        },
        "not_judged": list(area.excluded),
    }


def structures(
    recipe: Recipe, everything: Examples, fold: NDArray[np.int64], names: list[str], kept: list[Left]
) -> dict[str, Any]:
    """Dice by patient over all folds together and in each of them, and what was drawn on empty cases."""
    assert everything.masks is not None
    outlines = np.zeros((len(everything), len(recipe.model.structures), *everything.masks.shape[1:]), np.uint8)
    for part in kept:
        outlines[part.index] = part.answers.outlines
    found = np.zeros(outlines.shape, dtype=np.bool_)
    for n in np.unique(fold):
        others = fold != n
        threshold = choose(everything.masks[others], outlines[others])
        for k in range(outlines.shape[1]):
            found[fold == n, k] = drawn(outlines[fold == n], k, threshold)
    result = {}
    for n, name in enumerate(recipe.model.structures):
        true, mine = everything.masks == 1 + n, found[:, n]
        has = true.reshape(len(true), -1).any(1)
        if not has.any():
            continue
        people, values = dice_of_patients(mine[has], true[has], everything.patients[has])
        result[name] = {
            "by_patient": by_patient(mine, true, everything.patients),
            "by_patient_where_it_is": told(summarise(values, people, n=RESAMPLES, seed=SEED)),
            "empty": empty(mine[~has]),
            "folds": [
                {"name": fold_name, **of_fold(mine[part.index], true[part.index], everything.patients[part.index])}
                for fold_name, part in zip(names, kept, strict=True)
            ],
        }
    return result


def of_fold(found: NDArray[np.bool_], true: NDArray[np.bool_], patients: NDArray[np.str_]) -> dict[str, Any]:
    """Mean and median Dice by patient of one fold."""
    names, values = dice_of_patients(found, true, patients)
    ill = np.isin(names, np.unique(patients[true.reshape(len(true), -1).any(1)]))
    chosen = np.array(values)[ill]
    if not len(chosen):
        return {"patients": 0, "mean": None, "median": None}
    return {"patients": len(chosen), "mean": float(chosen.mean()), "median": float(np.median(chosen))}
