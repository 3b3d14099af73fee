"""What a network will be shown in training: a few pictures of every class, plain, prepared, and changed at random."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from secondread.core.errors import ManifestError
from secondread.learn.answers import marks_of
from secondread.learn.augment import augment
from secondread.learn.data import few, load_npz, outlined
from secondread.learn.manifest import Row, check_split, chosen
from secondread.learn.pictures import Pictures, one_each
from secondread.learn.recipe import DataSet, Recipe
from secondread.learn.rows import rows_for
from secondread.learn.synthesise import CHANGES

Grey = NDArray[np.float32]
LOOKED_AT = 8  # pictures of a class among which those with the largest outlines are shown
ALONE = 3  # pictures where there is one data set, and it has one class


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One picture: grey float32 [channel, *grid], and the number of the structure at each place, or None."""

    grey: Grey
    mask: NDArray[np.uint8] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """A picture and what becomes of it.

    Attributes:
        title: Data set and class.
        plain: In model space, nothing done.
        prepared: After the steps of the recipe; None when it has none.
        changed: As training sees it, each time another way.
    """

    title: str
    plain: Shown
    prepared: Shown | None
    changed: tuple[Shown, ...]


def strips(recipe: Recipe, root: Path, *, samples: int = 6, most: int = 12, seed: int = 1) -> list[Strip]:
    """One strip for each class of each data set, and for each kind of picture made from others.

    Only the training split is looked at. The hash of a data set is not checked: a preview comes before a training.

    Args:
        recipe: The whole recipe.
        root: Folder of the data sets.
        samples: Changed pictures in a strip.
        most: Strips at most.
        seed: Decides which pictures are shown, and every change.

    Raises:
        ManifestError: If a data set does not fit the recipe, or its training split is empty.
    """
    recipe = recipe.at_training_size()
    draw, random = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    found: list[Strip] = []
    for item in recipe.data:
        pairs = of_npz(item, recipe, root, draw) if item.format == "npz" else of_manifest(item, recipe, root, draw)
        for label, plain, prepared in pairs:
            title = f"{Path(item.path).name}: {label}" if label else Path(item.path).name
            found.append(strip(title, plain, prepared, recipe, (samples, random)))
            if len(found) == most:
                return found
    return found + list(made(found, recipe, draw, (samples, random)))[: most - len(found)]


def strip(title: str, plain: Shown, prepared: Shown, recipe: Recipe, times: tuple[int, torch.Generator]) -> Strip:
    """One picture, changed several times at once."""
    samples, random = times
    images = torch.from_numpy(prepared.grey)[None].repeat(samples, *[1] * prepared.grey.ndim)
    mask = prepared.mask
    masks = None if mask is None else torch.from_numpy(mask.astype(np.int64))[None].repeat(samples, *[1] * mask.ndim)
    seen, moved = augment(images, recipe.augment, random, masks)
    outlines = [None] * samples if moved is None else list(moved.numpy().astype(np.uint8))
    changed = tuple(Shown(grey, outline) for grey, outline in zip(seen.numpy(), outlines, strict=True))
    return Strip(title, plain, prepared if recipe.input.prepare else None, changed)


def of_manifest(
    item: DataSet, recipe: Recipe, root: Path, draw: np.random.Generator
) -> Iterator[tuple[str, Shown, Shown]]:
    """(class, plain, prepared) of a picture of each class, or of several where there is one class alone."""
    folder = root / item.path
    every = chosen(item, rows_for(item, recipe, folder), folder.name)
    check_split(every, folder.name)
    rows = [row for row in few(item, one_each(item, every)) if row.split == "train"]
    if not rows:
        raise ManifestError(f"data set {folder.name}: no row is for training. Check its column split.")
    contracts = (replace(recipe.input, prepare=()), recipe.input)
    makers = [Pictures(item, folder, contract, every) for contract in contracts]
    classes = kinds(item, rows)
    each = ALONE if len(classes) == len(recipe.data) == 1 else 1
    for label, members in classes.items():
        some = [members[k] for k in draw.permutation(len(members))[:LOOKED_AT]]
        masks = outlined(some, recipe, item, folder)[0]
        order = np.arange(len(some)) if masks is None else np.argsort(-(masks > 0).reshape(len(some), -1).sum(1))
        for k in order[:each]:
            mask = None if masks is None else masks[k]
            plain, prepared = (Shown(maker.of(some[k]).astype(np.float32) / 255.0, mask) for maker in makers)
            yield label, plain, prepared


def kinds(item: DataSet, rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows by label; with independent labels a row stands below each of its own, or below ``none``."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        own = [row.label]
        if item.columns or item.answers:
            own = [label for label, mark in marks_of(item, row.cells).items() if mark == 1] or ["none"]
        for label in own:
            found.setdefault(label, []).append(row)
    return dict(sorted(found.items()))


def of_npz(item: DataSet, recipe: Recipe, root: Path, draw: np.random.Generator) -> Iterator[tuple[str, Shown, Shown]]:
    """The same for a file laid out as MedMNIST does."""
    plain = replace(recipe, input=replace(recipe.input, prepare=()))
    bare, ready = (load_npz(item, how, root, "train") for how in (plain, recipe))
    for number, label in enumerate(recipe.model.labels):
        members = np.flatnonzero(ready.labels == number)
        if len(members):
            k = int(draw.choice(members))
            yield label, Shown(bare.batch(slice(k, k + 1))[0]), Shown(ready.batch(slice(k, k + 1))[0])


def made(
    found: Sequence[Strip], recipe: Recipe, draw: np.random.Generator, times: tuple[int, torch.Generator]
) -> Iterator[Strip]:
    """Strips of the pictures that the recipe makes from others."""
    for item in recipe.synthesise:
        source = next((s for s in found if s.title.endswith(f": {item.source}")), None)
        if source is not None:
            before = (source.prepared or source.plain).grey
            after = Shown(CHANGES[item.how](before[0], draw).clip(0, 1).astype(np.float32)[None])
            yield strip(f"{item.label}: {item.how} of {item.source}", after, after, recipe, times)
