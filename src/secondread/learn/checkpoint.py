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
from secondread.core.prepare_step import steps_to
from secondread.learn.examples import Examples
from secondread.learn.recipe import Recipe

# What reading a file that is no checkpoint of this network ends in.
FAULTS = (OSError, EOFError, AttributeError, LookupError, RuntimeError, TypeError, ValueError, pickle.UnpicklingError)
PARTS = ("network", "average", "optimiser", "schedule")
# Keys of [train] that decide which networks are made and how they are joined, not what one of them learns.
INDIFFERENT = frozenset({"seeds", "ensemble", "mirror", "side_px", "calibration", "fine_map", "store"})
DATA = frozenset({"path", "sha256", "format", "label", "classes", "groups", "only"})
# Keys that were there from the start. The default of a later one means what was always done, so that it says nothing,
# and old checkpoints keep their marks.
ORIGINAL = {
    "network": frozenset({"backbone", "widths", "stem", "last_stride", "dropout", "weights"}),
    "train": frozenset({"epochs", "batch", "learning_rate", "weight_decay", "balance", "mixup"})
    | {"label_smoothing", "ema", "precision"},
    "augment": frozenset(),
    "data": DATA,
    "outlined data": DATA
    | {"unlabelled", "columns", "picture", "order", "parts", "degrade_px", "mask", "mask_values", "readers", "boxes"}
    | {"box_kinds", "box_px", "numbers"},
}
# Keys of a data set that only the evaluation reads.
JUDGING = frozenset({"numbers"})
# Keys of [augment] that change no picture.
VOUCHING = frozenset({"flip_is_harmless"})


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
        "network": original(recipe.network, "network") | later(recipe.network, "network"),
        "train": original(recipe.train, "train") | later(recipe.train, "train", INDIFFERENT),
        "augment": later(recipe.augment, "augment", VOUCHING),
    }
    if seen.prepare:
        decisive["prepare"] = steps_to(seen.prepare)
    if recipe.model.structures or recipe.model.activation != "softmax" or seen.channels > 1:
        decisive["outlines"] = (recipe.model.structures, recipe.model.activation, seen.tensor_shape)
        decisive["sets"] = [original(item, "outlined data") | later(item, "outlined data") for item in recipe.data]
    elif any(made := [later(item, "data", JUDGING) for item in recipe.data]):
        decisive["pictures"] = made
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def original(part: Any, name: str) -> dict[str, Any]:
    """The keys of a part of the recipe that were there from the start."""
    return {key: value for key, value in asdict(part).items() if key in ORIGINAL[name]}


def later(part: Any, name: str, left_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The later keys of a part of the recipe that say something else than what was always done."""
    usual = {f.name: f.default if f.default_factory is MISSING else f.default_factory() for f in fields(part)}
    new = usual.keys() - ORIGINAL[name] - left_out
    return {key: value for key, value in asdict(part).items() if key in new and getattr(part, key) != usual[key]}


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
    more = {name: getattr(state, name) for name in ("people", "best", "best_loss", "waited")}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save({"recipe": recipe_mark, "epoch": state.epoch, **more, **parts}, part)
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
