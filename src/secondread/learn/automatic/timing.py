"""How long a step of a recipe takes on this machine, measured on noise: what a picture shows does not matter."""

import time
from collections.abc import Callable

import numpy as np
import torch

from secondread.learn.augment import augment
from secondread.learn.examples import Examples
from secondread.learn.precision import seconds_a_step, with_precision
from secondread.learn.recipe import Recipe

Timer = Callable[[Recipe], float]


def seconds(recipe: Recipe) -> float:
    """Seconds of one step: a batch is changed at random, the network learns from it."""
    noise = noise_for(recipe)
    images = torch.from_numpy(noise.batch(np.arange(len(noise))))
    masks = None if noise.masks is None else torch.from_numpy(noise.masks.astype(np.int64))
    random = torch.Generator().manual_seed(0)
    augment(images, recipe.augment, random, masks)
    began = time.perf_counter()
    augment(images, recipe.augment, random, masks)
    changed = time.perf_counter() - began
    return changed + seconds_a_step(with_precision(recipe, "fp32"), noise)


def noise_for(recipe: Recipe) -> Examples:
    """One batch of noise in the shape that the recipe asks for."""
    n, random = recipe.train.batch, np.random.default_rng(0)
    labels = np.arange(n) % max(1, len(recipe.model.labels))
    if recipe.model.activation == "sigmoid":
        labels = random.integers(0, 2, (n, len(recipe.model.labels)))
    grid = recipe.input.grid
    names = np.array([str(k) for k in range(n)], dtype=np.str_)
    return Examples(
        random.integers(0, 256, (n, *recipe.input.tensor_shape), dtype=np.uint8),
        labels.astype(np.int64),
        names,
        {},
        names,
        masks=random.integers(0, 1 + len(recipe.model.structures), (n, *grid), dtype=np.uint8)
        if recipe.model.structures
        else None,
    )
