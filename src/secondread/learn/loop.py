"""One training: from examples and a seed to a network, with checkpoints that survive a kill."""

import copy
import hashlib
import json
import math
import pickle
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from secondread.core.errors import RecipeError
from secondread.learn.augment import augment
from secondread.learn.data import Examples
from secondread.learn.network import Classifier
from secondread.learn.recipe import Recipe
from secondread.learn.weights import load_imagenet

Progress = Callable[[dict[str, Any]], None]
CLEAN_PICTURES = 4096
PARTS = ("network", "average", "optimiser", "schedule")
# Keys of [train] that decide which networks are made and how they are joined, not what one of them learns.
INDIFFERENT = frozenset({"seeds", "ensemble", "mirror", "side_px", "calibration", "fine_map"})


def silent(_event: dict[str, Any]) -> None:
    """A progress callback that says nothing."""


@dataclass(slots=True)
class State:
    """What changes while a network learns."""

    network: Classifier
    average: Classifier
    optimiser: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    epoch: int = 0


def fit(recipe: Recipe, seed: int, splits: dict[str, Examples], checkpoint: Path, progress: Progress) -> Classifier:
    """Train one network; continue from ``checkpoint`` if it is there.

    All randomness of an epoch comes from (seed, epoch), so a training that was killed and continued gives the same
    network as one that was not.

    Args:
        recipe: What to do.
        seed: Of the weights and of every epoch.
        splits: ``train``, the pictures at training size, and ``plain``, the same as the network will be run on.
        checkpoint: File that is replaced after each epoch.
        progress: Called with an event after each epoch.

    Returns:
        The averaged network, in evaluation mode, its batch statistics measured on unchanged pictures.

    Raises:
        RecipeError: If the checkpoint belongs to another training or is damaged, or the training diverges; the last
            good checkpoint is then kept.
    """
    state = start(recipe, seed, len(splits["train"]))
    if checkpoint.exists():
        restore(state, checkpoint, mark(recipe, seed))
    weights = class_weights(splits["train"], recipe)
    while state.epoch < recipe.train.epochs:
        random = torch.Generator().manual_seed(seed * 100_003 + state.epoch)
        torch.manual_seed(seed * 100_003 + state.epoch)
        loss = epoch(state, splits["train"], recipe, weights, random)
        state.epoch += 1
        check_finite(state, loss, seed)
        save(state, checkpoint, mark(recipe, seed))
        progress({"event": "epoch", "seed": seed, "epoch": state.epoch, "of": recipe.train.epochs, "loss": loss})
    measure_statistics(state.average, splits["plain"], seed)
    return state.average.eval()


def start(recipe: Recipe, seed: int, examples: int) -> State:
    """A fresh network and its optimiser."""
    torch.manual_seed(seed)
    network = Classifier(recipe.network, len(recipe.model.labels))
    if recipe.network.weights == "imagenet":
        load_imagenet(network.features)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    decayed = [p for p in network.parameters() if p.ndim > 1]
    plain = [p for p in network.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": recipe.train.weight_decay}, {"params": plain, "weight_decay": 0.0}],
        lr=recipe.train.learning_rate,
        fused=True,
    )
    steps = recipe.train.epochs * steps_per_epoch(examples, recipe)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.train.learning_rate, total_steps=steps, pct_start=0.15
    )
    return State(network, copy.deepcopy(network), optimiser, schedule)


