"""A bundle on its test split: calibrated and fixed on validation, then judged once."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import Calibration, ModelCard
from secondread.core.errors import RecipeError
from secondread.engine.bundle import NETWORK_FILE, Bundle, load_bundle
from secondread.engine.probabilities import calibrated
from secondread.engine.session import Session, open_session
from secondread.learn import looks
from secondread.learn.examples import Examples
from secondread.learn.judge import (
    RULE_TEXT,
    against_shortcut,
    choose_threshold,
    interval,
    judge,
    score,
    subgroups,
    terciles,
    truth,
)
from secondread.learn.loop import Progress, silent
from secondread.learn.manifest import SPLITS
from secondread.learn.predict import Predictions, predict
from secondread.learn.publish import EVALUATION_FILE, publish
from secondread.learn.recipe import Acceptance, Question, Recipe, read_recipe
from secondread.learn.shortcut import shortcut_probabilities
from secondread.learn.synthesise import whole_split
from secondread.stats.auroc import auroc, delong
from secondread.stats.calibration import (
    TEMPERATURES,
    brier_multiclass,
    fit_temperature,
    fit_temperature_and_biases,
    log_loss,
    softmax,
    top_label_ece,
)
from secondread.stats.confusion import accuracy, confusion

Floats = NDArray[np.float64]
THREADS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A bundle with all its answers.

    Attributes:
        recipe: What it was trained by.
        splits: ``train``, ``val`` and ``test``.
        session: Runs it.
        found: Its answers for ``val`` and ``test``.
        border: Its answers for the test pictures with the border covered, and for the border alone.
        members: Logits [n, label] of the single seeds for ``test``; empty when they are not there.
        shortcut: Probabilities [n, label] of the baseline for ``test``.
        calibration: Fitted on ``val``.
    """

    recipe: Recipe
    splits: dict[str, Examples]
    session: Session
    found: dict[str, Predictions]
    border: dict[str, Predictions]
    members: list[Floats]
    shortcut: Floats
    calibration: Calibration

    def probabilities(self, logits: Floats) -> Floats:
        """Calibrated, [n, label]."""
        return calibrated(logits, self.calibration)

    def yes(self, logits: Floats, question: Question) -> Floats:
        """Calibrated probability of yes, [n]."""
        return score(self.probabilities(logits), self.recipe.model.labels, question)

    def truth(self, split: str, question: Question) -> NDArray[np.int64]:
        """1 where the answer is yes, [n]."""
        return truth(self.splits[split].labels, self.recipe.model.labels, question)

    def threshold(self, question: Question) -> float:
        """The operating point, from validation only."""
        return choose_threshold(question, self.truth("val", question), self.yes(self.found["val"].logits, question))


