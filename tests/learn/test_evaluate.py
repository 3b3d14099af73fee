"""A bundle judged on the toy set: a network of a few weights that was never trained, so every figure is honest work."""

import json
import shutil

import numpy as np
import pytest

import toy
from secondread.core.errors import RecipeError
from secondread.engine.bundle import load_bundle, load_card
from secondread.engine.session import open_session
from secondread.learn.data import load
from secondread.learn.predict import predict
from secondread.learn.recipe import CrossValidation, read_recipe
from secondread.stats.calibration import softmax
from tiny_bundle import digest, make_bundle

pytest.importorskip("torch")
pytest.importorskip("sklearn")

from secondread.learn import publish, trial
from secondread.learn.calibrate import fit_calibration
from secondread.learn.evaluate import evaluate, of_folds

LABELS = ("plain", "spot")


@pytest.fixture(autouse=True)
def _fewer_draws(monkeypatch):
    monkeypatch.setattr("secondread.learn.judge.RESAMPLES", 50)
    monkeypatch.setattr("secondread.learn.looks.CASES", 4)


@pytest.fixture
def root(tmp_path):
    toy.make_set(tmp_path)
    return tmp_path


@pytest.fixture
def bundle(tmp_path):
    return make_bundle(tmp_path / "out", "toy", LABELS, toy.SIDE, "benchmark")


def state(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_an_evaluated_bundle_loads_and_its_card_names_the_evaluation(root, bundle):
    result, seen = evaluate(bundle, toy.make_recipe(root), root), []
    card = load_bundle(bundle).card
    content = (bundle / "evaluation.json").read_bytes()
    assert json.loads(content) == json.loads(json.dumps(result))
    assert card.sha256["evaluation.json"] == digest(bundle / "evaluation.json")
    assert card.threshold("spot") == result["questions"]["spot"]["threshold"]
    assert card.calibration.temperature == result["calibration"]["temperature"]
    assert (card.not_for, card.limits) == (("Anything else.",), ())
    before = state(bundle)
    evaluate(bundle, toy.make_recipe(root), root, progress=seen.append)
    assert state(bundle) == before
    assert [event["event"] for event in seen] == ["predicted", "question", "asked for"]


def test_splits_at_hand_are_not_loaded_again_and_the_bundle_as_its_own_member_is_not_run_again(
    root, bundle, monkeypatch
):
    recipe, members, real, opened = toy.make_recipe(root), [bundle / "model.onnx"], trial.open_session, []
    result = evaluate(bundle, recipe, root, members=members)
    splits = {name: load(read_recipe(recipe), root, name) for name in ("train", "val", "test")}
    monkeypatch.delattr(trial, "whole_split")
    monkeypatch.setattr(trial, "open_session", lambda *a, **k: opened.append(a) or real(*a, **k))
    assert evaluate(bundle, recipe, root, members=members, splits=splits) == result
    part = result["questions"]["spot"]
    assert part["members"]["auroc"] == [part["auroc"]["value"]]
    assert len(opened) == 1


def test_nothing_is_fixed_on_the_test_split(root, bundle):
    """With every answer of the test split turned round, what was fixed stays, and the area turns round too."""
    first = evaluate(bundle, toy.make_recipe(root), root)
    rows = toy.read_manifest(root / "toy")
    for row in rows:
        if row["split"] == "test":
            row["label"] = LABELS[1 - LABELS.index(row["label"])]
    toy.write_manifest(root / "toy", rows)
    second = evaluate(bundle, toy.make_recipe(root), root)
    assert second["calibration"] == first["calibration"]
    one, two = first["questions"]["spot"], second["questions"]["spot"]
    assert two["threshold"] == one["threshold"]
    assert two["validation_auroc"] == one["validation_auroc"]
    assert two["auroc"]["value"] == pytest.approx(1.0 - one["auroc"]["value"])
    assert two["shortcut"]["auroc"]["value"] == pytest.approx(1.0 - one["shortcut"]["auroc"]["value"])


def test_the_area_is_the_one_scikit_learn_finds(root, bundle):
    from sklearn.metrics import confusion_matrix, roc_auc_score

    recipe = toy.make_recipe(root)
    result = evaluate(bundle, recipe, root)
    test = load(read_recipe(recipe), root, "test")
    session = open_session(load_bundle(bundle), engine="onnxruntime", threads=1)
    p = softmax(predict(session, test).logits / result["calibration"]["temperature"])
    part = result["questions"]["spot"]
    assert part["auroc"]["value"] == pytest.approx(roc_auc_score(test.labels, p[:, 1]))
    assert result["classes"]["confusion"] == confusion_matrix(test.labels, p.argmax(1)).tolist()
    called = p[:, 1] >= part["threshold"]
    assert part["counts"]["tp"] == (called & (test.labels == 1)).sum()
    assert part["counts"]["fp"] == (called & (test.labels == 0)).sum()


def test_pictures_made_from_others_are_told_apart_and_are_no_new_patients(root, bundle):
    path = toy.make_recipe(root)
    extra = '\n[[synthesise]]\nlabel = "spot"\nhow = "noise"\nsource = "plain"\nshare = 1.0\n'
    path.write_text(path.read_text() + extra)
    test = evaluate(bundle, path, root)["splits"]["test"]
    count = toy.COUNTS["test"]
    assert test == {"pictures": count + count // 2, "made": count // 2, "patients": count // 2}
    assert "test: 36 pictures (12 made from the others), 12 patients" in load_card(bundle).results["Data"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('labels = ["plain", "spot"]', 'labels = ["spot", "plain"]'), "found labels"),
        (("height_px = 32", "height_px = 48"), "found input"),
        (('resize = "squeeze"', 'resize = "pad"'), "found input"),
    ],
)
def test_the_recipe_of_another_bundle_is_refused_and_nothing_is_written(root, bundle, change, words):
    before = state(bundle)
    with pytest.raises(RecipeError, match=rf"{words} .* --recipe"):
        evaluate(bundle, toy.make_recipe(root, change=change), root)
    assert state(bundle) == before


