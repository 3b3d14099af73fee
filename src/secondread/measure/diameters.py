"""Diameters of an outlined lesion in mm: long axis and largest perpendicular short axis in a slice, and through space.

The edge of a mask runs halfway between the centres of a pixel inside and its neighbour outside (4 neighbours in a
slice, 6 in space), so that a single pixel is as wide as its spacing. Diameters are taken of the convex hull of these
points: what a ruler laid across the lesion measures. The longest of many diameters follows the steps of the pixels, so
that the long axis of a disc comes out about half a pixel too long, as in other programs. Where the grey level of the
edge is known (``Edge``), each point lies where the level is crossed between the two centres, which takes that away. A
mask holds one lesion: two apart are measured as if they were one.

Source: long axis and the largest diameter perpendicular to it in the same slice, as RECIST 1.1 and Fleischner 2017 use.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.errors import SpacingError
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask

Points = NDArray[np.float64]
SAME_MM = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """Grey by which the edge of a mask is found between pixels.

    Attributes:
        values: Grey on the grid of the mask, of the same shape.
        level: Grey of the edge, e.g. half the way from lung to nodule in HU. Where a pixel inside and its neighbour
            outside do not lie on either side of it, the edge stays halfway.
    """

    values: NDArray[np.float32] | NDArray[np.float64]
    level: float


SMOOTHED_PX = 0.7  # standard deviation within the slice; tried on phantoms with noise of 25 HU


def without_noise(
    inside: NDArray[np.bool_], values: NDArray[np.float32], level: float
) -> tuple[NDArray[np.bool_], Edge]:
    """An outline bright against its surroundings and its edge, with the noise within slices taken down.

    The longest of many diameters grows with every pixel that noise lifts above the level; pixels of the outline that
    are not above it after smoothing are left out.

    Args:
        inside: bool [k, j, i], the outline.
        values: Grey of the same shape, k across the slices.
        level: Of the edge; inside is above it.
    """
    smooth = scipy.ndimage.gaussian_filter(values, (0.0, SMOOTHED_PX, SMOOTHED_PX))
    kept = inside & (smooth > level)
    return (kept if kept.any() else inside), Edge(smooth, level)


@dataclass(frozen=True, slots=True)
class Diameters:
    """Both axes in one slice.

    Attributes:
        long_mm: Longest diameter.
        short_mm: Longest diameter perpendicular to it.
        slice_index: k of the slice, or None on a flat picture.
        long_ends: Ends of the long axis, ((row, column), (row, column)); edges lie halfway between pixels.
        short_ends: Ends of the short axis.
    """

    long_mm: float
    short_mm: float
    slice_index: int | None
    long_ends: tuple[tuple[float, float], tuple[float, float]]
    short_ends: tuple[tuple[float, float], tuple[float, float]]

    @property
    def mean_mm(self) -> float:
        """Mean of long and short axis, unrounded."""
        return (self.long_mm + self.short_mm) / 2.0


def diameters_in_slice(mask: Mask, slice_index: int | None = None, edge: Edge | None = None) -> Diameters:
    """Long and short axis of a flat mask, or of one slice of a mask over slices.

    Raises:
        SpacingError: If the picture has no spacing.
        ValueError: If the slice is empty, or one is named for a flat mask or none for a mask over slices, or the grey
            of the edge has another shape.
    """
    if edge is not None and edge.values.shape != mask.inside.shape:
        raise ValueError(
            f"edge: found values of shape {edge.values.shape}, needed that of the mask {mask.inside.shape}"
        )
    if (slice_index is None) != (mask.inside.ndim == 2):
        raise ValueError("slice_index: needed for a mask over slices, and only there")
    inside = mask.inside if slice_index is None else mask.inside[slice_index]
    if not inside.any():
        raise ValueError("mask: found no pixel inside, needed one or more")
    to_mm = _plane_mm(mask)
    beyond = (
        None
        if edge is None
        else edge.values[... if slice_index is None else slice_index].astype(np.float64) - edge.level
    )
    hull_mm = _hull(_edge_points(inside, beyond) @ to_mm.T)
    long_mm, short_mm, ends_mm = max((_axes(hull_mm, *pair) for pair in _longest_pairs(hull_mm)), key=lambda a: a[1])
    ends = [tuple(float(n) for n in np.linalg.solve(to_mm, end)) for end in ends_mm]
    a, b, c, d = ((row, column) for row, column in ends)
    return Diameters(long_mm, short_mm, slice_index, (a, b), (c, d))


def largest_diameters(mask: Mask, edge: Edge | None = None) -> Diameters:
    """Long and short axis in the slice where the long axis is longest: the largest diameter within a slice.

    Of slices with equal long axes it is the one with the longest short axis.

    Raises:
        SpacingError: If the picture has no spacing.
        ValueError: If the mask is empty.
    """
    if mask.inside.ndim == 2:
        return diameters_in_slice(mask, edge=edge)
    filled = np.flatnonzero(mask.inside.any(axis=(1, 2)))
    if filled.size == 0:
        raise ValueError("mask: found no voxel inside, needed one or more")
    every = [diameters_in_slice(mask, int(k), edge) for k in filled]
    longest_mm = max(one.long_mm for one in every)
    return max((one for one in every if one.long_mm >= longest_mm - SAME_MM), key=lambda one: one.short_mm)


def largest_diameter_3d_mm(mask: Mask) -> float:
    """Largest diameter through space in mm, right on tilted and sheared grids too.

    Raises:
        SpacingError: If the mask does not lie on a volume.
        ValueError: If the mask is empty.
    """
    if not isinstance(mask.grid, Geometry):
        raise SpacingError("mask: a diameter through space needs a mask over slices; found a flat picture")
    if not mask.inside.any():
        raise ValueError("mask: found no voxel inside, needed one or more")
    return float(scipy.spatial.distance.pdist(_hull(_edge_points(mask.inside) @ mask.grid.affine[:3, :3].T)).max())


def _plane_mm(mask: Mask) -> Points:
    """[2, 2]: turns (row, column) into mm within the slice."""
    if isinstance(mask.grid, Geometry):
        return np.asarray(np.linalg.qr(mask.grid.affine[:3, 1:3])[1])
    if mask.grid is None:
        raise SpacingError("mask: a diameter in mm needs known pixel spacing; found none")
    return np.diag(mask.grid)


def _edge_points(inside: NDArray[np.bool_], beyond: Points | None = None) -> Points:
    """[n, axes]: points between each pixel inside and its neighbours outside; beyond the picture is outside.

    Halfway, or where ``beyond``, grey less that of the edge, is 0 on the line between their centres.
    """
    padded = np.pad(inside, 1)
    grey = None if beyond is None else np.pad(beyond, 1, constant_values=np.nan)
    found = []
    for axis in range(inside.ndim):
        ahead = np.moveaxis(padded, axis, 0)
        changes = ahead[1:] != ahead[:-1]
        places = np.argwhere(changes).astype(np.float64)
        places[:, 0] -= 1.0 - (0.5 if grey is None else _crossing(np.moveaxis(grey, axis, 0), changes))
        places[:, 1:] -= 1.0
        order = [*range(1, axis + 1), 0, *range(axis + 1, inside.ndim)]
        found.append(places[:, order])
    return np.concatenate(found)


def _crossing(grey: Points, changes: NDArray[np.bool_]) -> Points:
    """[n]: share of the way to the next pixel along the first axis at which grey is 0; a half where it is nowhere."""
    here, there = grey[:-1][changes], grey[1:][changes]
    opposite = here * there < 0
    return np.where(opposite, here / np.where(opposite, here - there, 1.0), 0.5)


def _hull(points_mm: Points) -> Points:
    """Corners of the convex hull, in order around it when flat."""
    return np.asarray(points_mm[scipy.spatial.ConvexHull(points_mm).vertices])


def _longest_pairs(hull_mm: Points) -> NDArray[np.intp]:
    """[n, 2]: pairs of corners that are furthest apart, all of them if several are."""
    apart = np.triu(scipy.spatial.distance.squareform(scipy.spatial.distance.pdist(hull_mm)))
    return np.argwhere(apart >= apart.max() - SAME_MM)


def _axes(hull_mm: Points, one: int, other: int) -> tuple[float, float, tuple[Points, Points, Points, Points]]:
    """Length of the axis between two corners, the longest perpendicular chord, and the four ends in mm.

    The length of a chord across a convex outline changes linearly between corners, so the longest starts at one.
    """
    start, end = hull_mm[one], hull_mm[other]
    long_mm = float(np.linalg.norm(end - start))
    along = (end - start) / long_mm
    across = np.array([-along[1], along[0]])
    t, s = (hull_mm - start) @ along, (hull_mm - start) @ across
    best = (-1.0, 0.0, 0.0, 0.0)
    for place in t:
        low, high = _chord(t, s, place)
        best = max(best, (high - low, float(place), low, high))
    short_mm, place, low, high = best
    feet = start + place * along
    return long_mm, short_mm, (start, end, feet + low * across, feet + high * across)


def _chord(t: Points, s: Points, place: float) -> tuple[float, float]:
    """Lowest and highest ``s`` where the closed outline (t, s) meets ``place``."""
    t_next, s_next = np.roll(t, -1), np.roll(s, -1)
    meets = (np.minimum(t, t_next) <= place) & (place <= np.maximum(t, t_next))
    run = np.where(t_next == t, 1.0, t_next - t)
    share = np.clip((place - t) / run, 0.0, 1.0)
    crossing = (s + share * (s_next - s))[meets]
    level = s[t == place]  # both ends of an edge that lies along the chord
    return float(min(crossing.min(), level.min())), float(max(crossing.max(), level.max()))
