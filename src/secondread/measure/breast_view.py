"""Everything that is measured on one mammogram, and the way back from there to the pixels of the picture."""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.image import Image
from secondread.measure import microcalcifications
from secondread.measure.breast_density import Density, density
from secondread.measure.breast_masses import Candidate, candidates
from secondread.measure.breast_outline import Bools, Breast, Floats
from secondread.measure.microcalcifications import COARSEST_MM, GRID_MM, SKIN_MM, Cluster, Spots, clusters, spots
from secondread.prepare.resize import resize

NATIVE_MM = 0.085  # pixels from this size on are taken as they are; smaller ones are averaged to GRID_MM
MARGIN_MM = 1.0  # between the outermost spots and the outline drawn round a cluster


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What one picture holds. Places are (row, column) in the turned picture, chest wall at the left.

    Attributes:
        breast: Outline, nipple and muscle.
        density: Dense tissue.
        spots: Bright spots, or None where the pixels are too coarse or of unknown size.
        clusters: Clusters of them.
        masses: Mass candidates, or None without the size of a pixel.
    """

    breast: Breast
    density: Density
    spots: Spots | None
    clusters: tuple[Cluster, ...]
    masses: tuple[Candidate, ...] | None


def measured(image: Image, breast: Breast) -> View:
    """All measures of a picture whose breast was outlined."""
    dense = density(breast)
    if image.spacing_mm is None:
        return View(breast, dense, None, (), None)
    found = _spots(image, breast) if max(image.spacing_mm) <= COARSEST_MM else None
    step = breast.step_mm or (1.0, 1.0)
    nipple_mm = ((breast.nipple[0] + 0.5) * step[0], (breast.nipple[1] + 0.5) * step[1])
    area = float(breast.tissue.sum()) * step[0] * step[1]
    grouped = () if found is None else clusters(found, nipple_mm, area)
    return View(breast, dense, found, grouped, candidates(breast))


def _spots(image: Image, breast: Breast) -> Spots:
    """Spots of a picture, sought within the box around the breast only."""
    grey, step = _fine(image)
    grey = breast.turn(grey)
    allowed = breast.inside & (breast.depth_mm() >= SKIN_MM)
    rows, columns = np.flatnonzero(allowed.any(axis=1)), np.flatnonzero(allowed.any(axis=0))
    if not rows.size:
        return Spots(np.zeros((0, 2)), np.zeros(0), np.zeros(0))
    scale = grey.shape[0] / allowed.shape[0], grey.shape[1] / allowed.shape[1]
    top, bottom = int(rows[0] * scale[0]), int(np.ceil((rows[-1] + 1) * scale[0]))
    right = int(np.ceil((columns[-1] + 1) * scale[1]))
    part = np.ascontiguousarray(grey[top:bottom, :right])
    found = spots(part, enlarged(allowed, grey.shape)[top:bottom, :right], step)
    return Spots(found.places_mm + np.array([top * step[0], 0.0]), found.snr, found.scale_mm)


def _fine(image: Image) -> tuple[Floats, tuple[float, float]]:
    """The picture on the grid for spots, and the size of its pixels in mm."""
    spacing = image.require_spacing_mm()
    if min(spacing) >= NATIVE_MM:
        return image.values, spacing
    rows, columns = image.shape
    shape = round(rows * spacing[0] / GRID_MM), round(columns * spacing[1] / GRID_MM)
    step = rows * spacing[0] / shape[0], columns * spacing[1] / shape[1]
    return resize(image.values, shape, gap=2.0), step


def enlarged(inside: Bools, shape: tuple[int, int]) -> Bools:
    """A region on another number of rows and columns, each pixel from the one it lies in."""
    rows = ((np.arange(shape[0]) + 0.5) * inside.shape[0] / shape[0]).astype(np.intp)
    columns = ((np.arange(shape[1]) + 0.5) * inside.shape[1] / shape[1]).astype(np.intp)
    return np.asarray(inside[rows][:, columns])


def on_picture(inside: Bools, breast: Breast, shape: tuple[int, int]) -> Bools:
    """A region of the breast's grid on the pixels of its picture, turned back."""
    return np.ascontiguousarray(breast.turn(enlarged(inside, shape)))


def cluster_on_picture(cluster: Cluster, breast: Breast, image: Image) -> Bools:
    """The convex area around a cluster's spots with a margin, on the pixels of its picture, turned back."""
    return np.ascontiguousarray(breast.turn(around(cluster.places_mm, image.shape, image.require_spacing_mm())))


def around(places_mm: NDArray[np.float64], shape: tuple[int, int], step_mm: tuple[float, float]) -> Bools:
    """The convex area around places, with ``MARGIN_MM`` on all sides, bool [j, i]."""
    turns = np.linspace(0.0, 2.0 * np.pi, 16, endpoint=False)
    rim = MARGIN_MM * np.stack([np.sin(turns), np.cos(turns)], axis=1)
    points = (places_mm[:, None] + rim[None]).reshape(-1, 2)
    hull = scipy.spatial.ConvexHull(points)
    low = np.clip(np.floor(points.min(axis=0) / step_mm).astype(int), 0, None)
    high = np.minimum(np.ceil(points.max(axis=0) / step_mm).astype(int) + 1, shape)
    rows = (np.arange(low[0], high[0]) + 0.5) * step_mm[0]
    columns = (np.arange(low[1], high[1]) + 0.5) * step_mm[1]
    inside = np.zeros(shape, bool)
    box = np.ones((rows.size, columns.size), bool)
    for down, across, offset in hull.equations:
        box &= down * rows[:, None] + across * columns[None, :] + offset <= 0.0
    inside[low[0] : high[0], low[1] : high[1]] = box
    return inside


def crowd(found: Spots) -> int:
    """The largest number of spots within a disc of 1 cm2 around one of them; 0 without spots."""
    if not len(found.places_mm):
        return 0
    apart = np.linalg.norm(found.places_mm[:, None] - found.places_mm[None], axis=2)
    return int((apart <= microcalcifications.CLUSTER_MM).sum(axis=1).max())
