"""Tiny trainings of every kind, made of noise in memory: a recipe, and its pictures."""

from dataclasses import replace

import numpy as np

from secondread.core.card import InputContract
from secondread.learn.augmentation import Augmentation
from secondread.learn.examples import UNKNOWN, Examples
from secondread.learn.recipe import DataSet, ModelText, Network, Question, Recipe, Schedule

SIDE, COUNT = 16, 12
RECIPE = Recipe(
    ModelText("tiny", "0", "benchmark", "Tests.", ("Anything.",), "none", ("Noise.",), ("A test.",), ("no", "yes")),
    InputContract(SIDE, SIDE, "squeeze", ("CR",)),
    (DataSet("x", "0"),),
    Network("resnet18", (4, 4, 4, 4), "small"),
    Schedule(epochs=3, batch=4, learning_rate=5e-3, ema=0.5, precision="fp32"),
    Augmentation(brightness=0.1, noise=0.05),
    (Question("yes", ("yes",)),),
)
OUTLINED = {"structures": ("spot",)}


def change(recipe=RECIPE, *, model=None, network=None, train=None, **others):
    """The recipe with other keys."""
    parts = {"model": model, "network": network, "train": train}
    return replace(recipe, **{k: replace(getattr(recipe, k), **v) for k, v in parts.items() if v}, **others)


def examples(recipe=RECIPE, count=COUNT, seed=0):
    """Noise with a bright square where the answer is yes."""
    random = np.random.default_rng(seed)
    grid = recipe.input.grid
    images = random.integers(60, 120, (count, recipe.input.channels, *grid)).astype(np.uint8)
    labels = np.arange(count) % 2
    masks = np.zeros((count, *grid), np.uint8)
    masks[(labels == 1, *[slice(2, 7)] * len(grid))] = 1
    images[np.broadcast_to(masks[:, None] == 1, images.shape)] += 100
    if recipe.model.activation == "sigmoid":
        labels = np.stack([labels, random.integers(0, 2, count)], 1)
        labels[1, 0] = labels[2, 1] = UNKNOWN
    names = np.array([f"{seed}-{n}" for n in range(count)])
    outlined = bool(recipe.model.structures)
    return Examples(images, labels, names, {}, names, masks=masks if outlined else None)


def splits(recipe=RECIPE):
    """Train, plain and val."""
    train = examples(recipe)
    return {"train": train, "plain": train, "val": examples(recipe, seed=1)}


TRAININGS = {
    "classes": RECIPE,
    "dropout and mixup": change(network={"dropout": 0.3}, train={"mixup": 0.4, "label_smoothing": 0.1}),
    "early stop": change(train={"patience": 2}),
    "added gradients": change(train={"accumulate": 2}),
    "masks": change(model=OUTLINED, network={"decoder": (4, 4, 4)}),
    "masks, few of the empty": change(
        model=OUTLINED | {"labels": ()}, network={"decoder": (4, 4)}, train={"empty_share": 0.5}, questions=()
    ),
    "classes read by the mask": change(model=OUTLINED, network={"decoder": (4, 4, 4), "pooling": "mask"}),
    "independent labels": change(model={"activation": "sigmoid"}),
    "volumes": change(
        model=OUTLINED | {"labels": ()},
        network={"decoder": (4, 4, 4)},
        input=InputContract(8, 8, "centre", ("MR",), depth_px=8),
        questions=(),
    ),
    "frozen at first": change(train={"frozen_epochs": 2, "gradual": True, "backbone_rate": 0.1}),
}
