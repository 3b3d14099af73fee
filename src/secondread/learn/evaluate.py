"""A bundle on its test split: calibrated and fixed on validation, then judged once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import ModelCard
from secondread.core.errors import RecipeError
from secondread.engine.bundle import NETWORK_FILE, Bundle, load_bundle
from secondread.learn import looks
from secondread.learn.acceptance import accepted
from secondread.learn.examples import UNKNOWN, Examples
from secondread.learn.external import judge_external
from secondread.learn.judge import (
    RESAMPLES,
    SEED,
    against_shortcut,
    interval,
    judge,
    only_counted,
    rule_text,
    score,
    subgroups,
    terciles,
    too_few,
)
from secondread.learn.judge_marks import judge_marks, marked
from secondread.learn.judge_outlines import grey_baseline, judge_outline
from secondread.learn.loop import Progress, silent
from secondread.learn.numbers_alone import numbers_alone
from secondread.learn.publish import EVALUATION_FILE, publish
from secondread.learn.recipe import CrossValidation, Question, Recipe, read_recipe
from secondread.learn.trial import Trial, answers
from secondread.stats.auroc import auroc, delong
from secondread.stats.calibration import brier_multiclass, log_loss, top_label_ece
from secondread.stats.confusion import accuracy, confusion
from secondread.stats.multilabel import macro_auroc

CROSS_VALIDATION_FILE = "cross-validation.json"
LEAST = 15  # positive cases below which a label is not judged


def evaluate(  # noqa: PLR0913 - what is judged, and what may be at hand
    folder: Path,
    recipe_path: Path,
    data_root: Path,
    *,
    members: Sequence[Path] | None = None,
    folds: Path | None = None,
    pictures: Path | None = None,
    splits: Mapping[str, Examples] | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Calibrate on validation, judge on test, write ``evaluation.json`` and the card's tables.

    Args:
        folder: The bundle.
        recipe_path: The recipe it was trained by.
        data_root: Folder that holds the data sets.
        members: ONNX files of the single seeds, whose spread is reported; None = where a training leaves them beside
            the bundle. When they are not there, a spread that was found earlier for the same weights is kept.
        folds: File with the result of a cross-validation of this recipe; None = where a training leaves it beside the
            bundle. When it is not there, what was found earlier for the same weights is kept.
        pictures: Folder for plots and maps, or None.
        splits: ``train``, ``val`` and ``test`` of the recipe as the network is run, where they are at hand; None = they
            are loaded.
        progress: Called with events.

    Returns:
        What was written to ``evaluation.json``.

    Raises:
        RecipeError, ManifestError, BundleError: If a part does not fit.
    """
    recipe, bundle = read_recipe(recipe_path), load_bundle(folder)
    check_fits(bundle.card, recipe)
    members = beside(folder, recipe) if members is None else members
    trial = answers(bundle, recipe, data_root, members, splits)
    progress({"event": "predicted", "engine": trial.session.engine})
    result = header(bundle, trial) | {"classes": by_class(trial), "questions": {}}
    for question in recipe.questions:
        part = by_question(question, trial) | looked_at(question, trial)
        part["members"] = part["members"] or earlier(bundle, question)
        result["questions"][question.name] = part
        progress({"event": "question", "name": question.name, "auroc": part["auroc"]})
    result |= outlined(trial, progress)
    result["external"] = {item.path: judge_external(item, trial, data_root) for item in recipe.external}
    result["cross_validation"] = of_folds(folds or beside_it(folder), bundle, recipe.cross_validation)
    result |= {part: earlier_part(bundle, part) or {} for part in ("parity", "variants")}
    trust = earlier_part(bundle, "trust")
    result |= {} if trust is None else {"trust": trust}
    result["acceptance"] = [accepted(item, result) for item in recipe.accept]
    for row in result["acceptance"]:
        progress({"event": "asked for", **row})
    publish(result, bundle, recipe)
    if pictures is not None:
        from secondread.learn.plots import draw

        draw(pictures, recipe, trial.splits["test"], trial.found["test"], result)
    return result


def check_fits(card: ModelCard, recipe: Recipe) -> None:
    """Refuse to judge a bundle by the recipe of another.

    Raises:
        RecipeError: If labels or input differ.
    """
    size, asked = ((*i.tensor_shape, i.resize, *i.prepare) for i in (card.input, recipe.input))
    answers_of = ((card.labels, card.structures), (recipe.model.labels, recipe.model.structures))
    for what, has, needs in (("labels", *answers_of), ("input", size, asked)):
        if has != needs:
            raise RecipeError(
                f"recipe of {recipe.model.name!r}: found {what} {needs}, the bundle {card.name!r} needs {has}. "
                "Give the recipe that the bundle was trained by with --recipe."
            )


