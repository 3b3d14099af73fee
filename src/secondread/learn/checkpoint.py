"""What survives a kill: the state of a training after its last whole epoch."""

import hashlib
import json
import math
import pickle
from dataclasses import MISSING, asdict, dataclass, fields
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from torch import nn

from secondread.core.errors import OutputError, RecipeError
from secondread.learn.examples import Examples
from secondread.learn.recipe import DataSet, Recipe

# What reading a file that is no checkpoint of this network ends in.
FAULTS = (OSError, EOFError, AttributeError, LookupError, RuntimeError, TypeError, ValueError, pickle.UnpicklingError)
# Keys of a data set that decide its pictures and came later.
LATER_KEYS = ("judge_only", "plausible")  # later still: without a say they leave old marks as they are
PICTURE_KEYS = ("unlabelled", "columns", "picture", "order", "parts", "degrade_px")
PARTS = ("network", "average", "optimiser", "schedule")
# Keys of [train] that decide which networks are made and how they are joined, not what one of them learns.
INDIFFERENT = frozenset({"seeds", "ensemble", "mirror", "side_px", "calibration", "fine_map", "store"})
# Keys that came later, with the value that means what was done before: without a say, they leave old marks as they are.
LATER: dict[str, dict[str, Any]] = {
    "network": {"weights_sha256": "", "decoder": (), "head_level": 0, "pooling": "mean", "standardise": True},
    "train": {
        "mask_weight": 1.0,
        "dice": 1.0,
        "empty_share": 1.0,
        "backbone_rate": 1.0,
        "frozen_epochs": 0,
        "gradual": False,
        "accumulate": 1,
        "patience": 0,
    },
}


@dataclass(slots=True)
class State:
    """What changes while a network learns.

    Attributes:
        network: Learns.
        average: Follows it, and is what is kept.
        optimiser: Moves the weights.
        schedule: Of the learning rate.
        people: Whom it learns from, :func:`people_of`.
        epoch: Whole epochs that are done.
        best: The average with the smallest validation loss, where training may stop early.
        best_loss: That loss.
        waited: Epochs since.
    """

    network: nn.Module
    average: nn.Module
    optimiser: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    people: str = ""
    epoch: int = 0
    best: dict[str, Any] | None = None
    best_loss: float = math.inf
    waited: int = 0


def check_finite(state: State, loss: float, seed: int) -> None:
    """Stop a training whose numbers have left the range of numbers.

    Raises:
        RecipeError: If the loss or a weight is not finite.
    """
    if not (math.isfinite(loss) and all(bool(p.isfinite().all()) for p in state.average.parameters())):
        raise RecipeError(
            f"seed {seed}: the training diverged in epoch {state.epoch} (loss {loss:.3g}; needed finite numbers). "
            "Lower train.learning_rate, or set train.precision to fp32, and train again."
        )


def mark(recipe: Recipe, seed: int) -> str:
    """SHA-256 (hex) of all that decides the weights: a checkpoint with another one belongs to another training."""
    seen = recipe.at_training_size().input
    decisive: dict[str, Any] = {
        "seed": seed,
        "labels": recipe.model.labels,
        "input": (seen.height_px, seen.width_px, seen.resize),
        "data": [(d.sha256, d.label, dict(d.classes), dict(d.only)) for d in recipe.data],
        "synthesise": [asdict(item) for item in recipe.synthesise],
        "network": without_later(asdict(recipe.network), "network"),
        "train": without_later(
            {key: value for key, value in asdict(recipe.train).items() if key not in INDIFFERENT}, "train"
        ),
        "augment": {key: value for key, value in asdict(recipe.augment).items() if value},
    }
    if recipe.model.structures or recipe.model.activation != "softmax" or seen.channels > 1:
        decisive["outlines"] = (recipe.model.structures, recipe.model.activation, seen.tensor_shape)
        decisive["sets"] = [
            {key: value for key, value in asdict(item).items() if value or key not in LATER_KEYS}
            for item in recipe.data
        ]
    elif any(later := [later_keys(item) for item in recipe.data]):
        decisive["pictures"] = later
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def without_later(table: dict[str, Any], name: str) -> dict[str, Any]:
    """The keys of a part of the recipe that say something else than what was always done."""
    return {key: value for key, value in table.items() if key not in LATER[name] or value != LATER[name][key]}


def later_keys(item: DataSet) -> dict[str, Any]:
    """The keys of a data set that say how its pictures are made otherwise than was always done."""
    usual = {field.name: field.default if field.default is not MISSING else {} for field in fields(DataSet)}
    return {key: value for key in PICTURE_KEYS if (value := getattr(item, key)) != usual[key]}


def people_of(train: Examples) -> str:
    """SHA-256 (hex) of whom a network learns from: the trainings of a cross-validation differ in nothing else."""
    return hashlib.sha256("\n".join(chain(train.names, train.patients)).encode()).hexdigest()


def save(state: State, path: Path, recipe_mark: str) -> None:
    """Replace the checkpoint in one move, so that a kill leaves the old or the new one.

    Raises:
        OutputError: If it cannot be written; the one before stays.
    """
    part = path.with_suffix(".part")
    parts = {name: getattr(state, name).state_dict() for name in PARTS}
    later = {name: getattr(state, name) for name in ("people", "best", "best_loss", "waited")}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save({"recipe": recipe_mark, "epoch": state.epoch, **later, **parts}, part)
        part.replace(path)
    except (OSError, RuntimeError) as error:  # a full disk is a RuntimeError of torch
        raise OutputError(
            f"{path.parent.name}/{path.name}: the checkpoint of epoch {state.epoch} cannot be written "
            f"({type(error).__name__}). Make room on the disk, and continue with --resume."
        ) from error


def restore(state: State, path: Path, recipe_mark: str) -> None:
    """Continue where a checkpoint stopped. One without a mark (of an earlier version) is taken if it fits.

    Raises:
        RecipeError: If it belongs to another recipe, data set or seed, or is damaged.
    """
    where = f"{path.parent.name}/{path.name}"
    try:
        saved = torch.load(path, weights_only=True, map_location="cpu")
        others = state.people and saved.get("people", state.people) != state.people
        if saved.get("recipe", recipe_mark) != recipe_mark or others:
            raise RecipeError(
                f"{where}: made by another recipe, data set or seed. Take back the change of the recipe, or train into "
                "another folder with --out."
            )
        for name in PARTS:
            getattr(state, name).load_state_dict(saved[name])
        state.epoch = int(saved["epoch"])
        state.best, state.best_loss, state.waited = (
            saved.get("best"),
            float(saved.get("best_loss", math.inf)),
            int(saved.get("waited", 0)),
        )
    except FAULTS as error:
        raise RecipeError(
            f"{where}: damaged, or of another network ({type(error).__name__}). Delete it and train that seed again."
        ) from error
