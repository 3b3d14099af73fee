"""What training from known weights gains over training from scratch, on the same patients, by cross-validation.

    python benchmarks/transfer.py recipes/dementia.toml --data ../shared/data --folds 3

Both arms see the same folds, seeds and schedule and differ in ``network.weights``; from scratch every layer learns at
the full rate, since there is nothing to keep. The difference of the areas under the curve has an interval from drawing
patients. The test split of the manifest takes part in no choice.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import machine
import numpy as np

from secondread.learn.cross_validation import Folds, divided, leave_out
from secondread.learn.examples import UNKNOWN
from secondread.learn.loop import silent
from secondread.learn.recipe import Recipe, read_recipe
from secondread.stats.auroc import auroc
from secondread.stats.bootstrap import bootstrap
from secondread.stats.interval import Interval
from secondread.stats.paired import compare

LEAST = 15


def main() -> None:
    """Train both ways and print both figures and their difference."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=0, help="of each training; 0 = as the recipe says")
    args = parser.parse_args()
    recipe = with_folds(read_recipe(args.recipe), args.folds, args.epochs)
    print(machine.facts("torch"))
    folds = divided(recipe, args.data)
    scratch = replace(
        recipe,
        network=replace(recipe.network, weights="random", weights_sha256=""),
        train=replace(recipe.train, backbone_rate=1.0, frozen_epochs=0),
    )
    arms = {recipe.network.weights: logits_of(recipe, folds, args.data), "random": logits_of(scratch, folds, args.data)}
    y, patients = judged_truth(recipe, folds)
    machine.line("recipe", f"{recipe.model.name}: {args.folds} folds, {recipe.train.epochs} epochs, mean over labels")
    for name, logits in arms.items():
        machine.line(f"AUROC from {name}", told(bootstrap(mean_area, patients, y, logits, n=2000, seed=1)))
    first, second = arms.values()
    test = compare(mean_area, patients, (y, first), (y, second), n=2000, seed=1)
    machine.line("gain over scratch", f"{told(test.difference)}, p = {test.p:.3g}")


def with_folds(recipe: Recipe, folds: int, epochs: int) -> Recipe:
    """One seed, this many folds."""
    train = replace(recipe.train, epochs=epochs or recipe.train.epochs, seeds=recipe.train.seeds[:1])
    return replace(recipe, train=train, cross_validation=replace(recipe.cross_validation, folds=folds, by="", epochs=0))


def logits_of(recipe: Recipe, folds: Folds, data: Path) -> np.ndarray:
    """Out-of-fold logits of every label, each fold centred on its own: float64 [n, label]."""
    found: np.ndarray | None = None
    with tempfile.TemporaryDirectory() as folder:
        for n in range(len(folds.names)):
            part = leave_out(recipe, folds, n, Path(folder), data, silent)
            logits = part.answers.logits
            if recipe.model.activation == "softmax":
                logits = logits - logits.mean(1, keepdims=True)
            found = np.zeros((int(folds.judged.sum()), logits.shape[1])) if found is None else found
            found[part.index] = logits
    return found


def judged_truth(recipe: Recipe, folds: Folds) -> tuple[np.ndarray, np.ndarray]:
    """Truth [n, label], ``UNKNOWN`` where not known, and the patients [n], of the cases that are judged."""
    labels = folds.plain.labels[folds.judged]
    if labels.ndim == 1:
        hot = np.stack([np.where(labels == UNKNOWN, UNKNOWN, labels == n) for n in range(len(recipe.model.labels))], 1)
        labels = hot
    return labels.astype(np.int64), folds.plain.patients[folds.judged]


def mean_area(y: np.ndarray, logits: np.ndarray) -> float | None:
    """Mean area over the labels with enough cases."""
    areas = []
    for k in range(y.shape[1]):
        known = y[:, k] != UNKNOWN
        if min((y[known, k] == 1).sum(), (y[known, k] == 0).sum()) >= LEAST:
            areas.append(auroc(y[known, k], logits[known, k]))
    return float(np.mean(areas)) if areas else None


def told(interval: Interval) -> str:
    """An interval in words."""
    return f"{interval.value:+.3f} ({interval.low:+.3f} to {interval.high:+.3f})"


if __name__ == "__main__":
    main()
