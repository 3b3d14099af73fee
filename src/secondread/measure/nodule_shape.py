"""What a nodule is made of and how its edge looks: solid part, calcium, sphericity, spikes and bulges, by stated rules.

Sources: sphericity is Wadell H, J Geol 1935;43:250-280. unverified: -300 HU as the lower limit of a solid part. The
other limits are our own, tried on phantoms of known shape, not on judgements of radiologists.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.code import LOCAL, Code
from secondread.core.mask import Mask
from secondread.core.volume import Volume
from secondread.measure.diameters import largest_diameters
from secondread.measure.nodule_candidates import Candidate
from secondread.measure.nodule_size import effective_diameter_mm

Bools = NDArray[np.bool_]
SOLID_HU, SOLID_SHARE, SMALLEST_SOLID_MM = -300.0, 0.6, 2.0
DENSE_EDGE_HU, DENSE_SHARE = -520.0, 0.3  # an outline half the way to dense tissue: blur thins small solid nodules
CALCIUM_HU, CALCIFIED_SHARE = 200.0, 0.1
JUDGED_MM, JUDGED_STEP_MM = 8.0, 1.5  # smaller nodules and thicker slices show no spikes
SPIKE_HU, SPIKE_SHELL, SPIKES = -600.0, 1.3, 5
BULGE_FILL, DENSE_HU = 0.97, -400.0
SOLID_PART = Code(LOCAL, "solid-part", "Solid part of a nodule")


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What a nodule is made of and how its edge looks.

    Attributes:
        kind: ``solid``, ``part-solid`` or ``non-solid``.
        solid_mm3: Volume of its largest part above -300 HU.
        solid_mean_mm: Mean of long and short axis of that part in the slice where it is longest; None without one.
        calcium_percent: Share of its inner voxels above 200 HU.
        sphericity: Surface of the sphere of its volume over its own; 1 for a sphere.
        hull_fill: Share of its convex hull that it fills.
        joined: Share of the voxels around it that are dense and outside the lung: it may go on there.
        spikes: Number of separate strands that leave it; None where it was not judged.
        spiculated: 5 strands or more; None where it was not judged.
        lobulated: Whether it fills less than 97 % of its hull and is not spiculated; None where it was not judged.
    """

    kind: str
    solid_mm3: float
    solid_mean_mm: float | None
    calcium_percent: float
    sphericity: float
    hull_fill: float
    joined: float
    spikes: int | None
    spiculated: bool | None
    lobulated: bool | None


def shape_of(volume: Volume, nodule: Candidate, lung: Bools) -> Shape:
    """Judge a nodule.

    Args:
        volume: CT in HU.
        nodule: With its outline.
        lung: Both lungs on the grid of the volume: strands are looked for inside them.
    """
    margin = [int(np.ceil(0.8 * nodule.diameter_mm / mm)) + 2 for mm in volume.geometry.spacing_mm]
    box = tuple(
        slice(max(0, c - m), min(n, c + size + m))
        for c, size, m, n in zip(nodule.corner, nodule.inside.shape, margin, volume.geometry.shape, strict=True)
    )
    values, inside = volume.values[box], nodule.mask(volume.geometry.shape)[box]
    spacing = volume.geometry.spacing_mm
    solid_mm3, solid = _solid(values, inside, volume.geometry.voxel_volume_mm3)
    kind = _kind(solid_mm3, nodule)
    inner = scipy.ndimage.binary_erosion(inside)
    calcium = 100.0 * float((values[inner if inner.any() else inside] > CALCIUM_HU).mean())
    fill = _hull_fill(inside, spacing)
    judged = nodule.diameter_mm >= JUDGED_MM and max(spacing) <= JUDGED_STEP_MM
    spikes = _spikes(values, inside, lung[box], spacing, nodule.diameter_mm) if judged else None
    spiculated = None if spikes is None else spikes >= SPIKES
    return Shape(
        kind=kind,
        solid_mm3=solid_mm3,
        solid_mean_mm=_mean_mm(volume, box, solid) if kind == "part-solid" else None,
        calcium_percent=calcium,
        sphericity=_sphericity(inside, spacing),
        hull_fill=fill,
        joined=float(((values > DENSE_HU) & ~lung[box])[scipy.ndimage.binary_dilation(inside) & ~inside].mean()),
        spikes=spikes,
        spiculated=spiculated,
        lobulated=None if spiculated is None else fill < BULGE_FILL and not spiculated,
    )