def beside(folder: Path, recipe: Recipe) -> list[Path]:
    """The networks of the single seeds where a training leaves them, or none if one is not there."""
    paths = [folder.resolve().parent / f"seed-{seed}" / NETWORK_FILE for seed in recipe.train.seeds]
    return paths if all(path.exists() for path in paths) else []


def header(bundle: Bundle, trial: Trial) -> dict[str, Any]:
    """What was evaluated, on what."""
    recipe = trial.recipe
    return {
        "schema": 1,
        "bundle": bundle.card.name,
        "version": bundle.card.version,
        "role": bundle.card.role,
        "labels": list(bundle.card.labels),
        "structures": list(bundle.card.structures),
        "activation": bundle.card.activation,
        "model_sha256": bundle.card.sha256[NETWORK_FILE],
        "engine": trial.session.engine,
        "data": [{"path": item.path, "sha256": item.sha256} for item in recipe.data],
        "splits": {
            name: {"pictures": len(part), "made": part.made, "patients": len(np.unique(part.patients))}
            for name, part in trial.splits.items()
        },
        "seeds": list(recipe.train.seeds),
        "ensemble": recipe.train.ensemble,
        "mirror": recipe.train.mirror,
        "calibration": asdict(trial.calibration),
    }


def by_class(trial: Trial) -> dict[str, Any] | None:
    """All labels at once; None without labels.

    Labels that exclude each other have a confusion matrix [true, predicted] in the order of the labels; independent
    ones the mean of their areas, over those with enough cases.
    """
    logits, labels = trial.found["test"].logits, trial.splits["test"].labels
    if not logits.shape[1]:
        return None
    if trial.recipe.model.activation == "sigmoid":
        return macro(trial)
    known = labels != UNKNOWN
    labels, raw, fitted = labels[known], trial.raw(logits[known]), trial.probabilities(logits[known])
    predicted = fitted.argmax(1)
    return {
        "accuracy": interval(accuracy(labels, predicted)),
        "confusion": confusion(labels, predicted, fitted.shape[1]).tolist(),
        "log_loss_before": log_loss(labels, raw),
        "log_loss": log_loss(labels, fitted),
        "brier_before": brier_multiclass(labels, raw),
        "brier": brier_multiclass(labels, fitted),
        "top_label_ece_before": top_label_ece(labels, raw),
        "top_label_ece": top_label_ece(labels, fitted),
    }


def macro(trial: Trial) -> dict[str, Any]:
    """Mean area over independent labels, on pictures of which all are known."""
    test, logits = trial.splits["test"], trial.found["test"].logits
    known = (test.labels != UNKNOWN).all(1)
    y, p = test.labels[known], trial.probabilities(logits[known])
    if not enough(y):
        return {"macro_auroc": None, "least": LEAST}
    area = macro_auroc(y, p, test.patients[known], trial.recipe.model.labels, least=LEAST, n=RESAMPLES, seed=SEED)
    return {
        "macro_auroc": interval(area.macro),
        "least": LEAST,
        "judged": [row.label for row in area.labels if row.auroc is not None],
        "not_judged": list(area.excluded),
    }


def enough(y: NDArray[np.int64]) -> bool:
    """Whether any of independent labels [n, label] has the cases that a figure needs."""
    return bool((np.minimum(y.sum(0), (1 - y).sum(0)) >= LEAST).any())


def by_question(question: Question, trial: Trial) -> dict[str, Any]:
    """One question: threshold from validation, figures from test."""
    labels, known = trial.recipe.model.labels, trial.known("test", question)
    test, logits = trial.splits["test"], trial.found["test"].logits[known]
    y, p, threshold = trial.truth("test", question)[known], trial.yes(logits, question), trial.threshold(question)
    on_val = trial.known("val", question)
    y_val = trial.truth("val", question)[on_val]
    if too_few(y):
        return only_counted(y, test.patients[known], threshold) | {"rule": rule_text(question, y_val)}
    val = delong(y_val, trial.yes(trial.found["val"].logits[on_val], question))
    groups = {name: values[known] for name, values in test.groups.items()}
    groups["overall grey"] = terciles(test.grey[known])
    rows = [subgroups(name, values, y, p, threshold) for name, values in groups.items()]
    return judge(y, p, score(trial.raw(logits), labels, question), test.patients[known], threshold) | {
        "rule": rule_text(question, y_val),
        "validation_auroc": interval(val),
        "subgroups": [row for group in rows for row in group],
        "shortcut": against_shortcut(y, p, score(trial.shortcut[known], labels, question)),
        "numbers_alone": numbers_alone(question, trial, known),
        "border": {k: interval(delong(y, trial.yes(part.logits[known], question))) for k, part in trial.border.items()},
        "members": spread([auroc(y, trial.yes(member[known], question)) for member in trial.members]),
    }


