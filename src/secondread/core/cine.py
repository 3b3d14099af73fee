"""Moving pictures: the time between frames is part of the type."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.arrays import frozen


@dataclass(frozen=True, slots=True, eq=False)
class Cine:
    """A sequence of frames.

    Attributes:
        frames: uint8 or float32, [t, j, i] or [t, j, i, 3] in colour.
        frame_time_ms: Time between frames in ms, > 0.
        spacing_mm: (between rows, between columns), or None when unknown.

    Raises:
        ValueError: If shape, time or spacing do not fit.
    """

    frames: NDArray[np.uint8] | NDArray[np.float32]
    frame_time_ms: float
    spacing_mm: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        dtype = np.uint8 if np.asarray(self.frames).dtype == np.uint8 else np.float32
        object.__setattr__(self, "frames", frozen(self.frames, dtype, (3, 4)))
        if self.frames.ndim == 4 and self.frames.shape[3] != 3:
            raise ValueError(f"colour frames need red, green and blue; found {self.frames.shape[3]} channels")
        if not np.isfinite(self.frame_time_ms) or self.frame_time_ms <= 0:
            raise ValueError(f"frame time must be positive; found {self.frame_time_ms}")
        if self.spacing_mm is not None and not all(np.isfinite(s) and s > 0 for s in self.spacing_mm):
            raise ValueError(f"spacing must be positive; found {self.spacing_mm}")
