"""One training: from examples and a seed to a network, with checkpoints that survive a kill."""

import copy
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from secondread.learn.augment import augment
from secondread.learn.checkpoint import State, check_finite, mark, people_of, restore, save
from secondread.learn.curves import Point, keeping
from secondread.learn.cutmix import cutmix
from secondread.learn.distributed import agreed, average_gradients, check_batch, first, mean, own, share, synchronised
from secondread.learn.examples import Examples
from secondread.learn.network import network_of
from secondread.learn.recipe import Recipe
from secondread.learn.sampling import with_positives
from secondread.learn.statistics import batch_size, layout, measure_statistics, memory_format, validation_loss
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
    *,
    watched: bool = False,
) -> nn.Module:
    """Train one network; continue from ``checkpoint`` if it is there.

    All randomness of an epoch comes from (seed, epoch), so a training that was killed and continued gives the same
    network as one that was not.

    Args:
        recipe: What to do.
        seed: Of the weights and of every epoch.
        splits: ``train``, the pictures at training size; ``plain``, the same as the network will be run on; and ``val``
            where training may stop early or is watched.
        checkpoint: File that is replaced after each epoch; the curves stand beside it.
        progress: Called with an event after each epoch.
        root: Folder below which files of weights lie.
        watched: True measures the validation loss of every epoch, also where training does not stop early. The network
            is the same.

    Returns:
        The averaged network, in evaluation mode, its batch statistics measured on unchanged pictures.

    Raises:
        RecipeError: If the checkpoint belongs to another training or is damaged, or the training diverges; the last
            good checkpoint is then kept.
        OutputError: If the checkpoint or the curves cannot be written.
    """
    state = start(recipe, seed, splits["train"], root)
    if checkpoint.exists():
        restore(state, checkpoint, mark(recipe, seed))
    with keeping(checkpoint.parent, state.epoch, time.time()) if first() else nullcontext() as keep:
        while state.epoch < recipe.train.epochs and not given_up(state, recipe):
            point = advance(state, splits, recipe, seed, watched=watched)
            if keep is not None:  # the first process; the others write nothing
                keep(point)
                save(state, checkpoint, mark(recipe, seed))
            losses = {key: value for key, value in point.curves.items() if key.endswith("loss")}
            told = {"seed": seed, "epoch": state.epoch, "of": recipe.train.epochs, **losses}
            progress({"event": "epoch", **told, "seconds": round(point.seconds, 3)})
    if state.best is not None:
        state.average.load_state_dict(state.best)
    measure_statistics(state.average, splits["plain"], seed)
    return state.average.eval().cpu()


def advance(state: State, splits: dict[str, Examples], recipe: Recipe, seed: int, *, watched: bool) -> Point:
    """One epoch, and what is told of it."""
    began, train = time.perf_counter(), splits["train"]
    random = torch.Generator().manual_seed(seed * 100_003 + state.epoch)
    torch.manual_seed(seed * 100_003 + state.epoch)
    free(state.network, state.epoch, recipe)
    shown = sampled(train, recipe, random)
    loss = mean(epoch(state, train, recipe, class_weights(train, recipe), shown, random))
    learnt = time.perf_counter() - began
    state.epoch += 1
    check_finite(state, loss, seed)
    judged = None
    if recipe.train.patience or watched:
        judged = agreed(watch(state, splits, recipe, seed))
        check_finite(state, judged, seed)
        remember(state, judged, recipe)
    seen = min(len(shown), steps_per_epoch(len(shown), recipe) * recipe.train.batch)
    rate, now = float(max(state.schedule.get_last_lr())), time.perf_counter()
    return Point(state.epoch, loss, judged, rate, now - began, seen / learnt, time.time())


