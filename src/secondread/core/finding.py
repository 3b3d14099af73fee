"""What a reader says about a study, and why."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.arrays import frozen
from secondread.core.code import Code
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.ruling import Ruling
from secondread.core.trust import IN_GRAPH, MAP_METHODS


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """Which places of the picture spoke for a finding.

    Attributes:
        values: float32 [j, i] on the grid of the original picture, in [0, 1]: 0 = no support (or against),
            1 = ``peak``.
        peak: The support at 1, in units of the network's logit, or of the logarithm of the odds by occlusion.
        quantity: What the values are, e.g. DCM 130402 Class activation.
        method: How it was made, one of ``MAP_METHODS``.

    Raises:
        ValueError: If values leave [0, 1], or there is no such method.
    """

    values: NDArray[np.float32]
    peak: float
    quantity: Code
    method: str = IN_GRAPH

    def __post_init__(self) -> None:
        if self.method not in MAP_METHODS:
            raise ValueError(f"map: found the method {self.method!r}; needed one of {MAP_METHODS}")
        object.__setattr__(self, "values", frozen(self.values, np.float32, (2,)))
        low, high = float(self.values.min()), float(self.values.max())
        if not (low >= 0.0 and high <= 1.0):
            raise ValueError(f"a map lies in [0, 1]; found {low} to {high}")


@dataclass(frozen=True, slots=True)
class Limit:
    """From which value on the first measurement of a finding makes it positive.

    Attributes:
        value: In the unit of that measurement.
        rule: Where the limit comes from, in words, with its source.
        below: Whether small values are the positive ones: at or below the limit.
    """

    value: float
    rule: str
    below: bool = False

    def __post_init__(self) -> None:
        if not math.isfinite(self.value) or not self.rule:
            raise ValueError(f"a limit needs a finite value and its rule; found {self.value} and {self.rule!r}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer. Whether it is positive follows from a probability, or from a measurement, or is not said at all.

    ============================  =================================  ===========================
    what is given                 what it is                         positive
    ============================  =================================  ===========================
    probability and threshold     a network's calibrated answer      at or above the threshold
    limit, first measurement      a measured answer                  beyond the limit
    neither                       a description: numbers, no call    never
    ============================  =================================  ===========================

    Attributes:
        code: What was looked for.
        probability: Calibrated, in [0, 1]; None where no network gave one.
        threshold: Operating point in (0, 1); positive at or above it.
        location: Where, in plain words, or None.
        measurements: Numbers with units; where there is a limit, it applies to the first.
        details: (code, probability) pairs that refine the finding, e.g. its likely cause.
        mask: Region on the original grid, or None.
        map: Reason on the original grid, or None.
        limit: Of the first measurement, or None.
        rulings: What guidelines say of it.
        notes: Plain sentences: what was seen, and by which stated rule.
        point: (bundle, operating point) that the threshold is of, or None.
        undecided: (lowest, highest) probability at which the network cannot tell, both included, or None where that
            was not measured.

    Raises:
        ValueError: If a probability leaves [0, 1] or the threshold leaves (0, 1), one is there without the other,
            there is a limit beside a probability or without a measurement, or a range without a probability.
    """

    code: Code
    probability: float | None = None
    threshold: float | None = None
    location: str | None = None
    measurements: tuple[Measurement, ...] = ()
    details: tuple[tuple[Code, float], ...] = ()
    mask: Mask | None = None
    map: Map | None = None
    limit: Limit | None = None
    rulings: tuple[Ruling, ...] = ()
    notes: tuple[str, ...] = ()
    point: tuple[str, str] | None = None
    undecided: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        name = self.code.display
        if (self.probability is None) != (self.threshold is None):
            raise ValueError(f"{name}: a probability needs a threshold, and a threshold a probability")
        for value in (self.probability, *(p for _, p in self.details)):
            if value is not None and not 0.0 <= value <= 1.0:
                raise ValueError(f"{name}: a probability lies in [0, 1]; found {value}")
        if self.threshold is not None and not 0.0 < self.threshold < 1.0:
            raise ValueError(f"{name}: a threshold lies between 0 and 1; found {self.threshold}")
        if self.limit is not None and (self.probability is not None or not self.measurements):
            raise ValueError(f"{name}: a limit needs a measurement, and no probability beside it")
        if self.undecided is not None and (self.probability is None or not self.undecided[0] <= self.undecided[1]):
            raise ValueError(f"{name}: found the range {self.undecided}; needed a probability, the lower end first")

    @property
    def map_method(self) -> str:
        """How its map was made; that of the map in the graph where it has none."""
        return IN_GRAPH if self.map is None else self.map.method

    @property
    def positive(self) -> bool:
        """Derived, never stored."""
        if self.probability is not None and self.threshold is not None:
            return self.probability >= self.threshold
        if self.limit is None:
            return False
        value = self.measurements[0].value
        return value <= self.limit.value if self.limit.below else value >= self.limit.value

    @property
    def unsure(self) -> bool:
        """Whether the probability lies where the network cannot tell; which side of the threshold then says little."""
        if self.undecided is None or self.probability is None:
            return False
        return self.undecided[0] <= self.probability <= self.undecided[1]

    @property
    def decided(self) -> bool:
        """Whether it is positive and sure."""
        return self.positive and not self.unsure

    @property
    def basis(self) -> str:
        """``probability``, ``measurement`` or ``description``."""
        if self.probability is not None:
            return "probability"
        return "description" if self.limit is None else "measurement"
