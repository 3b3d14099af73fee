"""What survives a kill: the state of a training after its last whole epoch."""

import hashlib
import json
import math
import pickle
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from secondread.core.errors import RecipeError
from secondread.learn.recipe import Recipe

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
        epoch: Whole epochs that are done.
        best: The average with the smallest validation loss, where training may stop early.
        best_loss: That loss.
        waited: Epochs since.
    """

    network: nn.Module
    average: nn.Module
    optimiser: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
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
        decisive["sets"] = [asdict(item) for item in recipe.data]
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def without_later(table: dict[str, Any], name: str) -> dict[str, Any]:
    """The keys of a part of the recipe that say something else than what was always done."""
    return {key: value for key, value in table.items() if key not in LATER[name] or value != LATER[name][key]}


def save(state: State, path: Path, recipe_mark: str) -> None:
    """Replace the checkpoint in one move, so that a kill leaves the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    parts = {name: getattr(state, name).state_dict() for name in PARTS}
    later = {name: getattr(state, name) for name in ("best", "best_loss", "waited")}
    torch.save({"recipe": recipe_mark, "epoch": state.epoch, **later, **parts}, part)
    part.replace(path)


def restore(state: State, path: Path, recipe_mark: str) -> None:
    """Continue where a checkpoint stopped. One without a mark (of an earlier version) is taken if it fits.

    Raises:
        RecipeError: If it belongs to another recipe, data set or seed, or is damaged.
    """
    where = f"{path.parent.name}/{path.name}"
    try:
        saved = torch.load(path, weights_only=True, map_location="cpu")
        if saved.get("recipe", recipe_mark) != recipe_mark:
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
    except (OSError, EOFError, LookupError, RuntimeError, TypeError, ValueError, pickle.UnpicklingError) as error:
        raise RecipeError(
            f"{where}: damaged, or of another network ({type(error).__name__}). Delete it and train that seed again."
        ) from error
