"""A bundle on a set of another source, all of it unseen; calibration and thresholds stay as validation fixed them."""

from pathlib import Path
from typing import Any

import numpy as np

from secondread.learn.data import load_set
from secondread.learn.examples import UNKNOWN
from secondread.learn.judge import interval, judge, score, truth
from secondread.learn.judge_marks import at_threshold, judge_marks, marked
from secondread.learn.judge_outlines import judge_outline
from secondread.learn.manifest import SPLITS
from secondread.learn.predict import predict
from secondread.learn.recipe import DataSet, Question
from secondread.learn.trial import Trial
from secondread.stats.auroc import delong


def judge_external(item: DataSet, trial: Trial, data_root: Path) -> dict[str, Any]:
    """Every split of a set that no part of the training saw."""
    recipe = trial.recipe
    there = load_set(item, recipe, data_root, SPLITS)
    found = predict(trial.session, there)
    result: dict[str, Any] = {
        "data": {"path": item.path, "sha256": item.sha256},
        "pictures": len(there),
        "patients": len(np.unique(there.patients)),
        "questions": {},
        "structures_found": {},
        "marks": {},
    }
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
        fixed = judge_marks(marked(trial.splits["val"], val[:, n]), marked(trial.splits["val"], val[:, n]), mark.rate)
        here = marked(there, found.outlines[:, n])
        result["marks"][mark.structure] = {"at_threshold": at_threshold(here, fixed["threshold"])}
    return result


def question_there(
    question: Question, trial: Trial, labels: np.ndarray, logits: np.ndarray, patients: np.ndarray
) -> dict[str, Any] | None:
    """One question on that set; None where it holds not both answers."""
    y = truth(labels, trial.recipe.model.labels, question)
    known = y != UNKNOWN
    if len(np.unique(y[known])) < 2:
        return None
    p, raw = trial.yes(logits[known], question), score(trial.raw(logits[known]), trial.recipe.model.labels, question)
    return judge(y[known], p, raw, patients[known], trial.threshold(question)) | {
        "auroc": interval(delong(y[known], p))
    }