def start(recipe: Recipe, seed: int, train: Examples, root: Path = Path()) -> State:
    """A fresh network and its optimiser."""
    check_batch(recipe.train.batch)
    torch.manual_seed(seed)
    network = network_of(recipe)
    some = np.linspace(0, len(train) - 1, min(len(train), batch_size(train))).astype(np.int64)
    start_from(network, recipe.network, root, torch.from_numpy(train.batch(some)))
    network.to(device())
    network.to(memory_format=memory_format(network))  # type: ignore[call-overload]
    average, network = copy.deepcopy(network), synchronised(network)
    rate = recipe.train.learning_rate
    groups = parameter_groups(network, recipe)
    optimiser = torch.optim.AdamW(groups, lr=rate, fused=True)
    a_pass = -(-steps_per_epoch(len(sampled(train, recipe)), recipe) // recipe.train.accumulate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [group["lr"] for group in groups], total_steps=recipe.train.epochs * a_pass, pct_start=0.15
    )
    return State(network, average, optimiser, schedule, people_of(train))


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
    """Hold the weights of the backbone, or of its first stages, still for as long as the recipe says.

    Batch normalisation knows no rest: it always uses the batch while it learns, and its statistics are measured on the
    plain training pictures at the end, so that they are those of this data set also where the weights are another's.
    """
    plan = recipe.train
    stages = [part for part in network.features.children() if any(True for _ in part.parameters())]  # type: ignore[union-attr]
    for n, stage in enumerate(stages):
        held = plan.frozen_epochs * (len(stages) - n if plan.gradual else len(stages))
        stage.requires_grad_(epoch >= -(-held // len(stages)) and plan.backbone_rate > 0)


def given_up(state: State, recipe: Recipe) -> bool:
    """Whether the validation loss has not fallen for too long."""
    return 0 < recipe.train.patience <= state.waited


def watch(state: State, splits: dict[str, Examples], recipe: Recipe, seed: int) -> float:
    """Validation loss of the averaged network."""
    now = copy.deepcopy(state.average)
    measure_statistics(now, splits["plain"], seed)
    return validation_loss(now, splits["val"], recipe)


def remember(state: State, loss: float, recipe: Recipe) -> None:
    """Keep the averaged network when it is the best so far, where training may stop early."""
    if not recipe.train.patience:
        return
    if loss < state.best_loss:
        state.best, state.best_loss, state.waited = copy.deepcopy(state.average.state_dict()), loss, 0
    else:
        state.waited += 1


def steps_per_epoch(examples: int, recipe: Recipe) -> int:
    """Full batches only, at least one: a batch of one picture has no batch statistics."""
    return max(1, examples // recipe.train.batch)


def sampled(train: Examples, recipe: Recipe, random: torch.Generator | None = None) -> torch.Tensor:
    """Numbers of the examples that an epoch sees: all, or a share that has a label or a structure, and others."""
    everything = torch.arange(len(train))
    if recipe.train.positives.label:
        return everything if random is None else with_positives(train, recipe, random)
    if recipe.train.empty_share >= 1.0 or train.masks is None:
        return everything
    empty = torch.from_numpy(~train.masks.reshape(len(train), -1).any(1))
    without = everything[empty]
    kept = round(len(without) * recipe.train.empty_share)
    order = torch.arange(len(without)) if random is None else torch.randperm(len(without), generator=random)
    return torch.cat([everything[~empty], without[order[:kept]]])


def epoch(
    state: State,
    train: Examples,
    recipe: Recipe,
    weights: torch.Tensor,
    seen: torch.Tensor,
    random: torch.Generator,
) -> float:
    """One pass over the examples with the numbers ``seen``; returns the mean loss."""
    state.network.train()
    many, steps = recipe.train.accumulate, steps_per_epoch(len(seen), recipe)
    where = next(state.network.parameters()).device
    changes, weights, losses = own(random, where), weights.to(where), []
    for n, order in enumerate(batches(len(seen), recipe, random)):
        index = seen[share(order)].numpy()
        images, moved = batch_of(train, index, where)
        images, moved = augment(images, recipe.augment, changes, moved)
        images, targets = mix(images, targets_of(train, index, moved, recipe).to(where), recipe, changes)
        together = min(many, steps - n // many * many)  # fewer at the end of an epoch
        losses.append(step(state, images, targets, weights, recipe, together, last=n % many == together - 1))
    return float(torch.stack(losses).double().mean())


def batches(examples: int, recipe: Recipe, random: torch.Generator) -> Iterator[torch.Tensor]:
    """Indices of full batches in random order."""
    order = torch.randperm(examples, generator=random)
    for n in range(steps_per_epoch(examples, recipe)):
        yield order[n * recipe.train.batch : (n + 1) * recipe.train.batch]


def mix(
    images: torch.Tensor, targets: Targets, recipe: Recipe, random: torch.Generator
) -> tuple[torch.Tensor, Targets]:
    """Mixup (Zhang et al., ICLR 2018), CutMix, then label smoothing."""
    if recipe.train.mixup > 0 and targets.labels is not None and targets.known is not None:
        draw = np.random.default_rng(int(torch.randint(2**31, (1,), generator=random, device=random.device)))
        share = float(draw.beta(recipe.train.mixup, recipe.train.mixup))
        other = torch.randperm(len(images), generator=random, device=random.device)
        images = share * images + (1.0 - share) * images[other]
        labels, known = share * targets.labels + (1.0 - share) * targets.labels[other], targets.known[other]
        targets = replace(targets, labels=labels * targets.known * known, known=targets.known * known)
    if recipe.train.cutmix > 0:
        images, targets = cutmix(images, targets, recipe.train.cutmix, random)
    return images, smoothed(targets, recipe)


def step(
    state: State,
    images: torch.Tensor,
    targets: Targets,
    weights: torch.Tensor,
    recipe: Recipe,
    together: int = 1,
    *,
    last: bool = True,
) -> torch.Tensor:
    """The gradient of one of ``together`` batches; with the ``last``, an update of the network and of its average.

    Returns the loss, where the network is: nobody waits for a graphics card to tell it.
    """
    with torch.autocast(images.device.type, torch.bfloat16, enabled=recipe.train.precision == "bf16"):
        outputs = state.network(layout(images, state.network))
    loss = loss_of(outputs, targets, weights, recipe)
    (loss / together).backward()  # type: ignore[no-untyped-call]
    if last:
        average_gradients(state.network)
        nn.utils.clip_grad_norm_(state.network.parameters(), 2.0)
        state.optimiser.step()
        state.schedule.step()
        state.optimiser.zero_grad(set_to_none=True)
        follow(state, recipe.train.ema)
    return loss.detach()


@torch.no_grad()
def follow(state: State, decay: float) -> None:
    """Move the averaged weights towards the current ones; faster in the first steps."""
    now = state.schedule.last_epoch
    share = 1.0 - min(decay, (1.0 + now) / (10.0 + now))
    torch._foreach_lerp_(list(state.average.parameters()), list(state.network.parameters()), share)
