"""Figures from networks that had not seen the patient: every patient is left out once."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from secondread.engine.probabilities import calibrated
from secondread.learn.calibrate import fit_calibration
from secondread.learn.data import load_set
from secondread.learn.evaluate import CROSS_VALIDATION_FILE, LEAST
from secondread.learn.examples import UNKNOWN, Examples, join, take
from secondread.learn.folds import fold_of
from secondread.learn.judge import RESAMPLES, SEED, interval, score, truth
from secondread.learn.judge_outlines import choose, drawn, empty, told
from secondread.learn.loop import Progress, fit
from secondread.learn.manifest import SPLITS
from secondread.learn.network import Mirrored
from secondread.learn.numbers_alone import columns
from secondread.learn.predict import Predictions, outline_bytes
from secondread.learn.recipe import Question, Recipe
from secondread.learn.shortcut import from_numbers, shortcut_probabilities
from secondread.learn.statistics import batch_size, layout
from secondread.stats.auroc import auroc, compare_delong
from secondread.stats.bootstrap import bootstrap
from secondread.stats.calibration import ece
from secondread.stats.multilabel import cross_validated_auroc, macro_auroc
from secondread.stats.overlap import dice_of_patients, summarise

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Left:
    """What is said of the patients left out of one training.

    Attributes:
        index: Their numbers in the whole set.
        answers: The network's.
        shortcut: float64 [n, label] of the grey-level baseline trained on the same patients.
        alone: Name of a number to float64 [n, label] of a logistic regression on it; NaN where it is not known.
    """

    index: NDArray[np.intp]
    answers: Predictions
    shortcut: Floats
    alone: dict[str, Floats]


def cross_validate(recipe: Recipe, data_root: Path, out: Path, progress: Progress) -> dict[str, Any]:
    """Train one network for each fold on the patients of the others, and judge what they say of those left out.

    All splits of the manifest are used, so these networks are not the one that ships; they tell how well its recipe
    does. A fold's calibration and the threshold of its masks come from what other networks said of the patients left
    out of them. Where training may stop early, the next fold is kept aside for that.

    Args:
        recipe: Its ``cross_validation`` says how.
        data_root: Folder that holds the data sets.
        out: Folder for checkpoints; the result is written there too.
        progress: Called with events.
    """
    plan = recipe.cross_validation
    recipe = replace(recipe, train=replace(recipe.train, epochs=plan.epochs or recipe.train.epochs))
    everything = join([load_set(item, recipe, data_root, SPLITS) for item in recipe.data])
    fold, names = fold_of(everything, plan)
    kept = []
    for n, name in enumerate(names):
        kept.append(leave_out(recipe, everything, fold, n, out / f"fold-{n + 1}", data_root, progress))
        progress({"event": "fold", "name": name, "of": len(names)})
    result = {"folds": len(names), "by": plan.by or "patients drawn at random", "seed": plan.seed}
    result |= judge_folds(recipe, everything, fold, names, kept)
    text = json.dumps(result, indent=1, sort_keys=True, allow_nan=False) + "\n"
    (out / CROSS_VALIDATION_FILE).write_text(text, encoding="utf-8")
    return result


def leave_out(
    recipe: Recipe,
    everything: Examples,
    fold: NDArray[np.int64],
    n: int,
    out: Path,
    data_root: Path,
    progress: Progress,
) -> Left:
    """The network and the baselines of one fold, and what they say of it."""
    aside = (n + 1) % (fold.max() + 1) if recipe.train.patience else n
    train = take(everything, np.flatnonzero((fold != n) & (fold != aside)))
    splits = {"train": train, "plain": train, "val": take(everything, np.flatnonzero(fold == aside))}
    network = fit(recipe, recipe.train.seeds[0], splits, out / "checkpoint.pt", progress, data_root)
    network = Mirrored(network) if recipe.train.mirror else network
    index = np.flatnonzero(fold == n)
    test, labels = take(everything, index), len(recipe.model.labels)
    alone = {name: number_alone(pair, train, labels) for name, pair in columns(train, test).items()}
    shortcut = shortcut_probabilities(train, test, labels)
    return Left(index, run(network, test, recipe), shortcut, alone if labels else {})


def number_alone(pair: tuple[Floats, Floats], train: Examples, labels: int) -> Floats:
    """Probabilities [n, label] from one number; NaN where it is not known."""
    before, now = pair
    told_, here = np.isfinite(before), np.isfinite(now)
    out = np.full((len(now), labels), np.nan)
    if labels:
        out[here] = from_numbers(before[told_, None], train.labels[told_], now[here, None], labels)
    return out


@torch.no_grad()
def run(network: nn.Module, examples: Examples, recipe: Recipe) -> Predictions:
    """A network over a split, without the detour through a file."""
    logits, outlines, size = [], [], batch_size(examples)
    for start in range(0, len(examples), size):
        found = network.eval()(layout(torch.from_numpy(examples.batch(slice(start, start + size)))))
        if recipe.model.labels:
            logits.append(found[0].numpy())
        if recipe.model.structures:
            outlines.append(outline_bytes(found[-1].numpy()))
    blank = np.zeros((len(examples), 0))
    return Predictions(
        np.concatenate(logits).astype(np.float64) if logits else blank,
        np.zeros((len(examples), 0, 1, 1), np.float32),
        np.zeros((len(examples), 1), np.float32),
        np.concatenate(outlines) if outlines else None,
    )


def judge_folds(
    recipe: Recipe, everything: Examples, fold: NDArray[np.int64], names: list[str], kept: list[Left]
) -> dict[str, Any]:
    """All folds together."""
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
    each = [auroc(y[known][fold[known] == n], p[known][fold[known] == n]) for n in np.unique(fold)]
    found = [value for value in each if value is not None]
    return {
        "n": len(known),
        "positives": int((y[known] == 1).sum()),
        "positive_patients": len(np.unique(patients[known][y[known] == 1])),
        "auroc": interval(bootstrap(auroc, patients[known], y[known], p[known], n=RESAMPLES, seed=SEED)),
        "auroc_of_each_fold": each,
        "auroc_mean_of_folds": float(np.mean(found)) if found else None,
        "auroc_by_patient": of_patients(y[known], p[known], patients[known]),
        "ece": ece(y[known], p[known]),
        "shortcut": against(y, p, score(shortcut, labels, question), known, patients),
        "numbers_alone": {
            name: against(y, p, score(values, labels, question), known, patients) for name, values in alone.items()
        },
    }


def of_patients(y: NDArray[np.int64], p: Floats, patients: NDArray[np.str_]) -> dict[str, Any] | None:
    """Area of the largest probability of each patient; None where every patient is one case or all are alike."""
    names, owner = np.unique(patients, return_inverse=True)
    ill, highest = np.zeros(len(names), dtype=np.int64), np.zeros(len(names))
    np.maximum.at(ill, owner, y)
    np.maximum.at(highest, owner, p)
    if len(names) == len(y) or len(np.unique(ill)) < 2:
        return None
    return interval(bootstrap(auroc, names, ill, highest, n=RESAMPLES, seed=SEED))


def against(
    y: NDArray[np.int64], p: Floats, other: Floats, known: NDArray[np.intp], patients: NDArray[np.str_]
) -> dict[str, Any]:
    """Area of something simpler on the cases where it has an answer, and the paired difference by patient."""
    here = known[np.isfinite(other[known])]
    if len(np.unique(y[here])) < 2:
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
    whole = cross_validated_auroc(
        everything.labels[known], probabilities[known], everything.patients[known], fold[known], labels,
        least=LEAST, n=RESAMPLES, seed=SEED,
    )  # fmt: skip
    groups = {}
    for column, values in everything.groups.items():
        for value in np.unique(values[known]):
            mine = known[values[known] == value]
            y = everything.labels[mine]
            if (np.minimum(y.sum(0), (1 - y).sum(0)) >= LEAST).any():
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
        others = np.flatnonzero(fold != n)
        threshold = choose(take(everything, others), outlines[others])
        for k in range(outlines.shape[1]):
            found[fold == n, k] = drawn(outlines[fold == n], k, threshold)
    result = {}
    for n, name in enumerate(recipe.model.structures):
        true, mine = everything.masks == 1 + n, found[:, n]
        has = true.reshape(len(true), -1).any(1)
        people, values = dice_of_patients(mine[has], true[has], everything.patients[has])
        whole, all_values = dice_of_patients(mine, true, everything.patients)
        ill = np.isin(whole, people)
        result[name] = {
            "by_patient": told(summarise(np.array(all_values)[ill].tolist(), whole[ill], n=RESAMPLES, seed=SEED)),
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
