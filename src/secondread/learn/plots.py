"""The pictures a person would look at: reliability, ROC, and cases with their maps."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import Calibration
from secondread.engine.probabilities import calibrated
from secondread.learn.examples import Examples
from secondread.learn.judge import score, truth
from secondread.learn.looks import maps
from secondread.learn.predict import Predictions
from secondread.learn.recipe import Question, Recipe
from secondread.stats.auroc import roc_points

COLUMNS, ROWS = 5, 4


def draw(folder: Path, recipe: Recipe, test: Examples, found: Predictions, result: dict[str, Any]) -> None:
    """Write ``<question>-curves.png`` and ``<question>-maps.png`` for every question into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    probabilities = calibrated(found.logits, Calibration(**result["calibration"]))
    for question in recipe.questions:
        y = truth(test.labels, recipe.model.labels, question)
        p = score(probabilities, recipe.model.labels, question)
        part = result["questions"][question.name]
        curves(folder / f"{question.name}-curves.png", question, y, p, part)
        cases(folder / f"{question.name}-maps.png", question, recipe, test, found, probabilities, part["threshold"])


def curves(path: Path, question: Question, y: NDArray[np.int64], p: NDArray[np.float64], part: dict[str, Any]) -> None:
    """ROC with the operating point, and reliability with intervals."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    points = roc_points(y, p)
    left.plot(points.false_positive_rate, points.sensitivity, color="#1f4e79")
    left.plot([0, 1], [0, 1], color="#999999", linewidth=0.8)
    left.plot(1 - part["specificity"]["value"], part["sensitivity"]["value"], "o", color="#b3541e")
    area = part["auroc"]
    left.set(xlabel="1 - specificity", ylabel="sensitivity", aspect="equal")
    left.set_title(f"{question.name}: AUROC {area['value']:.3f} ({area['low']:.3f} to {area['high']:.3f})")
    for row in part["reliability"]:
        seen = row["observed"]
        spread = [[seen["value"] - seen["low"]], [seen["high"] - seen["value"]]]
        right.errorbar(row["mean_probability"], seen["value"], yerr=spread, fmt="o", color="#1f4e79", capsize=2)
        right.annotate(
            str(row["n"]),
            (row["mean_probability"], seen["value"]),
            fontsize=7,
            xytext=(4, -9),
            textcoords="offset points",
        )
    right.plot([0, 1], [0, 1], color="#999999", linewidth=0.8)
    right.set(xlabel="stated probability", ylabel="share that is positive", aspect="equal")
    right.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
    right.set_title(f"calibration: ECE {part['ece_before']:.3f} before, {part['ece']:.3f} after")
    figure.savefig(path, dpi=110)


def cases(
    path: Path,
    question: Question,
    recipe: Recipe,
    test: Examples,
    found: Predictions,
    probabilities: NDArray[np.float64],
    threshold: float,
) -> None:
    """Twenty pictures: the first five each of right and wrong answers, in the order of the set."""
    from matplotlib.figure import Figure

    labels = recipe.model.labels
    p, y = score(probabilities, labels, question), truth(test.labels, labels, question)
    figure = Figure(figsize=(2.6 * COLUMNS, 2.9 * ROWS), layout="constrained")
    figure.suptitle(f"{question.name}: answer, true label, probability. Colour: support, each map on its own scale")
    axes = figure.subplots(ROWS, COLUMNS)
    positive = [labels.index(name) for name in question.positive]
    shape = (test.grey.shape[1], test.grey.shape[2])
    for line, (words, found_so) in enumerate(kinds(y, p, threshold)):
        index = found_so[:COLUMNS]
        drawn = maps(found.cam[index], probabilities[index], positive, shape) if len(index) else np.zeros((0, *shape))
        if not len(index):
            axes[line, 0].text(0.0, 0.5, f"{words}: none")
        for column in range(COLUMNS):
            place = axes[line, column]
            place.axis("off")
            if column < len(index):
                place.imshow(test.grey[index[column]], cmap="gray", vmin=0, vmax=255)
                strength = drawn[column] / max(float(drawn[column].max()), 1e-6)
                place.imshow(strength, cmap="inferno", alpha=0.55 * strength, vmin=0, vmax=1)
                place.set_title(f"{words}, {labels[test.labels[index[column]]]}, {p[index[column]]:.2f}", fontsize=8)
    figure.savefig(path, dpi=90)


def kinds(y: NDArray[np.int64], p: NDArray[np.float64], threshold: float) -> list[tuple[str, NDArray[np.intp]]]:
    """Numbers of the pictures of each kind of answer, in the order of the set."""
    words = {(1, True): "found rightly", (1, False): "missed", (0, True): "found wrongly", (0, False): "left rightly"}
    return [
        (name, np.flatnonzero((y == true) & ((p >= threshold) == called))) for (true, called), name in words.items()
    ]
