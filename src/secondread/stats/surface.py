"""How far the edge of a drawn region lies from the true edge, in millimetres.

The edge of a region is the set of its pixels that have a neighbour outside it (4 neighbours on a picture, 6 in a
volume); what lies beyond the picture counts as outside. Distances run between the centres of edge pixels. Other
programs weigh the edge by its area or count border cracks instead, and their surface distances differ in the second
decimal: name the implementation beside the number.

If either region is empty there is no distance, and every measure is None, also when both are: an average over cases
must say how many it leaves out (:func:`secondread.stats.overlap.summarise` does).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from secondread.stats.checks import Bools, Floats
from secondread.stats.overlap import masks, spacing_of

ROUNDING = 1e-9  # relative; a distance that equals the tolerance must not fall out of it by a rounding error


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceDistances:
    """The distance from every edge pixel of one region to the nearest edge pixel of the other.

    Attributes:
        to_true: float64 [a], in mm, from the drawn edge to the true edge.
        to_predicted: float64 [b], in mm, from the true edge to the drawn edge.
    """

    to_true: Floats
    to_predicted: Floats

    @property
    def hausdorff_mm(self) -> float:
        """The largest distance of all: one stray pixel decides it."""
        return max(float(self.to_true.max()), float(self.to_predicted.max()))

    @property
    def hd95_mm(self) -> float:
        """The larger of the 95th percentiles of the two directions (not the percentile of both together)."""
        return max(float(np.percentile(way, 95)) for way in (self.to_true, self.to_predicted))

    @property
    def assd_mm(self) -> float:
        """Average symmetric surface distance: the mean over all edge pixels of both."""
        return float(np.concatenate((self.to_true, self.to_predicted)).mean())

    def within(self, tolerance_mm: float) -> float:
        """Normalised surface distance: the share of both edges that lies within the tolerance of the other edge.

        Args:
            tolerance_mm: At least 0; the difference between two careful human readers, say.

        Raises:
            ValueError: If the tolerance is negative or not finite.

        Source: Nikolov et al., Journal of Medical Internet Research 2021;23:e26151 (surface Dice), here with edge
            pixels counted rather than weighed by their area.
        """
        if not 0.0 <= tolerance_mm < np.inf:
            raise ValueError(f"tolerance_mm: found {tolerance_mm}; needed a finite number of at least 0")
        limit = tolerance_mm * (1.0 + ROUNDING)
        inside = np.count_nonzero(self.to_true <= limit) + np.count_nonzero(self.to_predicted <= limit)
        return float(inside / (len(self.to_true) + len(self.to_predicted)))


@dataclass(frozen=True, slots=True)
class SurfaceMeasures:
    """The usual four for one case; all None when a region is empty.

    Attributes:
        hausdorff_mm: Largest distance.
        hd95_mm: Larger of the two directed 95th percentiles.
        assd_mm: Average symmetric surface distance.
        nsd: Share of the edges within the tolerance.
        tolerance_mm: Of ``nsd``.
    """

    hausdorff_mm: float | None
    hd95_mm: float | None
    assd_mm: float | None
    nsd: float | None
    tolerance_mm: float


def surface_distances(predicted: ArrayLike, true: ArrayLike, spacing_mm: Sequence[float]) -> SurfaceDistances | None:
    """Distances between the edges of two regions, both ways.

    Args:
        predicted: bool or 0/1, [j, i] or [k, j, i].
        true: bool or 0/1, the same shape.
        spacing_mm: Size of a pixel along each axis, in mm, in the order of the axes.

    Returns:
        The distances, or None when a region is empty.

    Raises:
        ValueError: If the shapes differ, a value is not 0 or 1, or the spacing does not fit the axes.
    """
    from scipy.ndimage import find_objects
    from scipy.spatial import cKDTree

    drawn, truly = masks(predicted, true)
    spacing = np.array(spacing_of(drawn.ndim, spacing_mm))
    if not drawn.any() or not truly.any():
        return None
    (box,) = find_objects((drawn | truly).astype(np.uint8))
    mine, theirs = (np.argwhere(edge(region[box])) * spacing for region in (drawn, truly))
    return SurfaceDistances(cKDTree(theirs).query(mine)[0], cKDTree(mine).query(theirs)[0])


def surface_measures(
    predicted: ArrayLike, true: ArrayLike, spacing_mm: Sequence[float], tolerance_mm: float
) -> SurfaceMeasures:
    """Hausdorff distance, HD95, average distance and normalised surface distance of one case.

    Args:
        predicted: bool or 0/1, [j, i] or [k, j, i].
        true: bool or 0/1, the same shape.
        spacing_mm: Size of a pixel along each axis, in mm.
        tolerance_mm: For the normalised surface distance.

    Raises:
        ValueError: As for :func:`surface_distances` and :meth:`SurfaceDistances.within`.

    >>> cube = np.zeros((14, 12, 12), dtype=bool); cube[1:11, 1:11, 1:11] = True
    >>> surface_measures(np.roll(cube, 2, axis=0), cube, (1, 1, 1), tolerance_mm=2).hd95_mm
    2.0
    """
    found = surface_distances(predicted, true, spacing_mm)
    if found is None:
        return SurfaceMeasures(None, None, None, None, tolerance_mm)
    return SurfaceMeasures(found.hausdorff_mm, found.hd95_mm, found.assd_mm, found.within(tolerance_mm), tolerance_mm)


def edge(region: Bools) -> Bools:
    """The pixels of a region that touch the outside across a side; beyond the array is outside.

    Args:
        region: bool [j, i] or [k, j, i].

    Returns:
        bool, the same shape.
    """
    from scipy.ndimage import binary_erosion, generate_binary_structure

    inner: Bools = binary_erosion(region, generate_binary_structure(region.ndim, 1))
    return region & ~inner
