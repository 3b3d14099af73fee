"""Whether a map marks what the network used, measured by taking it away."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
Floats = NDArray[np.float64]
Predict = Callable[[Pixels], Floats]

FRACTIONS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)
BLUR_SIGMA = 0.1


def deletion(
    predict: Predict, image: NDArray[np.floating], map_: NDArray[np.floating], fractions: Sequence[float] = FRACTIONS
) -> Floats:
    """Scores while the strongest places of a map are taken out of the picture.

    A pixel is taken out by giving it the value of a blurred copy (Gaussian, sigma a tenth of the shorter side), which
    leaves no edges that the network could see. Equal map values are taken in a fixed scattered order, so that the
    empty part of a map is not taken from the top.

    Args:
        predict: Scores float64 [n] of pictures float32 [n, channel, h, w], for the answer the map explains.
        image: [h, w] or [channel, h, w], as the network gets it.
        map_: [h, w], higher = more support.
        fractions: Shares of the area to take out, each in [0, 1].

    Returns:
        Scores float64 [fraction]; for a faithful map they fall fast.

    Raises:
        ValueError: If shapes do not fit, values are not finite, or ``predict`` does not give one score per picture.

    Source: Petsiuk, Das and Saenko, RISE, BMVC 2018 (deletion); there the pixels become constant, here the blurred
        copy of their insertion game is used.
    """
    picture, values = _channels(image), _plane("map", map_)
    if picture.shape[1:] != values.shape:
        raise ValueError(f"map: found shape {values.shape}, the image has {picture.shape[1:]}; needed the same")
    scattered = np.random.default_rng(0).permutation(values.size)
    order = np.lexsort((scattered, -values.ravel()))
    return _scores(predict, _without(picture, _blurred(picture), order, fractions))


def random_deletion(
    predict: Predict,
    image: NDArray[np.floating],
    fractions: Sequence[float] = FRACTIONS,
    *,
    seed: int,
    repeats: int = 10,
) -> Floats:
    """Scores while a block at a random place is taken out: what :func:`deletion` must beat.

    The block is the pixels nearest to a random pixel: a disc, cut by the border, connected, of exactly the area that
    :func:`deletion` takes, growing with the fraction. It may lie on empty background, so beating it says that a
    map is better than chance, not that it is good.

    Args:
        predict: As for :func:`deletion`.
        image: [h, w] or [channel, h, w], as the network gets it.
        fractions: As for :func:`deletion`.
        seed: Seed of the places.
        repeats: Number of places, at least 1.

    Returns:
        Scores float64 [repeat, fraction].

    Raises:
        ValueError: As for :func:`deletion`, or without repeats.
    """
    picture = _channels(image)
    if repeats < 1:
        raise ValueError(f"repeats: found {repeats}; needed at least 1")
    blurred, rng = _blurred(picture), np.random.default_rng(seed)
    rows, columns = np.indices(picture.shape[1:])
    curves = []
    for _ in range(repeats):
        j, i = rng.integers(picture.shape[1]), rng.integers(picture.shape[2])
        order = np.argsort(((rows - j) ** 2 + (columns - i) ** 2).ravel(), kind="stable")
        curves.append(_scores(predict, _without(picture, blurred, order, fractions)))
    return np.stack(curves)


def deletion_gain(
    predict: Predict,
    image: NDArray[np.floating],
    map_: NDArray[np.floating],
    fractions: Sequence[float] = FRACTIONS,
    *,
    seed: int,
    repeats: int = 10,
) -> float:
    """How much more the score falls when the marked places go than when random blocks go.

    Args:
        predict: As for :func:`deletion`.
        image: [h, w] or [channel, h, w], as the network gets it.
        map_: [h, w], higher = more support.
        fractions: As for :func:`deletion`; a fraction of 0 does not count.
        seed: Seed of the random places.
        repeats: Number of random places.

    Returns:
        Mean over fractions of (mean random score - score without the marked places), in the unit of the score.
        Positive: the map marks what the network used.

    Raises:
        ValueError: As for :func:`deletion`, or if no fraction is above 0.
    """
    taken = [share for share in fractions if share != 0.0]
    if not taken:
        raise ValueError("fractions: found none above 0; needed at least one")
    marked = deletion(predict, image, map_, taken)
    by_chance = random_deletion(predict, image, taken, seed=seed, repeats=repeats)
    return float((by_chance.mean(axis=0) - marked).mean())


def energy_share(map_: NDArray[np.floating], region: NDArray[np.bool_]) -> float:
    """Share of a map's total that lies in a region.

    Args:
        map_: [h, w], not negative.
        region: bool [h, w].

    Returns:
        In [0, 1]. A map that knows nothing gives the region's share of the area.

    Raises:
        ValueError: If shapes do not fit, a value is negative or not finite, or the whole map is 0.

    Source: the energy-based pointing game of Wang and others, Score-CAM, CVPR Workshops 2020.

    >>> energy_share(np.array([[3.0, 1.0]]), np.array([[True, False]]))
    0.75
    """
    values = _plane("map", map_).astype(np.float64)
    inside = np.asarray(region)
    if inside.dtype != np.bool_ or inside.shape != values.shape:
        raise ValueError(f"region: found {inside.dtype} {inside.shape}; needed bool {values.shape}")
    if (values < 0.0).any():
        raise ValueError("map: found negative values; needed support only: clip the map at 0 first")
    total = float(values.sum())
    if total == 0.0:
        raise ValueError("map: found only zeros; a map without support has no share anywhere")
    return min(1.0, float(values[inside].sum()) / total)


def border_region(shape: tuple[int, int], fraction: float) -> NDArray[np.bool_]:
    """The frame along the edges of a picture, where markers and collimators lie and lungs do not.

    Args:
        shape: (rows, columns).
        fraction: Width of the frame as a share of each side, in (0, 0.5); at least one pixel is taken.

    Returns:
        bool [h, w], true on the frame.

    Raises:
        ValueError: If a side has no pixel or the fraction leaves (0, 0.5).

    >>> int(border_region((10, 20), 0.1).sum())
    72
    """
    if min(shape) < 1 or not 0.0 < fraction < 0.5:
        raise ValueError(f"found shape {shape} and fraction {fraction:g}; needed pixels and a fraction in (0, 0.5)")
    frame = np.ones(shape, dtype=np.bool_)
    rows, columns = (max(1, round(fraction * side)) for side in shape)
    frame[rows : shape[0] - rows, columns : shape[1] - columns] = False
    return frame


def _plane(name: str, values: NDArray[np.floating]) -> Pixels:
    """Finite float32 [h, w].

    Raises:
        ValueError: If it is not.
    """
    array = np.asarray(values, dtype=np.float32)
    if array.ndim != 2 or not array.size:
        raise ValueError(f"{name}: found shape {array.shape}; needed [h, w]")
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: found NaN or infinite values; needed finite numbers")
    return array


def _channels(image: NDArray[np.floating]) -> Pixels:
    """Finite float32 [channel, h, w]."""
    if np.ndim(image) != 3:
        return _plane("image", image)[None]
    return np.stack([_plane("image", channel) for channel in image])


def _blurred(picture: Pixels) -> Pixels:
    from scipy.ndimage import gaussian_filter

    sigma = BLUR_SIGMA * min(picture.shape[1:])
    return np.stack([gaussian_filter(channel, sigma=sigma, mode="nearest") for channel in picture])


def _without(picture: Pixels, filling: Pixels, order: NDArray[np.intp], fractions: Sequence[float]) -> Pixels:
    """Pictures [fraction, channel, h, w] in which the first pixels of ``order`` are filled."""
    if not len(fractions) or not all(0.0 <= share <= 1.0 for share in fractions):
        raise ValueError(f"fractions: found {tuple(fractions)}; needed at least one, each in [0, 1]")
    channels = len(picture)
    batch = np.repeat(picture.reshape(1, channels, -1), len(fractions), axis=0)
    for row, share in zip(batch, fractions, strict=True):
        gone = order[: round(share * len(order))]
        row[:, gone] = filling.reshape(channels, -1)[:, gone]
    return batch.reshape(len(fractions), *picture.shape)


def _scores(predict: Predict, batch: Pixels) -> Floats:
    scores = np.asarray(predict(batch), dtype=np.float64)
    if scores.shape != (len(batch),) or not np.isfinite(scores).all():
        raise ValueError(f"predict: found scores of shape {scores.shape}, finite or not; needed one finite each")
    return scores
