"""Up to four views of the breasts in one picture, as they hang at a workstation, and a part of one in full size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Colour = tuple[int, int, int]
PANEL_PX, GAP_PX = 480, 6
CLOSE_PX, STRETCH = 480, (1.0, 99.8)  # side of a close-up; percentiles of its grey that become black and white


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One view, chest wall at the left.

    Attributes:
        grey: float32 [j, i] in [0, 1].
        outlines: (bool [j, i], colour) to draw, the last on top.
    """

    grey: NDArray[np.float32]
    outlines: Sequence[tuple[Bools, Colour]]


def hung(panels: Mapping[tuple[str, str], Panel]) -> NDArray[np.uint8]:
    """uint8 [j, i, 3]: CC above MLO, the right breast on the left of the picture; what is missing stays black.

    Args:
        panels: (side, view) to its panel.
    """
    views = [view for view in ("CC", "MLO") if any(name[1] == view for name in panels)]
    width = max(_size(panel)[1] for panel in panels.values())
    rows = []
    for view in views:
        height = max(_size(panel)[0] for name, panel in panels.items() if name[1] == view)
        right, left = (_drawn(panels.get((side, view)), (height, width)) for side in ("R", "L"))
        rows.append(np.hstack([right[:, ::-1], np.zeros((height, GAP_PX, 3), np.uint8), left]))
    gap = np.zeros((GAP_PX, rows[0].shape[1], 3), np.uint8)
    return np.vstack([part for row in rows for part in (row, gap)][:-1])


def _factor(panel: Panel) -> float:
    return PANEL_PX / float(panel.grey.shape[0])


def _size(panel: Panel) -> tuple[int, int]:
    return PANEL_PX, round(panel.grey.shape[1] * _factor(panel))


def _drawn(panel: Panel | None, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """uint8 [j, i, 3] of the wanted shape, with lines two pixels wide just inside what they surround."""
    drawn = np.zeros((*shape, 3), np.uint8)
    if panel is None:
        return drawn
    rows, columns = _size(panel)
    down = np.minimum((np.arange(rows) / _factor(panel)).astype(np.intp), panel.grey.shape[0] - 1)
    across = np.minimum((np.arange(columns) / _factor(panel)).astype(np.intp), panel.grey.shape[1] - 1)
    part = drawn[:rows, :columns]
    part[:] = np.round(255.0 * np.clip(panel.grey[down][:, across], 0.0, 1.0)).astype(np.uint8)[..., None]
    for mask, colour in panel.outlines:
        part[_line(mask[down][:, across])] = colour
    return drawn


def _line(inside: Bools) -> Bools:
    """What lies within two pixels of the outside; the sides of the picture are no outside."""
    core = inside.copy()
    for _ in range(2):
        padded = np.pad(core, 1, mode="edge")
        core = padded[1:-1, 1:-1] & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return np.asarray(inside & ~core)


def close_up(
    grey: NDArray[np.float32],
    places: NDArray[np.float64],
    half_side: float,
    ring: float,
    colour: Colour,
) -> NDArray[np.uint8]:
    """uint8 [j, i, 3]: a square around some places, stretched in grey, each place within a thin ring.

    Args:
        grey: float32 [j, i] in [0, 1].
        places: float64 [n, 2], (row, column) in pixels.
        half_side: Of the square, in pixels.
        ring: Radius of the rings, in pixels.
        colour: Of the rings.
    """
    low, high = places.min(axis=0), places.max(axis=0)
    half = max(half_side, float((high - low).max()) / 2.0 + 3.0 * ring)
    grid = (np.arange(CLOSE_PX) + 0.5) * (2.0 * half / CLOSE_PX) - half
    rows, columns = (middle + grid for middle in (low + high) / 2.0)
    at = [np.clip(line, 0, size - 1).astype(np.intp) for line, size in zip((rows, columns), grey.shape, strict=True)]
    part = grey[np.ix_(*at)]
    black, white = np.percentile(part, STRETCH)
    shown = np.clip((part - black) / max(float(white - black), 1e-6), 0.0, 1.0)
    drawn = np.repeat(np.round(255.0 * shown).astype(np.uint8)[..., None], 3, axis=2)
    thin = 1.5 * half / CLOSE_PX
    for row, column in places:
        far = np.hypot(rows[:, None] - row, columns[None, :] - column)
        drawn[np.abs(far - ring) <= thin] = colour
    return drawn
