"""Lung fields and the heart's shadow on a frontal chest X-ray, without a trained network.

A template of the lungs' borders is fitted to the picture (:mod:`secondread.measure.chest_template`); each border is
then traced as the cheapest path near it: along edges of the right sign, with dark lung on one side and the bright
mediastinum on the other. The heart is what lies between the inner borders, from the level of the hila down to the
higher of the two domes of the diaphragm.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.image import Image
from secondread.measure.border_path import FORBIDDEN, cheapest_path
from secondread.measure.chest_template import (
    INNER_LEFT,
    INNER_RIGHT,
    LEVELS,
    OUTER,
    Edges,
    Floats,
    Place,
    edges_of,
    fit,
    widened,
)
from secondread.prepare.resize import resize

Bools = NDArray[np.bool_]

SIDE_PX = 128
BAND_OUTER, BAND_RIGHT, BAND_LEFT = 0.18, 0.3, 0.4  # half widths of the chest a border may lie off the template
LUNG_SIDE = 0.08  # cost of a pixel on the wrong side of an inner border
LOWEST_LEVEL = 1.15
HILA_LEVEL = 0.42
DOME_LEVELS = (0.62, 1.3)
SMOOTH_PX = 1.0
EDGE = 0.03  # share of the picture's width that counts as its edge
NEAR_PX = 2  # how far a border may move to the middle of its edge
ABOVE_DOME_PX = 2.0  # the last pixels above the diaphragm are fat and its own slope, not the heart's border


@dataclass(frozen=True, slots=True, eq=False)
class ChestOutline:
    """What was traced, on the grid of the picture.

    Attributes:
        right: bool [j, i], the lung field of the patient's right, on the left of the picture.
        left: The other.
        heart: The heart's shadow; flat at its upper and lower end, where it has no border.
        place: The template, in pixels of the coarse grid of the search.
        tilt_deg: How far the middle of the chest leans: above 0, its lower end lies towards the right of the picture.
        sides_ratio: Width of the right half of the chest over that of the left, above the heart.
        at_edge: Whether an outer border lies at the edge of the picture.
        darkness: How much darker the (right, left) lung field is than the heart, in grey of the picture.
    """

    right: Bools
    left: Bools
    heart: Bools
    place: Place
    tilt_deg: float
    sides_ratio: float
    at_edge: bool
    darkness: tuple[float, float]

    @property
    def lungs(self) -> Bools:
        """Both lung fields."""
        return np.asarray(self.right | self.left)


@dataclass(frozen=True, slots=True)
class _Borders:
    """Columns of the four borders over ``rows``, and rows of the diaphragm over columns, all on the coarse grid."""

    rows: Floats
    outer_right: Floats
    inner_right: Floats
    inner_left: Floats
    outer_left: Floats
    right_dome: tuple[Floats, Floats]
    left_dome: tuple[Floats, Floats]


def outline(image: Image) -> ChestOutline:
    """Trace the lungs and the heart on a frontal chest X-ray with the patient's right on its left.

    Args:
        image: Bright = dense. Whatever it shows is traced: whether it is a chest must be judged elsewhere, and
            ``place.score`` tells how well the template fits.

    Returns:
        Masks on the grid of the picture. The search runs on a grid whose longer side has 128 pixels.
    """
    scale = SIDE_PX / max(image.shape)
    shape = (max(16, round(image.shape[0] * scale)), max(16, round(image.shape[1] * scale)))
    edges = edges_of(resize(image.values, shape))
    place = fit(edges)
    borders = _traced(edges, place)
    right, left, heart = _filled(borders, place, shape, image.shape)
    upper, lower = (_middle(borders, place, level) for level in (0.3, 0.9))
    tilt = math.degrees(math.atan2(lower - upper, 0.6 * place.height))
    darkness = _darkness(image, right, heart), _darkness(image, left, heart)
    return ChestOutline(right, left, heart, place, tilt, _sides(borders, place), _at_edge(borders, shape), darkness)


def _traced(edges: Edges, place: Place) -> _Borders:
    """The four borders, the outer ones first, then the inner ones between them, then the diaphragm."""
    first = max(0, round(place.apex))
    last = min(edges.grey.shape[0] - 1, round(place.apex + LOWEST_LEVEL * place.height))
    rows = np.arange(first, max(last, first + 1) + 1)
    outer_right = _border(edges, place, rows, OUTER, -1, BAND_OUTER)
    outer_left = _border(edges, place, rows, OUTER, 1, BAND_OUTER)
    inner_right = _border(edges, place, rows, INNER_RIGHT, -1, BAND_RIGHT, outer_right)
    inner_left = _border(edges, place, rows, INNER_LEFT, 1, BAND_LEFT, outer_left)
    right = _dome(edges, place, rows, outer_right, inner_right)
    left = _dome(edges, place, rows, inner_left, outer_left)
    return _Borders(
        rows.astype(np.float64),
        _settled(edges, rows, outer_right, -1),
        _settled(edges, rows, inner_right, 1),
        _settled(edges, rows, inner_left, -1),
        _settled(edges, rows, outer_left, 1),
        right,
        left,
    )


def _border(
    edges: Edges,
    place: Place,
    rows: NDArray[np.intp],
    curve: Floats,
    side: int,
    band: float,
    outer: NDArray[np.intp] | None = None,
) -> NDArray[np.intp]:
    """Column of one border in each row; with ``outer`` an inner border, which lies inside that one."""
    levels, columns = place.level(rows), np.arange(edges.grey.shape[1])[None, :]
    reach = np.interp(levels, LEVELS, curve)
    reach = reach if outer is None else widened(reach, levels, place.heart)
    away = np.abs(columns - (place.middle + side * place.half_width * reach)[:, None]) / place.half_width
    sign = side if outer is None else -side
    cost = -sign * edges.across[rows] + 0.5 * (away / band) ** 2
    cost[away > 1.6 * band] = FORBIDDEN
    if outer is not None:
        cost += _wrong_side(edges, place, rows, side, outer)
        gap, over = (0.12, 0.15) if side < 0 else (0.06, 0.1)
        cost[side * (columns - outer[:, None]) >= -gap * place.half_width] = FORBIDDEN
        cost[:, side * (columns[0] - place.middle) < -over * place.half_width] = FORBIDDEN
    return cheapest_path(cost)


def _wrong_side(edges: Edges, place: Place, rows: NDArray[np.intp], side: int, outer: NDArray[np.intp]) -> Floats:
    """float64 [row, column]: what lies on the wrong side of an inner border there, dark inwards and bright outwards."""
    columns, levels = np.arange(edges.grey.shape[1])[None, :], place.level(rows)[:, None]
    across, grey = (columns - place.middle) * side / place.half_width, edges.grey[rows]
    within = side * columns < side * outer[:, None] - 0.1 * place.half_width
    lung = grey[(across > 0.5) & within & (levels > 0.2) & (levels < 0.9)]
    core = grey[(np.abs(across) < 0.1) & (levels > 0.2) & (levels < 0.95)]
    dark = float(np.percentile(lung, 40)) if lung.size else -1.0
    bright = max(float(np.median(core)) if core.size else 1.0, dark + 0.1)
    value = np.clip((grey - dark) / (bright - dark) - 0.45, -0.4, 0.4)
    value[(side * columns > side * outer[:, None]) | (across < 0.0)] = 0.0
    outwards = value[:, ::side]
    inner = np.cumsum(np.maximum(-outwards, 0.0), axis=1)
    outer_part = np.cumsum(np.maximum(outwards, 0.0)[:, ::-1], axis=1)[:, ::-1]
    return np.asarray((inner + outer_part)[:, ::side] * LUNG_SIDE * 40.0 / place.half_width)


def _dome(
    edges: Edges, place: Place, rows: NDArray[np.intp], begin: NDArray[np.intp], end: NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """(columns, rows) of the diaphragm under one lung, between two borders near its lower end."""
    height, width = edges.grey.shape
    low = (place.level(rows) >= 0.75) & (place.level(rows) <= 1.0)
    low = low if low.any() else np.ones_like(low)
    first = int(np.clip(np.median(begin[low]), 0, width - 2))
    last = int(np.clip(np.median(end[low]), first + 1, width - 1))
    columns = np.arange(first, last + 1)
    top, bottom = (int(place.apex + level * place.height) for level in DOME_LEVELS)
    down = np.arange(min(max(0, top), height - 2), max(min(height, bottom), min(max(0, top), height - 2) + 2))
    across = np.abs(columns - place.middle) / place.half_width
    expected = place.apex + place.height * (1.02 + 0.06 * ((across - 0.6) / 0.4) ** 2)
    away = np.abs(down[None, :] - expected[:, None]) / place.height
    cost = -edges.down[down][:, columns].T + 0.5 * (away / 0.2) ** 2
    return columns.astype(np.float64), down[cheapest_path(cost, stiffness=0.05)].astype(np.float64)


def _settled(edges: Edges, rows: NDArray[np.intp], curve: NDArray[np.intp], sign: int) -> Floats:
    """A border moved to the middle of the edge it lies on, less than a pixel exactly, and smoothed a little."""
    from scipy.ndimage import gaussian_filter1d

    near = np.arange(-NEAR_PX, NEAR_PX + 1)
    columns = np.clip(curve[:, None] + near, 0, edges.slope.shape[1] - 1)
    steep = np.maximum(sign * edges.slope[rows[:, None], columns], 0.0)
    weight = steep.sum(axis=1)
    moved = np.where(weight > 0.0, (steep * columns).sum(axis=1) / np.maximum(weight, 1e-9), curve)
    return np.asarray(gaussian_filter1d(moved, SMOOTH_PX, mode="nearest"))


def _filled(
    borders: _Borders, place: Place, coarse: tuple[int, int], shape: tuple[int, int]
) -> tuple[Bools, Bools, Bools]:
    """Right lung, left lung and heart on the grid of the picture."""
    j = ((np.arange(shape[0]) + 0.5) * coarse[0] / shape[0] - 0.5)[:, None]
    i = ((np.arange(shape[1]) + 0.5) * coarse[1] / shape[1] - 0.5)[None, :]
    down = np.clip(j, borders.rows[0], borders.rows[-1])
    outer_right, inner_right, inner_left, outer_left = (
        np.interp(down, borders.rows, curve)
        for curve in (borders.outer_right, borders.inner_right, borders.inner_left, borders.outer_left)
    )
    below_right, below_left = np.interp(i, *borders.right_dome), np.interp(i, *borders.left_dome)
    there = (j >= borders.rows[0] - 0.5) & (j <= borders.rows[-1] + 0.5)
    right = there & (i >= outer_right) & (i <= inner_right) & (j <= below_right)
    left = there & (i >= inner_left) & (i <= outer_left) & (j <= below_left)
    tops = float(borders.right_dome[1].min()) - ABOVE_DOME_PX, float(borders.left_dome[1].min()) - ABOVE_DOME_PX
    from_right = np.interp(np.minimum(down, tops[0]), borders.rows, borders.inner_right)
    from_left = np.interp(np.minimum(down, tops[1]), borders.rows, borders.inner_left)
    heart_rows = (j >= place.apex + HILA_LEVEL * place.height) & (j <= max(tops))
    between = there & heart_rows & (i > from_right) & (i < from_left)
    return right, left, np.asarray(between & ~right & ~left)


def _middle(borders: _Borders, place: Place, level: float) -> float:
    """Column half way between the outer borders at a level, over a fifth of the height."""
    near = np.abs(borders.rows - place.apex - level * place.height) <= 0.1 * place.height
    near = near if near.any() else np.ones_like(near)
    return float((borders.outer_right + borders.outer_left)[near].mean() / 2)


def _sides(borders: _Borders, place: Place) -> float:
    """Width of the right lung over that of the left, from level 0.1 to 0.4."""
    levels = (borders.rows - place.apex) / place.height
    near = (levels >= 0.1) & (levels <= 0.4)
    near = near if near.any() else np.ones_like(near)
    right = float((borders.inner_right - borders.outer_right)[near].mean())
    left = float((borders.outer_left - borders.inner_left)[near].mean())
    return max(right, 0.5) / max(left, 0.5)


def _at_edge(borders: _Borders, shape: tuple[int, int]) -> bool:
    """Whether an outer border runs along the edge of the picture for a third of its length."""
    margin = EDGE * shape[1]
    right, left = borders.outer_right <= margin, borders.outer_left >= shape[1] - 1 - margin
    return bool(max(right.mean(), left.mean()) > 1 / 3)


def _darkness(image: Image, lung: Bools, heart: Bools) -> float:
    """Median grey of the heart less that of a lung field; 0 where one of them is empty."""
    if not (lung.any() and heart.any()):
        return 0.0
    return float(np.median(image.values[heart]) - np.median(image.values[lung]))
