"""Variants of a bundle: when they are kept, and what is told."""

import json
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")

import tiny_bundle
from secondread.core.errors import BundleError, IntegrityError
from secondread.engine.bundle import Bundle, load_bundle
from secondread.engine.card import render_card
from secondread.engine.session import open_session
from secondread.learn import exporting, publish
from secondread.learn.examples import UNKNOWN, Examples
from secondread.learn.export import unpack
from secondread.learn.predict import Predictions
from secondread.learn.recipe import Question
from secondread.learn.variants import ExportPlan, variant_rows

SIDE, N = 16, 40


class Recipe:
    """What variants ask of a recipe."""

    questions = (Question("pneumonia", ("bacterial", "viral")),)

    def __init__(self, **plan):
        self.export = ExportPlan(**plan)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An evaluated bundle. What is published goes into it as it is; the tables of the card are tested elsewhere."""

    def publish_plainly(result, bundle, recipe):
        text = json.dumps(result)
        (bundle.folder / "evaluation.json").write_text(text)
        digest = tiny_bundle.digest(bundle.folder / "evaluation.json")
        card = replace(bundle.card, sha256={**bundle.card.sha256, "evaluation.json": digest})
        (bundle.folder / "card.toml").write_text(render_card(card))

    monkeypatch.setattr(publish, "publish", publish_plainly)
    monkeypatch.setattr(publish, "new_card", lambda card, result, recipe: card)
    return tiny_bundle.make_bundle(tmp_path, thresholds={"pneumonia": 0.6})


@pytest.fixture(scope="module")
def splits():
    random = np.random.default_rng(2)

    def made():
        names = np.array([str(n) for n in range(N)])
        images = random.integers(0, 256, (N, 1, SIDE, SIDE), dtype=np.uint8)
        return Examples(images, np.arange(N) % 3, names, {}, names)

    return {name: made() for name in ("train", "val", "test")}


def test_a_variant_that_answers_nearly_the_same_is_kept_and_can_be_run(folder, splits):
    result = exporting.export_variants(folder, Recipe(tolerance=0.1, change=0.1), splits, ["int8"])
    row = result["variants"]["int8"]
    assert row["kept"]
    assert row["sha256"] == tiny_bundle.digest(folder / "model.int8.onnx")
    assert result == json.loads((folder / "evaluation.json").read_text())
    bundle, batch = load_bundle(folder), splits["test"].batch(slice(None))
    exact, rough = (open_session(bundle, precision=name).run(batch).logits for name in ("fp32", "int8"))
    assert 0 < np.abs(exact - rough).max() < 0.2
    assert row["parity"].keys() == row["validation"].keys() - {"model.onnx"}
    (told,) = variant_rows(result).values()
    assert told.startswith("kept; ")


def test_without_a_variant_validation_is_not_run(folder, splits, monkeypatch):
    monkeypatch.delattr(exporting, "predict")
    assert exporting.export_variants(folder, Recipe(), splits, [])["variants"] == {}


def test_a_variant_beyond_the_tolerance_goes_and_says_by_how_much(folder, splits):
    exporting.export_variants(folder, Recipe(tolerance=0.1, change=0.1), splits, ["int8"])
    row = exporting.export_variants(folder, Recipe(tolerance=0.0, change=0.0), splits, ["int8"])["variants"]["int8"]
    assert not row["kept"]
    assert any("probabilities change by 0.0" in reason and "allowed is 0" in reason for reason in row["why"])
    assert not (folder / "model.int8.onnx").exists()
    with pytest.raises(BundleError, match="no int8 variant"):
        open_session(load_bundle(folder), precision="int8")


def test_an_altered_variant_is_not_run(folder, splits):
    exporting.export_variants(folder, Recipe(tolerance=0.1, change=0.1), splits, ["int8"])
    with (folder / "model.int8.onnx").open("ab") as file:
        file.write(b" ")
    with pytest.raises(IntegrityError, match=r"model\.int8\.onnx"):
        load_bundle(folder)


def test_a_network_whose_weights_are_stored_in_16_bits_has_no_fp16_variant(folder, splits):
    with pytest.raises(BundleError, match="fp16 would change nothing"):
        exporting.export_variants(folder, Recipe(), splits, ["fp16"])


def test_an_fp16_variant_of_full_weights_is_smaller_and_says_the_same(folder, splits):
    import onnx

    model = onnx.load(folder / "model.onnx")
    unpack(model)
    onnx.save(model, folder / "model.onnx")
    card = load_bundle_card(folder)
    (folder / "card.toml").write_text(render_card(card))
    row = exporting.export_variants(folder, Recipe(tolerance=0.0, change=1e-4), splits, ["fp16"])["variants"]["fp16"]
    assert row["kept"]
    assert all(part["labels"]["max"] < 1e-5 for part in row["parity"].values())  # these weights are halves already


def load_bundle_card(folder):
    """The card with the hash of the network that lies there now."""
    from secondread.engine.bundle import load_card

    card = load_card(folder)
    return replace(card, sha256={**card.sha256, "model.onnx": tiny_bundle.digest(folder / "model.onnx")})


def test_a_bundle_without_evaluation_has_nothing_that_variants_could_be_measured_by(folder, splits):
    card = load_bundle(folder).card
    (folder / "card.toml").write_text(render_card(replace(card, sha256={"model.onnx": card.sha256["model.onnx"]})))
    with pytest.raises(BundleError, match="secondread evaluate"):
        exporting.export_variants(folder, Recipe(), splits, ["int8"])


def test_figures_on_validation_leave_out_what_is_not_known_and_count_where_there_is_something_to_outline():
    from sklearn.metrics import f1_score, roc_auc_score

    random, names = np.random.default_rng(5), np.array([str(n) for n in range(N)])
    labels, masks = np.arange(N) % 3, (random.random((N, 4, 4)) < 0.3).astype(np.uint8)
    labels[:7], masks[::4] = UNKNOWN, 0
    val = Examples(np.zeros((N, 1, 4, 4), np.uint8), labels, names, {}, names, masks=masks)
    logits, outlines = random.normal(0, 1, (N, 3)), random.integers(0, 256, (N, 1, 4, 4), dtype=np.uint8)
    found = Predictions(logits, np.zeros((N, 3, 1, 1), np.float32), np.zeros((N, 1), np.float32), outlines)
    card = tiny_bundle.make_card(structures=("spot",))
    trained = exporting.Trained(
        Bundle(card, None),
        Recipe(),
        {"val": val},
        {"structures_found": {"spot": {"threshold": 0.6}}},
        found,
        b"",
        None,
        "",
    )
    odds = np.exp(logits / card.calibration.temperature)
    expected = roc_auc_score(labels[7:] > 0, (odds[:, 1:].sum(1) / odds.sum(1))[7:])
    has = masks.reshape(N, -1).any(1)
    drawn = outlines[has, 0] >= 0.6 * 255
    overlap = np.mean([f1_score(a.ravel(), b.ravel()) for a, b in zip(masks[has], drawn, strict=True)])
    rows = exporting.figures(trained, found)
    assert rows == pytest.approx({"AUROC of pneumonia": expected, "mean Dice of spot": overlap})
    moved = replace(found, outlines=np.where(outlines < 200, outlines + 51, outlines).astype(np.uint8))
    assert exporting.changes(card, found, moved) == pytest.approx(0.2)


def test_an_evaluation_of_an_earlier_version_is_told_before_anything_is_made(folder, splits, monkeypatch):
    def without_a_row(card, result, recipe):
        raise KeyError("ece_by_chance")

    monkeypatch.setattr(publish, "new_card", without_a_row)
    with pytest.raises(BundleError, match=r"no 'ece_by_chance'.*secondread evaluate"):
        exporting.export_variants(folder, Recipe(), splits, ["int8"])
