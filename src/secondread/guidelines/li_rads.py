"""LI-RADS for CT and MR, v2018: the category of one untreated observation in a liver at high risk.

Source: ACR, CT/MRI LI-RADS v2018 Core, diagnostic algorithm and table (as shared at scribd.com/document/397143707).
LR-1, LR-2 and LR-NC are a reader's judgement before the table is used; ancillary features and the tie-breaking rules
are not applied here.
"""

from dataclasses import asdict, dataclass

from secondread.core.ruling import Ruling, missing
from secondread.guidelines.bounds import check
from secondread.guidelines.thresholds import reaches

GUIDELINE, EDITION, SOURCE = "LI-RADS CT/MRI", "v2018", "ACR, CT/MRI LI-RADS v2018 Core"

# (arterial enhancement, smallest diameter in mm): category with none, one, or two and more additional major features.
TABLE: tuple[tuple[bool, float, tuple[str, str, str]], ...] = (
    (False, 20.0, ("LR-3", "LR-4", "LR-4")),
    (False, 0.0, ("LR-3", "LR-3", "LR-4")),
    (True, 20.0, ("LR-4", "LR-5", "LR-5")),
    (True, 10.0, ("LR-3", "LR-5", "LR-5")),  # one feature that is a capsule: LR-4, see below
    (True, 0.0, ("LR-3", "LR-4", "LR-4")),
)
MEANING = {
    "LR-3": "intermediate probability of malignancy",
    "LR-4": "probably hepatocellular carcinoma",
    "LR-5": "definitely hepatocellular carcinoma",
    "LR-M": "probably or definitely malignant, not specific for hepatocellular carcinoma",
    "LR-TIV": "malignancy with tumour in a vein",
}
ALWAYS = (
    "LR-1, LR-2 and LR-NC are not decided here: a physician rules out a benign or an unreadable observation first",
    "ancillary features and tie-breaking rules are not applied",
)
POPULATION_DOUBT = "unverified: not for children, nor for cirrhosis of vascular or congenital origin"


@dataclass(frozen=True, slots=True)
class Observation:
    """One observation in the liver and the patient it is in; None where something is not known.

    Attributes:
        age_years: Age of the patient.
        high_risk: Cirrhosis, chronic hepatitis B, or hepatocellular carcinoma now or before.
        vascular_cirrhosis: Cirrhosis of vascular or congenital origin, for which LI-RADS is not made.
        diameter_mm: Largest outer-edge diameter.
        nonrim_aphe: Arterial phase hyperenhancement that is not a rim.
        washout: Nonperipheral washout.
        capsule: Enhancing capsule.
        threshold_growth: See :func:`threshold_growth`.
        targetoid: Targetoid look, or other signs of malignancy that is not hepatocellular.
        tumour_in_vein: Enhancing tissue in a vein for certain.
    """

    age_years: float | None
    high_risk: bool | None
    vascular_cirrhosis: bool | None
    diameter_mm: float | None
    nonrim_aphe: bool | None
    washout: bool | None
    capsule: bool | None
    threshold_growth: bool | None
    targetoid: bool | None
    tumour_in_vein: bool | None


def category(case: Observation) -> Ruling:
    """The category of an observation.

    A feature of which a reader is unsure counts as absent (False) in LI-RADS; None is a feature nobody looked for.

    Raises:
        ValueError: If the diameter or the age is not a number that can be.
    """
    inputs = asdict(case)
    check(inputs, {"diameter_mm": (0.1, 500), "age_years": (0, 130)})
    reason = _outside(case) or missing(inputs, _needed(case))
    if reason:
        return Ruling(GUIDELINE, EDITION, SOURCE, inputs, reason=reason)
    if case.tumour_in_vein:
        value = "LR-TIV"
    elif case.targetoid:
        value = "LR-M"
    else:
        value = _from_table(case)
    return Ruling(
        GUIDELINE, EDITION, SOURCE, inputs, value, advice=MEANING[value], warnings=(*ALWAYS, POPULATION_DOUBT)
    )


def threshold_growth(*, before_mm: float | None, now_mm: float | None, months: float | None) -> bool | None:
    """Whether an observation grew by half or more within six months; None if something is not known.

    Source: CT/MRI LI-RADS v2018 (growth by 50 % or more in 6 months or less), as used in PMC12217194.

    Raises:
        ValueError: If a number is none that can be.

    >>> threshold_growth(before_mm=12.0, now_mm=18.0, months=6.0)
    True
    >>> threshold_growth(before_mm=12.0, now_mm=30.0, months=7.0)
    False
    """
    if before_mm is None or now_mm is None or months is None:
        return None
    inputs = {"before_mm": before_mm, "now_mm": now_mm, "months": months}
    check(inputs, {"before_mm": (0.1, 500), "now_mm": (0.1, 500), "months": (0.01, 1200)})
    return reaches(now_mm, 1.5 * before_mm) and months <= 6.0


def _outside(case: Observation) -> str:
    """Why LI-RADS is not made for this patient, or an empty text."""
    if case.age_years is not None and case.age_years < 18:
        return "not applicable: LI-RADS is for adults"
    if case.high_risk is False:
        return "not applicable: the liver is not at high risk of hepatocellular carcinoma"
    if case.vascular_cirrhosis:
        return "not applicable: cirrhosis of vascular or congenital origin"
    return ""


def _needed(case: Observation) -> tuple[str, ...]:
    """What must be known: less, once the algorithm has ended before the table."""
    patient = ("age_years", "high_risk", "vascular_cirrhosis", "tumour_in_vein")
    if case.tumour_in_vein:
        return patient
    if case.targetoid:
        return (*patient, "targetoid")
    return (*patient, "targetoid", "diameter_mm", "nonrim_aphe", "washout", "capsule", "threshold_growth")


def _from_table(case: Observation) -> str:
    """LR-3, LR-4 or LR-5 of an observation of which everything is known."""
    features = sum(map(bool, (case.washout, case.capsule, case.threshold_growth)))
    diameter_mm = case.diameter_mm or 0.0
    least, row = next((least, row) for aphe, least, row in TABLE if aphe == case.nonrim_aphe and diameter_mm >= least)
    if case.nonrim_aphe and least == 10.0 and features == 1 and case.capsule:
        return "LR-4"
    return row[min(features, 2)]
