"""Which places raise a score, found by covering one after the other; it works with any network, without gradients."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
Floats = NDArray[np.float64]
Predict = Callable[[Pixels], Floats]
CELLS = 49
BATCH = 16
BLUR = 0.1
LEAST = 1e-12


def occlusion(predict: Predict, picture: Pixels, *, cells: int = CELLS, filling: Pixels | None = None) -> Floats:
    """How far each score falls when a place is covered: :func:`falls` of :func:`passes`.

    Returns:
        float64 [answer, rows, columns] of the grid: score of the whole picture less the score without the cell.
        Above 0: the place spoke for the answer.
    """
    return falls(passes(predict, picture, cells=cells, filling=filling), picture.shape[1:], cells)


def passes(predict: Predict, picture: Pixels, *, cells: int = CELLS, filling: Pixels | None = None) -> Floats:
    """What a network says of a picture, and of the same with each place covered.

    The picture is cut into a grid of about square cells. Each is given the values of a blurred copy, in turn.

    Args:
        predict: Scores float64 [n, answer] of pictures float32 [n, channel, h, w].
        picture: [channel, h, w], as the network gets it.
        cells: About how many; one forward pass each, and one more.
        filling: [channel, h, w] that covers; None = a blurred copy (Gaussian, sigma a tenth of the shorter side).

    Returns:
        float64 [1 + cell, answer]: scores of the whole picture, then of the picture without each cell, row by row.

    Raises:
        ValueError: If the picture is not [channel, h, w], there is no cell, or the filling has another shape.

    Source: Zeiler and Fergus, Visualizing and understanding convolutional networks, ECCV 2014, section 4.2; there a
        grey square is moved, which itself is a sign to some networks.
    """
    if picture.ndim != 3 or cells < 1:
        raise ValueError(f"found a picture {picture.shape} and {cells} cells; needed [channel, h, w] and at least 1")
    cover = blurred(picture) if filling is None else filling
    if cover.shape != picture.shape:
        raise ValueError(f"filling: found shape {cover.shape}; needed {picture.shape}")
    down, across = grid(picture.shape[1:], cells)
    places = [(rows, columns) for rows in down for columns in across]
    scores = []
    for n in range(0, len(places), BATCH):
        batch = np.repeat(picture[None], len(places[n : n + BATCH]), axis=0)
        for covered, (rows, columns) in zip(batch, places[n : n + BATCH], strict=True):
            covered[:, rows, columns] = cover[:, rows, columns]
        scores.append(np.asarray(predict(batch), dtype=np.float64))
    return np.concatenate([np.asarray(predict(picture[None]), dtype=np.float64), *scores])


def falls(scores: Floats, shape: Sequence[int], cells: int = CELLS) -> Floats:
    """From what :func:`passes` gave for a picture of ``shape`` (h, w) to falls float64 [answer, rows, columns]."""
    down, across = grid(shape, cells)
    return np.moveaxis((scores[0] - scores[1:]).reshape(len(down), len(across), -1), -1, 0)


def fall_of_odds(chances: Floats, shape: Sequence[int]) -> Pixels:
    """Which cells spoke for "yes": how far the logarithm of its odds falls without them, cut at 0.

    Args:
        chances: What :func:`passes` gave, as probabilities of yes [1 + cell, question].
        shape: (h, w) of the picture.

    Returns:
        float32 [question, rows, columns], >= 0.
    """
    return np.maximum(falls(odds_of(chances), shape), 0.0).astype(np.float32)


def odds_of(chances: Floats) -> Floats:
    """Logarithms of the odds of probabilities of any shape: they still fall where a probability near 1 hardly does."""
    kept = np.clip(chances, LEAST, 1.0 - LEAST)
    return np.asarray(np.log(kept / (1.0 - kept)))


def grid(shape: Sequence[int], cells: int) -> tuple[list[slice], list[slice]]:
    """Rows and columns of about square cells, together about ``cells``, no smaller than a pixel.

    >>> [len(side) for side in grid((96, 288), 49)]
    [4, 12]
    """
    side = max(1.0, (shape[0] * shape[1] / cells) ** 0.5)
    ends = [np.linspace(0, length, max(1, round(length / side)) + 1).round().astype(int) for length in shape]
    down, across = ([slice(a, b) for a, b in zip(e[:-1].tolist(), e[1:].tolist(), strict=True)] for e in ends)
    return down, across


def blurred(picture: Pixels) -> Pixels:
    """A copy [channel, h, w] without detail."""
    from scipy.ndimage import gaussian_filter

    sigma = BLUR * min(picture.shape[1:])
    return np.stack([gaussian_filter(channel, sigma=sigma, mode="nearest") for channel in picture])