def outlined(trial: Trial, progress: Progress) -> dict[str, Any]:
    """Every structure of the test split, and the marks where the recipe asks for them."""
    recipe, test, outlines = trial.recipe, trial.splits["test"], trial.found["test"].outlines
    if outlines is None or test.masks is None:
        return {"structures_found": {}, "marks": {}}
    threshold, structures, marks = trial.outline_threshold(), {}, {}
    for n, name in enumerate(recipe.model.structures):
        if not (test.masks == 1 + n).any():
            continue  # no case, no figure
        part = judge_outline(test, outlines, n, threshold)
        structures[name] = part | {"grey_baseline": grey_baseline(trial.splits["train"], test, n)}
        progress({"event": "structure", "name": name, "dice": part["dice"]["mean"]["value"]})
    for item in recipe.marks:
        n, val = recipe.model.structures.index(item.structure), trial.found["val"].outlines
        assert val is not None
        pair = (marked(trial.splits["val"], val, n), marked(test, outlines, n))
        marks[item.structure] = judge_marks(*pair, item.rate)
    return {"structures_found": structures, "marks": marks}


def looked_at(question: Question, trial: Trial) -> dict[str, Any]:
    """Maps of the pictures called positive: where their energy lies, and whether they are faithful."""
    test, found, labels = trial.splits["test"], trial.found["test"], trial.recipe.model.labels
    positive = [labels.index(name) for name in question.positive]
    called = np.flatnonzero(trial.yes(found.logits, question) >= trial.threshold(question))
    if not len(called) or not trial.border:
        return {"map_energy": {}, "faithfulness": {"cases": 0, "gain": None}}
    shape = (test.grey.shape[1], test.grey.shape[2])
    order = called[np.random.default_rng(0).permutation(len(called))]
    apart, p = trial.recipe.model.activation == "sigmoid", trial.probabilities(found.logits)[order]
    drawn = looks.maps(found.cam[order], p, positive, shape, apart=apart)
    return {
        "map_energy": looks.energy(drawn, trial.recipe.regions) | looks.inside_masks(drawn, test, order),
        "faithfulness": looks.faithfulness(
            trial.session, test.images[order[: looks.CASES]], drawn, lambda z: trial.yes(z, question)
        ),
    }


def beside_it(folder: Path) -> Path:
    """Where a training leaves a cross-validation: beside the bundle."""
    return folder.resolve().parent / CROSS_VALIDATION_FILE


def of_folds(path: Path, bundle: Bundle, plan: CrossValidation) -> dict[str, Any] | None:
    """The result of the cross-validation that the recipe asks for: of the file, or as told before; None without one.

    Raises:
        RecipeError: If the file is of another plan.
    """
    if not plan.wanted:
        return None
    if not path.exists():
        return earlier_part(bundle, "cross_validation")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    asked = {"seed": plan.seed, "seeds": plan.seeds} | ({"by": plan.by} if plan.by else {"folds": plan.folds})
    others = [key for key, value in asked.items() if found.get(key) != value]
    if others:
        raise RecipeError(
            f"{path.parent.name}/{path.name}: found {others[0]} = {found.get(others[0])!r}, the recipe asks for "
            f"{asked[others[0]]!r}. Train again with --resume, or delete the file."
        )
    return found


def spread(values: list[float | None]) -> dict[str, Any] | None:
    """Area under the curve of each seed, mean and standard deviation."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    deviation = float(np.std(known, ddof=1)) if len(known) > 1 else None
    return {"auroc": known, "mean": float(np.mean(known)), "standard_deviation": deviation}


def earlier(bundle: Bundle, question: Question) -> dict[str, Any] | None:
    """The spread over seeds from an earlier evaluation of these very weights, or None."""
    before = earlier_part(bundle, "questions") or {}
    found: dict[str, Any] | None = before.get(question.name, {}).get("members")
    return found


def earlier_part(bundle: Bundle, name: str) -> dict[str, Any] | None:
    """A part of an earlier evaluation of these very weights, or None."""
    if EVALUATION_FILE not in bundle.card.sha256:
        return None
    before = json.loads((bundle.folder / EVALUATION_FILE).read_text(encoding="utf-8"))
    found: dict[str, Any] | None = before.get(name)
    return found if before.get("model_sha256") == bundle.card.sha256[NETWORK_FILE] else None
