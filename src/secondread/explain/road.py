"""Pixels taken out of a picture so that neither a hole nor its shape tells the network anything."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
Floats = NDArray[np.float64]

# Source: Rong and others, section 4 and the authors' program: pixels beside one count twice those across a corner.
WEIGHTS = {(j, i): 1.0 / (6.0 if 0 in (j, i) else 12.0) for j in (-1, 0, 1) for i in (-1, 0, 1) if (j, i) != (0, 0)}
NOISE = 0.01  # standard deviation, of the whole range of grey; as in the authors' program
PRECISION = 1e-3
ROUNDS = 400


def imputed(picture: Pixels, gone: NDArray[np.bool_], *, seed: int, noise: float = NOISE) -> Pixels:
    """A picture in which some pixels are guessed from what surrounds them.

    Each missing pixel becomes the weighted mean of its eight neighbours, missing ones too, all at once: a system of
    linear equations, solved by conjugate gradients to a thousandth. A little noise is added, so that smoothness itself
    does not say where pixels were taken. Neighbours beyond the edge do not count. A constant or a blurred filling
    would show the shape that was cut out, and the network could use that.

    Args:
        picture: [channel, h, w], grey in [0, 1].
        gone: [h, w], true where a pixel is taken out, of all channels.
        seed: Of the noise.
        noise: Its standard deviation.

    Returns:
        float32 of the same shape, in [0, 1]; where all pixels are gone, the mean grey and noise.

    Raises:
        ValueError: If shapes do not fit.

    Source: Rong, Leemann, Borisov, Kasneci and Kasneci, A consistent and efficient evaluation strategy for attribution
        methods (ROAD), ICML 2022: noisy linear imputation.
    """
    if picture.ndim != 3 or gone.shape != picture.shape[1:] or gone.dtype != np.bool_:
        raise ValueError(f"found a picture {picture.shape} and {gone.dtype} {gone.shape}; needed [channel, h, w], bool")
    filled = picture.copy()
    if not gone.any():
        return filled
    if gone.all():
        guessed = np.repeat(picture.mean((1, 2))[:, None], gone.size, axis=1).astype(np.float64)
    else:
        guessed = solved(picture, gone)
    guessed += np.random.default_rng(seed).normal(0.0, noise, guessed.shape)
    filled[:, gone] = np.clip(guessed, 0.0, 1.0)
    return filled


def solved(picture: NDArray[np.floating], gone: NDArray[np.bool_]) -> Floats:
    """What the missing pixels become, float64 [channel, missing], in the order of the picture's rows."""
    from scipy.sparse import csr_matrix, diags
    from scipy.sparse.linalg import cg

    height, width = gone.shape
    number = np.full((height + 2, width + 2), -2, dtype=np.int64)  # -2: beyond the edge, -1: kept
    number[1:-1, 1:-1] = -1
    number[1:-1, 1:-1][gone] = np.arange(gone.sum())
    grey = np.pad(picture.astype(np.float64), ((0, 0), (1, 1), (1, 1)))
    rows, columns = (axis + 1 for axis in np.nonzero(gone))
    weight, known = np.zeros(len(rows)), np.zeros((len(picture), len(rows)))
    pairs: list[tuple[NDArray[np.intp], NDArray[np.int64], float]] = []
    for (j, i), share in WEIGHTS.items():
        beside = number[rows + j, columns + i]
        weight += share * (beside > -2)
        known += share * (beside == -1) * grey[:, rows + j, columns + i]
        missing = np.flatnonzero(beside >= 0)
        pairs.append((missing, beside[missing], share))
    first, second = (np.concatenate([pair[n] for pair in pairs]) for n in (0, 1))
    shares = np.concatenate([np.full(len(pair[0]), pair[2]) for pair in pairs])
    system = (diags(weight) - csr_matrix((shares, (first, second)), shape=(len(rows), len(rows)))).tocsr()
    start = guesses(picture, gone)
    return np.stack([cg(system, known[n], x0=start[n], rtol=PRECISION, maxiter=ROUNDS)[0] for n in range(len(picture))])


def guesses(picture: NDArray[np.floating], gone: NDArray[np.bool_]) -> Floats:
    """A rough filling to start from, float64 [channel, missing]: the same system solved on half as many rows."""
    sides = [side + side % 2 for side in gone.shape]
    width = [(0, even - side) for even, side in zip(sides, gone.shape, strict=True)]
    lost = np.pad(gone, width, constant_values=True)
    kept = blocks(~lost).sum((1, 3))
    grey = blocks(np.where(lost, 0.0, np.pad(picture, [(0, 0), *width]))).sum((-3, -1)) / np.maximum(kept, 1)
    small = kept == 0
    if small.any() and not small.all():
        grey[:, small] = solved(grey, small)
    whole = np.repeat(np.repeat(grey, 2, axis=1), 2, axis=2)
    return whole[:, : gone.shape[0], : gone.shape[1]][:, gone]


def blocks(values: NDArray[Any]) -> NDArray[Any]:
    """[..., rows, columns] as [..., rows / 2, 2, columns / 2, 2]."""
    return values.reshape(*values.shape[:-2], values.shape[-2] // 2, 2, values.shape[-1] // 2, 2)
