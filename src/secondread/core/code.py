"""Coded concepts: (system, value, display)."""

from dataclasses import dataclass

SCT, DCM, LN, LOCAL = "SCT", "DCM", "LN", "99SECONDREAD"
SYSTEMS = frozenset({SCT, DCM, LN, LOCAL, "RADLEX", "UCUM"})


@dataclass(frozen=True, slots=True)
class Code:
    """A concept of a published code system, or of our own where no verified code exists.

    Raises:
        ValueError: If a part is empty, or the system is not one of ``SYSTEMS``.
    """

    system: str
    value: str
    display: str

    def __post_init__(self) -> None:
        if self.system not in SYSTEMS:
            raise ValueError(f"code system {self.system!r} is unknown; use one of {sorted(SYSTEMS)}")
        if not self.value or not self.display:
            raise ValueError("a code needs a value and a display text")
