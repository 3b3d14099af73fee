"""A bundle on a set of another source, all of it unseen; calibration and thresholds stay as validation fixed them."""

from pathlib import Path
from typing import Any

import numpy as np

from secondread.learn.data import load_set
from secondread.learn.examples import UNKNOWN
from secondread.learn.judge import interval, judge, score, too_few, truth
from secondread.learn.judge_marks import at_threshold, marked, threshold_of
from secondread.learn.judge_outlines import judge_outline
from secondread.learn.manifest import SPLITS
from secondread.learn.predict import predict
from secondread.learn.recipe import DataSet, Question
from secondread.learn.trial import Trial
from secondread.stats.auroc import delong
from secondread.stats.marks import Marks


def judge_external(item: DataSet, trial: Trial, data_root: Path) -> dict[str, Any]:
    """Every split of a set that no part of the training saw."""
    recipe = trial.recipe
    there = load_set(item, recipe, data_root, SPLITS, judged=True)
    found = predict(trial.session, there)
    result: dict[str, Any] = {
        "data": {"path": item.path, "sha256": item.sha256},
        "pictures": len(there),
        "patients": len(np.unique(there.patients)),
        "questions": {},
        "structures_found": {},
        "marks": {},
    }
    if recipe.model.labels and recipe.model.activation == "softmax":
        result["called"] = called(recipe.model.labels, found.logits)
    for question in recipe.questions:
        part = question_there(question, trial, there.labels, found.logits, there.patients)
        if part is not None:
            result["questions"][question.name] = part
    if found.outlines is None:
        return result
    for n, name in enumerate(recipe.model.structures):
        if there.masks is not None and (there.masks == 1 + n).any():
            result["structures_found"][name] = judge_outline(there, found.outlines, n, trial.outline_threshold())
    for mark in recipe.marks:
        n, val = recipe.model.structures.index(mark.structure), trial.found["val"].outlines
        assert val is not None
        threshold = threshold_of(marked(trial.splits["val"], val, n), mark.rate)
        here = marked(there, found.outlines, n)
        result["marks"][mark.structure] = {
            "at_threshold": at_threshold(here, threshold),
            "tells_the_source": tells_the_source(marked(trial.splits["test"], outlines_of(trial), n), here),
        }
    return result


def called(labels: tuple[str, ...], logits: np.ndarray) -> dict[str, int]:
    """How many pictures each label is the most probable of."""
    counts = np.bincount(logits.argmax(1), minlength=len(labels))
    return {label: int(count) for label, count in zip(labels, counts, strict=True)}


def outlines_of(trial: Trial) -> np.ndarray:
    """What was drawn on the test split."""
    found = trial.found["test"].outlines
    assert found is not None
    return found


def tells_the_source(ours: list[Marks], theirs: list[Marks]) -> dict[str, Any] | None:
    """Area under the curve of the strongest mark for telling the test split from another source's pictures.

    Where those pictures are healthy and ours are not, disease and hospital cannot be told apart: this is the most that
    disease can explain, and all of it may be the hospital.
    """
    highest = [float(part.scores.max(initial=0.0)) for part in (*ours, *theirs)]
    return interval(delong(np.repeat([1, 0], [len(ours), len(theirs)]), np.array(highest)))


def question_there(
    question: Question, trial: Trial, labels: np.ndarray, logits: np.ndarray, patients: np.ndarray
) -> dict[str, Any] | None:
    """One question on that set; None where it holds fewer than two cases of an answer."""
    y = truth(labels, trial.recipe.model.labels, question)
    known = y != UNKNOWN
    if too_few(y[known]):
        return None
    p, raw = trial.yes(logits[known], question), score(trial.raw(logits[known]), trial.recipe.model.labels, question)
    return judge(y[known], p, raw, patients[known], trial.threshold(question))
