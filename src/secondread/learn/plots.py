"""The pictures a person would look at: reliability, ROC, and cases with their maps."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import Calibration
from secondread.engine.probabilities import calibrated
from secondread.learn.card_rows.questions import not_answered
from secondread.learn.contact_sheets import contours, marks
from secondread.learn.examples import UNKNOWN, Examples, take
from secondread.learn.judge import score, truth
from secondread.learn.judge_outlines import drawn
from secondread.learn.looks import maps
from secondread.learn.predict import Predictions
from secondread.learn.recipe import Question, Recipe
from secondread.stats.auroc import roc_points

COLUMNS, ROWS = 5, 4


def draw(folder: Path, recipe: Recipe, test: Examples, found: Predictions, result: dict[str, Any]) -> None:
    """Write pictures of what was judged into ``folder``.

    ``<question>-curves.png`` and ``<question>-maps.png`` for every question that is answered,
    ``<structure>-outlines.png`` for every structure and ``<structure>-marks.png`` for every kind of mark.
    """
    folder.mkdir(parents=True, exist_ok=True)
    labels, how, silent = recipe.model.labels, Calibration(**result["calibration"]), not_answered(result)
    probabilities = calibrated(found.logits, how, recipe.model.activation) if labels else found.logits
    for question in recipe.questions:
        part, y = result["questions"][question.name], truth(test.labels, labels, question)
        if question.name in silent:
            continue
        known = np.flatnonzero(y != UNKNOWN)
        p = score(probabilities, labels, question)
        curves(folder / f"{question.name}-curves.png", question, y[known], p[known], part)
        seen = Seen(take(test, known), found.cam[known], probabilities[known], y[known], p[known])
        cases(folder / f"{question.name}-maps.png", question, labels, seen, part["threshold"])
    if found.outlines is not None and test.masks is not None:
        for n, name in enumerate(recipe.model.structures):
            if name not in result["structures_found"]:
                continue
            threshold = result["structures_found"][name]["threshold"]
            contours(folder / f"{name}-outlines.png", name, test, n, drawn(found.outlines, n, threshold))
        for name, part in result["marks"].items():
            n = recipe.model.structures.index(name)
            marks(folder / f"{name}-marks.png", name, test, found.outlines, n, part["threshold"])


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Pictures with one question's answers.

    Attributes:
        examples: The pictures.
        cam: float32 [n, label, *grid].
        probabilities: Calibrated, [n, label].
        y: Truth, 0/1 [n].
        p: Probability of yes [n].
    """

    examples: Examples
    cam: NDArray[np.float32]
    probabilities: NDArray[np.float64]
    y: NDArray[np.int64]
    p: NDArray[np.float64]


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


def cases(path: Path, question: Question, labels: tuple[str, ...], seen: Seen, threshold: float) -> None:
    """Twenty pictures: the first five each of right and wrong answers, in the order of the set.

    Of volumes the middle slice is shown, without a map.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2.6 * COLUMNS, 2.9 * ROWS), layout="constrained")
    figure.suptitle(f"{question.name}: answer, true label, probability. Colour: support, each map on its own scale")
    axes = figure.subplots(ROWS, COLUMNS)
    grey, names = seen.examples.grey, true_names(seen, labels)
    for line, (words, found_so) in enumerate(kinds(seen.y, seen.p, threshold)):
        index = found_so[:COLUMNS]
        strengths = strength(seen, index, [labels.index(name) for name in question.positive])
        if not len(index):
            axes[line, 0].text(0.0, 0.5, f"{words}: none")
        for column in range(COLUMNS):
            place = axes[line, column]
            place.axis("off")
            if column < len(index):
                place.imshow(grey[index[column]], cmap="gray", vmin=0, vmax=255)
                if strengths is not None:
                    support = strengths[column]
                    place.imshow(support, cmap="inferno", alpha=0.55 * support, vmin=0, vmax=1)
                place.set_title(f"{words}, {names[index[column]]}, {seen.p[index[column]]:.2f}", fontsize=8)
    figure.savefig(path, dpi=90)


def strength(seen: Seen, index: NDArray[np.intp], positive: list[int]) -> NDArray[np.float32] | None:
    """Maps of some pictures, float32 [n, h, w], each up to 1; None where there are none."""
    if not len(index) or seen.cam.ndim != 4:
        return None
    shape = (seen.examples.grey.shape[1], seen.examples.grey.shape[2])
    apart = seen.examples.labels.ndim == 2
    found = maps(seen.cam[index], seen.probabilities[index], positive, shape, apart=apart)
    return np.asarray(found / np.maximum(found.max((1, 2), keepdims=True), 1e-6))


def true_names(seen: Seen, labels: tuple[str, ...]) -> list[str]:
    """The true label of each picture; of independent labels whether it has the one asked for."""
    if seen.examples.labels.ndim == 2:
        return ["yes" if value else "no" for value in seen.y]
    return [labels[n] for n in seen.examples.labels]


def kinds(y: NDArray[np.int64], p: NDArray[np.float64], threshold: float) -> list[tuple[str, NDArray[np.intp]]]:
    """Numbers of the pictures of each kind of answer, in the order of the set."""
    words = {(1, True): "found rightly", (1, False): "missed", (0, True): "found wrongly", (0, False): "left rightly"}
    return [
        (name, np.flatnonzero((y == true) & ((p >= threshold) == called))) for (true, called), name in words.items()
    ]
