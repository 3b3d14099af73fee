"""Independent labels that follow from the values of columns of text."""

import json
from dataclasses import replace

import numpy as np
import pytest

import toy
import toy_tasks
from secondread.core.errors import ManifestError, RecipeError
from secondread.learn.answers import Answer
from secondread.learn.checkpoint import mark
from secondread.learn.data import load, load_set
from secondread.learn.manifest import SPLITS, fingerprint
from secondread.learn.preview import strips
from secondread.learn.recipe import read_recipe

COUNTS = {"train": 12, "val": 12, "test": 12}
SPOT = {"column": "label", "yes": ["small", "large"], "no": ["none"]}
LARGE = {"column": "label", "yes": ["large"], "no": ["small"]}
TABLES = {
    "model": {"labels": ["spot", "large"], "activation": "sigmoid", "structures": ["spot"]},
    "data": {"mask": "mask", "mask_values": {"255": "spot"}, "answers": {"spot": SPOT, "large": LARGE}},
    "network": {"widths": [4, 4, 8, 8], "decoder": [8, 8, 8], "head_level": 1, "pooling": "mask"},
    "train": {"epochs": 2, "calibration": "temperature and bias"},
    "questions": [{"name": name, "positive": [name]} for name in ("spot", "large")],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return toy_tasks.make_outlines(tmp_path_factory.mktemp("sets"), counts=COUNTS)


def recipe_of(folder, data=(), **tables):
    laid = TABLES | {"data": TABLES["data"] | dict(data)} | tables
    return toy_tasks.write_recipe(folder, laid)


def test_a_value_in_neither_list_is_not_known(folder):
    found = load(read_recipe(recipe_of(folder)), folder.parent, "train").labels
    kinds = [row["label"] for row in toy.read_manifest(folder) if row["split"] == "train"]
    assert {kind: set(map(tuple, found[np.array(kinds) == kind].tolist())) for kind in set(kinds)} == {
        "none": {(0, -1)},
        "small": {(1, 0)},
        "large": {(1, 1)},
    }


def test_answers_stand_beside_columns_of_one_and_zero(tmp_path):
    folder = toy_tasks.make_findings(tmp_path, counts={"train": 12})
    plain = read_recipe(toy_tasks.write_recipe(folder, toy_tasks.FINDINGS))
    told = {"columns": {"spot": "spot"}, "answers": {"stripe": {"column": "stripe", "yes": ["1"], "no": ["0"]}}}
    other = read_recipe(toy_tasks.write_recipe(folder, toy_tasks.FINDINGS | {"data": told}))
    assert (load(other, tmp_path, "train").labels == load(plain, tmp_path, "train").labels).all()


def test_a_trial_on_a_few_patients_holds_both_answers(folder):
    only_large = {"answers": {"spot": LARGE, "large": SPOT}, "at_most": 1}
    found = load(read_recipe(recipe_of(folder, only_large)), folder.parent, "train").labels
    assert all(set(found[:, k]) >= {0, 1} for k in (0, 1))
    assert len(found) < COUNTS["train"]


def test_a_set_of_another_source_may_lack_the_column(folder):
    recipe = read_recipe(recipe_of(folder))
    asked = recipe.data[0].answers | {"large": Answer("size", ("large",), ("small",))}
    item = replace(recipe.data[0], answers=asked)
    found = load_set(item, replace(recipe, external=(item,)), folder.parent, SPLITS).labels
    assert (found[:, 1] == -1).all()
    assert (found[:, 0] >= 0).all()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (SPOT | {"column": "labl"}, r"no column 'labl', .* for 'spot'\. Did you mean 'label'\?"),
        (SPOT | {"yes": ["small", "lage"]}, r"no value 'lage' in the column 'label'.* Did you mean 'large'\?"),
    ],
)
def test_a_set_of_training_must_hold_what_its_answers_name(folder, answer, words):
    recipe = read_recipe(recipe_of(folder, {"answers": {"spot": answer, "large": LARGE}}))
    with pytest.raises(ManifestError, match=words):
        load(recipe, folder.parent, "val")


