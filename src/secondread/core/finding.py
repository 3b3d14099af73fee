"""What a reader says about a study, and why."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.arrays import frozen
from secondread.core.code import Code
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """Which places of the picture spoke for a finding.

    Attributes:
        values: float32 [j, i] on the grid of the original picture, in [0, 1]: 0 = no support (or against),
            1 = ``peak``.
        peak: The support at 1, in units of the network's logit.
        quantity: What the values are, e.g. DCM 130402 Class activation.

    Raises:
        ValueError: If values leave [0, 1].
    """

    values: NDArray[np.float32]
    peak: float
    quantity: Code

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", frozen(self.values, np.float32, (2,)))
        low, high = float(self.values.min()), float(self.values.max())
        if not (low >= 0.0 and high <= 1.0):
            raise ValueError(f"a map lies in [0, 1]; found {low} to {high}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer, positive or negative.

    Attributes:
        code: What was looked for.
        probability: Calibrated, in [0, 1].
        threshold: Operating point in (0, 1); positive at or above it.
        location: Where, in plain words, or None.
        measurements: Numbers with units.
        details: (code, probability) pairs that refine the finding, e.g. its likely cause.
        mask: Region on the original grid, or None.
        map: Reason on the original grid, or None.

    Raises:
        ValueError: If a probability leaves [0, 1] or the threshold leaves (0, 1).
    """

    code: Code
    probability: float
    threshold: float
    location: str | None = None
    measurements: tuple[Measurement, ...] = ()
    details: tuple[tuple[Code, float], ...] = ()
    mask: Mask | None = None
    map: Map | None = None

    def __post_init__(self) -> None:
        for value in (self.probability, *(p for _, p in self.details)):
            if not 0.0 <= value <= 1.0:
                raise ValueError(f"{self.code.display}: a probability lies in [0, 1]; found {value}")
        if not 0.0 < self.threshold < 1.0:
            raise ValueError(f"{self.code.display}: a threshold lies between 0 and 1; found {self.threshold}")

    @property
    def positive(self) -> bool:
        """Derived, never stored."""
        return self.probability >= self.threshold
