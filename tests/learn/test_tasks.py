"""Whole trainings of the three tasks beyond one label, from a recipe to a bundle that says what it reached."""

import json
from pathlib import Path

import numpy as np
import pytest

import toy_tasks

pytest.importorskip("torch")

from secondread.core.errors import RecipeError
from secondread.engine.bundle import load_bundle
from secondread.engine.session import open_session
from secondread.learn.data import load
from secondread.learn.evaluate import evaluate
from secondread.learn.predict import predict
from secondread.learn.recipe import read_recipe
from secondread.learn.train import train

pytestmark = pytest.mark.filterwarnings("default")  # torch's exporter warns about its own future


def finite(value: object) -> bool:
    """Whether everything in a nest of lists and tables that is a number is a finite one."""
    if isinstance(value, dict):
        return all(map(finite, value.values()))
    if isinstance(value, list):
        return all(map(finite, value))
    return not isinstance(value, float) or np.isfinite(value)


@pytest.fixture(scope="module")
def outlines(tmp_path_factory) -> Path:
    folder = toy_tasks.make_outlines(tmp_path_factory.mktemp("outlines"))
    recipe = toy_tasks.write_recipe(folder, toy_tasks.OUTLINES | {"train": {"epochs": 10, "mirror": True}})
    return train(recipe, folder.parent, folder.parent / "runs", threads=1)


def test_one_network_outlines_and_answers_and_its_evaluation_tells_both(outlines):
    result = json.loads((outlines / "evaluation.json").read_text(encoding="utf-8"))
    assert finite(result)
    spot = result["structures_found"]["spot"]
    assert spot["cases"] == toy_tasks.COUNTS["test"] * 2 // 3
    assert spot["empty"]["cases"] == toy_tasks.COUNTS["test"] // 3
    assert spot["dice"]["mean"]["value"] > 0.5
    assert result["questions"]["large"]["n"] == spot["cases"]  # pictures without a spot have no label
    assert {row["question"]: row["reached"] for row in result["acceptance"]} == {
        "spot": spot["dice"]["mean"]["value"],
        "large": result["questions"]["large"]["auroc"]["value"],
    }
    assert result["questions"]["large"]["numbers_alone"]["log of the area of the mask"]["auroc"]["value"] == 1.0


def test_the_card_of_an_outlining_bundle_promises_what_its_network_gives(outlines):
    bundle = load_bundle(outlines)
    assert (bundle.card.labels, bundle.card.structures) == (("small", "large"), ("spot",))
    assert {"large", "spot", "spot marks"} == {point.name for point in bundle.card.thresholds}
    found = open_session(bundle, threads=1).run(np.zeros((3, 1, 32, 32), np.float32))
    assert found.logits.shape == (3, 2)
    assert found.mask_logits is not None
    assert found.mask_logits.shape == (3, 2, 32, 32)
    assert any("Dice" in name for name in bundle.card.results)


def test_what_is_drawn_lies_where_the_mask_lies(outlines):
    recipe = read_recipe(outlines.parent.parent / "outlines.toml")
    test = load(recipe, outlines.parent.parent, "test")
    found = predict(open_session(load_bundle(outlines), threads=1), test).outlines
    assert found is not None
    assert test.masks is not None
    has = test.masks.any((1, 2))
    shifts = []
    for outline, mask in zip(found[has, 0], test.masks[has], strict=True):
        drawn = np.argwhere(outline >= 128)
        if len(drawn):
            shifts.append(drawn.mean(0) - np.argwhere(mask == 1).mean(0))
    assert np.abs(np.mean(shifts, axis=0)).max() < 0.75  # neither mirrored nor shifted by a pixel


def test_an_evaluation_can_be_repeated_and_says_the_same(outlines):
    before = (outlines / "evaluation.json").read_bytes()
    root = outlines.parent.parent
    evaluate(outlines, root / "outlines.toml", root)
    assert (outlines / "evaluation.json").read_bytes() == before