def steps_per_epoch(examples: int, recipe: Recipe) -> int:
    """Full batches only, at least one: a batch of one picture has no batch statistics."""
    return max(1, examples // recipe.train.batch)


def class_weights(train: Examples, recipe: Recipe) -> torch.Tensor:
    """Loss weight of each class: inverse frequency to the power ``balance``, mean 1 over the pictures."""
    counts = np.bincount(train.labels, minlength=len(recipe.model.labels)).astype(np.float64)
    raw = np.where(counts > 0, (counts.sum() / np.maximum(counts, 1.0)) ** recipe.train.balance, 0.0)
    return torch.from_numpy(raw * counts.sum() / (raw * counts).sum()).float()


def epoch(state: State, train: Examples, recipe: Recipe, weights: torch.Tensor, random: torch.Generator) -> float:
    """One pass; returns the mean loss."""
    state.network.train()
    total, done = 0.0, 0
    for index in batches(len(train), recipe, random):
        images, _ = augment(torch.from_numpy(train.batch(index.numpy())), recipe.augment, random)
        targets = functional.one_hot(torch.from_numpy(train.labels[index.numpy()]), len(weights)).float()
        images, targets = mix(images, targets, recipe, random)
        loss = step(state, images, targets * weights, recipe)
        total, done = total + loss * len(index), done + len(index)
    return total / done


def batches(examples: int, recipe: Recipe, random: torch.Generator) -> Iterator[torch.Tensor]:
    """Indices of full batches in random order."""
    order = torch.randperm(examples, generator=random)
    for n in range(steps_per_epoch(examples, recipe)):
        yield order[n * recipe.train.batch : (n + 1) * recipe.train.batch]


def mix(
    images: torch.Tensor, targets: torch.Tensor, recipe: Recipe, random: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mixup (Zhang et al., ICLR 2018) and label smoothing (Szegedy et al., CVPR 2016)."""
    if recipe.train.mixup > 0:
        draw = np.random.default_rng(int(torch.randint(2**31, (1,), generator=random)))
        share = float(draw.beta(recipe.train.mixup, recipe.train.mixup))
        other = torch.randperm(len(images), generator=random)
        images = share * images + (1.0 - share) * images[other]
        targets = share * targets + (1.0 - share) * targets[other]
    smooth = recipe.train.label_smoothing
    return images, targets * (1.0 - smooth) + smooth / targets.shape[1]


def step(state: State, images: torch.Tensor, targets: torch.Tensor, recipe: Recipe) -> float:
    """One update of the network and of its running average."""
    images = images.contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16, enabled=recipe.train.precision == "bf16"):
        logits = state.network(images)[0]
    loss = -(targets * functional.log_softmax(logits.float(), 1)).sum(1).mean()
    state.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(state.network.parameters(), 2.0)
    state.optimiser.step()
    state.schedule.step()
    follow(state, recipe.train.ema)
    return float(loss.detach())


@torch.no_grad()
def follow(state: State, decay: float) -> None:
    """Move the averaged weights towards the current ones; faster in the first steps."""
    now = state.schedule.last_epoch
    share = 1.0 - min(decay, (1.0 + now) / (10.0 + now))
    for mean, value in zip(state.average.parameters(), state.network.parameters(), strict=True):
        mean.lerp_(value, share)


@torch.no_grad()
def measure_statistics(network: Classifier, plain: Examples, seed: int) -> None:
    """Measure the statistics of batch normalisation on unchanged pictures.

    Strong augmentation shifts them; a network that is then shown plain pictures answers with a bias.
    """
    norms = [part for part in network.modules() if isinstance(part, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean over all batches
    network.train()
    order = np.random.default_rng(seed).permutation(len(plain))[:CLEAN_PICTURES]
    for index in np.array_split(order, math.ceil(len(order) / 128)):
        network(torch.from_numpy(plain.batch(index)).contiguous(memory_format=torch.channels_last))
    network.eval()


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
    decisive = {
        "seed": seed,
        "labels": recipe.model.labels,
        "input": (seen.height_px, seen.width_px, seen.resize),
        "data": [(d.sha256, d.label, dict(d.classes), dict(d.only)) for d in recipe.data],
        "synthesise": [asdict(item) for item in recipe.synthesise],
        "network": asdict(recipe.network),
        "train": {key: value for key, value in asdict(recipe.train).items() if key not in INDIFFERENT},
        "augment": asdict(recipe.augment),
    }
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def save(state: State, path: Path, recipe_mark: str) -> None:
    """Replace the checkpoint in one move, so that a kill leaves the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    parts = {name: getattr(state, name).state_dict() for name in PARTS}
    torch.save({"recipe": recipe_mark, "epoch": state.epoch, **parts}, part)
    part.replace(path)


def restore(state: State, path: Path, recipe_mark: str) -> None:
    """Continue where a checkpoint stopped. One without a mark (of an earlier version) is taken if it fits.

    Raises:
        RecipeError: If it belongs to another recipe, data set or seed, or is damaged.
    """
    where = f"{path.parent.name}/{path.name}"
    try:
        saved = torch.load(path, weights_only=True)
        if saved.get("recipe", recipe_mark) != recipe_mark:
            raise RecipeError(
                f"{where}: made by another recipe, data set or seed. Take back the change of the recipe, or train into "
                "another folder with --out."
            )
        for name in PARTS:
            getattr(state, name).load_state_dict(saved[name])
        state.epoch = int(saved["epoch"])
    except (OSError, EOFError, LookupError, RuntimeError, TypeError, ValueError, pickle.UnpicklingError) as error:
        raise RecipeError(
            f"{where}: damaged, or of another network ({type(error).__name__}). Delete it and train that seed again."
        ) from error
