"""What is known about the person besides the images. Nothing is assumed: what is not known is None."""

import math
from dataclasses import dataclass, fields

INDICATIONS = frozenset({"incidental", "screening", "follow-up", "symptoms", "trauma"})
_WORDS = {
    "sex": frozenset({"F", "M"}),
    "indication": INDICATIONS,
    "steroids": frozenset({"none", "stable", "more", "less"}),
    "clinical_state": frozenset({"stable", "better", "worse"}),
}
AGE_YEARS = (0.0, 130.0)
_RANGES = {
    "age_years": AGE_YEARS,
    "pack_years": (0.0, 300.0),
    "years_since_quitting": (0.0, 120.0),
    "gcs": (3, 15),
    "mmse": (0, 30),
    "intracranial_volume_ml": (500.0, 2500.0),
    "weeks_since_radiotherapy": (0.0, 5200.0),
}


@dataclass(frozen=True, slots=True)
class Clinical:
    """Clinical context, in the terms that published scores ask for.

    Attributes:
        age_years: Age.
        sex: ``F``, ``M`` or None.
        indication: Why the examination was made: one of :data:`INDICATIONS`.
        ever_smoker: Whether the person ever smoked.
        pack_years: Packs a day times years.
        years_since_quitting: 0 for a current smoker.
        family_history_lung_cancer: In a first-degree relative.
        emphysema: Known from elsewhere.
        prior_cancer: Any known cancer, now or before.
        extrathoracic_cancer_over_5_years_ago: As the Mayo model asks.
        immunosuppressed: As Fleischner asks.
        high_risk_for_lung_cancer: The physician's call, as Fleischner asks.
        gcs: Glasgow Coma Scale, 3 to 15.
        infratentorial: Whether a haemorrhage lies below the tentorium.
        high_risk_for_hcc: As LI-RADS asks: cirrhosis, chronic hepatitis B or an earlier HCC.
        mmse: Mini-Mental State Examination, 0 to 30.
        intracranial_volume_ml: Measured elsewhere.
        steroids: ``none``, ``stable``, ``more`` or ``less`` than before, as RANO asks.
        clinical_state: ``stable``, ``better`` or ``worse`` than before, as RANO asks.
        weeks_since_radiotherapy: As RANO 2.0 asks.

    Raises:
        ValueError: If a value is out of its range.
    """

    age_years: float | None = None
    sex: str | None = None
    indication: str | None = None
    ever_smoker: bool | None = None
    pack_years: float | None = None
    years_since_quitting: float | None = None
    family_history_lung_cancer: bool | None = None
    emphysema: bool | None = None
    prior_cancer: bool | None = None
    extrathoracic_cancer_over_5_years_ago: bool | None = None
    immunosuppressed: bool | None = None
    high_risk_for_lung_cancer: bool | None = None
    gcs: int | None = None
    infratentorial: bool | None = None
    high_risk_for_hcc: bool | None = None
    mmse: int | None = None
    intracranial_volume_ml: float | None = None
    steroids: str | None = None
    clinical_state: str | None = None
    weeks_since_radiotherapy: float | None = None

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and low <= value <= high):
                raise ValueError(f"{name}: found {value}, needed {low:g} to {high:g}")
        for name, allowed in _WORDS.items():
            value = getattr(self, name)
            if value is not None and value not in allowed:
                raise ValueError(f"{name}: found {value!r}, needed one of {', '.join(sorted(allowed))}")

    @property
    def known(self) -> tuple[str, ...]:
        """Names of what is known, in the order above."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name) is not None)
