"""Where the spine runs through a frontal X-ray: a bright band of the width of vertebrae, from top to bottom.

Every place of every row is given the brightness of a band minus that of both its flanks, the darker of the two
differences; the path from top to bottom with the largest sum is the middle of the spine.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.prepare.resize import resize

# Rules of our own, mm: widths of bodies from a child's thoracic to an adult's lumbar ones.
STEP_MM, WIDTHS_MM, FLANK_MM = 2.0, (24.0, 32.0, 40.0, 48.0), 12.0
BEND_COST, LEAST_CONTRAST = 0.02, 0.5
SHORTEST_MM, SHARE_OF_WIDTH = 100.0, 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """The spine in a picture.

    Attributes:
        centre: float64 [row], the column of its middle, in pixels of the picture.
        half_width_mm: A little less than half its width.
        contrast: Mean difference to the flanks, in standard deviations of the picture.
    """

    centre: NDArray[np.float64]
    half_width_mm: float
    contrast: float


def band(picture: NDArray[np.float32], spacing_mm: tuple[float, float]) -> Band | None:
    """The spine, or None when the picture is shorter than 10 cm or shows no such band.

    Args:
        picture: float32 [row, column], bone bright, upright.
        spacing_mm: (between rows, between columns).
    """
    rows, columns = (round(n * mm / STEP_MM) for n, mm in zip(picture.shape, spacing_mm, strict=True))
    if rows * STEP_MM < SHORTEST_MM or columns * STEP_MM < 2.0 * max(WIDTHS_MM):
        return None
    small = resize(picture, (rows, columns)).astype(np.float64)
    small -= scipy.ndimage.gaussian_filter(small, 60.0 / STEP_MM)
    spread = float(small.std()) or 1.0
    best: tuple[float, float, NDArray[np.float64]] | None = None
    for width in WIDTHS_MM:
        score = _difference(small, width) / spread
        way = _path(score)
        mean = float(score[np.arange(rows), way].mean())
        if best is None or mean > best[0]:
            best = (mean, width, way.astype(np.float64))
    assert best is not None  # there are widths
    contrast, width, path = best
    if contrast < LEAST_CONTRAST:
        return None
    smooth = scipy.ndimage.gaussian_filter1d(path, 16.0 / STEP_MM, mode="nearest")
    places = (np.arange(picture.shape[0]) + 0.5) * rows / picture.shape[0] - 0.5
    centre = (np.interp(places, np.arange(rows), smooth) + 0.5) * picture.shape[1] / columns - 0.5
    return Band(centre, SHARE_OF_WIDTH * width, contrast)


def _difference(small: NDArray[np.float64], width_mm: float) -> NDArray[np.float64]:
    """Brightness of a band minus that of the brighter flank, [row, column]."""
    wide, flank = (max(1, round(mm / STEP_MM)) for mm in (width_mm, FLANK_MM))
    tall = scipy.ndimage.gaussian_filter1d(small, 12.0 / STEP_MM, axis=0)
    inside = scipy.ndimage.uniform_filter1d(tall, wide, axis=1, mode="nearest")
    beside = scipy.ndimage.uniform_filter1d(tall, flank, axis=1, mode="nearest")
    away = (wide + flank) // 2 + 1
    left, right = np.roll(beside, away, axis=1), np.roll(beside, -away, axis=1)
    score = np.minimum(inside - left, inside - right)
    score[:, :away], score[:, -away:] = -np.inf, -np.inf
    return np.where(np.isfinite(score), score, -1e3)


def _path(score: NDArray[np.float64]) -> NDArray[np.intp]:
    """The column of each row on the path with the largest sum, at most one pixel aside from row to row."""
    total, taken = score[0].copy(), []
    for row in score[1:]:
        padded = np.pad(total, 1, constant_values=-np.inf)
        came = np.stack([padded[:-2] - BEND_COST, padded[1:-1], padded[2:] - BEND_COST])
        best = came.argmax(axis=0)
        taken.append(best)
        total = came[best, np.arange(len(row))] + row
    at = int(total.argmax())
    path = [at]
    for best in reversed(taken):
        at = at + int(best[at]) - 1
        path.append(at)
    return np.array(path[::-1], dtype=np.intp)
