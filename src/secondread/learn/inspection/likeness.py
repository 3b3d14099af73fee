"""How alike two pictures are: coarsely for all pairs at once, then in their details, then when one is moved a little.

The coarse step compares 16 x 16 means of every pair by one matrix product. It finds every copy, but also pictures of
the same kind: two slices through the top of two heads, say. What tells a copy from these is detail, brought to even
local contrast so that an edge of bone counts no more than texture, and compared at the shift that fits best.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
COARSE = 16
MANY = 40  # pictures whose mean is what they share
FINE_SIGMA, ROUGH_SIGMA, AROUND_SIGMA = (
    0.7,
    3.0,
    4.0,
)  # pixels: band of sizes that counts as detail, and its surroundings
FLOOR = 3.0  # grey levels of 255: weaker detail is noise
SEEN = 5.0  # grey levels of 255: local contrast that shows something
REACH = 6  # pixels of 128: a copy may be cropped or moved by a twentieth


def unit(rows: Floats) -> Floats:
    """Each row with mean 0 and length 1, float32 [n, m]; a row without contrast becomes 0."""
    centred = rows - rows.mean(1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    scaled: Floats = np.divide(centred, length, out=np.zeros_like(centred), where=length > 1e-3)
    return scaled


def coarse(small: NDArray[np.uint8]) -> Floats:
    """Fingerprints whose product is a correlation, float32 [n, 256], of pictures uint8 [n, 64, 64].

    What all pictures of a set share, the outline of a chest for example, is taken off first; of a few pictures that
    would be what they show.
    """
    n, side = len(small), small.shape[1] // COARSE
    means = small.reshape(n, COARSE, side, COARSE, side).mean((2, 4), dtype=np.float32).reshape(n, -1)
    rows = unit(means)
    shared = rows.mean(0) if n >= MANY else np.float32(0.0)
    seen: Floats = unit(rows - shared) * np.any(rows, axis=1, keepdims=True).astype(np.float32)
    return seen


def detail(picture: NDArray[np.uint8]) -> tuple[Floats, float]:
    """Detail at even local contrast, float32 [h, w], and the share of the picture that shows any."""
    from scipy.ndimage import gaussian_filter

    grey = picture.astype(np.float32)
    band = gaussian_filter(grey, FINE_SIGMA) - gaussian_filter(grey, ROUGH_SIGMA)
    strength = np.sqrt(gaussian_filter(band * band, AROUND_SIGMA))
    return np.asarray(band / (strength + FLOOR), dtype=np.float32), float((strength > SEEN).mean())


def moved_likeness(a: Floats, b: Floats) -> float:
    """Largest correlation of two details [h, w] when one is moved by up to ``REACH`` pixels each way."""
    first, second = a - a.mean(), b - b.mean()
    length = float(np.sqrt((first * first).sum(dtype=np.float64) * (second * second).sum(dtype=np.float64)))
    if length < 1e-6:
        return 0.0
    product = np.fft.irfft2(np.fft.rfft2(first) * np.conj(np.fft.rfft2(second)), first.shape)
    near = np.roll(product, (REACH, REACH), (0, 1))[: 2 * REACH + 1, : 2 * REACH + 1]
    return float(near.max() / length)