@pytest.mark.parametrize("writes", [0, 1, 2])
def test_a_cut_between_any_two_writes_leaves_a_bundle_that_loads(root, bundle, writes, monkeypatch):
    recipe, real, left = toy.make_recipe(root), publish.replace, [writes]

    def cut(path, text):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        real(path, text)

    with monkeypatch.context() as broken:
        broken.setattr(publish, "replace", cut)
        with pytest.raises(KeyboardInterrupt):
            evaluate(bundle, recipe, root)
    load_bundle(bundle)
    evaluate(bundle, recipe, root)
    assert "evaluation.json" in load_bundle(bundle).card.sha256


def test_the_spread_over_seeds_stays_with_the_weights_it_was_found_for(root, bundle):
    recipe = toy.make_recipe(root, seeds="[1, 2]")
    for seed, bias in ((1, None), (2, (0.0, 3.0))):
        one = make_bundle(root / f"member-{seed}", "toy", LABELS, toy.SIDE, "benchmark", bias=bias)
        (bundle.parent / f"seed-{seed}").mkdir()
        shutil.copy(one / "model.onnx", bundle.parent / f"seed-{seed}" / "model.onnx")
    found = evaluate(bundle, recipe, root)["questions"]["spot"]
    assert found["members"]["auroc"] == pytest.approx([found["auroc"]["value"]] * 2)
    assert "spot: AUROC of the single seeds" in load_card(bundle).results
    shutil.rmtree(bundle.parent / "seed-2")
    assert evaluate(bundle, recipe, root)["questions"]["spot"]["members"] == found["members"]
    other = make_bundle(root / "other", "toy", LABELS, toy.SIDE, "benchmark", bias=(0.0, 3.0))
    card = (
        (other / "card.toml").read_text().replace(digest(other / "evaluation.json"), digest(bundle / "evaluation.json"))
    )
    (other / "card.toml").write_text(card)
    shutil.copy(bundle / "evaluation.json", other / "evaluation.json")
    assert evaluate(other, recipe, root)["questions"]["spot"]["members"] is None


@pytest.mark.parametrize(("method", "biases"), [("temperature", 0), ("temperature and bias", 2)])
def test_validation_without_a_mistake_does_not_make_the_network_certain(method, biases):
    right, labels = np.array([[4.0, 0.0], [0.0, 4.0], [3.0, 1.0], [1.0, 2.0]]), np.array([0, 1, 0, 1])
    found = fit_calibration(method, right, labels)
    assert (found.temperature, found.biases, found.fitted_on.startswith("nothing")) == (1.0, (), True)
    one_wrong = np.vstack([right[:3], [[2.0, 1.0]]])
    found = fit_calibration(method, one_wrong, labels)
    assert (found.method, len(found.biases), found.fitted_on) == (method, biases, "validation split")


def test_a_network_that_calls_nothing_has_no_maps_and_misses_what_was_asked(root, tmp_path):
    silent = make_bundle(tmp_path / "silent", "toy", LABELS, toy.SIDE, "benchmark", bias=(500.0, 0.0))
    recipe = toy.make_recipe(root, change=('positive = ["spot"]', 'positive = ["spot"]\nrule = "specificity"'))
    recipe.write_text(recipe.read_text().replace("at_least = 0.6", "at_least = 0.999"))
    result = evaluate(silent, recipe, root)
    part = result["questions"]["spot"]
    assert part["counts"]["tp"] == part["counts"]["fp"] == 0
    assert (part["map_energy"], part["faithfulness"]["cases"], part["ppv"]) == ({}, 0, None)
    assert result["acceptance"][0]["accepted"] is False
    rows = load_card(silent).results
    assert rows["Asked for: spot, auroc at least 0.999"].startswith("missed with ")
    assert not any("map" in name for name in rows)


@pytest.mark.parametrize("role", ["reader", "gate", "benchmark"])
def test_only_what_reads_patients_has_predictive_values(root, tmp_path, role):
    bundle = make_bundle(tmp_path / role, "toy", LABELS, toy.SIDE, role)
    evaluate(bundle, toy.make_recipe(root), root)
    assert any("predictive" in name for name in load_card(bundle).results) == (role == "reader")


def test_a_cross_validation_of_another_plan_is_not_taken(tmp_path):
    kept = tmp_path / "cross-validation.json"
    kept.write_text(json.dumps({"folds": 5, "by": "patients drawn at random", "seed": 1, "seeds": 1}), encoding="utf-8")
    assert of_folds(kept, None, CrossValidation(folds=5))["folds"] == 5
    assert of_folds(kept, None, CrossValidation()) is None
    for other in (CrossValidation(folds=4), CrossValidation(folds=5, seed=2), CrossValidation(by="site")):
        with pytest.raises(RecipeError, match="the recipe asks for"):
            of_folds(kept, None, other)
