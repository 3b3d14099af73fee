"""Bright blobs of about 4 to 30 mm in the lungs: where the difference of two Gaussians peaks and is round.

Source: Lindeberg T, Int J Comput Vis 1998;30:79-116. The limits are our own, tried on phantoms.
"""

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.volume import Volume
from secondread.measure.coarse import Coarse, coarse

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]
WORK_MM, SIGMAS_MM, STEP = 1.25, (1.3, 1.84, 2.6, 3.68, 5.2, 7.35), 2.0**0.5
# Difference of the two Gaussians, of which a sphere gives a sixth of its contrast; the same in its own noise.
LEAST_HU, LEAST_NOISE = 25.0, 6.0
ROUND = 0.25  # smallest over largest curvature of a blob; near 0 along a vessel
CLIP_HU = (-1000.0, 100.0)
PER_SIGMA = 3.46  # diameter of the sphere that answers best, in sigmas: 2 sqrt(3)
MOST = 400  # blobs that are looked at, the clearest first


def blobs(volume: Volume, lung: Bools) -> list[tuple[tuple[int, int, int], float]]:
    """(voxel of the turned grid, diameter in mm) of bright blobs, the clearest first.

    Args:
        volume: CT in HU.
        lung: Where they are looked for, bool [k, j, i] of the grid as :func:`secondread.prepare.shown.axial` turns it.
    """
    work = coarse(volume, WORK_MM)
    blocks = tuple(slice(block // 2, None, block) for block in work.blocks)
    small = lung[blocks]
    small = np.pad(
        small, [(0, max(0, n - m)) for n, m in zip(work.values.shape, small.shape, strict=True)], mode="edge"
    )
    tight = scipy.ndimage.find_objects(small.astype(np.uint8))[0]
    box = tuple(slice(max(0, s.start - 4), min(n, s.stop + 4)) for s, n in zip(tight, small.shape, strict=True))
    inside = small[box]
    values = work.values[box].clip(*CLIP_HU)
    usual = float(np.median(values[inside]))
    values = np.where(inside, values, np.float32(usual))
    found: list[tuple[float, tuple[int, ...], float]] = []
    fine = _smoothed(values, SIGMAS_MM[0], work)
    for sigma in SIGMAS_MM:
        broad = _smoothed(fine, sigma * (STEP**2 - 1.0) ** 0.5, work)
        answer = fine - broad
        size = tuple(max(3, 2 * int(sigma / mm) + 1) for mm in work.spacing_mm)
        least = max(LEAST_HU, LEAST_NOISE * 1.4826 * float(np.median(np.abs(answer[inside]))))
        peak = (answer == scipy.ndimage.maximum_filter(answer, size)) & (answer > least) & inside
        places = [(int(k), int(j), int(i)) for k, j, i in np.argwhere(peak)]
        found += [(float(answer[p]), p, sigma * PER_SIGMA) for p in places if _roundness(fine, p, sigma, work) >= ROUND]
        fine = broad
    found.sort(key=lambda one: (-one[0], one[1]))
    corner = [s.start for s in box]
    return [(_voxel(place, corner, work), size_mm) for _, place, size_mm in found[:MOST]]


def _roundness(smooth: Floats, place: tuple[int, int, int], sigma_mm: float, work: Coarse) -> float:
    """Smallest over largest curvature at a peak, 0 where it is none; by differences about a sigma apart."""
    steps = [max(1, round(sigma_mm / mm)) for mm in work.spacing_mm]
    around = [np.clip([p - n, p, p + n], 0, size - 1) for p, n, size in zip(place, steps, smooth.shape, strict=True)]
    cube = smooth[np.ix_(*around)].astype(np.float64)
    lengths = [n * mm for n, mm in zip(steps, work.spacing_mm, strict=True)]
    bent = np.zeros((3, 3))
    for a in range(3):
        line = np.moveaxis(cube, a, 0)[:, 1, 1]
        bent[a, a] = (line[0] - 2.0 * line[1] + line[2]) / lengths[a] ** 2
        for b in range(a):
            plane = np.moveaxis(cube, (a, b), (0, 1))[:, :, 1]
            bent[a, b] = bent[b, a] = (plane[2, 2] - plane[2, 0] - plane[0, 2] + plane[0, 0]) / (
                4.0 * lengths[a] * lengths[b]
            )
    curves = np.linalg.eigvalsh(bent)
    return float(curves[2] / curves[0]) if curves[2] < 0.0 else 0.0


def _smoothed(values: Floats, sigma_mm: float, work: Coarse) -> Floats:
    sigmas = [sigma_mm / mm for mm in work.spacing_mm]
    return np.asarray(scipy.ndimage.gaussian_filter(values, sigmas, mode="nearest", truncate=3.0), np.float32)


def _voxel(place: tuple[int, ...], corner: list[int], work: Coarse) -> tuple[int, int, int]:
    """The middle voxel of a block."""
    k, j, i = (
        min((p + c) * block + block // 2, n - 1)
        for p, c, block, n in zip(place, corner, work.blocks, work.shape, strict=True)
    )
    return k, j, i
