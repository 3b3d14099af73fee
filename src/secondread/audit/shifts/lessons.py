"""What the taught part of a distance learns from: damaged pictures, and pictures of other sources."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from secondread.audit.assessed import Assessed
from secondread.audit.shifts.broken import UPSIDE_DOWN, usual
from secondread.audit.shifts.damage import (
    Bytes,
    Damage,
    Floats,
    Plane,
    Random,
    added_noise,
    blank,
    changed,
    corner,
    damaged,
    inverted,
    jpeg_crushed,
    moved,
    out_of_focus,
    upside_down,
    white_noise,
)
from secondread.audit.shifts.elsewhere import Drawn
from secondread.audit.shifts.sets import far_sets, shown_in
from secondread.learn.adversarial import attacked

FEWEST, MOST, ENOUGH = 100, 300, 4_000_000  # training pictures of each damage, and numbers of all of them
IN_VALIDATION = 24
ATTACKED, EPSILONS = {"train": 40, "val": 12}, (2, 4, 8)  # pictures of each size of attack, in 255
SEEDS = {"train": 11, "val": 2011}
ATTACK, TEXTURE = "adversarial", "texture"
STEEPEST = 3.5  # of the power of a texture over its frequency


def pixelated(side: int) -> Plane:
    """Blocks of this many pixels a side have one grey."""
    return lambda plane, _: np.repeat(np.repeat(plane[::side, ::side], side, 0), side, 1)[
        : plane.shape[0], : plane.shape[1]
    ]


def half_missing(share: float, side: int) -> Plane:
    """This share is black, from the top, bottom, left or right."""

    def change(plane: Floats, _: Random) -> Floats:
        turned = np.rot90(plane.copy(), side)
        turned[: round(turned.shape[0] * share)] = 0.0
        return np.rot90(turned, -side)

    return change


def exposed(factor: float, *, dark: bool) -> Plane:
    """Most of it white, or most of it black."""
    return lambda plane, _: 1.0 - (1.0 - plane) * factor if dark else plane * factor


DRAWN: Mapping[str, Damage] = MappingProxyType(
    {
        "white noise": white_noise,
        "added noise (sd 0.15)": lambda random: added_noise(random.uniform(0.08, 0.3)),
        "inverted": inverted,
        UPSIDE_DOWN: upside_down,
        "corner enlarged": lambda random: corner(
            random.uniform(0.35, 0.6), bottom=bool(random.integers(2)), right=bool(random.integers(2))
        ),
        "JPEG quality 5": lambda random: jpeg_crushed(int(random.integers(2, 9))),
        "out of focus": lambda random: out_of_focus(random.uniform(0.02, 0.06)),
        "moved sideways": lambda random: moved(random.uniform(0.1, 0.25), int(random.integers(2))),
        "blank": blank,
        "pixelated": lambda random: pixelated(int(random.integers(4, 9))),
        "half missing": lambda random: half_missing(random.uniform(0.3, 0.6), int(random.integers(4))),
        "exposure": lambda random: exposed(random.uniform(2.5, 5.0), dark=bool(random.integers(2))),
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """Inputs of one kind that a network should not be given.

    Attributes:
        kind: Name of a damage of ``DRAWN``, ``ATTACK``, the examination that it shows, or ``TEXTURE``.
        images: uint8 [n, channel, *grid].
    """

    kind: str
    images: Bytes


def lessons(seen: Assessed, split: str, known: NDArray[np.intp]) -> Iterator[Lesson]:
    """Every lesson for a bundle.

    Args:
        seen: The bundle.
        split: ``train`` to learn from, ``val`` for the threshold: then there are fewer.
        known: Which inputs of the split it is meant to be given.
    """
    recipe, pictures = seen.trial.recipe, seen.trial.splits[split].images
    each, seed = how_many(math.prod(pictures.shape[1:]), split), SEEDS[split]
    for number, (kind, damage) in enumerate(DRAWN.items()):
        if kind not in usual(recipe):
            chosen = some(known, each, seed + number)
            made = damaged(damage, pictures[chosen], seed + number)
            yield Lesson(kind, made[changed(pictures[chosen], made)])
    for epsilon in EPSILONS:
        chosen = some(known, ATTACKED[split], seed + 100 + epsilon)
        yield Lesson(ATTACK, attacked(seen.bundle, pictures[chosen], epsilon / 255.0))
    for shift in far_sets(recipe, seen.data_root, Drawn(split, seed, each // 2)):
        yield Lesson(shown_in(shift.name), shift.images)
    yield Lesson(TEXTURE, textures(recipe.input.tensor_shape, each, seed))


def how_many(size: int, split: str) -> int:
    """Pictures of each damage: fewer where an input has many numbers, since then the network takes long."""
    return IN_VALIDATION if split == "val" else max(FEWEST, min(MOST, ENOUGH // size))


def some(known: NDArray[np.intp], most: int, number: int) -> NDArray[np.intp]:
    """At most so many of them, in order."""
    return np.sort(np.random.default_rng(number).permutation(known)[:most])


def textures(shape: tuple[int, ...], count: int, seed: int) -> Bytes:
    """Clouds of any coarseness: normal noise whose power falls with its frequency; every channel and slice alike."""
    rows, columns = shape[-2:]
    away = np.hypot(np.fft.fftfreq(rows)[:, None], np.fft.fftfreq(columns)[None])
    away[0, 0] = 1.0
    made = np.empty((count, *shape), np.uint8)
    for n in range(count):
        random = np.random.default_rng([seed, n])
        steep = random.uniform(0.0, STEEPEST)
        cloud = np.real(np.fft.ifft2(np.fft.fft2(random.normal(size=(rows, columns))) / away ** (steep / 2.0)))
        grey = random.uniform(0.1, 0.8) + random.uniform(0.05, 0.35) * (cloud - cloud.mean()) / cloud.std()
        made[n] = np.broadcast_to(np.rint(grey.clip(0.0, 1.0) * 255.0), shape)
    return made
