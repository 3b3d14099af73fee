"""Figures from networks that had not seen the patient: every patient is left out once."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from secondread.core.errors import ManifestError
from secondread.learn.data import judged_of, load_set
from secondread.learn.distributed import first
from secondread.learn.evaluate import CROSS_VALIDATION_FILE
from secondread.learn.examples import Examples, join, take
from secondread.learn.folds import fold_of
from secondread.learn.judge_folds import Left, judge_folds
from secondread.learn.loop import Progress, fit
from secondread.learn.manifest import SPLITS
from secondread.learn.network import Ensemble, as_run
from secondread.learn.numbers_alone import columns, number_alone
from secondread.learn.predict import Predictions, outline_bytes
from secondread.learn.recipe import Recipe
from secondread.learn.shortcut import shortcut_probabilities
from secondread.learn.statistics import batch_size, layout


@dataclass(frozen=True, slots=True, eq=False)
class Folds:
    """All examples of a recipe, divided.

    Attributes:
        plain: As the network is run.
        train: The same at training size.
        fold: int64 [n], from 0.
        names: Of the folds.
        judged: bool [n], False where training alone sees an example.
    """

    plain: Examples
    train: Examples
    fold: NDArray[np.int64]
    names: list[str]
    judged: NDArray[np.bool_]


def cross_validate(recipe: Recipe, data_root: Path, out: Path, progress: Progress) -> dict[str, Any]:
    """Train one network for each fold on the patients of the others, and judge what they say of those left out.

    All splits of the manifest are used, so these networks are not the one that ships; they tell how well its recipe
    does. A fold's calibration and the threshold of its masks come from what other networks said of the patients left
    out of them. Where training may stop early, the next fold is kept aside for that. Of several processes all learn,
    and the first one writes.

    Args:
        recipe: Its ``cross_validation`` says how.
        data_root: Folder that holds the data sets.
        out: Folder for checkpoints, from which it goes on when it was killed; the result is written there too.
        progress: Called with events.

    Raises:
        ManifestError: If the patients cannot be divided so.
        RecipeError: If a checkpoint belongs to another training.
    """
    plan = recipe.cross_validation
    recipe = replace(recipe, train=replace(recipe.train, epochs=plan.epochs or recipe.train.epochs))
    folds = divided(recipe, data_root)
    kept = []
    for n, name in enumerate(folds.names):
        progress({"event": "fold", "name": name, "n": n + 1, "of": len(folds.names)})
        kept.append(leave_out(recipe, folds, n, out, data_root, inside(progress, name)))
    judged = np.flatnonzero(folds.judged)
    seen = folds.plain if folds.judged.all() else take(folds.plain, judged)
    result = {"folds": len(kept), "by": plan.by or "patients drawn at random", "seed": plan.seed, "seeds": plan.seeds}
    result |= judge_folds(recipe, seen, folds.fold[judged], folds.names, kept)
    if first():
        text = json.dumps(result, indent=1, sort_keys=True, allow_nan=False) + "\n"
        (out / CROSS_VALIDATION_FILE).write_text(text, encoding="utf-8")
    return result


def inside(progress: Progress, fold: str) -> Progress:
    """Events of the training of a fold, with its name."""
    return lambda event: progress(event | {"fold": fold})


def divided(recipe: Recipe, data_root: Path) -> Folds:
    """All splits of all sets, and who is left out when.

    Raises:
        ManifestError: If the data do not fit, or the patients cannot be divided so.
    """
    sizes = (recipe, recipe.at_training_size()) if recipe.train.side_px else (recipe,)
    plain, *small = (join([load_set(item, size, data_root, SPLITS) for item in size.data]) for size in sizes)
    fold, names = fold_of(plain, recipe.cross_validation)
    if recipe.train.patience and len(names) < 3:
        raise ManifestError(
            f"cross-validation by {recipe.cross_validation.by!r}: found {len(names)} values of it, needed three or "
            "more, because training may stop early and one of them is kept aside for that. Choose another column, or "
            "take train.patience out."
        )
    judged = judged_of(recipe, data_root, plain)
    empty = [name for n, name in enumerate(names) if not judged[fold == n].any()]
    if empty:
        raise ManifestError(
            f"cross-validation: fold {empty[0]!r} holds nothing to be judged. Ask for fewer folds, or widen "
            "data.judge_only."
        )
    return Folds(plain, small[0] if small else plain, fold, names, judged)


def leave_out(recipe: Recipe, folds: Folds, n: int, out: Path, data_root: Path, progress: Progress) -> Left:
    """The network and the baselines of one fold, and what they say of it."""
    fold = folds.fold
    aside = (n + 1) % len(folds.names) if recipe.train.patience else n
    learnt, here = np.flatnonzero((fold != n) & (fold != aside)), np.flatnonzero((fold == n) & folds.judged)
    plain, test = take(folds.plain, learnt), take(folds.plain, here)
    train = plain if folds.train is folds.plain else take(folds.train, learnt)
    val = test if aside == n else take(folds.plain, np.flatnonzero(fold == aside))  # in the first case unused
    splits = {"train": train, "plain": plain, "val": val}
    network = learnt_by_seeds(recipe, splits, checkpoint_of(out, n), progress, data_root)
    labels = len(recipe.model.labels)
    alone = {name: number_alone(*pair, plain, labels) for name, pair in columns(plain, test).items()}
    shortcut = shortcut_probabilities(plain, test, labels)
    index = np.flatnonzero(fold[folds.judged] == n)
    return Left(index, run(network, test, recipe), shortcut, alone if labels else {})


def learnt_by_seeds(
    recipe: Recipe, splits: dict[str, Examples], checkpoint: Path, progress: Progress, data_root: Path
) -> nn.Module:
    """The network of a fold, as the bundle runs it: of the first seed, or the mean of as many as the plan says."""
    first_seed, *more = recipe.train.seeds[: recipe.cross_validation.seeds]
    networks = [fit(recipe, first_seed, splits, checkpoint, progress, data_root)]
    for seed in more:
        place = checkpoint.parent / f"seed-{seed}" / checkpoint.name
        networks.append(fit(recipe, seed, splits, place, progress, data_root))
    network = Ensemble(networks, embedding=2 if recipe.model.labels else 0) if more else networks[0]
    return as_run(network, recipe)


def checkpoint_of(out: Path, n: int) -> Path:
    """Where the training of a fold, counted from 0, is kept."""
    return out / f"fold-{n + 1}" / "checkpoint.pt"


@torch.no_grad()
def run(network: nn.Module, examples: Examples, recipe: Recipe) -> Predictions:
    """A network over a split, without the detour through a file."""
    logits, outlines, size = [], [], batch_size(examples)
    for start in range(0, len(examples), size):
        found = network.eval()(layout(torch.from_numpy(examples.batch(slice(start, start + size))), network))
        if recipe.model.labels:
            logits.append(found[0].numpy())
        if recipe.model.structures:
            outlines.append(outline_bytes(found[-1].numpy()))
    blank = np.zeros((len(examples), 0))
    return Predictions(
        np.concatenate(logits).astype(np.float64) if logits else blank,
        np.zeros((len(examples), 0, 1, 1), np.float32),
        np.zeros((len(examples), 1), np.float32),
        np.concatenate(outlines) if outlines else None,
    )
