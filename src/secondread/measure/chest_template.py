"""Where the lungs lie on a frontal chest X-ray: a template of their borders, fitted to the grey of the picture.

The template is a set of four curves (outer and inner border of either lung) over levels from the apex (0) to the dome
of the diaphragm (1), in half widths of the chest from its middle. It was drawn by hand and has no learnt weights; how
much its parts count was chosen on training pictures of NIH ChestX-ray14.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVELS = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
OUTER = np.array([0.50, 0.72, 0.82, 0.88, 0.92, 0.95, 0.97, 0.99, 1.0, 1.0, 1.0])
INNER_RIGHT = np.array([0.22, 0.20, 0.18, 0.18, 0.20, 0.23, 0.26, 0.29, 0.31, 0.32, 0.30])
INNER_LEFT = np.array([0.22, 0.22, 0.24, 0.24, 0.25, 0.30, 0.36, 0.43, 0.50, 0.57, 0.62])

BLUR_PX, NEARBY_PX = 1.5, 12.0  # of a grid whose longer side has 128 pixels
STRONG = 0.35  # a local gradient from which an edge is as good as any: bones must not outweigh the lung
GREY_LIMIT = 1.3
WEIGHT_OF_GREY, WEIGHT_OF_SHAPE, WEIGHT_OF_DOME, WEIGHT_OF_APEX = 2.5, 1.0, 0.7, 0.5
USUAL_RATIO, RATIO_SPREAD = 1.65, 0.35  # height over half width of the lungs
OUTSIDE = -0.3  # how an edge counts that would lie outside the picture


@dataclass(frozen=True, slots=True)
class Edges:
    """What the template is compared with, each float64 [j, i].

    Attributes:
        across: Rise of the local grey to the right, from -1 to 1: strong edges count alike.
        slope: The same without a limit.
        down: Rise of the local grey downwards, from -1 to 1.
        grey: Grey over the whole picture, about -1 (lung) to 1 (heart, liver).
    """

    across: Floats
    slope: Floats
    down: Floats
    grey: Floats


@dataclass(frozen=True, slots=True)
class Place:
    """The fitted template, in pixels of the grid.

    Attributes:
        middle: Column of the middle of the chest.
        half_width: From there to the outer border of a lung.
        apex: Row of the upper end of the lungs.
        height: From there to the dome of the diaphragm.
        heart: How much wider than the template's the heart is.
        score: How well it fits; a chest X-ray reaches about 3 to 8.
    """

    middle: float
    half_width: float
    apex: float
    height: float
    heart: float
    score: float

    def level(self, rows: NDArray[np.intp]) -> Floats:
        """Levels of rows: 0 at the apex, 1 at the dome."""
        return np.asarray((rows - self.apex) / self.height, dtype=np.float64)


def edges_of(grey: NDArray[np.float32]) -> Edges:
    """The edges and the greys of a picture [j, i] whose longer side has about 128 pixels."""
    from scipy.ndimage import gaussian_filter

    values = grey.astype(np.float64)
    mean = gaussian_filter(values, NEARBY_PX)
    deviation = np.sqrt(np.maximum(gaussian_filter((values - mean) ** 2, NEARBY_PX), 1e-6))
    local = (values - mean) / (deviation + 0.02)
    slope, down = (gaussian_filter(local, BLUR_PX, order=o) / STRONG for o in ((0, 1), (1, 0)))
    rows, columns = values.shape
    centre = values[int(0.1 * rows) : int(0.95 * rows), int(0.12 * columns) : int(0.88 * columns)]
    low, high = np.percentile(centre, [10, 90])
    level = (gaussian_filter(values, BLUR_PX) - (low + high) / 2) / max((high - low) / 2, 0.02)
    across = np.clip(slope, -1.0, 1.0)
    return Edges(across, slope, np.clip(down, -1.0, 1.0), np.clip(level, -GREY_LIMIT, GREY_LIMIT))


def fit(edges: Edges) -> Place:
    """The place where the template fits best: a coarse search over the picture, then four finer ones around it."""
    rows, columns = edges.grey.shape
    steps = np.array([0.03 * columns, 0.03 * columns, 0.035 * rows, 0.06 * rows, 0.5])
    starts = [
        np.arange(low, high, step)
        for low, high, step in (
            (0.39 * columns, 0.62 * columns, steps[0]),
            (0.22 * columns, 0.48 * columns, steps[1]),
            (0.02 * rows, 0.34 * rows, steps[2]),
            (0.34 * rows, 0.81 * rows, steps[3]),
            (1.0, 1.6, steps[4]),
        )
    ]
    tried = np.stack(np.meshgrid(*starts, indexing="ij"), -1).reshape(-1, 5)
    best = tried[_scores(edges, tried).argmax()]
    around = np.stack(np.meshgrid(*[(-1.0, 0.0, 1.0)] * 5, indexing="ij"), -1).reshape(-1, 5)
    for _ in range(4):
        steps = steps / 2
        tried = best + around * steps
        tried[:, 4] = np.clip(tried[:, 4], 0.8, 2.2)
        scores = _scores(edges, tried)
        best = tried[scores.argmax()]
    middle, half_width, apex, height, heart = (float(value) for value in best)
    return Place(middle, half_width, apex, height, heart, score=float(scores.max()))


def widened(curve: Floats, levels: Floats, heart: float | Floats) -> Floats:
    """An inner border where the heart is ``heart`` times as wide: from level 0.3 on, in full from 0.8 on."""
    return np.asarray(curve * (1.0 + (heart - 1.0) * np.clip((levels - 0.3) / 0.5, 0.0, 1.0)), dtype=np.float64)


def _scores(edges: Edges, tried: Floats) -> Floats:
    """How well templates [n, 5] fit: edges of the right sign on their curves, dark lungs, bright surroundings."""
    middle, width, apex, height, heart = (tried[:, n, None] for n in range(5))
    total = np.zeros(len(tried))
    for curve, sign, side in ((OUTER, -1, -1), (INNER_RIGHT, 1, -1), (INNER_LEFT, -1, 1), (OUTER, 1, 1)):
        reach = curve if curve is OUTER else widened(curve, LEVELS, heart)
        total += _mean(sign * edges.across, apex + LEVELS * height, middle + side * width * reach)
    for across in (np.array([-0.4, -0.55, -0.7, -0.85]), np.array([0.7, 0.8, 0.9])):
        dome = 1.02 + 0.06 * ((np.abs(across) - 0.6) / 0.4) ** 2
        total += WEIGHT_OF_DOME * _mean(edges.down, apex + height * dome, middle + width * across)
    for across in (np.array([-0.28, -0.38, -0.46]), np.array([0.28, 0.38, 0.46])):
        total += WEIGHT_OF_APEX * _mean(-edges.down, apex + 0.0 * across, middle + width * across)
    at_rows, at_columns = apex + height * _LEVEL, middle + width * _ACROSS
    total += WEIGHT_OF_GREY * (_looked_up(edges.grey, at_rows, at_columns, 0.0) @ _WEIGHT)
    odd = (tried[:, 3] / tried[:, 1] - USUAL_RATIO) / RATIO_SPREAD
    return np.asarray(total - WEIGHT_OF_SHAPE * odd**2 / 2)


def _mean(values: Floats, rows: Floats, columns: Floats) -> Floats:
    return np.asarray(_looked_up(values, rows, columns, OUTSIDE).mean(axis=1))


def _looked_up(values: Floats, rows: Floats, columns: Floats, outside: float) -> Floats:
    """Values at the nearest pixels, [n, point]; ``outside`` where there is none."""
    j, i = np.broadcast_arrays(np.rint(rows).astype(np.intp), np.rint(columns).astype(np.intp))
    height, width = values.shape
    inside = (j >= 0) & (j < height) & (i >= 0) & (i < width)
    return np.where(inside, values[np.clip(j, 0, height - 1), np.clip(i, 0, width - 1)], outside)


def _points() -> tuple[Floats, Floats, Floats]:
    """(level, place across, weight) of points that should be dark (in the lungs, weight < 0) or bright (around)."""
    dark: list[tuple[float, float]] = []
    for level in (0.12, 0.3, 0.45, 0.6, 0.75, 0.9):
        outer, right, left = (float(np.interp(level, LEVELS, c)) for c in (OUTER, INNER_RIGHT, INNER_LEFT))
        for share in (0.25, 0.5, 0.75):
            dark += [(level, -(right + share * (outer - right))), (level, left + share * (outer - left))]
    bright = [(level, 0.0, 1.0) for level in (0.2, 0.4, 0.6, 0.8, 1.0)]
    bright += [(level, side * 1.13, 0.7) for level in (0.3, 0.5, 0.7, 0.9) for side in (-1, 1)]
    bright += [(level, across, 3.0) for level in (1.14, 1.22) for across in (-0.75, -0.5, -0.25, 0.35, 0.6)]
    bright += [(-0.1, side * 0.36, 1.0) for side in (-1, 1)]
    whole = sum(weight for _, _, weight in bright)
    points = [(level, across, -1.0 / len(dark)) for level, across in dark]
    points += [(level, across, weight / whole) for level, across, weight in bright]
    level, across, weight = np.array(points).T
    return level, across, weight


_LEVEL, _ACROSS, _WEIGHT = _points()