@pytest.fixture(scope="module")
def findings(tmp_path_factory) -> tuple[Path, list[dict]]:
    folder, events = toy_tasks.make_findings(tmp_path_factory.mktemp("findings")), []
    recipe = toy_tasks.write_recipe(
        folder, toy_tasks.FINDINGS | {"cross_validation": {"folds": 3, "epochs": 2}, "train": {"epochs": 3}}
    )
    return train(recipe, folder.parent, folder.parent / "runs", threads=1, progress=events.append), events


def test_independent_labels_are_judged_one_by_one_without_what_is_unknown(findings):
    bundle, _ = findings
    result = json.loads((bundle / "evaluation.json").read_text(encoding="utf-8"))
    assert finite(result)
    assert result["activation"] == load_bundle(bundle).card.activation == "sigmoid"
    count = toy_tasks.COUNTS["test"]
    assert result["questions"]["spot"]["n"] == count
    assert result["questions"]["stripe"]["n"] == count - 1  # one cell says nothing
    assert result["classes"]["macro_auroc"] is None  # fewer than fifteen cases of each: no figure
    assert "age" in result["questions"]["spot"]["numbers_alone"]


def test_a_training_with_folds_leaves_every_patient_out_once_and_tells_of_it(findings):
    bundle, events = findings
    result = json.loads((bundle / "evaluation.json").read_text(encoding="utf-8"))["cross_validation"]
    assert result == json.loads((bundle.parent / "cross-validation.json").read_text(encoding="utf-8"))
    assert result["folds"] == 3
    assert result["questions"]["spot"]["n"] == sum(toy_tasks.COUNTS.values())
    assert len(result["questions"]["spot"]["auroc_of_each_fold"]) == 3
    assert [event["name"] for event in events if event["event"] == "fold"] == ["1", "2", "3"]
    epochs = [event for event in events if event["event"] == "epoch"]
    assert [event.get("fold") for event in epochs] == [None] * 3 + ["1", "1", "2", "2", "3", "3"]
    assert any(name.startswith("Cross-validation") for name in load_bundle(bundle).card.results)


def test_folds_go_on_from_their_checkpoints(findings):
    bundle, _ = findings
    root, again = bundle.parent.parent, []
    before = (bundle.parent / "cross-validation.json").read_bytes()
    (bundle.parent / "cross-validation.json").unlink()
    (bundle.parent / "fold-2" / "checkpoint.pt").unlink()
    with pytest.raises(RecipeError, match="--resume"):
        train(root / "findings.toml", root, bundle.parent, threads=1)
    train(root / "findings.toml", root, bundle.parent, threads=1, resume=True, progress=again.append)
    assert (bundle.parent / "cross-validation.json").read_bytes() == before
    assert [event["fold"] for event in again if event["event"] == "epoch"] == ["2", "2"]


def test_volumes_are_outlined_and_their_structures_do_not_swap(tmp_path):
    folder = toy_tasks.make_volumes(tmp_path, counts={"train": 8, "val": 4, "test": 4})
    recipe = toy_tasks.write_recipe(folder, toy_tasks.VOLUMES | {"train": {"epochs": 25, "batch": 4}})
    bundle = train(recipe, tmp_path, tmp_path / "runs", threads=1)
    result = json.loads((bundle / "evaluation.json").read_text(encoding="utf-8"))
    assert finite(result)
    assert set(result["structures_found"]) == {"left", "right"}
    assert (result["questions"], result["classes"]) == ({}, None)
    card = load_bundle(bundle).card
    assert (card.labels, card.structures, card.thresholds) == ((), ("left", "right"), ())
    test = load(read_recipe(recipe), tmp_path, "test")
    found = predict(open_session(load_bundle(bundle), threads=1), test).outlines
    assert found is not None
    left, right = (np.average(np.indices(found.shape[2:])[2], weights=found[:, n].sum(0) + 1e-9) for n in (0, 1))
    assert result["structures_found"]["right"]["dice"]["mean"]["value"] > 0.3
    assert left < right
