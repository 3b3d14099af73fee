"""What the networks of a cross-validation say together, on answers made up for it."""

import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import toy_tasks
from secondread.engine.probabilities import calibrated
from secondread.learn.calibrate import fit_calibration
from secondread.learn.examples import UNKNOWN, Examples
from secondread.learn.judge_folds import Left, cross_fitted, judge_folds
from secondread.learn.predict import Predictions
from secondread.learn.recipe import Recipe, build

N, FOLDS = 90, 3


@pytest.fixture(autouse=True)
def _fewer_draws(monkeypatch):
    monkeypatch.setattr("secondread.learn.judge_folds.RESAMPLES", 40)


def recipe_of(
    activation: str = "softmax", structures: tuple[str, ...] = (), labels: tuple[str, ...] = ("a", "b")
) -> Recipe:
    base = {name: part for name, part in toy_tasks.BASE.items() if name != "schema"}
    model = base["model"] | {"labels": list(labels), "activation": activation, "structures": list(structures)}
    questions = [{"name": f"is {label}", "positive": [label]} for label in labels[-1:]]
    return build(Recipe, base | {"model": model, "data": [], "questions": questions}, "a test")


def examples_of(labels: np.ndarray, masks: np.ndarray | None = None, patients: np.ndarray | None = None) -> Examples:
    names = np.array([f"p{n:03d}" for n in range(len(labels))])
    black = np.zeros((len(labels), 1, 2, 2), np.uint8)
    return Examples(black, labels, names if patients is None else patients, {}, names, masks=masks)


def left(fold: np.ndarray, logits: np.ndarray, outlines: np.ndarray | None = None, **alone: np.ndarray) -> list[Left]:
    kept = []
    for n in range(FOLDS):
        index = np.flatnonzero(fold == n)
        nothing = np.zeros((len(index), 1), np.float32)
        part = None if outlines is None else outlines[index]
        answers = Predictions(logits[index], np.zeros((len(index), 0, 1, 1), np.float32), nothing, part)
        even = np.full((len(index), logits.shape[1]), 0.5)
        kept.append(Left(index, answers, even, {name: values[index] for name, values in alone.items()}))
    return kept


