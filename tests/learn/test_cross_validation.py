"""Folds: who learns, who is kept aside, who is judged. Training itself is replaced by a network that learns nothing."""

import json

import numpy as np
import pytest

import toy
import toy_tasks

torch = pytest.importorskip("torch")

from secondread.core.errors import ManifestError  # noqa: E402 - torch decides whether this file runs
from secondread.learn.cross_validation import cross_validate  # noqa: E402
from secondread.learn.network import network_of  # noqa: E402
from secondread.learn.recipe import read_recipe  # noqa: E402

COUNTS = {"train": 24, "val": 12, "test": 12}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return toy_tasks.make_outlines(tmp_path_factory.mktemp("sets"), counts=COUNTS)


@pytest.fixture
def trainings(monkeypatch):
    """What each training was given."""
    seen = []

    def fit(recipe, seed, splits, checkpoint, _progress, _root):
        seen.append((recipe, seed, splits, checkpoint))
        torch.manual_seed(0)
        return network_of(recipe).eval()

    monkeypatch.setattr("secondread.learn.cross_validation.fit", fit)
    monkeypatch.setattr("secondread.learn.judge_folds.RESAMPLES", 20)
    return seen


def run(folder, out, plan, **more):
    tables = toy_tasks.OUTLINES | {"cross_validation": plan} | more
    recipe = read_recipe(toy_tasks.write_recipe(folder, tables))
    out.mkdir(exist_ok=True)
    return cross_validate(recipe, folder.parent, out, lambda _event: None)


def patients(part):
    return set(part.patients.tolist())


def test_nobody_is_judged_by_a_network_that_saw_them_and_everybody_is_judged_once(folder, tmp_path, trainings):
    result = run(folder, tmp_path, {"folds": 4, "epochs": 7})
    everyone = {f"outlines/{row['patient']}" for row in toy.read_manifest(folder)}
    assert len(trainings) == result["folds"] == 4
    left = [everyone - patients(splits["train"]) for _, _, splits, _ in trainings]
    assert sorted(patient for fold in left for patient in fold) == sorted(everyone)
    assert {recipe.train.epochs for recipe, *_ in trainings} == {7}
    assert len({checkpoint for *_, checkpoint in trainings}) == 4
    for _, _, splits, _ in trainings:
        assert patients(splits["plain"]) == patients(splits["train"])
    assert result["questions"]["large"]["n"] == sum(row["label"] != "none" for row in toy.read_manifest(folder))
    assert json.loads((tmp_path / "cross-validation.json").read_text(encoding="utf-8")) == result


def test_where_training_may_stop_early_another_fold_is_kept_aside_for_that(folder, tmp_path, trainings):
    run(folder, tmp_path, {"folds": 4}, train={"patience": 2})
    everyone = {f"outlines/{row['patient']}" for row in toy.read_manifest(folder)}
    for _, _, splits, _ in trainings:
        aside, learnt = patients(splits["val"]), patients(splits["train"])
        judged = everyone - aside - learnt
        assert aside
        assert judged
        assert not aside & learnt


def test_a_column_of_two_values_is_too_few_where_one_is_kept_aside(folder, tmp_path, trainings):
    data = toy_tasks.OUTLINES["data"] | {"groups": ["sex"]}
    with pytest.raises(ManifestError, match=r"by 'sex': found 2 values of it, needed three.*train\.patience"):
        run(folder, tmp_path, {"by": "sex"}, data=data, train={"patience": 2})
    assert not trainings


def test_a_column_names_the_folds(folder, tmp_path, trainings):
    result = run(folder, tmp_path, {"by": "site"})
    assert [row["name"] for row in result["structures_found"]["spot"]["folds"]] == [
        f"site {site}" for site in toy_tasks.SITES
    ]
    for (_, _, splits, _), site in zip(trainings, sorted(toy_tasks.SITES), strict=True):
        assert set(splits["train"].groups["site"].tolist()) == set(toy_tasks.SITES) - {site}


def test_rows_that_only_training_sees_teach_and_are_not_judged(folder, tmp_path, trainings):
    data = toy_tasks.OUTLINES["data"] | {"judge_only": {"sex": ["F"]}, "groups": ["sex"]}
    result = run(folder, tmp_path, {"folds": 3}, data=data)
    rows = toy.read_manifest(folder)
    assert result["questions"]["large"]["n"] == sum(row["sex"] == "F" and row["label"] != "none" for row in rows)
    assert all("M" in splits["train"].groups["sex"] for _, _, splits, _ in trainings)
    nobody = toy_tasks.OUTLINES["data"] | {"judge_only": {"site": ["south"]}}
    with pytest.raises(ManifestError, match="fold 'site north' holds nothing to be judged"):
        run(folder, tmp_path, {"by": "site"}, data=nobody)


def test_networks_learn_at_training_size_and_are_judged_as_they_run(folder, tmp_path, trainings):
    run(folder, tmp_path, {"folds": 2}, train={"side_px": 24})
    for _, _, splits, _ in trainings:
        assert splits["train"].images.shape[2:] == (24, 24)
        assert splits["plain"].images.shape[2:] == splits["val"].images.shape[2:] == (32, 32)
        assert (splits["train"].names == splits["plain"].names).all()


def test_the_baselines_of_a_fold_are_fitted_on_its_own_training(folder, tmp_path, trainings, monkeypatch):
    fitted = []

    def shortcut(train, test, labels):
        fitted.append((patients(train), patients(test)))
        return np.full((len(test), labels), 0.5)

    monkeypatch.setattr("secondread.learn.cross_validation.shortcut_probabilities", shortcut)
    run(folder, tmp_path, {"folds": 3})
    for (train, test), (_, _, splits, _) in zip(fitted, trainings, strict=True):
        assert train == patients(splits["train"])
        assert not train & test
