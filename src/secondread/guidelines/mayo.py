"""Mayo Clinic model: how likely a solitary lung nodule is malignant."""

from dataclasses import asdict, dataclass

from secondread.core.ruling import Input, Ruling, missing
from secondread.guidelines.bounds import check, probability

SOURCE = "Swensen et al., Arch Intern Med 1997;157:849-855; coefficients read at PMC6717521 table 2"
# Source: SOURCE, but for the intercept: that table prints -6.872, a slip; other users of the model have -6.8272.
INTERCEPT, PER_YEAR, PER_MM = -6.8272, 0.0391, 0.1274
FLAGS = {
    "ever_smoker": 0.7917,
    "extrathoracic_cancer_over_5_years_ago": 1.3388,
    "spiculation": 1.0407,
    "upper_lobe": 0.7838,
}
RANGES = {"age_years": (0, 120), "diameter_mm": (0.1, 300)}
DERIVED_MM = (4, 30)


@dataclass(frozen=True, slots=True)
class Solitary:
    """A solitary nodule and the person; None is not known.

    Attributes:
        age_years: Age.
        ever_smoker: Whether the person smokes or has smoked.
        extrathoracic_cancer_over_5_years_ago: Whether there was a cancer outside the chest, more than 5 years ago.
        diameter_mm: Diameter.
        spiculation: Whether its margin is spiculated.
        upper_lobe: Whether it lies in an upper lobe.
    """

    age_years: float | None = None
    ever_smoker: bool | None = None
    extrathoracic_cancer_over_5_years_ago: bool | None = None
    diameter_mm: float | None = None
    spiculation: bool | None = None
    upper_lobe: bool | None = None


def mayo(nodule: Solitary) -> Ruling:
    """The probability, 0 to 1, that the nodule is malignant.

    Raises:
        ValueError: If a number cannot be true.
    """
    inputs: dict[str, Input] = asdict(nodule)
    check(inputs, RANGES)
    reason = missing(inputs, tuple(inputs))
    value = None if reason else probability(log_odds(nodule))
    smallest, largest = DERIVED_MM
    outside = not reason and not smallest <= float(nodule.diameter_mm or 0) <= largest
    return Ruling(
        guideline="Mayo Clinic model",
        edition="Swensen 1997",
        source=SOURCE,
        inputs=inputs,
        value=value,
        unit="" if value is None else "1",
        warnings=(f"the model was made for solitary nodules of {smallest} to {largest} mm",) if outside else (),
        reason=reason,
    )


def log_odds(nodule: Solitary) -> float:
    """The linear predictor; every input must be known."""
    return (
        INTERCEPT
        + PER_YEAR * float(nodule.age_years or 0)
        + PER_MM * float(nodule.diameter_mm or 0)
        + sum(weight for flag, weight in FLAGS.items() if getattr(nodule, flag))
    )
