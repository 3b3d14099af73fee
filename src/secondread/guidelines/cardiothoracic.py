"""Whether the heart's shadow is enlarged, from the cardiothoracic ratio and how the picture was taken.

Sources: more than 0.50 on a posteroanterior picture of an adult (RCEM Learning, cardiac shadow); an anteroposterior one
magnifies the heart (Chon SB et al., J Korean Med Sci 2011, PMC3207047), and its limit of 0.55 is in secondary texts.
"""

from collections.abc import Mapping
from types import MappingProxyType

from secondread.core.ruling import Ruling, missing
from secondread.guidelines.bounds import check, choose

GUIDELINE, EDITION = "cardiothoracic ratio", "0.50 PA, 0.55 AP"
SOURCE = "RCEM Learning (cardiac shadow); Chon SB et al. 2011, PMC3207047"

PA_LIMIT = 0.50
LIMITS: Mapping[str, float] = MappingProxyType({"PA": PA_LIMIT, "AP": 0.55, "AP supine": 0.55})
REFUSED = ("lateral",)
AP_DOUBT = "unverified: the limit of 0.55 for AP pictures is from secondary texts"
MAGNIFIED = "taken {view}: the heart is magnified, and a ratio from 0.50 to 0.55 does not tell its size"
ALWAYS = "a shallow breath, fat or a deformed chest widen the shadow too"


def heart_size(*, ratio: float | None, projection: str | None, age_years: float | None) -> Ruling:
    """``enlarged``, ``not enlarged``, or ``indeterminate`` between the limits of PA and AP.

    The limit itself is not enlarged.

    Args:
        ratio: Cardiothoracic ratio, unrounded.
        projection: ``PA``, ``AP``, ``AP supine`` or ``lateral``.
        age_years: Age; the limits are for adults.

    Raises:
        ValueError: If the ratio or the age is none that can be, or there is no such projection.
    """
    inputs = {"ratio": ratio, "projection": projection, "age_years": age_years}
    check(inputs, {"ratio": (0.01, 0.99), "age_years": (0, 130)})
    choose(inputs, {"projection": (*LIMITS, *REFUSED)})
    reason = missing(inputs, tuple(inputs))
    if projection in REFUSED:
        reason = "not applicable: a lateral picture shows no cardiothoracic ratio"
    elif age_years is not None and age_years < 18:
        reason = "not applicable: the limits are for adults"
    if reason or ratio is None or projection is None:
        return Ruling(GUIDELINE, EDITION, SOURCE, inputs, reason=reason)
    enlarged, unclear = ratio > LIMITS[projection], ratio > PA_LIMIT
    value = "enlarged" if enlarged else "indeterminate" if unclear else "not enlarged"
    magnified = (MAGNIFIED.format(view=projection), AP_DOUBT) if projection != "PA" else ()
    advice = f"limit for {projection}: {LIMITS[projection]:.2f}"
    return Ruling(GUIDELINE, EDITION, SOURCE, inputs, value, advice=advice, warnings=(*magnified, ALWAYS))
