"""What a published rule says of a case, or why it says nothing."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from secondread.core.measurement import UCUM

_UNITS = {"{score}": "points", "1": "", "[hnsf'U]": "HU", "mm2": "mm²", "mm3": "mm³", "deg": "°"}
Input = float | int | bool | str | None


@dataclass(frozen=True, slots=True)
class Ruling:
    """The answer of a guideline.

    Attributes:
        guideline: Its name, e.g. ``ICH score``.
        edition: Which version of it, e.g. ``Hemphill 2001``.
        source: Where it is published: DOI or citation.
        inputs: What it was computed from, by name; None where a value was not given.
        value: A number in ``unit``, or a category such as ``4A``; None where there is none.
        unit: UCUM code of a number, ``{score}`` for points; empty for a category.
        advice: What the guideline recommends, in plain words; may be empty.
        warnings: What limits the answer in this case.
        reason: Why there is no value: ``not computable: ...`` names what is missing, ``not applicable: ...`` why the
            rule does not hold for this case. Empty exactly when there is a value.

    Raises:
        ValueError: If the parts contradict each other.
    """

    guideline: str
    edition: str
    source: str
    inputs: Mapping[str, Input] = field(default_factory=dict)
    value: float | str | None = None
    unit: str = ""
    advice: str = ""
    warnings: tuple[str, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        if not (self.guideline and self.edition and self.source):
            raise ValueError("a ruling needs a guideline, its edition and its source")
        if (self.value is None) == (not self.reason):
            raise ValueError(
                f"{self.guideline}: found value {self.value!r} and reason {self.reason!r}; needed just one"
            )
        if self.reason and not self.reason.startswith(("not computable: ", "not applicable: ")):
            raise ValueError(f"{self.guideline}: a reason begins with 'not computable: ' or 'not applicable: '")
        number = isinstance(self.value, int | float)
        if number and (self.unit not in UCUM or not math.isfinite(float(self.value or 0.0))):
            raise ValueError(f"{self.guideline}: {self.value!r} {self.unit!r} is no finite number with a UCUM unit")
        object.__setattr__(self, "inputs", MappingProxyType(dict(self.inputs)))

    @property
    def answer(self) -> str:
        """The value with its unit, or why there is none.

        >>> Ruling("ICH score", "2001", "a source", value=3.0, unit="{score}").answer
        '3 points'
        >>> Ruling("Brock", "2b", "a source", value=0.0724, unit="1").answer
        '7.2 %'
        """
        if self.value is None or isinstance(self.value, str):
            return self.reason if self.value is None else str(self.value)
        if self.unit == "1" and 0.0 <= self.value <= 1.0:
            return f"{100.0 * self.value:.1f} %"
        shown = f"{self.value:.0f}" if float(self.value).is_integer() else f"{self.value:.3g}"
        return f"{shown} {_UNITS.get(self.unit, self.unit)}".rstrip()

    @property
    def sentence(self) -> str:
        """Guideline, edition, answer, advice and warnings in one line."""
        parts = (f"{self.guideline} ({self.edition}): {self.answer}", self.advice, *self.warnings)
        return " ".join(f"{part.rstrip('.')}." for part in parts if part)


def missing(inputs: Mapping[str, Input], needed: tuple[str, ...]) -> str:
    """``not computable: ...`` naming every needed input that is None, or an empty text.

    >>> missing({"age": None, "volume_ml": 30.0}, ("age", "volume_ml"))
    'not computable: age is not known'
    """
    absent = [name for name in needed if inputs.get(name) is None]
    verb = "is" if len(absent) == 1 else "are"
    return f"not computable: {', '.join(absent)} {verb} not known" if absent else ""
