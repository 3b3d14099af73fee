"""Regions drawn as lines, each in a colour of its own that colour-blind people can tell apart."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Source: Okabe and Ito, Color Universal Design, 2008 (jfly.uni-koeln.de/color): the colours that stand out on grey.
COLOURS = ((230, 159, 0), (86, 180, 233), (240, 228, 66), (204, 121, 167), (0, 158, 115), (213, 94, 0))


def outlined(rgb: NDArray[np.uint8], insides: Sequence[NDArray[np.bool_]]) -> NDArray[np.uint8]:
    """A copy of uint8 [j, i, 3] with a line just inside each region bool [j, i]; the first region is drawn last.

    >>> inside = np.zeros((5, 5), bool)
    >>> inside[1:4, 1:4] = True
    >>> outlined(np.zeros((5, 5, 3), np.uint8), [inside])[2, 1].tolist()
    [230, 159, 0]
    """
    drawn = rgb.copy()
    for number, inside in reversed(list(enumerate(insides))):
        drawn[edge(inside)] = COLOURS[number % len(COLOURS)]
    return drawn


def edge(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels of a region that touch its outside, two pixels thick where the region allows it."""
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    edge = np.zeros_like(inside)
    if rows.size:
        box = np.s_[max(0, rows[0] - 2) : rows[-1] + 3, max(0, columns[0] - 2) : columns[-1] + 3]
        part = inside[box]
        core = part.copy()
        for step in (1, 2):
            core[step:] &= part[:-step]
            core[:-step] &= part[step:]
            core[:, step:] &= part[:, :-step]
            core[:, :-step] &= part[:, step:]
        edge[box] = part & ~core
    return edge
