"""Brock (PanCan) full models: how likely a nodule on a first screening CT is a lung cancer.

The size is centred at 4 mm by one constant, 1.58113883 = (4 / 10) ** -0.5. A page in circulation also says to take 4 mm
off the diameter first; that centres twice, and leaves nodules up to 4 mm without an answer. Another mixes in the
intercept of the Mayo model.
"""

import math
from dataclasses import asdict, dataclass

from secondread.core.ruling import Input, Ruling, missing
from secondread.guidelines.bounds import check, choose, probability

SOURCE = (
    "McWilliams et al., N Engl J Med 2013;369:910-919, doi:10.1056/NEJMoa1214726; coefficients read at "
    "PMC6717521 table 2 (with spiculation) and medicalalgorithms.com/pulmonary-nodule-cancer (without)"
)
AGE_CENTRE_YEARS, COUNT_CENTRE, SIZE_CENTRE = 62, 4, 1.58113883
KINDS = ("solid", "part-solid", "non-solid")
# Source: SOURCE. Never take a coefficient of one model into the other.
WITH_SPICULATION = {
    "intercept": -6.7892,
    "age_years": 0.0287,
    "female": 0.6011,
    "family_history_of_lung_cancer": 0.2961,
    "emphysema": 0.2953,
    "size": -5.3854,
    "solid": 0.0,
    "part-solid": 0.3770,
    "non-solid": -0.1276,
    "upper_lobe": 0.6581,
    "nodule_count": -0.0824,
    "spiculation": 0.7729,
}
WITHOUT_SPICULATION = {
    "intercept": -6.8071,
    "age_years": 0.0321,
    "female": 0.5635,
    "family_history_of_lung_cancer": 0.3013,
    "emphysema": 0.3462,
    "size": -5.6693,
    "solid": 0.0,
    "part-solid": 0.3395,
    "non-solid": -0.3055,
    "upper_lobe": 0.7116,
    "nodule_count": -0.0803,
}
FLAGS = ("female", "family_history_of_lung_cancer", "emphysema", "upper_lobe", "spiculation")
GUIDELINE = "Brock (PanCan) model"
RANGES = {"age_years": (0, 120), "longest_diameter_mm": (0.1, 300), "nodule_count": (1, 1000)}
TRUSTED_YEARS, TRUSTED_MM = (40, 90), 30
# BTS 2015 uses the model from 8 mm on, and asks for PET-CT of a solid nodule at 10 %. Source: Callister et al.,
# Thorax 2015;70 Suppl 2:ii1-ii54, doi:10.1136/thoraxjnl-2015-207168; subsolid: PMC7177089 table 2.
BTS_FROM_MM, BTS_PROBABILITY = 8, 0.10
BTS_ADVICE = {
    ("solid", False): "BTS 2015: under 10 %, CT surveillance.",
    ("solid", True): "BTS 2015: 10 % or more, PET-CT.",
    ("subsolid", False): "BTS 2015: under 10 %, if it persists at 3 months, CT at 1, 2 and 4 years.",
    ("subsolid", True): "BTS 2015: 10 % or more, if it persists at 3 months, surveillance, biopsy or resection.",
}


@dataclass(frozen=True, slots=True)
class Screened:
    """A nodule and the person; None is not known.

    Attributes:
        age_years: Age.
        female: Sex at birth.
        family_history_of_lung_cancer: Whether a relative had lung cancer.
        emphysema: Whether the CT shows emphysema.
        longest_diameter_mm: Longest diameter in an axial slice. Source of this definition: PMC5579178.
        kind: ``solid``, ``part-solid`` or ``non-solid``.
        upper_lobe: Whether it lies in an upper lobe.
        nodule_count: How many nodules the CT shows, this one included.
        spiculation: Whether its margin is spiculated; None takes the model without spiculation.
        prior_cancer: Whether the person had a cancer before.
    """

    age_years: float | None = None
    female: bool | None = None
    family_history_of_lung_cancer: bool | None = None
    emphysema: bool | None = None
    longest_diameter_mm: float | None = None
    kind: str | None = None
    upper_lobe: bool | None = None
    nodule_count: int | None = None
    spiculation: bool | None = None
    prior_cancer: bool | None = None


def brock(nodule: Screened) -> Ruling:
    """The probability, 0 to 1, that the nodule is a lung cancer, with what BTS 2015 advises.

    Raises:
        ValueError: If a number cannot be true, or the kind is none of ``KINDS``.
    """
    inputs: dict[str, Input] = asdict(nodule)
    check(inputs, RANGES)
    choose(inputs, {"kind": KINDS})
    needed = tuple(name for name in inputs if name not in ("spiculation", "prior_cancer"))
    reason = "not applicable: not for people who had a cancer before" if nodule.prior_cancer else ""
    reason = reason or missing(inputs, needed)
    value = None if reason else probability(log_odds(nodule))
    return Ruling(
        guideline=GUIDELINE,
        edition=f"2013, full model {'without' if nodule.spiculation is None else 'with'} spiculation",
        source=SOURCE,
        inputs=inputs,
        value=value,
        unit="" if value is None else "1",
        advice="" if value is None else _advice(nodule, value),
        warnings=() if reason else _warnings(nodule),
        reason=reason,
    )


def log_odds(nodule: Screened) -> float:
    """The linear predictor; every input but spiculation and prior cancer must be known."""
    model = WITHOUT_SPICULATION if nodule.spiculation is None else WITH_SPICULATION
    size = 1 / math.sqrt(float(nodule.longest_diameter_mm or 0) / 10) - SIZE_CENTRE
    return (
        model["intercept"]
        + model["age_years"] * (float(nodule.age_years or 0) - AGE_CENTRE_YEARS)
        + model["size"] * size
        + model[str(nodule.kind)]
        + model["nodule_count"] * (int(nodule.nodule_count or 0) - COUNT_CENTRE)
        + sum(model[flag] for flag in FLAGS if getattr(nodule, flag))
    )


def _advice(nodule: Screened, value: float) -> str:
    if float(nodule.longest_diameter_mm or 0) < BTS_FROM_MM:
        return ""
    return BTS_ADVICE["solid" if nodule.kind == "solid" else "subsolid", value >= BTS_PROBABILITY]


def _warnings(nodule: Screened) -> tuple[str, ...]:
    youngest, oldest = TRUSTED_YEARS
    found = []
    if not youngest <= float(nodule.age_years or 0) <= oldest:
        found.append(
            f"the model was made for smokers of 50 to 75 years; do not rely on it outside {youngest} to {oldest}"
        )
    if float(nodule.longest_diameter_mm or 0) > TRUSTED_MM:
        found.append(f"the model was made for nodules; do not rely on it over {TRUSTED_MM} mm")
    if nodule.prior_cancer is None:
        found.append("a prior cancer is not known; after one the model does not hold")
    if nodule.spiculation is None:
        found.append("spiculation is not known; the model without it was taken")
    return tuple(found)