def evaluate(
    folder: Path,
    recipe_path: Path,
    data_root: Path,
    *,
    members: Sequence[Path] | None = None,
    pictures: Path | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Calibrate on validation, judge on test, write ``evaluation.json`` and the card's tables.

    Args:
        folder: The bundle.
        recipe_path: The recipe it was trained by.
        data_root: Folder that holds the data sets.
        members: ONNX files of the single seeds, whose spread is reported; None = where a training leaves them beside
            the bundle. When they are not there, a spread that was found earlier for the same weights is kept.
        pictures: Folder for plots and maps, or None.
        progress: Called with events.

    Returns:
        What was written to ``evaluation.json``.

    Raises:
        RecipeError, ManifestError, BundleError: If a part does not fit.
    """
    recipe, bundle = read_recipe(recipe_path), load_bundle(folder)
    check_fits(bundle.card, recipe)
    trial = answers(bundle, recipe, data_root, beside(folder, recipe) if members is None else members)
    progress({"event": "predicted", "engine": trial.session.engine})
    result = header(bundle, trial) | {"classes": by_class(trial), "questions": {}}
    for question in recipe.questions:
        part = by_question(question, trial) | looked_at(question, trial)
        part["members"] = part["members"] or earlier(bundle, question)
        result["questions"][question.name] = part
        progress({"event": "question", "name": question.name, "auroc": part["auroc"]})
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
    size, asked = ((i.height_px, i.width_px, i.resize) for i in (card.input, recipe.input))
    for what, has, needs in (("labels", card.labels, recipe.model.labels), ("input", size, asked)):
        if has != needs:
            raise RecipeError(
                f"recipe of {recipe.model.name!r}: found {what} {needs}, the bundle {card.name!r} needs {has}. "
                "Give the recipe that the bundle was trained by with --recipe."
            )


def beside(folder: Path, recipe: Recipe) -> list[Path]:
    """The networks of the single seeds where a training leaves them, or none if one is not there."""
    paths = [folder.resolve().parent / f"seed-{seed}" / NETWORK_FILE for seed in recipe.train.seeds]
    return paths if all(path.exists() for path in paths) else []


def answers(bundle: Bundle, recipe: Recipe, data_root: Path, members: Sequence[Path]) -> Trial:
    """Everything that the bundle, its members and the baseline say."""
    splits = {name: whole_split(recipe, data_root, name) for name in SPLITS}
    session = open_session(bundle, engine="onnxruntime", threads=THREADS)
    found = {name: predict(session, splits[name]) for name in ("val", "test")}
    return Trial(
        recipe=recipe,
        splits=splits,
        session=session,
        found=found,
        border=looks.border_predictions(session, splits["test"]),
        members=[predict(open_member(bundle, path), splits["test"]).logits for path in members],
        shortcut=shortcut_probabilities(splits["train"], splits["test"], len(recipe.model.labels)),
        calibration=fit_calibration(recipe.train.calibration, found["val"], splits["val"]),
    )


def fit_calibration(method: str, found: Predictions, val: Examples) -> Calibration:
    """The calibration, and what decided it.

    When every validation picture is right, any smaller temperature fits better still: validation then says nothing
    about how sure the network may be, and its logits are left as they are.
    """
    fit = fit_temperature_and_biases if method == "temperature and bias" else _fit_temperature_alone
    temperature, biases = fit(found.logits, val.labels)
    if temperature in TEMPERATURES:
        return Calibration("temperature", 1.0, "nothing: the validation split does not determine it")
    return Calibration(method, temperature, "validation split", biases)


def _fit_temperature_alone(logits: Floats, labels: NDArray[np.int64]) -> tuple[float, tuple[float, ...]]:
    return fit_temperature(logits, labels), ()


def open_member(bundle: Bundle, path: Path) -> Session:
    """A single seed's network, run like the bundle."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    card = replace(bundle.card, sha256={NETWORK_FILE: digest})
    return open_session(Bundle(card, path.parent), engine="onnxruntime", threads=THREADS)


def header(bundle: Bundle, trial: Trial) -> dict[str, Any]:
    """What was evaluated, on what."""
    recipe = trial.recipe
    return {
        "schema": 1,
        "bundle": bundle.card.name,
        "version": bundle.card.version,
        "role": bundle.card.role,
        "labels": list(bundle.card.labels),
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


def by_class(trial: Trial) -> dict[str, Any]:
    """All classes at once; the confusion matrix is [true, predicted] in the order of the labels."""
    logits, labels = trial.found["test"].logits, trial.splits["test"].labels
    raw, fitted = softmax(logits), trial.probabilities(logits)
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


def by_question(question: Question, trial: Trial) -> dict[str, Any]:
    """One question: threshold from validation, figures from test."""
    labels, test, logits = trial.recipe.model.labels, trial.splits["test"], trial.found["test"].logits
    y, p, threshold = trial.truth("test", question), trial.yes(logits, question), trial.threshold(question)
    on_val = delong(trial.truth("val", question), trial.yes(trial.found["val"].logits, question))
    groups = {**test.groups, "overall grey": terciles(test.grey)}
    rows = [subgroups(name, values, y, p, threshold) for name, values in groups.items()]
    return judge(y, p, score(softmax(logits), labels, question), test.patients, threshold) | {
        "rule": RULE_TEXT[question.rule].format(question.at_least),
        "validation_auroc": interval(on_val),
        "subgroups": [row for group in rows for row in group],
        "shortcut": against_shortcut(y, p, score(trial.shortcut, labels, question)),
        "border": {k: interval(delong(y, trial.yes(part.logits, question))) for k, part in trial.border.items()},
        "members": spread([auroc(y, trial.yes(member, question)) for member in trial.members]),
    }


def looked_at(question: Question, trial: Trial) -> dict[str, Any]:
    """Maps of the pictures called positive: where their energy lies, and whether they are faithful."""
    test, found, labels = trial.splits["test"], trial.found["test"], trial.recipe.model.labels
    positive = [labels.index(name) for name in question.positive]
    called = np.flatnonzero(trial.yes(found.logits, question) >= trial.threshold(question))
    if not len(called):
        return {"map_energy": {}, "faithfulness": {"cases": 0, "gain": None}}
    shape = (test.grey.shape[1], test.grey.shape[2])
    drawn = looks.maps(found.cam[called], trial.probabilities(found.logits)[called], positive, shape)
    order = np.random.default_rng(0).permutation(len(called))[: looks.CASES]
    return {
        "map_energy": looks.energy(drawn, trial.recipe.regions),
        "faithfulness": looks.faithfulness(
            trial.session, test.images[called[order]], drawn[order], lambda z: trial.yes(z, question)
        ),
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
    if EVALUATION_FILE not in bundle.card.sha256:
        return None
    before = json.loads((bundle.folder / EVALUATION_FILE).read_text(encoding="utf-8"))
    if before.get("model_sha256") != bundle.card.sha256[NETWORK_FILE]:
        return None
    found: dict[str, Any] | None = before["questions"].get(question.name, {}).get("members")
    return found


def accepted(item: Acceptance, result: dict[str, Any]) -> dict[str, Any]:
    """One line of the acceptance table."""
    value = result["questions"][item.question][item.measure]
    reached = float(value["value"] if isinstance(value, dict) else value)
    low = item.at_least is None or reached >= item.at_least
    high = item.at_most is None or reached <= item.at_most
    return {**asdict(item), "reached": reached, "accepted": low and high}
