"""One training: from examples and a seed to a network, with checkpoints that survive a kill."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from secondread.learn.augment import augment
from secondread.learn.checkpoint import State, check_finite, mark, restore, save
from secondread.learn.examples import Examples
from secondread.learn.network import network_of
from secondread.learn.recipe import Recipe
from secondread.learn.statistics import layout, measure_statistics, validation_loss
from secondread.learn.targets import Targets, batch_of, class_weights, loss_of, smoothed, targets_of
from secondread.learn.weights import start_from

Progress = Callable[[dict[str, Any]], None]


def silent(_event: dict[str, Any]) -> None:
    """A progress callback that says nothing."""


def fit(
    recipe: Recipe,
    seed: int,
    splits: dict[str, Examples],
    checkpoint: Path,
    progress: Progress = silent,
    root: Path = Path(),
) -> nn.Module:
    """Train one network; continue from ``checkpoint`` if it is there.

    All randomness of an epoch comes from (seed, epoch), so a training that was killed and continued gives the same
    network as one that was not.

    Args:
        recipe: What to do.
        seed: Of the weights and of every epoch.
        splits: ``train``, the pictures at training size; ``plain``, the same as the network will be run on; and ``val``
            where training may stop early.
        checkpoint: File that is replaced after each epoch.
        progress: Called with an event after each epoch.
        root: Folder below which files of weights lie.

    Returns:
        The averaged network, in evaluation mode, its batch statistics measured on unchanged pictures.

    Raises:
        RecipeError: If the checkpoint belongs to another training or is damaged, or the training diverges; the last
            good checkpoint is then kept.
    """
    state = start(recipe, seed, splits["train"], root)
    if checkpoint.exists():
        restore(state, checkpoint, mark(recipe, seed))
    weights = class_weights(splits["train"], recipe)
    while state.epoch < recipe.train.epochs and not given_up(state, recipe):
        random = torch.Generator().manual_seed(seed * 100_003 + state.epoch)
        torch.manual_seed(seed * 100_003 + state.epoch)
        free(state.network, state.epoch, recipe)
        event = {"loss": epoch(state, splits["train"], recipe, weights, random)}
        state.epoch += 1
        check_finite(state, event["loss"], seed)
        if recipe.train.patience:
            event["validation_loss"] = watch(state, splits, recipe, seed)
        save(state, checkpoint, mark(recipe, seed))
        progress({"event": "epoch", "seed": seed, "epoch": state.epoch, "of": recipe.train.epochs, **event})
    if state.best is not None:
        state.average.load_state_dict(state.best)
    measure_statistics(state.average, splits["plain"], seed)
    return state.average.eval().cpu()


def start(recipe: Recipe, seed: int, train: Examples, root: Path = Path()) -> State:
    """A fresh network and its optimiser."""
    torch.manual_seed(seed)
    network = network_of(recipe)
    start_from(network, recipe.network, root)
    network.to(device())
    layout_of = torch.channels_last_3d if recipe.input.depth_px else torch.channels_last
    network.to(memory_format=layout_of)  # type: ignore[call-overload]
    rate = recipe.train.learning_rate
    groups = parameter_groups(network, recipe)
    optimiser = torch.optim.AdamW(groups, lr=rate, fused=True)
    a_pass = -(-steps_per_epoch(len(sampled(train, recipe)), recipe) // recipe.train.accumulate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [group["lr"] for group in groups], total_steps=recipe.train.epochs * a_pass, pct_start=0.15
    )
    return State(network, copy.deepcopy(network), optimiser, schedule)


def device() -> torch.device:
    """A graphics card where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def parameter_groups(network: nn.Module, recipe: Recipe) -> list[dict[str, Any]]:
    """Matrices decay, the rest does not; a backbone may learn more slowly than what follows it."""
    plan, found = recipe.train, []
    parts = (
        {"": plan.learning_rate}
        if plan.backbone_rate == 1.0
        else {"features.": plan.learning_rate * plan.backbone_rate, "": plan.learning_rate}
    )
    taken: set[str] = set()
    for prefix, rate in parts.items():
        named = {n: p for n, p in network.named_parameters() if n.startswith(prefix) and n not in taken}
        taken |= set(named)
        for decay, chosen in (
            (plan.weight_decay, [p for p in named.values() if p.ndim > 1]),
            (0.0, [p for p in named.values() if p.ndim <= 1]),
        ):
            found.append({"params": chosen, "weight_decay": decay, "lr": max(rate, 1e-12)})
    return found


def free(network: nn.Module, epoch: int, recipe: Recipe) -> None:
    """Hold the backbone, or its first stages, still for as long as the recipe says."""
    plan = recipe.train
    stages = list(network.features.children())  # type: ignore[union-attr]
    for n, stage in enumerate(stages):
        until = plan.frozen_epochs * (len(stages) - n) // len(stages) if plan.gradual else plan.frozen_epochs
        stage.requires_grad_(epoch >= until and plan.backbone_rate > 0)