@pytest.fixture
def told() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(6)
    labels, fold = np.arange(N) % 2, np.repeat(np.arange(FOLDS), N // FOLDS)
    logits = np.stack([np.zeros(N), random.normal(0, 1.5, N) + 1.5 * labels], 1)
    return labels, fold, logits


def test_each_fold_is_calibrated_by_what_was_said_of_the_others(told):
    labels, fold, logits = told
    recipe, whole = recipe_of(), examples_of(told[0])
    found = cross_fitted(recipe, whole, fold, logits)
    for n in range(FOLDS):
        how = fit_calibration("temperature", logits[fold != n], labels[fold != n])
        assert found[fold == n] == pytest.approx(calibrated(logits[fold == n], how))
    changed = labels.copy()
    changed[fold == 1] = 1 - changed[fold == 1]  # a fold's own labels say nothing to its own calibration
    again = cross_fitted(recipe, examples_of(changed), fold, logits)
    assert (again[fold == 1] == found[fold == 1]).all()
    assert (again[fold != 1] != found[fold != 1]).any()


def test_a_question_is_judged_over_all_folds_in_each_and_beside_what_is_simpler(told):
    labels, fold, logits = told
    age = np.stack([1 - labels, labels], 1) * 0.2 + 0.4
    age[:10] = np.nan
    result = judge_folds(recipe_of(), examples_of(labels), fold, ["1", "2", "3"], left(fold, logits, age=age))
    part = result["questions"]["is b"]
    areas = [roc_auc_score(labels[fold == n], logits[fold == n, 1]) for n in range(FOLDS)]
    assert part["auroc_of_each_fold"] == pytest.approx(areas)
    assert part["auroc_mean_of_folds"] == pytest.approx(np.mean(areas))
    pooled = cross_fitted(recipe_of(), examples_of(labels), fold, logits)[:, 1]
    assert part["auroc"]["value"] == pytest.approx(roc_auc_score(labels, pooled))
    assert (part["n"], part["positives"], part["auroc_by_patient"]) == (N, N // 2, None)
    assert part["shortcut"]["auroc"]["value"] == 0.5
    alone = part["numbers_alone"]["age"]
    assert (alone["n"], alone["auroc"]["value"]) == (N - 10, 1.0)
    assert alone["difference"]["value"] == pytest.approx(roc_auc_score(labels[10:], pooled[10:]) - 1.0)
    json.dumps(result, allow_nan=False)


def test_patients_are_judged_by_their_highest_probability(told):
    labels, fold, logits = told
    patients = np.array([f"p{n // 5}" for n in range(N)])
    labels = np.where(np.arange(N) % 10 == 3, 1, 0)
    result = judge_folds(recipe_of(), examples_of(labels, patients=patients), fold, ["1", "2", "3"], left(fold, logits))
    pooled = cross_fitted(recipe_of(), examples_of(labels, patients=patients), fold, logits)[:, 1]
    ill, highest = labels.reshape(-1, 5).max(1), pooled.reshape(-1, 5).max(1)
    part = result["questions"]["is b"]
    assert part["auroc_by_patient"]["value"] == pytest.approx(roc_auc_score(ill, highest))
    assert part["positive_patients"] == ill.sum()


def test_a_question_with_one_positive_patient_has_no_figure_and_no_not_a_number(told):
    _, fold, logits = told
    labels = np.zeros(N, np.int64)
    labels[4], labels[5] = 1, UNKNOWN
    result = judge_folds(recipe_of(), examples_of(labels), fold, ["1", "2", "3"], left(fold, logits))
    part = result["questions"]["is b"]
    assert (part["n"], part["auroc"], part["ece"], part["shortcut"]["auroc"]) == (N - 1, None, None, None)
    json.dumps(result, allow_nan=False)


def test_independent_labels_have_a_mean_area_over_what_is_known_and_enough(told):
    labels, fold, logits = told
    many = np.stack([labels, (np.arange(N) % 3 == 0).astype(int), (np.arange(N) < 4).astype(int)], 1)
    many[7, 1] = UNKNOWN
    scores = np.column_stack([logits, np.zeros(N)])
    recipe = recipe_of("sigmoid", labels=("a", "b", "c"))
    result = judge_folds(recipe, examples_of(many), fold, ["1", "2", "3"], left(fold, scores))
    pooled, known = cross_fitted(recipe, examples_of(many), fold, scores), np.arange(N) != 7
    areas = [roc_auc_score(many[known, k], pooled[known, k]) for k in (0, 1)]
    assert result["classes"]["macro_auroc"]["value"] == pytest.approx(np.mean(areas))
    assert result["classes"]["not_judged"] == ["c"]
    few = np.where(np.arange(N)[:, None] < 3, 1, 0) * np.ones((1, 3), int)
    none = judge_folds(recipe, examples_of(few), fold, ["1", "2", "3"], left(fold, scores))
    assert none["classes"]["macro_auroc"] is None


def test_outlines_are_judged_by_patient_at_a_threshold_that_other_folds_set():
    patients = np.array([f"p{n // 2}" for n in range(12)])
    fold = np.repeat(np.arange(FOLDS), 4)
    true = np.zeros((12, 10, 10), np.uint8)
    true[::2, 2:6, 2:6] = 1  # the second picture of each patient is empty
    outlines = np.where(true, 150, 20).astype(np.uint8)[:, None]
    outlines[4, 0, 6:8, 2:6] = 150  # half as much again, in the second fold
    outlines[5, 0, 0, :4] = 150  # and on an empty picture of the same patient
    whole = examples_of(np.full(12, UNKNOWN), true, patients)
    nothing = np.zeros((12, 0))
    result = judge_folds(
        recipe_of(structures=("x",), labels=()), whole, fold, ["1", "2", "3"], left(fold, nothing, outlines)
    )
    part = result["structures_found"]["x"]
    dices = [1, 1, 2 * 16 / (16 + 28), 1, 1, 1]
    assert part["by_patient"]["mean"]["value"] == pytest.approx(np.mean(dices))
    where = [1, 1, 2 * 16 / (16 + 24), 1, 1, 1]
    assert part["by_patient_where_it_is"]["mean"]["value"] == pytest.approx(np.mean(where))
    assert [row["mean"] for row in part["folds"]] == pytest.approx([1.0, np.mean(dices[2:4]), 1.0])
    assert (part["empty"]["cases"], part["empty"]["drawn_on"]) == (6, 1)
    json.dumps(result, allow_nan=False)
