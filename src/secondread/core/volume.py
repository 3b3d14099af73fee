"""Stacks of slices: values that never leave their grid."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.arrays import frozen
from secondread.core.geometry import Geometry

UNITS = frozenset({"HU", "grey", "SUV", "1"})


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """Voxel values on a regular grid.

    Attributes:
        values: float32 [k, j, i].
        geometry: The grid; its shape is the shape of ``values``.
        unit: ``HU``, ``grey``, ``SUV`` or ``1``.
        made: The k of slices that were not measured but made from their neighbours, in order.
        warnings: Sentences about the series that a reviewer must see.

    Raises:
        ValueError: If shape, unit or values do not fit, or ``made`` names no slices.
    """

    values: NDArray[np.float32]
    geometry: Geometry
    unit: str
    made: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", frozen(self.values, np.float32, (3,)))
        if self.values.shape != self.geometry.shape:
            raise ValueError(f"values have shape {self.values.shape}, the grid {self.geometry.shape}")
        if self.unit not in UNITS:
            raise ValueError(f"unit {self.unit!r} is not one of {sorted(UNITS)}")
        if not np.isfinite((self.values.min(), self.values.max())).all():  # takes no second volume of memory
            raise ValueError("a volume needs finite values")
        if list(self.made) != sorted({k for k in self.made if 0 <= k < self.values.shape[0]}):
            raise ValueError(f"made slices {self.made} are not slices of {self.values.shape[0]}, each once, in order")