def given_up(state: State, recipe: Recipe) -> bool:
    """Whether the validation loss has not fallen for too long."""
    return 0 < recipe.train.patience <= state.waited


def watch(state: State, splits: dict[str, Examples], recipe: Recipe, seed: int) -> float:
    """Validation loss of the averaged network, which is kept when it is the best so far."""
    now = copy.deepcopy(state.average)
    measure_statistics(now, splits["plain"], seed)
    loss = validation_loss(now, splits["val"], recipe)
    if loss < state.best_loss:
        state.best, state.best_loss, state.waited = copy.deepcopy(state.average.state_dict()), loss, 0
    else:
        state.waited += 1
    return loss


def steps_per_epoch(examples: int, recipe: Recipe) -> int:
    """Full batches only, at least one: a batch of one picture has no batch statistics."""
    return max(1, examples // recipe.train.batch)


def sampled(train: Examples, recipe: Recipe, random: torch.Generator | None = None) -> torch.Tensor:
    """Numbers of the examples that an epoch sees: all with a structure, and a share of those without."""
    everything = torch.arange(len(train))
    if recipe.train.empty_share >= 1.0 or train.masks is None:
        return everything
    empty = torch.from_numpy(~train.masks.reshape(len(train), -1).any(1))
    without = everything[empty]
    kept = round(len(without) * recipe.train.empty_share)
    order = torch.arange(len(without)) if random is None else torch.randperm(len(without), generator=random)
    return torch.cat([everything[~empty], without[order[:kept]]])


def epoch(state: State, train: Examples, recipe: Recipe, weights: torch.Tensor, random: torch.Generator) -> float:
    """One pass; returns the mean loss."""
    state.network.train()
    seen = sampled(train, recipe, random)
    total, done, steps = 0.0, 0, steps_per_epoch(len(seen), recipe)
    for n, order in enumerate(batches(len(seen), recipe, random), 1):
        index = seen[order].numpy()
        images, moved = batch_of(train, index)
        images, moved = augment(images, recipe.augment, random, moved)
        images, targets = mix(images, targets_of(train, index, moved, recipe), recipe, random)
        loss = step(state, images, targets, weights, recipe, last=n % recipe.train.accumulate == 0 or n == steps)
        total, done = total + loss * len(index), done + len(index)
    return total / done


def batches(examples: int, recipe: Recipe, random: torch.Generator) -> Iterator[torch.Tensor]:
    """Indices of full batches in random order."""
    order = torch.randperm(examples, generator=random)
    for n in range(steps_per_epoch(examples, recipe)):
        yield order[n * recipe.train.batch : (n + 1) * recipe.train.batch]


def mix(
    images: torch.Tensor, targets: Targets, recipe: Recipe, random: torch.Generator
) -> tuple[torch.Tensor, Targets]:
    """Mixup (Zhang et al., ICLR 2018), then label smoothing."""
    if recipe.train.mixup > 0 and targets.labels is not None and targets.known is not None:
        draw = np.random.default_rng(int(torch.randint(2**31, (1,), generator=random)))
        share = float(draw.beta(recipe.train.mixup, recipe.train.mixup))
        other = torch.randperm(len(images), generator=random)
        images = share * images + (1.0 - share) * images[other]
        labels, known = share * targets.labels + (1.0 - share) * targets.labels[other], targets.known[other]
        targets = replace(targets, labels=labels * targets.known * known, known=targets.known * known)
    return images, smoothed(targets, recipe)


def step(
    state: State, images: torch.Tensor, targets: Targets, weights: torch.Tensor, recipe: Recipe, *, last: bool = True
) -> float:
    """The gradient of one batch; with the ``last`` of several, an update of the network and of its running average."""
    where = next(state.network.parameters()).device
    images = layout(images).to(where)
    with torch.autocast(where.type, torch.bfloat16, enabled=recipe.train.precision == "bf16"):
        outputs = state.network(images)
    loss = loss_of(outputs, targets.to(where), weights.to(where), recipe)
    (loss / recipe.train.accumulate).backward()  # type: ignore[no-untyped-call]
    if last:
        nn.utils.clip_grad_norm_(state.network.parameters(), 2.0)
        state.optimiser.step()
        state.schedule.step()
        state.optimiser.zero_grad(set_to_none=True)
        follow(state, recipe.train.ema)
    return float(loss.detach())


@torch.no_grad()
def follow(state: State, decay: float) -> None:
    """Move the averaged weights towards the current ones; faster in the first steps."""
    now = state.schedule.last_epoch
    share = 1.0 - min(decay, (1.0 + now) / (10.0 + now))
    for mean, value in zip(state.average.parameters(), state.network.parameters(), strict=True):
        mean.lerp_(value, share)