def _solid(values: NDArray[np.float32], inside: Bools, voxel_mm3: float) -> tuple[float, Bools]:
    """Volume and mask of the largest solid part; single voxels of noise are smoothed away."""
    smooth = scipy.ndimage.median_filter(values, 3)
    labels, count = scipy.ndimage.label(inside & (smooth > SOLID_HU))
    if count == 0:
        return 0.0, np.zeros_like(inside)
    sizes = np.bincount(labels.ravel())[1:]
    return float(sizes.max()) * voxel_mm3, np.asarray(labels == 1 + int(sizes.argmax()))


def _kind(solid_mm3: float, nodule: Candidate) -> str:
    least = DENSE_SHARE if nodule.edge_hu >= DENSE_EDGE_HU else SOLID_SHARE
    if solid_mm3 >= least * nodule.volume_mm3:
        return "solid"
    small = solid_mm3 == 0.0 or effective_diameter_mm(solid_mm3) < SMALLEST_SOLID_MM
    return "non-solid" if small else "part-solid"


def _mean_mm(volume: Volume, box: tuple[slice, ...], solid: Bools) -> float:
    whole = np.zeros(volume.geometry.shape, np.bool_)
    whole[box] = solid
    return largest_diameters(Mask(whole, volume.geometry, SOLID_PART)).mean_mm


def _sphericity(inside: Bools, spacing_mm: tuple[float, float, float]) -> float:
    """Wadell's ratio; the surface is the total slope of the mask after a blur of about a voxel, which has no steps."""
    padded = np.pad(inside, 4).astype(np.float64)
    blurred = scipy.ndimage.gaussian_filter(padded, [max(spacing_mm) / mm for mm in spacing_mm])
    slopes = np.gradient(blurred, *spacing_mm)
    voxel = float(np.prod(spacing_mm))
    surface = float(np.sqrt(sum(slope**2 for slope in slopes)).sum()) * voxel
    mm3 = float(inside.sum()) * voxel
    return min(1.0, float(np.pi ** (1 / 3) * (6.0 * mm3) ** (2 / 3)) / surface)


def _hull_fill(inside: Bools, spacing_mm: tuple[float, float, float]) -> float:
    """Voxels of the mask over voxels whose centres lie in the hull of those centres."""
    places = np.argwhere(inside) * spacing_mm
    try:
        hull: scipy.spatial.ConvexHull = scipy.spatial.ConvexHull(places)
    except (scipy.spatial.QhullError, ValueError):
        return 1.0
    low = np.argwhere(inside).min(axis=0)
    high = np.argwhere(inside).max(axis=0) + 1
    axes = [np.arange(a, b) * mm for a, b, mm in zip(low, high, spacing_mm, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    within = np.all(grid @ hull.equations[:, :3].T + hull.equations[:, 3] <= 1e-6, axis=1)
    return float(inside.sum()) / max(float(within.sum()), 1.0)


def _spikes(
    values: NDArray[np.float32], inside: Bools, lung: Bools, spacing_mm: tuple[float, float, float], diameter_mm: float
) -> int:
    """Separate strands that cross a shell at 1.3 radii around the middle of the nodule."""
    middle = scipy.ndimage.center_of_mass(inside)
    axes = [(np.arange(n) - c) * mm for n, c, mm in zip(inside.shape, middle, spacing_mm, strict=True)]
    away = np.sqrt(axes[0][:, None, None] ** 2 + axes[1][None, :, None] ** 2 + axes[2][None, None, :] ** 2)
    shell = np.abs(away - SPIKE_SHELL * diameter_mm / 2) <= 0.75 * max(spacing_mm)
    labels, _ = scipy.ndimage.label(shell & lung & (values > SPIKE_HU), np.ones((3, 3, 3)))
    sizes = np.bincount(labels.ravel())[1:]
    return int((sizes >= 3).sum())
