"""BI-RADS for ultrasound of the breast, 5th edition: orientation, the simple cyst, and the words.

Sources: Mendelson EB et al., ACR BI-RADS Ultrasound, 2013; orientation as defined in RadLex RID34353 ("round masses are
not parallel"); simple cyst: RadioGraphics 2025, cystic breast lesions (round or oval, anechoic, circumscribed,
posterior enhancement: category 2).
"""

from collections.abc import Mapping
from types import MappingProxyType

from secondread.core.ruling import Ruling, missing
from secondread.guidelines.birads_lexicon import word
from secondread.guidelines.bounds import check

GUIDELINE, EDITION = "BI-RADS ultrasound", "5th edition, 2013"
SOURCE = "Mendelson EB et al., ACR BI-RADS Ultrasound, in: ACR BI-RADS Atlas, 5th ed., 2013"
ORIENTATION_SOURCE = "RadLex RID34353 after ACR BI-RADS Ultrasound"
CYST_SOURCE = "RadioGraphics 2025 (cystic breast lesions) after ACR BI-RADS Ultrasound"

# After the ACR's quick reference card of the 5th edition (scribd.com/document/535344039).
WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "background": ("homogeneous fat", "homogeneous fibroglandular", "heterogeneous"),
        "shape": ("oval", "round", "irregular"),
        "orientation": ("parallel", "not parallel"),
        "margin": ("circumscribed", "indistinct", "angular", "microlobulated", "spiculated"),
        "echo pattern": (
            "anechoic", "hyperechoic", "complex cystic and solid", "hypoechoic", "isoechoic", "heterogeneous",
        ),
        "posterior features": ("none", "enhancement", "shadowing", "combined"),
        "calcifications": ("in a mass", "outside a mass", "intraductal"),
        "vascularity": ("absent", "internal", "rim"),
        "elasticity": ("soft", "intermediate", "hard"),
        "special case": ("simple cyst", "clustered microcysts", "complicated cyst"),
    }
)  # fmt: skip


def orientation(
    *, depth_mm: float | None, width_mm: float | None, calibrated: bool | None, skin_on_top: bool | None
) -> Ruling:
    """Whether a mass lies parallel to the skin, from its extent away from the skin and along it.

    A mass that is as deep as wide, or deeper, is not parallel: round ones count as not parallel.

    Args:
        depth_mm: Extent perpendicular to the skin.
        width_mm: Extent along the skin, in the same picture.
        calibrated: Whether the millimetres come from the calibration of this very region of the picture.
        skin_on_top: Whether the picture is unrotated, with the skin along its upper edge.

    Raises:
        ValueError: If an extent is not within 0.1 and 300 mm.
    """
    inputs = {"depth_mm": depth_mm, "width_mm": width_mm, "calibrated": calibrated, "skin_on_top": skin_on_top}
    check(inputs, {"depth_mm": (0.1, 300), "width_mm": (0.1, 300)})
    reason = missing(inputs, tuple(inputs))
    if calibrated is False:
        reason = "not applicable: the picture is not calibrated, so depth and width may be on different scales"
    elif skin_on_top is False:
        reason = "not applicable: the picture is rotated, so its rows are not the direction away from the skin"
    if reason or depth_mm is None or width_mm is None:
        return Ruling(GUIDELINE, EDITION, ORIENTATION_SOURCE, inputs, reason=reason)
    value = "not parallel" if depth_mm / width_mm >= 1.0 else "parallel"
    doubt = "a mass that lies oblique to the skin is not parallel either; depth and width alone do not show it"
    return Ruling(
        GUIDELINE, EDITION, ORIENTATION_SOURCE, inputs, value, warnings=(doubt,) if value == "parallel" else ()
    )


def simple_cyst(*, shape: str | None, margin: str | None, echo_pattern: str | None, posterior: str | None) -> Ruling:
    """Group 2 if the mass is a simple cyst: round or oval, circumscribed, anechoic, with enhancement behind it.

    Anything else gets no group from this rule: what is no simple cyst is judged by a physician.

    Raises:
        ValueError: If a word is none of the 5th edition.
    """
    inputs = {"shape": shape, "margin": margin, "echo_pattern": echo_pattern, "posterior": posterior}
    needed = {
        "shape": ("oval", "round"),
        "margin": ("circumscribed",),
        "echo_pattern": ("anechoic",),
        "posterior": ("enhancement",),
    }
    features = {"echo_pattern": "echo pattern", "posterior": "posterior features"}
    for name, term in inputs.items():
        if term is not None:
            word(WORDS, features.get(name, name), term)
    against = [
        f"{features.get(name, name)} {term}" for name, term in inputs.items() if term and term not in needed[name]
    ]
    reason = f"not applicable: no simple cyst: {', '.join(against)}" if against else missing(inputs, tuple(inputs))
    if reason:
        return Ruling(GUIDELINE, EDITION, CYST_SOURCE, inputs, reason=reason)
    return Ruling(GUIDELINE, EDITION, CYST_SOURCE, inputs, "2", advice="simple cyst, benign: no follow-up for it")
