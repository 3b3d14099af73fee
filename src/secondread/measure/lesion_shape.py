"""The shape of a lesion outlined in a flat picture: extents, elongation, and how far it is from an ellipse.

Everything but the extents is a ratio, so that it needs no calibration: pixels whose size is not known are taken as
square. Rules of this program that follow the words of BI-RADS; the lexicon defines the words by what they look like,
without numbers.
"""

import math
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.measurement import Measurement

Points = NDArray[np.float64]
SQUARE = (1.0, 1.0)
LEAST_PX = 25  # a smaller outline is steps of pixels, not a shape
ROUND = 1.2  # an ellipse up to this long to its width is called round
DENT, GAP = 0.94, 0.17  # see Shape.irregular


@dataclass(frozen=True, slots=True)
class Shape:
    """Of one outline; lengths in mm where the size of a pixel was given in mm, else in pixels.

    Attributes:
        area: Of the outline.
        depth: Extent down the rows: away from the skin where the skin lies along the upper edge of the picture.
        width: Extent along the rows.
        long: Long axis of the ellipse with the same second moments.
        short: Its short axis.
        solidity: Area over the area of the convex hull; 1 without dents.
        ellipse_gap: Area in which the outline and the ellipse of the same centre, direction, elongation and area
            differ, over the area; 0 for an ellipse.
    """

    area: float
    depth: float
    width: float
    long: float
    short: float
    solidity: float
    ellipse_gap: float

    @property
    def depth_to_width(self) -> float:
        """Depth over width: 1 or more is as deep as wide, or deeper."""
        return self.depth / self.width

    @property
    def elongation(self) -> float:
        """Long over short axis of the ellipse; 1 for a disc."""
        return self.long / self.short

    @property
    def diameter(self) -> float:
        """Of the disc of the same area."""
        return 2.0 * math.sqrt(self.area / math.pi)

    @property
    def irregular(self) -> bool:
        """Neither round nor oval: it fills less than ``DENT`` of its hull, or is further than ``GAP`` from an ellipse.

        Solidity told malignant from benign lesions best at 0.932 in outlines drawn by people (1,366 pictures of
        BUS-BRA) and at 0.955 in those of a network (183); the limit lies between. The second limit catches what is
        convex and still neither round nor oval, such as a triangle or a square with its corners.
        """
        return self.solidity < DENT or self.ellipse_gap > GAP

    @property
    def word(self) -> str:
        """``irregular``, ``round`` or ``oval``, in the words of BI-RADS ultrasound (5th edition)."""
        if self.irregular:
            return "irregular"
        return "round" if self.elongation <= ROUND else "oval"

    @property
    def rule(self) -> str:
        """The word and how it was found, in a sentence."""
        return (
            f"{self.word.capitalize()}: irregular below {DENT} of the convex hull or beyond {GAP} of difference from "
            f"an ellipse, else round up to an elongation of {ROUND}, else oval."
        )

    @property
    def measurements(self) -> tuple[Measurement, ...]:
        """What the word rests on."""
        return (
            Measurement("solidity", self.solidity, "1", "area over the area of the convex hull"),
            Measurement("difference from an ellipse", self.ellipse_gap, "1", "area outside either over the area"),
            Measurement("elongation", self.elongation, "1", "long over short axis of the ellipse of the same moments"),
        )


def largest_part(inside: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], int]:
    """The largest connected part with its holes filled, bool [j, i], and how many parts there are.

    Parts that touch at a corner only are one.
    """
    numbers, count = scipy.ndimage.label(inside, np.ones((3, 3)))
    if count == 0:
        return np.zeros(inside.shape, dtype=np.bool_), 0
    sizes = np.bincount(numbers.ravel())[1:]
    return np.asarray(scipy.ndimage.binary_fill_holes(numbers == 1 + int(sizes.argmax()))), int(count)


def shape_of(inside: NDArray[np.bool_], spacing: tuple[float, float] = SQUARE) -> Shape:
    """The shape of an outline.

    Args:
        inside: bool [j, i], one part without holes.
        spacing: (between rows, between columns), in mm or, where that is not known, as ratios.

    Raises:
        ValueError: If there are fewer than ``LEAST_PX`` pixels inside.
    """
    count = int(inside.sum())
    if count < LEAST_PX:
        raise ValueError(f"outline: found {count} pixels, needed at least {LEAST_PX} to speak of a shape")
    scale = np.array(spacing, dtype=np.float64)
    points = np.argwhere(inside) * scale
    area = count * float(scale.prod())
    depth, width = (float(np.ptp(points[:, axis]) + scale[axis]) for axis in (0, 1))
    centre = points.mean(axis=0)
    spread = np.cov((points - centre).T, bias=True) + np.diag(scale**2) / 12.0  # a pixel has an extent too
    short, long = 4.0 * np.sqrt(np.linalg.eigvalsh(spread))  # an ellipse of axes 2a, 2b spreads by a²/4, b²/4
    hull = float(scipy.spatial.ConvexHull(_edge(inside) * scale).volume)
    gap = _gap(inside, scale, centre, spread, area)
    return Shape(area, depth, width, float(long), float(short), min(1.0, area / hull), gap)


def _edge(inside: NDArray[np.bool_]) -> Points:
    """[n, 2]: halfway between each pixel inside and each of its neighbours outside; beyond the picture is outside."""
    padded, found = np.pad(inside, 1), []
    for axis in (0, 1):
        ahead = np.moveaxis(padded, axis, 0)
        places = np.argwhere(ahead[1:] != ahead[:-1]).astype(np.float64) - (0.5, 1.0)
        found.append(places if axis == 0 else places[:, ::-1])
    return np.concatenate(found)


def _gap(inside: NDArray[np.bool_], scale: Points, centre: Points, spread: Points, area: float) -> float:
    """Area in which the outline and its ellipse differ, over its area. The ellipse may reach beyond the picture."""
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    margin = max(np.ptp(rows), np.ptp(columns)) + 1
    part = np.pad(inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], margin)
    down, along = (
        ((np.arange(length) - margin + start) * mm - middle)
        for length, start, mm, middle in zip(part.shape, (rows[0], columns[0]), scale, centre, strict=True)
    )
    (a, b), (_, c) = np.linalg.inv(spread)
    distance = a * down[:, None] ** 2 + 2.0 * b * down[:, None] * along + c * along**2
    level = area / (math.pi * math.sqrt(float(np.linalg.det(spread))))  # distance² at which the ellipse has the area
    return float(((distance <= level) != part).sum()) / float(inside.sum())
