"""How far measured volumes and diameters of a round nodule are from the truth, by its size and the slice thickness.

    python benchmarks/measurement_accuracy.py [--page docs/reference/measurement-accuracy.md]

Spheres of known diameter lie at random places of the grid, are seen through a scanner (blur within the slice, slices as
thick as they are apart, noise), and are outlined at half the way from lung to nodule, as a perfect outline would. What
is left is the error of measuring. ``--page`` writes the result into the first text block of that page.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from machine import facts, write_block
from scipy.ndimage import gaussian_filter1d, label

from secondread.core.code import Code
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask
from secondread.measure.diameters import Edge, largest_diameters

DIAMETERS_MM, THICKNESSES_MM = (4.0, 6.0, 8.0, 10.0, 15.0, 20.0, 30.0), (0.625, 1.0, 1.5, 2.5, 5.0)
PIXEL_MM, BLUR_MM, NOISE_HU = 0.7, 0.4, 20.0  # blur: standard deviation of the point spread within the slice
LUNG_HU, NODULE_HU, FINE, MARGIN_MM, PLACES, SEED = -850.0, 30.0, 5, 4.0, 20, 1
EDGE_HU = (LUNG_HU + NODULE_HU) / 2.0
COLUMNS = ("error of the volume, %", "of the long axis, mm", "the same with grey, mm", "of the effective one, mm")
NODULE = Code("SCT", "27925004", "Nodule")


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one sphere: errors of the volume in percent; in mm of the long axis and of the effective diameter.

    The long axis is that of the outline alone, and that of the outline with the grey level of its edge.
    """

    volume_percent: float
    steps_mm: float
    long_mm: float
    effective_mm: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path, help="a page whose first text block becomes the result")
    args = parser.parse_args()
    print(facts("secondread", "numpy", "scipy"))
    text = "\n".join(lines())
    print(text)
    if args.page:
        write_block(args.page, text)


def lines() -> list[str]:
    """One line for each size and thickness: median, and the 5th and 95th percentile, of the places."""
    rows = [
        f"{PLACES} spheres each, pixels {PIXEL_MM} mm, blur {BLUR_MM} mm, noise {NOISE_HU:.0f} HU; median (5 to 95 %)",
        "diameter  slices     " + "   ".join(f"{name:28}" for name in COLUMNS).rstrip(),
    ]
    for diameter in DIAMETERS_MM:
        for thickness in THICKNESSES_MM:
            random = np.random.default_rng(SEED)
            every = [measured(diameter, thickness, random) for _ in range(PLACES)]
            found = [one for one in every if one is not None]
            parts = (told([getattr(one, name) for one in found]) for name in Measured.__dataclass_fields__)
            lost = f"   not seen: {len(every) - len(found)}" if len(found) < len(every) else ""
            rows.append(f"{diameter:5.0f} mm  {thickness:5.3f} mm  " + "   ".join(parts) + lost)
    return rows


def told(values: list[float]) -> str:
    """Median and spread of some errors."""
    low, middle, high = np.percentile(values, (5, 50, 95))
    return f"{middle:+7.2f} ({low:+7.2f} to {high:+7.2f})"


def measured(diameter_mm: float, thickness_mm: float, random: np.random.Generator) -> Measured | None:
    """Errors of one sphere at a random place; None where so little of it is seen that nothing is outlined."""
    values = seen(diameter_mm, thickness_mm, random)
    mask = outlined(values, thickness_mm)
    if mask is None:
        return None
    volume, true = 1000.0 * mask.volume_ml, np.pi / 6.0 * diameter_mm**3
    effective = np.cbrt(6.0 * volume / np.pi)
    steps, long = (largest_diameters(mask, edge).long_mm for edge in (None, Edge(values, EDGE_HU)))
    errors = (one - diameter_mm for one in (steps, long, float(effective)))
    return Measured(100.0 * (volume / true - 1.0), *errors)


def seen(diameter_mm: float, thickness_mm: float, random: np.random.Generator) -> np.ndarray:
    """float64 [k, j, i] in HU: a sphere in lung as a scanner shows it."""
    spacing = np.array([thickness_mm, PIXEL_MM, PIXEL_MM])
    counts = np.ceil((diameter_mm + 2.0 * MARGIN_MM) / spacing).astype(int) | 1
    centre = (counts / 2.0 + random.uniform(-0.5, 0.5, 3)) * spacing
    axes = [(np.arange(n * FINE) + 0.5) / FINE * step - c for n, step, c in zip(counts, spacing, centre, strict=True)]
    far = axes[0][:, None, None] ** 2 + axes[1][:, None] ** 2 + axes[2] ** 2
    share = (far <= (diameter_mm / 2.0) ** 2).astype(np.float32)
    for axis in (1, 2):
        share = gaussian_filter1d(share, BLUR_MM / PIXEL_MM * FINE, axis)
    k, j, i = counts
    share = share.reshape(k, FINE, j, FINE, i, FINE).mean((1, 3, 5))
    return LUNG_HU + (NODULE_HU - LUNG_HU) * share + random.normal(0.0, NOISE_HU, share.shape)


def outlined(values: np.ndarray, thickness_mm: float) -> Mask | None:
    """The largest region above half the way from lung to nodule; None where there is none."""
    regions, count = label(values > EDGE_HU)
    if not count:
        return None
    sizes = np.bincount(regions.ravel())
    sizes[0] = 0
    affine = np.diag([thickness_mm, PIXEL_MM, PIXEL_MM, 1.0])[[2, 1, 0, 3]]
    return Mask(regions == sizes.argmax(), Geometry(values.shape, affine), NODULE)


if __name__ == "__main__":
    main()
