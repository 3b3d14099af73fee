"""Single pictures, with what is known about their scale."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.arrays import frozen
from secondread.core.errors import SpacingError

SPACING_SOURCES = frozenset({"patient", "calibrated", "detector", "scanned-film", "none"})


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """A grey picture as a person sees it: rows downwards, columns to the right, bright = dense.

    Attributes:
        values: float32 [j, i]; grey in [0, 1] after VOI and inversion.
        spacing_mm: (between rows, between columns), or None when unknown.
        spacing_source: ``patient``, ``calibrated``, ``detector`` (magnified: lengths are at the detector
            plane), ``scanned-film``, or ``none``.
        padding: bool [j, i], True where there is no image (collimation padding), or None.
        rgb: uint8 [j, i, 3], the same picture in its colours where it has some and they were asked for, or None.

    Raises:
        ValueError: If the values are not finite, or the spacing and its source contradict each other.
    """

    values: NDArray[np.float32]
    spacing_mm: tuple[float, float] | None = None
    spacing_source: str = "none"
    padding: NDArray[np.bool_] | None = None
    rgb: NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", frozen(self.values, np.float32, (2,)))
        if not np.isfinite(self.values).all():
            raise ValueError("an image needs finite values")
        if self.spacing_source not in SPACING_SOURCES:
            raise ValueError(f"spacing source {self.spacing_source!r} is not one of {sorted(SPACING_SOURCES)}")
        if (self.spacing_mm is None) != (self.spacing_source == "none"):
            raise ValueError("a spacing needs a source, and no spacing has none")
        if self.spacing_mm is not None and not all(np.isfinite(s) and s > 0 for s in self.spacing_mm):
            raise ValueError(f"spacing must be positive; found {self.spacing_mm}")
        if self.padding is not None:
            if np.shape(self.padding) != self.shape:
                raise ValueError(f"padding has shape {np.shape(self.padding)}, the image {self.shape}")
            object.__setattr__(self, "padding", frozen(self.padding, np.bool_, (2,)))
        if self.rgb is not None:
            if np.shape(self.rgb) != (*self.shape, 3):
                raise ValueError(f"colours have shape {np.shape(self.rgb)}, needed {(*self.shape, 3)}")
            object.__setattr__(self, "rgb", frozen(self.rgb, np.uint8, (3,)))

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        rows, columns = self.values.shape
        return rows, columns

    def require_spacing_mm(self) -> tuple[float, float]:
        """The spacing in mm.

        Raises:
            SpacingError: If it is unknown.
        """
        if self.spacing_mm is None:
            raise SpacingError(
                "image: no pixel spacing. Found neither PixelSpacing nor ImagerPixelSpacing; a length in mm "
                "needs one. Send the original DICOM file, or ask for ratios only."
            )
        return self.spacing_mm
