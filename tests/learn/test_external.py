"""A set of another source, and numbers alone, judged by a session that answers what the pictures say."""

from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

import toy
import toy_tasks
from secondread.core.card import Calibration
from secondread.core.output import Output
from secondread.learn.data import load
from secondread.learn.external import judge_external
from secondread.learn.numbers_alone import AREA, columns, log_area, numbers_alone
from secondread.learn.predict import predict
from secondread.learn.recipe import Recipe, read_recipe
from secondread.learn.trial import Trial

pytestmark = pytest.mark.usefixtures("_fewer_draws")


@pytest.fixture
def _fewer_draws(monkeypatch):
    for module in ("judge", "judge_outlines", "judge_marks"):
        monkeypatch.setattr(f"secondread.learn.{module}.RESAMPLES", 40)


@dataclass(frozen=True)
class Threshold:
    """Stands for a network: what is bright is a spot, and many bright places make a large one."""

    engine: str = "a rule"

    def run(self, batch: np.ndarray) -> Output:
        bright = (batch[:, 0] > 0.6).astype(np.float32)
        size = bright.sum((1, 2))
        logits = np.stack([np.zeros_like(size), (size - 60) / 20], 1)
        outline = np.stack([np.zeros_like(bright), 12 * bright - 6], 1)
        cam = np.zeros((len(batch), 2, 1, 1), np.float32)
        return Output(logits, cam, np.ones((len(batch), 3), np.float32), outline)


def trial_of(recipe: Recipe, root) -> Trial:
    splits = {name: load(recipe, root, name) for name in ("train", "val", "test")}
    found = {name: predict(Threshold(), splits[name]) for name in ("val", "test")}
    return Trial(recipe, splits, Threshold(), found, {}, [], np.zeros((0, 2)), Calibration("temperature", 1.0, "x"))


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sets")
    toy_tasks.make_outlines(folder)
    toy_tasks.make_outlines(folder, "other", {"train": 12, "test": 6})
    return folder


def recipe_of(root, **more: object) -> Recipe:
    item = toy_tasks.OUTLINES["data"]
    from secondread.learn.manifest import fingerprint

    external = [{"path": "other", "sha256": fingerprint(root / "other"), **item, **more}]
    return read_recipe(toy_tasks.write_recipe(root / "outlines", toy_tasks.OUTLINES | {"external": external}))


def test_all_splits_of_another_source_are_judged_with_what_validation_fixed(root):
    recipe = recipe_of(root)
    trial = trial_of(recipe, root)
    part = judge_external(recipe.external[0], trial, root)
    assert (part["pictures"], part["patients"]) == (18, 9)
    spot = part["structures_found"]["spot"]
    assert (spot["threshold"], spot["cases"]) == (trial.outline_threshold(), 12)
    assert spot["dice"]["mean"]["value"] > 0.9
    large = part["questions"]["large"]
    assert large["threshold"] == trial.threshold(recipe.questions[0])
    assert (large["n"], large["positives"], large["auroc"]["value"]) == (12, 6, 1.0)
    marks = part["marks"]["spot"]["at_threshold"]
    assert (marks["lesions"], marks["lesions_found"], marks["images"]) == (12, 12, 18)


def test_rows_of_another_source_that_are_not_to_be_judged_are_left_out(root):
    recipe = recipe_of(root, judge_only={"site": ["north"]})
    part = judge_external(recipe.external[0], trial_of(recipe, root), root)
    assert part["pictures"] == sum(row["site"] == "north" for row in toy.read_manifest(root / "other"))


def test_a_source_without_labels_and_masks_tells_of_false_marks_only(root):
    bare = {"mask": "", "mask_values": {}, "classes": {}, "unlabelled": True}
    recipe = recipe_of(root, **bare)
    part = judge_external(recipe.external[0], trial_of(recipe, root), root)
    assert (part["questions"], part["structures_found"]) == ({}, {})
    assert part["marks"]["spot"]["at_threshold"]["sensitivity"] is None
    assert part["marks"]["spot"]["at_threshold"]["false_marks"] >= 12


def test_the_area_of_the_mask_alone_is_a_regression_fitted_on_training(root):
    recipe = recipe_of(root)
    trial, question = trial_of(recipe, root), recipe.questions[0]
    known = trial.known("test", question)
    found = numbers_alone(question, trial, known)[AREA]
    train, test = trial.splits["train"], trial.splits["test"]
    assert train.masks is not None
    assert test.masks is not None
    here, told = log_area(test.masks)[known], train.labels >= 0
    scale = StandardScaler().fit(log_area(train.masks)[told, None])
    model = LogisticRegression(max_iter=2000).fit(
        scale.transform(log_area(train.masks)[told, None]), train.labels[told]
    )
    q = model.predict_proba(scale.transform(here[:, None]))[:, 1]
    assert found["n"] == len(known)
    assert found["auroc"]["value"] == pytest.approx(roc_auc_score(test.labels[known], q))
    assert found["difference"] == pytest.approx(found["network"]["value"] - found["auroc"]["value"])


def test_an_empty_mask_has_no_area(root):
    train = load(recipe_of(root), root, "train")
    before, _ = columns(train, train)[AREA]
    assert train.masks is not None
    assert (np.isnan(before) == ~train.masks.any((1, 2))).all()
    assert np.exp(before[~np.isnan(before)]) == pytest.approx(train.masks[~np.isnan(before)].sum((1, 2)))
