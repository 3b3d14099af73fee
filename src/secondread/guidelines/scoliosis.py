"""How severe a sideways curve of the spine is, from its Cobb angle.

Source: scoliosis starts at 10 degrees, mild to 25, moderate to 40, as secondary texts quote the American College of
Radiology (droracle.ai 436230); a first-hand source was not at hand.
"""

from secondread.core.ruling import Ruling, missing
from secondread.guidelines.bounds import check

GUIDELINE, EDITION = "scoliosis by Cobb angle", "10, 25 and 40 degrees"
SOURCE = "limits in common use, as quoted after the American College of Radiology"

# The grade holds from this angle on; severe starts above 40, not at it.
GRADES: tuple[tuple[float, str], ...] = ((25.0, "moderate"), (10.0, "mild"), (0.0, "no scoliosis"))
SEVERE_ABOVE_DEG = 40.0
ERROR_DEG = 5.0
DOUBT = "unverified: the limits are from secondary texts, and some let moderate end at 50 degrees instead of 40"


def severity(*, cobb_deg: float | None, standing: bool | None) -> Ruling:
    """``no scoliosis``, ``mild``, ``moderate`` or ``severe``.

    Args:
        cobb_deg: Cobb angle in degrees.
        standing: Whether the patient stood; a curve is flatter lying down.

    Raises:
        ValueError: If the angle is not within 0 and 180 degrees.
    """
    inputs = {"cobb_deg": cobb_deg, "standing": standing}
    if cobb_deg is None:
        return Ruling(GUIDELINE, EDITION, SOURCE, inputs, reason=missing(inputs, ("cobb_deg",)))
    check(inputs, {"cobb_deg": (0, 180)})
    above = cobb_deg > SEVERE_ABOVE_DEG
    value = "severe" if above else next(grade for least, grade in GRADES if cobb_deg >= least)
    warnings = [DOUBT]
    if any(abs(cobb_deg - limit) < ERROR_DEG for limit in (10.0, 25.0, SEVERE_ABOVE_DEG)):
        warnings.append("the angle is nearer to a limit than it can be measured (5 degrees)")
    if not standing:
        how = "lay" if standing is False else "may have lain"
        warnings.append(f"the patient {how} during the picture: the limits are for standing ones")
    return Ruling(GUIDELINE, EDITION, SOURCE, inputs, value, warnings=tuple(warnings))
