"""Fat in the liver from attenuation on unenhanced CT, or from the fat fraction of MR.

After contrast the numbers mean something else, so the rule refuses. Iron in the liver and the scanner shift attenuation
too (Pickhardt 2012).

Sources, a limit each, are in ``CT_LIMITS``.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from secondread.core.ruling import Ruling, missing
from secondread.guidelines.bounds import check

GUIDELINE, EDITION = "hepatic steatosis on unenhanced CT", "Pickhardt 2012, Limanond 2004, Boyce, Moeller 2024"
SOURCE = "doi 10.1007/s00330-011-2349-2; doi 10.1148/radiol.2301021176; Boyce CJ et al., unenhanced low-dose CT"

# name: (grade, whether liver and spleen HU meet it, what it means)
CT_LIMITS: Mapping[str, tuple[str, Callable[[float, float], bool], str]] = MappingProxyType(
    {
        # Pickhardt 2012: 276 of 276 without >=30 % fat lay above 48 HU; 53.8 % of those with it lay at or below.
        "liver 48 HU or less": ("moderate to severe", lambda liver, _: liver <= 48.0, "30 % fat or more"),
        # Moeller A et al., ARRS 2024, abstract 4710.
        "liver below 40 HU": ("moderate to severe", lambda liver, _: liver < 40.0, "fat fraction about 15 % or more"),
        # Limanond 2004: below -10 HU, 4 of 4 had more than 30 % fat.
        "liver below spleen by more than 10 HU": (
            "moderate to severe", lambda liver, spleen: liver - spleen < -10.0, "more than 30 % fat"),
        # unverified: Park 2006, from memory.
        "liver to spleen below 0.8": (
            "moderate to severe", lambda liver, spleen: spleen > 0 and liver / spleen < 0.8, "30 % fat or more"),
        # Boyce: a criterion that takes in milder degrees; 45.9 % of adults at screening met it.
        "liver to spleen 1.1 or less": (
            "possible", lambda liver, spleen: spleen > 0 and liver / spleen <= 1.1, "any fat, not specific"),
    }
)  # fmt: skip
RATIO_DOUBT = "unverified: the limit of 0.8 for liver to spleen is from memory (Park 2006)"
NOT_SENSITIVE = "attenuation misses about half of moderate steatosis: none shown is not none present"


def ct_grade(*, liver_hu: float | None, spleen_hu: float | None, contrast: bool | None) -> Ruling:
    """``moderate to severe``, ``possible`` or ``none shown``.

    Args:
        liver_hu: Mean attenuation of the liver without its vessels and lesions.
        spleen_hu: The same of the spleen; without it only the liver itself is judged.
        contrast: Whether contrast was given before the scan.

    Raises:
        ValueError: If an attenuation is none that these organs can have.
    """
    inputs = {"liver_hu": liver_hu, "spleen_hu": spleen_hu, "contrast": contrast}
    check(inputs, {"liver_hu": (-150, 300), "spleen_hu": (-150, 300)})
    reason = missing(inputs, ("liver_hu", "contrast"))
    if contrast:
        reason = "not applicable: attenuation tells of fat on unenhanced CT only, and contrast was given"
    if reason or liver_hu is None:
        return Ruling(GUIDELINE, EDITION, SOURCE, inputs, reason=reason)
    met = {
        name: row
        for name, row in CT_LIMITS.items()
        if not (spleen_hu is None and "spleen" in name) and row[1](liver_hu, spleen_hu or 0.0)
    }
    grades = [grade for grade, _, _ in met.values()]
    value = "moderate to severe" if "moderate to severe" in grades else "possible" if grades else "none shown"
    warnings = [] if value == "moderate to severe" else [NOT_SENSITIVE]
    if "liver to spleen below 0.8" in met:
        warnings.append(RATIO_DOUBT)
    if spleen_hu is None:
        warnings.append("the spleen was not measured: only the liver itself was judged")
    advice = "; ".join(f"{name}: {meaning}" for name, (_, _, meaning) in met.items())
    return Ruling(GUIDELINE, EDITION, SOURCE, inputs, value, advice=advice, warnings=tuple(warnings))


def mr_grade(*, fat_fraction_percent: float | None) -> Ruling:
    """``steatosis``, ``borderline`` or ``none`` from the proton density fat fraction of MR.

    Raises:
        ValueError: If it is no percentage.
    """
    guideline, source = "hepatic steatosis on MR", "PMC10711480 (5 %); Tang A et al. in PMC5124376 (6.4 %)"
    inputs = {"fat_fraction_percent": fat_fraction_percent}
    if fat_fraction_percent is None:
        return Ruling(guideline, "5 and 6.4 %", source, inputs, reason=missing(inputs, tuple(inputs)))
    check(inputs, {"fat_fraction_percent": (0, 100)})
    value = "none" if fat_fraction_percent < 5.0 else "borderline" if fat_fraction_percent < 6.4 else "steatosis"
    doubt = "limits from 5 to 6.4 % are in use: between them it depends on which"
    return Ruling(guideline, "5 and 6.4 %", source, inputs, value, warnings=(doubt,) if value == "borderline" else ())
