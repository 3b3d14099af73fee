"""Where voxels lie in the patient: index (k, j, i) = slice, row, column; world = LPS millimetres."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondread.core.arrays import frozen
from secondread.core.errors import GeometryError

Affine = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Geometry:
    """A regular grid in the patient.

    Attributes:
        shape: Number of voxels along (k, j, i).
        affine: 4x4; maps the column vector (k, j, i, 1) of a voxel centre to (x, y, z, 1) in LPS mm.

    Raises:
        GeometryError: If an axis is empty, or the affine is not finite, not affine or not invertible.
    """

    shape: tuple[int, int, int]
    affine: Affine

    def __post_init__(self) -> None:
        if len(self.shape) != 3 or any(int(n) != n or n < 1 for n in self.shape):
            raise GeometryError(f"a grid needs three axes of at least one voxel; found {self.shape}")
        matrix = np.asarray(self.affine, dtype=np.float64)
        if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
            raise GeometryError("a grid needs a finite 4x4 affine")
        if not np.array_equal(matrix[3], (0.0, 0.0, 0.0, 1.0)):
            raise GeometryError("the last row of the affine must be 0 0 0 1")
        scales = np.linalg.norm(matrix[:3, :3], axis=0)
        one, two, three = (matrix[:3, :3] / np.maximum(scales, 1e-12)).T
        if (scales < 1e-6).any() or abs(np.cross(one, two) @ three) < 1e-6:
            raise GeometryError("the affine cannot be inverted: two axes coincide or a spacing is zero")
        object.__setattr__(self, "shape", tuple(int(n) for n in self.shape))
        object.__setattr__(self, "affine", frozen(matrix, np.float64, (2,)))

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, Geometry) and self.shape == other.shape
        return same and bool(np.array_equal(self.affine, other.affine))  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((self.shape, (self.affine + 0.0).tobytes()))  # -0.0 equals 0.0, so both must hash alike

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance between voxel centres along (k, j, i), in mm."""
        k, j, i = (float(n) for n in np.linalg.norm(self.affine[:3, :3], axis=0))
        return k, j, i

    @property
    def voxel_volume_mm3(self) -> float:
        """Volume of one voxel, right for sheared grids too."""
        return float(abs(np.linalg.det(self.affine[:3, :3])))

    def world(self, index: ArrayLike) -> NDArray[np.float64]:
        """LPS mm of voxel indices (k, j, i), shape [..., 3]; fractions are allowed."""
        points = np.asarray(index, dtype=np.float64)
        return np.asarray(points @ self.affine[:3, :3].T + self.affine[:3, 3])

    def index(self, world: ArrayLike) -> NDArray[np.float64]:
        """Fractional (k, j, i) of LPS mm points, shape [..., 3]: the inverse of :meth:`world`."""
        points = np.asarray(world, dtype=np.float64) - self.affine[:3, 3]
        return np.asarray(np.linalg.solve(self.affine[:3, :3], points[..., None])[..., 0])


def flip_ras_lps(affine: ArrayLike) -> Affine:
    """Turn a RAS affine into LPS or back: the only place where the two conventions meet.

    >>> flip_ras_lps(np.diag([-0.8, -0.7, 2.5, 1.0])).diagonal().tolist()
    [0.8, 0.7, 2.5, 1.0]
    """
    flipped = np.array(affine, dtype=np.float64)
    flipped[:2] = 0.0 - flipped[:2]
    return flipped


def flip_xyz_kji(affine: ArrayLike) -> Affine:
    """Turn an affine over (x, y, z) indices into one over (k, j, i) or back: the only such place."""
    return np.array(affine, dtype=np.float64)[:, [2, 1, 0, 3]]