@pytest.mark.parametrize(
    ("data", "model", "words"),
    [
        ({"answers": {"spot": SPOT}}, {}, "an answer to 'large' in at least one set"),
        (
            {"answers": {"spot": SPOT, "large": LARGE, "larg": LARGE}},
            {},
            r"labels among .*; 'larg' is not one\. Did you mean 'large'",
        ),
        ({"answers": {"spot": SPOT | {"no": ["small"]}, "large": LARGE}}, {}, "'small' in yes or in no, not in both"),
        ({"answers": {"spot": SPOT | {"no": []}, "large": LARGE}}, {}, "a value of yes and one of no"),
        ({"columns": {"label": "spot"}}, {}, "one of data.columns and data.answers for 'spot'"),
        ({"format": "npz"}, {}, "data.columns and data.answers does not fit; needed a set with a manifest"),
        ({}, {"activation": "softmax"}, "data.answers does not fit; needed model.activation"),
        ({"answers": {"spot": SPOT | {"maybe": []}}}, {}, "answers: spot: unknown key 'maybe'"),
    ],
)
def test_answers_that_do_not_fit_are_refused(folder, data, model, words):
    with pytest.raises(RecipeError, match=words):
        read_recipe(recipe_of(folder, data, model=TABLES["model"] | model))


def test_a_preview_shows_a_picture_of_each_label(folder):
    shown = {item.title for item in strips(read_recipe(recipe_of(folder)), folder.parent, samples=1)}
    assert shown == {"outlines: large", "outlines: none", "outlines: spot"}


def test_a_checkpoint_belongs_to_the_answers_it_learnt(folder):
    recipe = read_recipe(recipe_of(folder))
    other = replace(recipe.data[0], answers=recipe.data[0].answers | {"large": Answer("label", ("small",), ("large",))})
    assert mark(recipe, 1) != mark(replace(recipe, data=(other,)), 1)


@pytest.mark.filterwarnings("default")  # torch's exporter warns about its own future
def test_a_network_that_outlines_answers_them_too_and_another_source_may_not_know_them_all(folder, monkeypatch):
    pytest.importorskip("torch")
    from secondread.engine.bundle import load_bundle
    from secondread.learn import evaluate, judge, judge_folds, judge_outlines
    from secondread.learn.train import train

    for module in (evaluate, judge, judge_folds, judge_outlines):
        monkeypatch.setattr(module, "RESAMPLES", 40, raising=False)
    root = folder.parent
    there = toy_tasks.make_outlines(root, "elsewhere", counts={"test": 18})
    rows = toy.read_manifest(there)
    toy.write_manifest(there, [{key: cell for key, cell in row.items() if key != "site"} for row in rows])
    site = {"column": "site", "yes": ["north"], "no": ["south", "west"]}
    asked = TABLES["data"] | {"answers": {"spot": SPOT, "large": site}}
    outside = asked | {"path": there.name, "sha256": fingerprint(there), "unlabelled": True}
    plan = {"external": [outside], "cross_validation": {"folds": 2, "epochs": 1}}
    bundle = train(recipe_of(toy_tasks.make_outlines(root, "here"), asked, **plan), root, root / "runs", threads=1)
    result = json.loads((bundle / "evaluation.json").read_text(encoding="utf-8"))
    assert {name: part["n"] for name, part in result["questions"].items()} == {"spot": 12, "large": 12}
    assert {name: part["n"] for name, part in result["external"]["elsewhere"]["questions"].items()} == {"spot": 18}
    assert result["cross_validation"]["questions"]["large"]["n"] == sum(toy_tasks.COUNTS.values())
    card = load_bundle(bundle).card
    assert (card.labels, card.activation) == (("spot", "large"), "sigmoid")
    assert {"spot", "large"} <= {point.name for point in card.thresholds}
