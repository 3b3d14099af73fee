"""What a share of low attenuation in the lungs is called.

Sources: 5 % or more of the lung at -950 HU or less is emphysema by number: Amaza IP et al. 2021, doi
10.2147/COPD.S284477. The limits of moderate and severe are from memory.
"""

from secondread.core.ruling import Ruling, missing
from secondread.guidelines.bounds import check

GUIDELINE, EDITION = "emphysema by low attenuation", "5, 10 and 25 % below -950 HU"
SOURCE = "Amaza IP et al. 2021, doi 10.2147/COPD.S284477"
GRADES: tuple[tuple[float, str], ...] = ((25.0, "severe"), (10.0, "moderate"), (5.0, "present"), (0.0, "none shown"))
DOUBT = "unverified: the limits of 10 and 25 % for moderate and severe are from memory"


def extent(*, laa950_percent: float | None, inspiration: bool | None) -> Ruling:
    """``none shown``, ``present``, ``moderate`` or ``severe``.

    Args:
        laa950_percent: Share of the lung below -950 HU, in percent.
        inspiration: Whether the scan was taken at full inspiration.

    Raises:
        ValueError: If it is no percentage.
    """
    inputs = {"laa950_percent": laa950_percent, "inspiration": inspiration}
    check(inputs, {"laa950_percent": (0, 100)})
    reason = missing(inputs, ("laa950_percent",))
    if inspiration is False:
        reason = "not applicable: the limits are for full inspiration, and the scan was not taken so"
    if reason or laa950_percent is None:
        return Ruling(GUIDELINE, EDITION, SOURCE, inputs, reason=reason)
    value = next(grade for least, grade in GRADES if laa950_percent >= least)
    warnings = [DOUBT] if laa950_percent >= 10.0 else []
    if inspiration is None:
        warnings.append("whether the scan was taken at full inspiration is not known")
    return Ruling(GUIDELINE, EDITION, SOURCE, inputs, value, warnings=tuple(warnings))
