"""Pictures made from others, for networks that judge the input: inverted, turned, cut, noise, blank."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import ManifestError
from secondread.learn.data import load
from secondread.learn.examples import Examples, join
from secondread.learn.recipe import Recipe, Synthesis
from secondread.prepare.resize import resize

Picture = NDArray[np.float32]
FEWEST = 2  # patients of a label without whom a split has no interval


def whole_split(recipe: Recipe, root: Path, split: str) -> Examples:
    """A split as networks learn and are judged on: what the data sets hold, and what is made from it.

    An independent label must be there to be learnt; one that is missing from another split is told as not answered.

    Raises:
        ManifestError: If the data do not fit, or a label has too few patients.
    """
    found = with_synthetic(load(recipe, root, split), recipe, split)
    if not len(found):
        raise ManifestError(f"split {split!r}: found no picture. Add some, or widen data.only and data.judge_only.")
    if found.labels.ndim == 2 and split != "train":
        return found
    for number, label in enumerate(recipe.model.labels):
        holding = found.labels[:, number] == 1 if found.labels.ndim == 2 else found.labels == number
        count, needed = len(np.unique(found.patients[holding])), 1 if found.labels.ndim == 2 else FEWEST
        if count < needed:
            raise ManifestError(
                f"split {split!r}: found {count} patients labelled {label!r}, needed at least {needed}. "
                "Add some, or take the label out of the recipe."
            )
    return found


def with_synthetic(examples: Examples, recipe: Recipe, split: str) -> Examples:
    """The examples, followed by those the recipe asks to make from them; the same each time."""
    made = [synthetic(examples, item, recipe, split) for item in recipe.synthesise]
    return replace(join([examples, *made]), made=sum(map(len, made))) if made else examples


def synthetic(examples: Examples, item: Synthesis, recipe: Recipe, split: str) -> Examples:
    """Changed copies of a share of the pictures with one label."""
    seed = int.from_bytes(hashlib.sha256(f"{split} {item.label} {item.how}".encode()).digest()[:4])
    random = np.random.default_rng(seed)
    labels = recipe.model.labels
    source = np.flatnonzero(examples.labels == labels.index(item.source))
    index = np.sort(random.choice(source, size=round(len(source) * item.share), replace=False))
    change = CHANGES[item.how]
    grey = examples.batch(index)
    images = [np.rint(change(picture[0], random).clip(0, 1) * 255).astype(np.uint8)[None] for picture in grey]
    blank = np.zeros((0, *examples.images.shape[1:]), np.uint8)
    return Examples(
        np.stack(images) if images else blank,
        np.full(len(index), labels.index(item.label), dtype=np.int64),
        examples.patients[index],
        {name: values[index] for name, values in examples.groups.items()},
        np.array([f"{name} ({item.how})" for name in examples.names[index]], dtype=np.str_),
    )


def invert(picture: Picture, _random: np.random.Generator) -> Picture:
    """Black for white."""
    return np.float32(1.0) - picture


def rotate(picture: Picture, random: np.random.Generator) -> Picture:
    """A quarter, half or three quarter turn; half turns with or without a mirror."""
    turned = np.rot90(picture, int(random.integers(1, 4)))
    return np.ascontiguousarray(turned[:, ::-1] if random.random() < 0.5 else turned)


def crop(picture: Picture, random: np.random.Generator) -> Picture:
    """A part, enlarged: 25 to 60 % of each side, or 40 to 60 % of one and most of the other, as half a chest is."""
    height, width = picture.shape
    shares = random.uniform(0.25, 0.6, 2)
    if random.random() < 0.5:
        shares = random.permutation([random.uniform(0.4, 0.6), random.uniform(0.8, 1.0)])
    rows, columns = (max(2, round(side * share)) for side, share in zip((height, width), shares, strict=True))
    top, left = int(random.integers(0, height - rows + 1)), int(random.integers(0, width - columns + 1))
    return resize(np.ascontiguousarray(picture[top : top + rows, left : left + columns]), (height, width))


def noise(picture: Picture, random: np.random.Generator) -> Picture:
    """Grey noise of random grain; nothing of the picture is left."""
    height, width = picture.shape
    grain = int(random.choice([1, 2, 4, 8]))
    coarse = random.normal(0.5, random.uniform(0.05, 0.4), (-(-height // grain), -(-width // grain)))
    return resize(coarse.astype(np.float32), (height, width))


def blank(picture: Picture, random: np.random.Generator) -> Picture:
    """An even grey, or a soft slope, with hardly any noise."""
    height, width = picture.shape
    slope = np.outer(np.linspace(0, 1, height), np.ones(width)) * random.uniform(-0.3, 0.3)
    return (random.random() + slope + random.normal(0, 0.004, (height, width))).astype(np.float32)


CHANGES = {"invert": invert, "rotate": rotate, "crop": crop, "noise": noise, "blank": blank}
