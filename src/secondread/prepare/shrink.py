"""A volume on a coarse grid, for finding where it lies: averaged blocks, its body, values and slopes at any place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.volume import Volume
from secondread.prepare.parts import largest

Floats = NDArray[np.float64]
SOFT = (-1000.0, 300.0)  # HU, from air to contrast and soft bone; more only makes metal count
PERCENTILES = (1.0, 99.0)
BODY = 0.3  # of the range: -610 HU, which is brighter than lung and darker than fat; in MR above the noise
MARGIN_MM = 12.0


@dataclass(frozen=True, slots=True, eq=False)
class Coarse:
    """Values in [0, 1] on a coarse grid in the patient.

    Attributes:
        values: float32 [k, j, i].
        affine: float64 [4, 4]: index (k, j, i) to LPS mm.
        body: bool [k, j, i]: the person, what is inside, and a margin.
        slopes: float32 [3, k, j, i]: change a mm along x, y and z of the patient.
        step_mm: Side of a voxel that was asked for.
    """

    values: NDArray[np.float32]
    affine: Floats
    body: NDArray[np.bool_]
    slopes: NDArray[np.float32]
    step_mm: float

    def middle(self) -> Floats:
        """LPS mm of the middle of the body."""
        index = np.argwhere(self.body if self.body.any() else np.ones_like(self.body)).mean(0)
        return np.asarray(self.affine[:3, :3] @ index + self.affine[:3, 3])

    def body_points(self, most: int) -> tuple[Floats, NDArray[np.float32]]:
        """LPS mm [n, 3] of voxels of the body and their values [n]; of many every second, third ... one."""
        index = np.argwhere(self.body)
        index = index[:: max(1, -(-len(index) // most))]
        return index @ self.affine[:3, :3].T + self.affine[:3, 3], self.values[tuple(index.T)]

    def points_around(self, at_mm: Floats, reach_mm: float) -> tuple[Floats, NDArray[np.float32]]:
        """LPS mm [n, 3] of voxels around a place, as far as they are body, and their values [n]."""
        middle = self._index(at_mm[None])[:, 0]
        half = reach_mm / np.linalg.norm(self.affine[:3, :3], axis=0)
        low = np.maximum(np.floor(middle - half), 0).astype(int)
        high = np.minimum(np.ceil(middle + half) + 1, self.values.shape).astype(int)
        if (low >= high).any():
            return np.zeros((0, 3)), np.zeros(0, np.float32)
        box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
        index = np.argwhere(self.body[box]) + low
        points = index @ self.affine[:3, :3].T + self.affine[:3, 3]
        near = np.linalg.norm(points - at_mm, axis=1) <= reach_mm
        return points[near], self.values[tuple(index[near].T)]

    def at(self, points: Floats) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Values [n] at LPS mm [n, 3], linearly, and which of the points the volume covers."""
        from scipy import ndimage

        index = self._index(points)
        inside = ((index >= 0.0) & (index <= np.array(self.values.shape)[:, None] - 1.0)).all(0)
        values = ndimage.map_coordinates(self.values, index, order=1, mode="nearest")
        return np.asarray(values, np.float32), np.asarray(inside)

    def slope_at(self, points: Floats) -> Floats:
        """Change a mm [n, 3] along x, y and z at LPS mm [n, 3]."""
        from scipy import ndimage

        index = self._index(points)
        return np.stack([ndimage.map_coordinates(one, index, order=1, mode="nearest") for one in self.slopes], axis=1)

    def on_axes(
        self, step_mm: float, rotation: Floats, about: Floats
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], Floats]:
        """Values and body on a grid along x, y and z after a turn about a point, and the LPS mm of its first voxel."""
        from scipy import ndimage

        ends = np.array(self.values.shape) - 1.0
        corners = np.array(np.meshgrid(*[(0.0, end) for end in ends], indexing="ij")).reshape(3, -1)
        world = rotation @ (self.affine[:3, :3] @ corners + self.affine[:3, 3:] - about[:, None]) + about[:, None]
        low = np.floor(world.min(1) / step_mm) * step_mm
        shape = tuple(int(n) for n in np.ceil((world.max(1) - low) / step_mm) + 1)
        back = np.linalg.inv(self.affine[:3, :3])
        matrix = back @ rotation.T * step_mm
        offset = back @ (rotation.T @ (low - about) + about - self.affine[:3, 3])
        settings = {"output_shape": shape, "order": 1, "cval": 0.0}
        values = ndimage.affine_transform(self.values, matrix, offset, **settings)
        body = ndimage.affine_transform(self.body.astype(np.float32), matrix, offset, **settings)
        return values, np.asarray(body > 0.5, np.float32), low

    def _index(self, points: Floats) -> Floats:
        return np.asarray(np.linalg.solve(self.affine[:3, :3], (points - self.affine[:3, 3]).T))


def shrunk(volume: Volume, step_mm: float) -> Coarse:
    """The volume with voxels of about ``step_mm``: averaged blocks, so an axis that is coarser already stays."""
    sides = [max(1, round(step_mm / spacing)) for spacing in volume.geometry.spacing_mm]
    sides = [min(side, n) for side, n in zip(sides, volume.values.shape, strict=True)]
    values = _averaged(volume.values, sides)
    affine = np.array(volume.geometry.affine)
    affine[:3, 3] += affine[:3, :3] @ ((np.array(sides) - 1) / 2)
    affine[:3, :3] *= sides
    low, high = SOFT if volume.unit == "HU" else np.percentile(values, PERCENTILES)
    values = np.asarray(np.clip((values - low) / max(float(high - low), 1e-6), 0.0, 1.0), np.float32)
    along = [np.gradient(values, axis=axis) if values.shape[axis] > 1 else np.zeros_like(values) for axis in range(3)]
    slopes = np.einsum("an,akji->nkji", np.linalg.inv(affine[:3, :3]), np.stack(along)).astype(np.float32)
    return Coarse(values, affine, _body(values, affine), slopes, step_mm)


def _averaged(values: NDArray[np.float32], sides: list[int]) -> NDArray[np.float32]:
    """Means of blocks; what is left over at the end of an axis is dropped."""
    whole = values[tuple(slice(0, n // side * side) for n, side in zip(values.shape, sides, strict=True))]
    for axis, side in reversed(list(enumerate(sides))):
        if side > 1:
            shape = (*whole.shape[:axis], whole.shape[axis] // side, side, *whole.shape[axis + 1 :])
            whole = whole.reshape(shape).mean(axis=axis + 1, dtype=np.float32)
    return np.asarray(whole, np.float32)


def _body(values: NDArray[np.float32], affine: Floats) -> NDArray[np.bool_]:
    """The largest thing that is no air, with what it encloses in each plane, and a margin of a centimetre."""
    from scipy import ndimage

    body = largest(values > BODY)
    if not body.any():
        return np.ones(values.shape, bool)
    for axis in range(3):
        body = np.moveaxis(np.stack([ndimage.binary_fill_holes(one) for one in np.moveaxis(body, axis, 0)]), 0, axis)
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    if body.all():
        return np.asarray(body)
    return np.asarray(ndimage.distance_transform_edt(~body, sampling=spacing) <= MARGIN_MM)
