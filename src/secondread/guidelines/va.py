"""Veterans Affairs model: how likely a solitary lung nodule is malignant."""

from secondread.core.ruling import Input, Ruling, missing
from secondread.guidelines.bounds import check, probability

SOURCE = (
    "Gould et al., Chest 2007;131:383-388; coefficients read at PMC6717521 table 2 and at "
    "medicalalgorithms.com (model of Gould et al. for a solitary pulmonary nodule)"
)
# Source: SOURCE. The first prints the years since quitting without their minus sign; the second, per 10 years, with it.
INTERCEPT, PER_YEAR, EVER_SMOKER, PER_MM, PER_YEAR_SINCE_QUITTING = -8.404, 0.0779, 2.061, 0.112, -0.0567
RANGES = {"age_years": (0, 120), "diameter_mm": (0.1, 300), "years_since_quitting": (0, 120)}


def va(
    *,
    age_years: float | None,
    ever_smoker: bool | None,
    diameter_mm: float | None,
    years_since_quitting: float | None = None,
) -> Ruling:
    """The probability, 0 to 1, that the nodule is malignant.

    Args:
        age_years: Age.
        ever_smoker: Whether the person smokes or has smoked.
        diameter_mm: Largest diameter of the nodule.
        years_since_quitting: 0 for who smokes now; not needed of who never smoked.

    Raises:
        ValueError: If a number cannot be true, or a never smoker has quit.
    """
    inputs: dict[str, Input] = {
        "age_years": age_years,
        "ever_smoker": ever_smoker,
        "diameter_mm": diameter_mm,
        "years_since_quitting": years_since_quitting,
    }
    check(inputs, RANGES)
    if ever_smoker is False and years_since_quitting:
        raise ValueError(f"years_since_quitting: found {years_since_quitting:g}; needed none of who never smoked")
    never = ever_smoker is False
    reason = missing(inputs, ("age_years", "ever_smoker", "diameter_mm", *(() if never else ("years_since_quitting",))))
    log_odds = (
        INTERCEPT
        + PER_YEAR * (age_years or 0)
        + EVER_SMOKER * bool(ever_smoker)
        + PER_MM * (diameter_mm or 0)
        + PER_YEAR_SINCE_QUITTING * (years_since_quitting or 0)
    )
    return Ruling(
        guideline="Veterans Affairs model",
        edition="Gould 2007",
        source=SOURCE,
        inputs=inputs,
        value=None if reason else probability(log_odds),
        unit="" if reason else "1",
        reason=reason,
    )
