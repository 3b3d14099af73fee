"""Numbers about the tensor that a network is given, blind to anatomy: its greys, its grain and its layout."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

QUANTILES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
BLACK, WHITE = 4.5 / 255.0, 250.5 / 255.0
SHARES = (0.1, 0.1)  # of black and of white: what another window or export alone may change of their square root
SHIFT = 0.02  # the same of a quantile or of the spread, of the range from black to white
FLOOR = 1e-3  # of a step of grey: below a quarter of a grey level of 8 bits
BLOCK = 8  # Source: ISO/IEC 10918-1, JPEG codes blocks of 8 x 8
GRID = 8  # of the layout, a side
DEEP = 4  # of the layout of volumes


def statistics(batch: NDArray[np.float32]) -> dict[str, Floats]:
    """Three groups of numbers for each input of float32 [n, channel, *grid], grey in [0, 1].

    ``greys``: quantiles, shares of black and of white, spread. ``grain``: energies of the finest
    three scales along rows and columns, noise, steps at the borders of JPEG's blocks, how peaked the fine steps are,
    and of several channels how far neighbours differ: slices side by side are alike and never the same.
    ``layout``: mean grey of 8 x 8 fields (of volumes 4 x 4 x 4), standardised: what lies where.

    Returns:
        Name of the group to float64 [n, number].
    """
    values = np.rint(np.asarray(batch, dtype=np.float64) * 255.0) / 255.0  # as training saw them: bytes
    planes = values.reshape(len(values), -1, *values.shape[-2:])
    if values.ndim == 5:
        whole = values.reshape(len(values), 1, -1)
        return {"greys": greys(whole), "grain": of_slices(planes), "layout": layout(values)}
    return {
        "greys": greys(planes.reshape(*planes.shape[:2], -1)),
        "grain": np.concatenate([*(grain(planes[:, c]) for c in range(planes.shape[1])), between(planes)], axis=1),
        "layout": layout(values),
    }


def greys(values: Floats) -> Floats:
    """[n, channel, pixel] to [n, channel x 12]."""
    quantiles = np.quantile(values, QUANTILES, axis=2)
    shares = [np.sqrt((values < BLACK).mean(2)), np.sqrt((values > WHITE).mean(2)), values.std(2)]
    return np.concatenate([*quantiles, *shares], axis=1)


def tolerance(count: int) -> Floats:
    """How much each of the numbers of :func:`greys` may differ by window and export alone, [count]."""
    each = [*(SHIFT for _ in QUANTILES), *SHARES, SHIFT]
    return np.repeat(each, count // len(each))


def between(planes: Floats) -> Floats:
    """[n, channel, h, w] to [n, channel - 1]: logarithm of the mean step of grey from channel to channel."""
    return np.asarray(np.log(FLOOR + np.abs(np.diff(planes, axis=1)).mean((2, 3))))


def of_slices(planes: Floats) -> Floats:
    """Mean of the grain over the slices of volumes, [n, slice, h, w] to [n, 15]; how they differ stands last."""
    found = np.stack([grain(planes[:, k]) for k in range(planes.shape[1])], axis=1)
    told = (planes.std((2, 3)) > FLOOR).astype(np.float64)[:, :, None]
    mean = (found * told).sum(1) / np.maximum(told.sum(1), 1.0)
    return np.concatenate([mean, between(planes).mean(1, keepdims=True)], axis=1)


def grain(planes: Floats) -> Floats:
    """[n, h, w] to [n, 14], most of them logarithms of a mean step of grey."""
    found, scaled = [], planes
    for _ in range(3):
        found += [np.abs(np.diff(scaled, 2, axis=axis)).mean((1, 2)) for axis in (1, 2)]
        scaled = halved(scaled)
    found += [noise(planes), np.abs(np.diff(planes, axis=1)).mean((1, 2)), np.abs(np.diff(planes, axis=2)).mean((1, 2))]
    logs = [np.log(FLOOR + value) for value in found]
    return np.stack([*logs, *blockiness(planes), *peaks(planes), smooth(planes)], axis=1)


def halved(planes: Floats) -> Floats:
    """Means of 2 x 2 pixels; an odd row or column at the end is left out."""
    rows, columns = (side // 2 * 2 for side in planes.shape[1:])
    even = planes[:, :rows, :columns]
    return np.asarray(even.reshape(len(even), rows // 2, 2, columns // 2, 2).mean((2, 4)))


def noise(planes: Floats) -> Floats:
    """Standard deviation of the noise, [n].

    Source: Immerkær J. Fast noise variance estimation. Computer Vision and Image Understanding 1996; 64:300-302.
    """
    inner = np.diff(np.diff(planes, 2, axis=1), 2, axis=2)  # the kernel (1, -2, 1) down and across
    return np.asarray(np.sqrt(np.pi / 2.0) * np.abs(inner).mean((1, 2)) / 6.0)


def blockiness(planes: Floats) -> tuple[Floats, Floats]:
    """Logarithm of the steps at every eighth border over all others, along rows and along columns, each [n]."""
    found = []
    for axis in (1, 2):
        steps = np.abs(np.diff(planes, axis=axis)).mean(3 - axis)
        edge = np.arange(steps.shape[1]) % BLOCK == BLOCK - 1
        found.append(np.log((FLOOR + steps[:, edge].mean(1)) / (FLOOR + steps[:, ~edge].mean(1))))
    return found[0], found[1]


def peaks(planes: Floats) -> tuple[Floats, Floats]:
    """How peaked the steps are (median over mean), and the share of neighbours that are equal, each [n]."""
    steps = np.abs(np.diff(planes, axis=2)).reshape(len(planes), -1)
    return np.median(steps, axis=1) / (FLOOR + steps.mean(1)), np.sqrt((steps < 0.5 / 255.0).mean(1))


def smooth(planes: Floats) -> Floats:
    """Correlation of neighbours in a row, [n]; 1 where there is one grey alone."""
    centred = planes - planes.mean((1, 2), keepdims=True)
    variance = (centred**2).mean((1, 2))
    together = (centred[:, :, 1:] * centred[:, :, :-1]).mean((1, 2))
    return np.asarray(np.where(variance > FLOOR**2, together / np.maximum(variance, FLOOR**2), 1.0))


def layout(values: Floats) -> Floats:
    """[n, channel, *grid] to [n, field]: mean grey of each field over the channels, standardised within the input."""
    mean = values.mean(1)
    for axis in range(1, mean.ndim):
        parts = np.array_split(np.arange(mean.shape[axis]), DEEP if mean.ndim == 4 else GRID)
        mean = np.stack([mean.take(part, axis=axis).mean(axis) for part in parts if len(part)], axis=axis)
    flat = mean.reshape(len(mean), -1)
    centred = flat - flat.mean(1, keepdims=True)
    return np.asarray(centred / (FLOOR + centred.std(1, keepdims=True)))
