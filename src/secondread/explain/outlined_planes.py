"""Planes of a volume with outlines in colour, side by side, for looking at."""

from collections.abc import Sequence

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.explain.band import dotted
from secondread.prepare.window import window

# Colours that stay apart on grey for most eyes. Source: Okabe and Ito 2008, Color universal design.
COLOURS = ((230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (213, 94, 0), (204, 121, 167))
NAMES = ("orange", "sky blue", "green", "yellow", "vermilion", "purple")
GAP = 4

Plane = tuple[NDArray[np.float32], Sequence[tuple[NDArray[np.bool_], tuple[int, int, int]]]]


def outlined(
    plane: Plane,
    shown_with: tuple[float, float],
    times: int = 1,
    lines: Sequence[tuple[NDArray[np.bool_], tuple[int, int, int]]] = (),
) -> NDArray[np.uint8]:
    """A plane in grey with the edges of its regions, uint8 [j, i, 3].

    Args:
        plane: Values [j, i], and (region of the same shape, colour) pairs; the later ones are drawn on top.
        shown_with: (centre, width) of the window.
        times: Each pixel becomes this many a side.
        lines: (region, colour) pairs whose edges are dotted, beneath the others: how sure an outline is.
    """
    values, regions = plane
    grey = window(np.ascontiguousarray(values, np.float32), centre=shown_with[0], width=shown_with[1])
    grey = scipy.ndimage.zoom(grey, times, order=1, grid_mode=True, mode="nearest") if times > 1 else grey
    rgb = np.repeat(np.round(grey.clip(0.0, 1.0) * 255.0).astype(np.uint8)[..., None], 3, axis=2)
    for inside, colour in lines:
        rgb[dotted(inside.repeat(times, 0).repeat(times, 1))] = colour
    for inside, colour in regions:
        large = inside.repeat(times, 0).repeat(times, 1)
        edge = large & ~scipy.ndimage.binary_erosion(large, border_value=1)
        rgb[edge] = colour
    return rgb


def beside(pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Pictures in a row, the lower ones filled with black."""
    rows = max(len(picture) for picture in pictures)
    columns = sum(picture.shape[1] for picture in pictures) + GAP * (len(pictures) - 1)
    sheet = np.zeros((rows, columns, 3), np.uint8)
    at = 0
    for picture in pictures:
        sheet[: len(picture), at : at + picture.shape[1]] = picture
        at += picture.shape[1] + GAP
    return sheet
