"""Numbers that carry their unit."""

import math
from dataclasses import dataclass

# Source: UCUM (ucum.org), the subset this project emits.
UCUM = frozenset({"mm", "mm2", "mm3", "mL", "[hnsf'U]", "%", "{score}", "d", "mo", "1", "deg", "cm"})


@dataclass(frozen=True, slots=True)
class Measurement:
    """A measured quantity.

    Attributes:
        name: What was measured, in plain words.
        value: Finite number in ``unit``, unrounded.
        unit: UCUM code.
        method: How it was measured.
        uncertainty: Half width of a 95 % interval in ``unit``, or None when it is not known.

    Raises:
        ValueError: If a part is missing or not finite.
    """

    name: str
    value: float
    unit: str
    method: str
    uncertainty: float | None = None

    def __post_init__(self) -> None:
        if not self.name or not self.method:
            raise ValueError("a measurement needs a name and a method")
        if self.unit not in UCUM:
            raise ValueError(f"unit {self.unit!r} of {self.name!r} is not a UCUM code in use: {sorted(UCUM)}")
        if not math.isfinite(self.value):
            raise ValueError(f"{self.name}: a measurement must be finite; found {self.value}")
        if self.uncertainty is not None and not (math.isfinite(self.uncertainty) and self.uncertainty >= 0):
            raise ValueError(f"{self.name}: uncertainty must be finite and not negative")
