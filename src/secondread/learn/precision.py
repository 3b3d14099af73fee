"""Which arithmetic trains faster on this machine: ``precision = "auto"``."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from secondread.learn.determinism import is_deterministic
from secondread.learn.distributed import agreed, first
from secondread.learn.examples import Examples
from secondread.learn.loop import Progress, start, step
from secondread.learn.recipe import Recipe
from secondread.learn.targets import batch_of, class_weights, targets_of

STEPS = 3  # timed, after one that warms up
NAMES = ("fp32", "bf16")
GAIN = 0.9  # bf16 rounds more, so it must save at least a tenth of the time


def settle(recipe: Recipe, train: Examples, note: Path, progress: Progress, root: Path = Path()) -> Recipe:
    """The recipe with ``precision = "auto"`` decided: a few steps of both kinds are timed.

    The answer is kept, because a training that goes on in other arithmetic would end with another network. Several
    processes take what the first one measured. A deterministic training must not hang on a clock: it takes fp32.

    Args:
        recipe: What to do.
        train: The training pictures.
        note: File that keeps the answer, in a folder that is there; an answer that stands in it is taken.
        progress: Told what was taken, and the seconds a step of both kinds.
        root: Folder below which files of weights lie.
    """
    if recipe.train.precision != "auto":
        return recipe
    taken = note.read_text(encoding="utf-8") if note.exists() else ""
    if taken not in NAMES:
        timed = () if is_deterministic() else NAMES
        seconds = {name: seconds_a_step(with_precision(recipe, name), train, root) for name in timed}
        faster = bool(seconds) and seconds["bf16"] < GAIN * seconds["fp32"]
        taken = NAMES[round(agreed(float(faster)))]
        if first():
            note.write_text(taken, encoding="utf-8")
        progress({"event": "precision", "taken": taken, "seconds_a_step": seconds})
    return with_precision(recipe, taken)


def with_precision(recipe: Recipe, name: str) -> Recipe:
    """The same recipe in this arithmetic."""
    return replace(recipe, train=replace(recipe.train, precision=name))


def seconds_a_step(recipe: Recipe, train: Examples, root: Path = Path()) -> float:
    """The fastest of a few steps of a network that is then thrown away."""
    longer = replace(recipe.train, epochs=recipe.train.epochs + STEPS)  # a short training has fewer steps than these
    state = start(replace(recipe, train=longer), 0, train, root)
    index = np.arange(min(len(train), recipe.train.batch))
    where = next(state.network.parameters()).device
    images, moved = batch_of(train, index, where)
    targets, weights = targets_of(train, index, moved, recipe).to(where), class_weights(train, recipe).to(where)
    state.network.train()
    found = []
    for _ in range(STEPS + 1):
        began = time.perf_counter()
        float(step(state, images, targets, weights, recipe))  # waits for it
        found.append(time.perf_counter() - began)
    return min(found[1:])
