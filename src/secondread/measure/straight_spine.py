"""The vertebral bodies of a CT along their column: planes across it, one a millimetre, from the scan's own voxels.

In the side view the planes are turned with the curve of the spine, so that endplates lie across; from side to side they
stay level, so that a sideways tilt of an endplate stays what it is in the patient.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.volume import Volume
from secondread.measure.coarse_grid import CoarseGrid
from secondread.measure.endplates import Line
from secondread.measure.vertebrae import Column

ALONG_MM = 1.0
CANAL_HALF_MM = 7.0
FRONT_MM = (20.0, 48.0)  # how far before the middle of the canal the front wall of a body lies
SMOOTH_MM = 18.0
BEFORE_MM, BESIDE_MM = 30, 34  # half of what is sampled to the front and back, and to the sides


@dataclass(frozen=True, slots=True, eq=False)
class StraightSpine:
    """HU on planes across the spine.

    Attributes:
        values: float32 [s, u, x]: from the head down, from back to front, from the patient's right to left, 1 mm each.
        middle: float64 [s, (k, j, i)], the middle of the body in voxels of the coarse grid.
        forward: float64 [s, (k, j)], unit vector in mm that u runs along.
        half_depth_mm: float64 [s], half the way from the canal to the front wall.
        lateral_mm: float64 [s], how far left the middle lies of its lowest point.
        step_mm: Of the coarse grid.
    """

    values: NDArray[np.float32]
    middle: NDArray[np.float64]
    forward: NDArray[np.float64]
    half_depth_mm: NDArray[np.float64]
    lateral_mm: NDArray[np.float64]
    step_mm: tuple[float, float, float]

    def in_patient_mm(self, s: float, u: float) -> NDArray[np.float64]:
        """Where a point of the side view lies in the patient, mm (up, back): planes fan out where the spine bends."""
        at = np.arange(len(self.middle))
        axes = range(2)
        middle = np.array([np.interp(s, at, self.middle[:, axis]) * self.step_mm[axis] for axis in axes])
        return middle + (u - BEFORE_MM) * np.array([np.interp(s, at, self.forward[:, axis]) for axis in axes])

    def in_front_mm(self, line: Line) -> Line:
        """The ends (row, column) of a line of the front view as (along the spine, to the left) in mm.

        The front view follows the spine to the sides, which shears it: a curve would come out too small.
        """
        at = np.arange(len(self.lateral_mm))
        first, last = ((row, column + float(np.interp(row, at, self.lateral_mm))) for row, column in line)
        return first, last

    @property
    def front_view(self) -> NDArray[np.float32]:
        """float32 [s, x]: the mean of the middle 16 mm from back to front."""
        return np.asarray(self.values[:, BEFORE_MM - 8 : BEFORE_MM + 9].mean(axis=1), np.float32)

    @property
    def side_view(self) -> NDArray[np.float32]:
        """float32 [s, u]: the mean of the middle 12 mm from right to left."""
        return np.asarray(self.values[:, :, BESIDE_MM - 6 : BESIDE_MM + 7].mean(axis=2), np.float32)


def straight_spine(volume: Volume, grid: CoarseGrid, column: Column) -> StraightSpine:
    """Planes across the bodies, sampled linearly from the volume.

    Args:
        volume: A CT in HU.
        grid: The same on a coarse grid.
        column: Its spinal canal.
    """
    middle_k, half_depth = _bodies(grid, column)
    step = np.asarray(grid.step_mm)
    lengths = np.linalg.norm(np.diff(middle_k * step, axis=0)[:, :2], axis=1)
    at = np.concatenate([[0.0], np.cumsum(lengths)])
    s = np.arange(0.0, at[-1], ALONG_MM)
    middle = np.stack([np.interp(s, at, middle_k[:, axis]) for axis in range(3)], axis=1)
    depth = np.interp(s, at, half_depth)
    tangent = np.gradient(middle[:, :2] * step[:2], axis=0)
    tangent = scipy.ndimage.gaussian_filter1d(tangent, 8.0 / ALONG_MM, axis=0, mode="nearest")
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    forward = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)  # across the way down, to the front
    forward = np.where(forward[:, 1:] > 0, -forward, forward)  # j runs to the back
    values = _sampled(volume, grid, middle, forward)
    lateral = (middle[:, 2] - middle[-1, 2]) * step[2]
    return StraightSpine(values, middle, forward, depth, lateral, grid.step_mm)


def _bodies(grid: CoarseGrid, column: Column) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Middle of the bodies [slice from the head down, (k, j, i)] and half their depth in mm."""
    slices = np.arange(column.last, column.first - 1, -1)
    _, j_mm, i_mm = grid.step_mm
    reach = max(1, round(6.0 / i_mm))
    near, far = (round(mm / j_mm) for mm in FRONT_MM)
    front = np.zeros(len(slices))
    for row, k in enumerate(slices):
        j, i = (int(n) for n in np.round(column.canal[k]))
        line = grid.values[k, :, max(0, i - reach) : i + reach + 1].mean(axis=1)
        window = line[max(0, j - far) : max(1, j - near + 1)]
        front[row] = (j - max(0, j - far) - int(window.argmax())) * j_mm
    wide = max(3, round(45.0 / grid.step_mm[0]) | 1)
    front = scipy.ndimage.median_filter(front, wide, mode="nearest")
    front = scipy.ndimage.gaussian_filter1d(front, SMOOTH_MM / grid.step_mm[0], mode="nearest")
    canal = scipy.ndimage.gaussian_filter1d(
        column.canal[slices], SMOOTH_MM / 2.0 / grid.step_mm[0], axis=0, mode="nearest"
    )
    half = (front - CANAL_HALF_MM) / 2.0
    middle = np.stack([slices.astype(np.float64), canal[:, 0] - (CANAL_HALF_MM + half) / j_mm, canal[:, 1]], axis=1)
    return middle, half


def _sampled(
    volume: Volume, grid: CoarseGrid, middle: NDArray[np.float64], forward: NDArray[np.float64]
) -> NDArray[np.float32]:
    step = np.asarray(grid.step_mm)
    u, x = np.arange(-BEFORE_MM, BEFORE_MM + 1.0), np.arange(-BESIDE_MM, BESIDE_MM + 1.0)
    shape = (len(middle), len(u), len(x))
    points = np.empty((*shape, 3))
    for axis in range(2):
        points[..., axis] = (middle[:, axis, None] + forward[:, axis, None] * u / step[axis])[:, :, None]
    points[..., 2] = (middle[:, 2, None] + x / step[2])[:, None, :]
    source = grid.source_points(points.reshape(-1, 3)).T
    return np.asarray(
        scipy.ndimage.map_coordinates(volume.values, source, order=1, mode="nearest").reshape(shape), np.float32
    )
