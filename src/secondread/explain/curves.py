"""Scores while places are taken out of a picture, strongest first, and while they alone are left."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from secondread.explain.occlusion import blurred
from secondread.explain.road import imputed

Pixels = NDArray[np.float32]
Floats = NDArray[np.float64]
Order = NDArray[np.intp]
Predict = Callable[[Pixels], Floats]  # float32 [n, channel, h, w] to float64 [n, ...]
Fill = Callable[[Pixels, NDArray[np.bool_]], Pixels]
SHARES = (0.1, 0.3, 0.5)


def order_of(map_: NDArray[np.floating]) -> Order:
    """The pixels of a map [h, w], strongest first; equal ones in a fixed scattered order, not from the top."""
    values = np.asarray(map_)
    scattered = np.random.default_rng(0).permutation(values.size)
    return np.lexsort((scattered, -values.ravel()))


def from_place(shape: tuple[int, int], place: tuple[float, float]) -> Order:
    """The pixels nearest to a place (row, column) first: a disc that grows."""
    rows, columns = np.indices(shape)
    return np.argsort(((rows - place[0]) ** 2 + (columns - place[1]) ** 2).ravel(), kind="stable")


def centre_map(shape: tuple[int, int]) -> Pixels:
    """A map that knows nothing and guesses the middle: 1 there, 0 from the middles of the edges on."""
    down, across = ((2.0 * np.arange(side) + 1.0 - side) / side for side in shape)
    return np.asarray(np.maximum(1.0 - np.hypot(down[:, None], across[None]), 0.0), dtype=np.float32)


def edge_map(shape: tuple[int, int]) -> Pixels:
    """A map that knows nothing and guesses the edge: 0 in the middle, 1 in the corners."""
    down, across = ((2.0 * np.arange(side) + 1.0 - side) / side for side in shape)
    distance = np.hypot(down[:, None], across[None])
    return np.asarray(distance / distance.max(), dtype=np.float32)


def random_discs(shape: tuple[int, int], count: int, seed: int) -> list[Order]:
    """Discs about random pixels."""
    rng = np.random.default_rng(seed)
    return [from_place(shape, (int(rng.integers(shape[0])), int(rng.integers(shape[1])))) for _ in range(count)]


def by_road(seed: int) -> Fill:
    """The filling of ROAD: pixels guessed from what surrounds them."""
    return lambda picture, gone: imputed(picture, gone, seed=seed)


def by_blur(picture: Pixels, gone: NDArray[np.bool_]) -> Pixels:
    """The values of a blurred copy: quick, and it may show the network the shape that was cut out."""
    return np.where(gone, blurred(picture), picture)


def removed(picture: Pixels, order: Order, fill: Fill, shares: Sequence[float] = SHARES) -> Pixels:
    """Pictures [share, channel, h, w] without the first pixels of an order."""
    return np.stack([fill(picture, first(order, share, picture.shape[1:])) for share in shares])


def alone(picture: Pixels, order: Order, fill: Fill, shares: Sequence[float] = SHARES) -> Pixels:
    """Pictures [share, channel, h, w] of which nothing but the first pixels of an order is left."""
    return np.stack([fill(picture, ~first(order, share, picture.shape[1:])) for share in shares])


def curves(predict: Predict, picture: Pixels, order: Order, fill: Fill, shares: Sequence[float] = SHARES) -> Floats:
    """What the network says while places go, and while they alone are left.

    Args:
        predict: Scores of pictures [n, channel, h, w]: float64 [n], or [n, answer].
        picture: [channel, h, w], grey in [0, 1].
        order: Its pixels, the first ones taken first.
        fill: What comes in the place of pixels that are gone.
        shares: Of the area, each in (0, 1).

    Returns:
        float64 [2, share] or [2, share, answer]: first the scores without the places (for a faithful order they fall
        fast), then those of the places alone (they rise fast).

    Source: Petsiuk, Das and Saenko, RISE, BMVC 2018 (deletion, insertion).
    """
    batch = np.concatenate([removed(picture, order, fill, shares), alone(picture, order, fill, shares)])
    scores = np.asarray(predict(batch), dtype=np.float64)
    return scores.reshape(2, len(shares), *scores.shape[1:])


def gains(marked: Floats, by_chance: Floats) -> tuple[float, float]:
    """How much better an order is than chance: area between its curves and the mean of others.

    Args:
        marked: [2, share], as :func:`curves` gives them for one answer.
        by_chance: [other, 2, share].

    Returns:
        (deletion, insertion), in the unit of the score: mean over the shares of how much lower the score is without
        the places, and how much higher with them alone. Above 0 is better than chance.
    """
    chance = by_chance.mean(axis=0)
    return float((chance[0] - marked[0]).mean()), float((marked[1] - chance[1]).mean())


def first(order: Order, share: float, shape: Sequence[int]) -> NDArray[np.bool_]:
    """Where the first pixels of an order lie, bool [h, w].

    Raises:
        ValueError: If the share leaves (0, 1).
    """
    if not 0.0 < share < 1.0:
        raise ValueError(f"share: found {share}; needed one in (0, 1)")
    taken = np.zeros(len(order), dtype=np.bool_)
    taken[order[: round(share * len(order))]] = True
    return taken.reshape(tuple(shape))
