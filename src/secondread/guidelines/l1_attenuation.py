"""Low bone density by chance on CT: attenuation of the spongy bone of the first lumbar vertebra.

Sources: Pickhardt PJ et al., Ann Intern Med 2013;158:588: at or below 160 HU is sensitive for osteoporosis by DXA, at
or below 110 HU specific (1,867 adults; 110 HU and both 90 % from memory). A British cohort (536 patients,
doi 10.1186/s13244-023-01400-1) found 169 HU for 90 % sensitivity and 104 HU for 90 % specificity.
"""

from secondread.core.ruling import Ruling, missing
from secondread.guidelines.bounds import check

GUIDELINE, EDITION = "osteoporosis by attenuation of L1 on CT", "Pickhardt 2013, 110 and 160 HU"
SOURCE = "Ann Intern Med 2013;158:588; doi 10.1186/s13244-023-01400-1"
LOW_HU, SENSITIVE_HU = 110.0, 160.0
DOUBT = "unverified: the limit of 110 HU and both shares of 90 % are from memory; 160 HU is in the abstract"
BETWEEN = "between 110 and 160 HU attenuation does not tell osteoporosis from osteopenia and normal bone"


def bone_density(*, l1_hu: float | None, contrast: bool | None) -> Ruling:
    """``low``, ``not decided`` or ``not low``.

    Args:
        l1_hu: Mean attenuation of the spongy bone of L1, and of no other level.
        contrast: Whether contrast was given, which raises it by about 10 HU.

    Raises:
        ValueError: If no vertebra has that attenuation.
    """
    inputs = {"l1_hu": l1_hu, "contrast": contrast}
    check(inputs, {"l1_hu": (-200, 1500)})
    reason = missing(inputs, ("l1_hu", "contrast"))
    if not reason and contrast:
        reason = "not applicable: the limits are used on unenhanced CT only, and contrast was given"
    if reason or l1_hu is None:
        return Ruling(GUIDELINE, EDITION, SOURCE, inputs, reason=reason)
    value = "low" if l1_hu <= LOW_HU else "not decided" if l1_hu <= SENSITIVE_HU else "not low"
    warnings = (DOUBT, BETWEEN) if value == "not decided" else (DOUBT,)
    advice = "DXA tells whether it is osteoporosis" if value != "not low" else ""
    return Ruling(GUIDELINE, EDITION, SOURCE, inputs, value, advice=advice, warnings=warnings)
