"""Regions: which pixels or voxels belong to a coded structure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.arrays import frozen
from secondread.core.code import Code
from secondread.core.errors import SpacingError
from secondread.core.geometry import Geometry


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """A region on the grid it lies on.

    Attributes:
        inside: bool, [j, i] on a picture or [k, j, i] on a volume.
        grid: The volume's :class:`Geometry`, the picture's (row, column) spacing in mm, or None when a
            picture has no spacing.
        code: What the region is.

    Raises:
        ValueError: If the shape does not fit the grid, or the spacing is not positive.
    """

    inside: NDArray[np.bool_]
    grid: Geometry | tuple[float, float] | None
    code: Code

    def __post_init__(self) -> None:
        object.__setattr__(self, "inside", frozen(self.inside, np.bool_, (2, 3)))
        if isinstance(self.grid, Geometry):
            if self.inside.shape != self.grid.shape:
                raise ValueError(f"mask has shape {self.inside.shape}, its grid {self.grid.shape}")
        elif self.inside.ndim == 3:
            raise ValueError("a mask over slices needs a Geometry")
        elif self.grid is not None and not all(np.isfinite(s) and s > 0 for s in self.grid):
            raise ValueError(f"spacing must be positive; found {self.grid}")

    @property
    def volume_ml(self) -> float:
        """Volume in mL.

        Raises:
            SpacingError: If the mask does not lie on a volume.
        """
        if not isinstance(self.grid, Geometry):
            raise SpacingError("mask: a volume in mL needs a mask over slices; found a flat picture")
        return float(self.inside.sum()) * self.grid.voxel_volume_mm3 / 1000.0

    @property
    def area_mm2(self) -> float:
        """Area in mm² of a flat mask.

        Raises:
            SpacingError: If the picture has no spacing, or the mask lies on a volume.
        """
        if self.grid is None or isinstance(self.grid, Geometry):
            raise SpacingError("mask: an area in mm² needs a flat mask with known pixel spacing")
        return float(self.inside.sum()) * self.grid[0] * self.grid[1]
