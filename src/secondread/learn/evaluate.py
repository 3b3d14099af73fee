"""A bundle on its test split: calibrated and fixed on validation, then judged once."""

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import Calibration, ModelCard, Threshold
from secondread.engine.bundle import Bundle, load_bundle
from secondread.engine.card import render_card
from secondread.engine.session import Session, open_session
from secondread.learn import looks
from secondread.learn.data import Examples, load
from secondread.learn.judge import (
    RULE_TEXT,
    against_shortcut,
    choose_threshold,
    interval,
    judge,
    score,
    subgroups,
    truth,
)
from secondread.learn.loop import Progress
from secondread.learn.predict import Predictions, predict
from secondread.learn.recipe import Acceptance, Question, Recipe, read_recipe
from secondread.learn.shortcut import shortcut_probabilities
from secondread.learn.summary import card_results, card_subgroups
from secondread.learn.synthesise import with_synthetic
from secondread.stats.auroc import auroc, delong
from secondread.stats.calibration import brier_multiclass, fit_temperature, log_loss, softmax, top_label_ece
from secondread.stats.confusion import accuracy, confusion

Floats = NDArray[np.float64]
THREADS = 2


def silent(_event: dict[str, object]) -> None:
    """A progress callback that says nothing."""


def evaluate(
    folder: Path,
    recipe_path: Path,
    data_root: Path,
    *,
    members: Sequence[Path] = (),
    pictures: Path | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Calibrate on validation, judge on test, write ``evaluation.json`` and the card's tables.

    Args:
        folder: The bundle.
        recipe_path: The recipe it was trained by.
        data_root: Folder that holds the data sets.
        members: ONNX files of the single seeds; their spread is reported. Without them, a spread that was found
            earlier for the same weights is kept.
        pictures: Folder for plots and maps, or None.
        progress: Called with events.

    Returns:
        What was written to ``evaluation.json``.

    Raises:
        RecipeError, ManifestError, BundleError: If a part does not fit.
    """
    recipe = read_recipe(recipe_path)
    bundle = load_bundle(folder)
    splits = {name: with_synthetic(load(recipe, data_root, name), recipe, name) for name in ("train", "val", "test")}
    session = open_session(bundle, engine="onnxruntime", threads=THREADS)
    found = {name: predict(session, splits[name]) for name in ("val", "test")}
    progress({"event": "predicted", "engine": session.engine})
    temperature = fit_temperature(found["val"].logits, splits["val"].labels)
    result = header(bundle, recipe, splits, temperature, session.engine)
    result["classes"] = by_class(found["test"], splits["test"], temperature)
    shortcut = shortcut_probabilities(splits["train"], splits["test"], len(recipe.model.labels))
    border = looks.border_predictions(session, splits["test"])
    single = [predict(open_member(bundle, path), splits["test"]).logits for path in members]
    result["questions"] = {}
    for question in recipe.questions:
        part = by_question(question, recipe, splits, found, temperature)
        y, labels = truth(splits["test"].labels, recipe.model.labels, question), recipe.model.labels
        p = score(softmax(found["test"].logits / temperature), labels, question)
        part["shortcut"] = against_shortcut(y, p, score(shortcut, labels, question))
        part["border"] = {
            name: interval(delong(y, score(softmax(b.logits / temperature), labels, question)))
            for name, b in border.items()
        }
        part |= looked_at(question, recipe, splits["test"], found["test"], session, temperature, part["threshold"])
        part["members"] = spread([auroc(y, score(softmax(logits), labels, question)) for logits in single]) or earlier(
            bundle, question
        )
        result["questions"][question.name] = part
        progress({"event": "question", "name": question.name, "auroc": part["auroc"]})
    result["acceptance"] = [accepted(item, result) for item in recipe.accept]
    write(result, bundle, recipe)
    if pictures is not None:
        from secondread.learn.plots import draw

        draw(pictures, recipe, splits["test"], found["test"], result)
    return result


def open_member(bundle: Bundle, path: Path) -> Session:
    """A single seed's network, run like the bundle."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    card = dataclasses.replace(bundle.card, sha256={"model.onnx": digest})
    return open_session(Bundle(card, path.parent), engine="onnxruntime", threads=THREADS)


def header(
    bundle: Bundle, recipe: Recipe, splits: dict[str, Examples], temperature: float, engine: str
) -> dict[str, Any]:
    """What was evaluated, on what."""
    return {
        "schema": 1,
        "bundle": bundle.card.name,
        "version": bundle.card.version,
        "model_sha256": bundle.card.sha256["model.onnx"],
        "engine": engine,
        "data": [{"path": item.path, "sha256": item.sha256} for item in recipe.data],
        "splits": {
            name: {"pictures": len(part), "patients": len(np.unique(part.patients))} for name, part in splits.items()
        },
        "seeds": list(recipe.train.seeds),
        "ensemble": recipe.train.ensemble,
        "mirror": recipe.train.mirror,
        "calibration": {"method": "temperature", "temperature": temperature, "fitted_on": "validation split"},
    }


def by_class(found: Predictions, test: Examples, temperature: float) -> dict[str, Any]:
    """All classes at once."""
    raw, calibrated = softmax(found.logits), softmax(found.logits / temperature)
    predicted = calibrated.argmax(1)
    return {
        "accuracy": interval(accuracy(test.labels, predicted)),
        "confusion": confusion(test.labels, predicted, calibrated.shape[1]).tolist(),
        "log_loss_before": log_loss(test.labels, raw),
        "log_loss": log_loss(test.labels, calibrated),
        "brier_before": brier_multiclass(test.labels, raw),
        "brier": brier_multiclass(test.labels, calibrated),
        "top_label_ece_before": top_label_ece(test.labels, raw),
        "top_label_ece": top_label_ece(test.labels, calibrated),
    }


def by_question(
    question: Question, recipe: Recipe, splits: dict[str, Examples], found: dict[str, Predictions], temperature: float
) -> dict[str, Any]:
    """One question: threshold from validation, figures from test."""
    labels = recipe.model.labels
    p = {name: score(softmax(part.logits / temperature), labels, question) for name, part in found.items()}
    y = {name: truth(splits[name].labels, labels, question) for name in found}
    threshold = choose_threshold(question, y["val"], p["val"])
    test = splits["test"]
    result = judge(
        y["test"], p["test"], score(softmax(found["test"].logits), labels, question), test.patients, threshold
    )
    result["rule"] = RULE_TEXT[question.rule].format(question.at_least)
    result["validation_auroc"] = interval(delong(y["val"], p["val"]))
    groups = {**test.groups, "overall grey": terciles(test)}
    result["subgroups"] = [
        row for name, values in groups.items() for row in subgroups(name, values, y["test"], p["test"], threshold)
    ]
    return result


def terciles(test: Examples) -> NDArray[np.str_]:
    """Dark, middle or bright third of the pictures: a technical subgroup that every set has."""
    mean = test.images.mean((1, 2))
    low, high = np.quantile(mean, [1 / 3, 2 / 3])
    return np.where(mean < low, "dark third", np.where(mean < high, "middle third", "bright third"))


def looked_at(
    question: Question,
    recipe: Recipe,
    test: Examples,
    found: Predictions,
    session: Session,
    temperature: float,
    threshold: float,
) -> dict[str, Any]:
    """Maps of the pictures called positive: where their energy lies, and whether they are faithful."""
    labels = recipe.model.labels
    positive = [labels.index(name) for name in question.positive]
    probabilities = softmax(found.logits / temperature)
    called = np.flatnonzero(score(probabilities, labels, question) >= threshold)
    if not len(called):
        return {"map_energy": {}, "faithfulness": {"cases": 0, "gain": None}}
    shape = (test.images.shape[1], test.images.shape[2])
    drawn = looks.maps(found.cam[called], probabilities[called], positive, shape)
    yes = looks.positive_probability(temperature, positive)
    order = np.random.default_rng(0).permutation(len(called))[: looks.CASES]
    return {
        "map_energy": looks.energy(drawn, recipe.regions),
        "faithfulness": looks.faithfulness(session, test.images[called[order]], drawn[order], yes),
    }


def spread(values: list[float | None]) -> dict[str, Any] | None:
    """Area under the curve of each seed, mean and standard deviation."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    deviation = float(np.std(known, ddof=1)) if len(known) > 1 else None
    return {"auroc": known, "mean": float(np.mean(known)), "standard_deviation": deviation}


def earlier(bundle: Bundle, question: Question) -> dict[str, Any] | None:
    """The spread over seeds from an earlier evaluation of these very weights, or None."""
    path = bundle.folder / "evaluation.json"
    if not path.exists():
        return None
    before = json.loads(path.read_text(encoding="utf-8"))
    if before["model_sha256"] != bundle.card.sha256["model.onnx"]:
        return None
    found: dict[str, Any] | None = before["questions"].get(question.name, {}).get("members")
    return found


def accepted(item: Acceptance, result: dict[str, Any]) -> dict[str, Any]:
    """One line of the acceptance table."""
    value = result["questions"][item.question][item.measure]
    reached = float(value["value"] if isinstance(value, dict) else value)
    low = item.at_least is None or reached >= item.at_least
    high = item.at_most is None or reached <= item.at_most
    return {**dataclasses.asdict(item), "reached": reached, "accepted": low and high}


def write(result: dict[str, Any], bundle: Bundle, recipe: Recipe) -> None:
    """``evaluation.json`` and the card that belongs to it, each replaced in one move."""
    text = json.dumps(result, indent=1, sort_keys=True, allow_nan=False) + "\n"
    replace(bundle.folder / "evaluation.json", text)
    card = new_card(bundle.card, result, recipe, hashlib.sha256(text.encode()).hexdigest())
    replace(bundle.folder / "card.toml", render_card(card))


def new_card(card: ModelCard, result: dict[str, Any], recipe: Recipe, evaluation_sha256: str) -> ModelCard:
    """The card with thresholds, calibration and result tables."""
    return dataclasses.replace(
        card,
        sha256={"model.onnx": card.sha256["model.onnx"], "evaluation.json": evaluation_sha256},
        thresholds=tuple(
            Threshold(q.name, result["questions"][q.name]["threshold"], result["questions"][q.name]["rule"])
            for q in recipe.questions
        ),
        calibration=Calibration("temperature", result["calibration"]["temperature"], "validation split"),
        results=card_results(result),
        subgroups=card_subgroups(result),
    )


def replace(path: Path, text: str) -> None:
    """Write beside, then move."""
    part = path.with_suffix(path.suffix + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
