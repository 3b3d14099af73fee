"""Guidelines that can be asked again, with one input changed: what could have been measured a little otherwise.

Age and sex are not among the inputs that are changed: they are known, and nobody can be another age.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from secondread.core.ruling import Input, Ruling
from secondread.guidelines import brock, fleischner, ich_score, lung_rads


@dataclass(frozen=True, slots=True)
class Step:
    """How a number is changed.

    Attributes:
        words: What it is called.
        unit: As it is read out; may be empty.
        size: The smallest change that is told.
        low: Smallest value.
        high: Largest value.
    """

    words: str
    unit: str
    size: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Again:
    """A guideline that can be asked again.

    Attributes:
        case: Type of what it is asked about.
        ask: The guideline.
        steps: Input to how it is changed.
        toggles: Yes-or-no input to (what it would be called if it were so, if it were not).
        category: What must change: the value, or the advice where the value is a fine number.
    """

    case: type[Any]
    ask: Callable[[Any], Ruling]
    steps: Mapping[str, Step]
    toggles: Mapping[str, tuple[str, str]]
    category: Callable[[Ruling], str]

    def rebuilt(self, inputs: Mapping[str, Input]) -> Any | None:
        """The case of these inputs; None where they are not its fields."""
        names = {field.name for field in fields(self.case)}
        return self.case(**inputs) if set(inputs) == names else None


def by_value(ruling: Ruling) -> str:
    """The value as it is read out; empty where there is none."""
    return "" if ruling.value is None else ruling.answer


def by_advice(ruling: Ruling) -> str:
    """The advice; empty where there is none."""
    return ruling.advice


NODULE = Step("mean diameter", "mm", 0.1, 0.1, 100.0)
SOLID_PART = Step("solid part", "mm", 0.1, 0.1, 100.0)
AGAIN = {
    ich_score.GUIDELINE: Again(
        ich_score.IchCase,
        ich_score.ich_score,
        {
            "gcs": Step("Glasgow Coma Scale", "", 1.0, 3.0, 15.0),
            "volume_ml": Step("volume", "mL", 0.1, 0.1, 300.0),
        },
        {
            "intraventricular": ("there were blood in a ventricle", "there were no blood in a ventricle"),
            "infratentorial": ("it had begun below the tentorium", "it had begun above the tentorium"),
        },
        by_value,
    ),
    lung_rads.GUIDELINE: Again(
        lung_rads.Nodule,
        lung_rads.lung_rads,
        {"mean_diameter_mm": NODULE, "solid_part_mm": SOLID_PART},
        {"suspicious": ("more spoke for cancer", "nothing more spoke for cancer")},
        by_value,
    ),
    fleischner.GUIDELINE: Again(
        fleischner.Incidental,
        fleischner.fleischner,
        {"mean_diameter_mm": NODULE, "solid_part_mm": SOLID_PART, "volume_mm3": Step("volume", "mm³", 1, 1, 30_000)},
        {"multiple": ("there were several nodules", "there were this nodule alone")},
        by_advice,
    ),
    brock.GUIDELINE: Again(
        brock.Screened,
        brock.brock,
        {
            "longest_diameter_mm": Step("longest diameter", "mm", 0.1, 0.1, 100.0),
            "nodule_count": Step("number of nodules", "", 1.0, 1.0, 50.0),
        },
        {
            "upper_lobe": ("it lay in an upper lobe", "it lay in no upper lobe"),
            "emphysema": ("there were emphysema", "there were no emphysema"),
            "spiculation": ("its margin were spiculated", "its margin were not spiculated"),
        },
        by_advice,
    ),
}
