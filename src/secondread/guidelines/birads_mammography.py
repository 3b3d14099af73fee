"""BI-RADS for mammography, 5th edition: the group that a likelihood falls into, breast density, and the words.

Software may not say everything that BI-RADS has a number for. It never gives 6 (cancer proven by pathology), and on a
screening picture it gives neither 3 nor 4 nor 5: those follow a diagnostic work-up. There it says 0, 1 or 2.

Sources: D'Orsi CJ et al., ACR BI-RADS Atlas, 5th ed., 2013, as its table of likelihoods is reprinted by
Cleveland Clinic Journal of Medicine and SciRP (both say >2-10, >10-50, >50-<95, >=95 %); category 3 never without a
work-up: RadioGraphics 2024 (probably benign category); density and what patients are told: 21 CFR 900.12(c), in force
since 2024-09-10.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType

from secondread.core.ruling import Ruling, missing
from secondread.guidelines.birads_lexicon import word
from secondread.guidelines.bounds import check, choose

GUIDELINE, EDITION = "BI-RADS mammography", "5th edition, 2013"
SOURCE = "D'Orsi CJ et al., ACR BI-RADS Atlas, 5th ed., 2013"
NEWER = "a newer BI-RADS manual may be in use: this is the 5th edition"

# Likelihood of malignancy: the group holds up to and with the share in the first column; 5 starts at 0.95 itself.
GROUPS: tuple[tuple[float, str, str], ...] = (
    (0.02, "3", "probably benign: short-interval follow-up"),
    (0.10, "4A", "low suspicion: tissue diagnosis"),
    (0.50, "4B", "moderate suspicion: tissue diagnosis"),
    (0.95, "4C", "high suspicion: tissue diagnosis"),
    (math.inf, "5", "highly suggestive of malignancy: tissue diagnosis"),
)
SETTINGS = ("screening", "diagnostic")

DENSITIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "a": ("almost entirely fatty", "not dense"),
        "b": ("scattered areas of fibroglandular density", "not dense"),
        "c": ("heterogeneously dense: small masses may be hidden", "dense"),
        "d": ("extremely dense: mammography is less sensitive", "dense"),
    }
)

# The words of the 5th edition, after the ACR's quick reference card (scribd.com/document/535344039). "lobular" was
# removed, though DICOM CID 6005 still lists it.
WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "mass shape": ("oval", "round", "irregular"),
        "mass margin": ("circumscribed", "obscured", "microlobulated", "indistinct", "spiculated"),
        "mass density": ("high", "equal", "low", "fat-containing"),
        "benign calcification": (
            "skin", "vascular", "coarse or popcorn-like", "large rod-like", "round", "rim", "dystrophic",
            "milk of calcium", "suture",
        ),
        "suspicious calcification": (
            "amorphous", "coarse heterogeneous", "fine pleomorphic", "fine linear or branching",
        ),
        "distribution": ("diffuse", "regional", "grouped", "linear", "segmental"),
        "asymmetry": ("asymmetry", "global", "focal", "developing"),
        "other": ("architectural distortion", "intramammary lymph node", "skin lesion", "solitary dilated duct"),
        "associated": ("skin retraction", "nipple retraction", "skin thickening"),
    }
)  # fmt: skip

# unverified but for amorphous (radiopaedia.org, amorphous calcifications): the atlas was not at hand, and studies find
# that the shares of cancer vary (amorphous 5 to 23 %, doi 10.1016/j.ejrad.2023.110795).
CALCIFICATION_GROUPS: Mapping[str, str] = MappingProxyType(
    {"amorphous": "4B", "coarse heterogeneous": "4B", "fine pleomorphic": "4B", "fine linear or branching": "4C"}
)


@dataclass(frozen=True, slots=True)
class MammographicFinding:
    """What is known of a breast, or of one finding in it.

    Attributes:
        probability: Calibrated probability of malignancy, 0 to 1.
        setting: ``screening``, or ``diagnostic`` when the work-up is complete.
        finding: Whether anything is described at all.
        typically_benign: Whether what is described has a look that is benign for certain, such as a popcorn calcium.
        proven_malignant: Whether pathology has proven cancer already.
    """

    probability: float | None
    setting: str | None
    finding: bool | None
    typically_benign: bool | None
    proven_malignant: bool | None


def likelihood_group(probability: float) -> tuple[str, str]:
    """(group, advice) that a likelihood of malignancy falls into, from ``3`` to ``5``.

    Raises:
        ValueError: If the probability is not within 0 and 1.

    >>> [likelihood_group(p)[0] for p in (0.02, 0.021, 0.10, 0.50, 0.94, 0.95)]
    ['3', '4A', '4A', '4B', '4C', '5']
    """
    check({"probability": probability}, {"probability": (0.0, 1.0)})
    row = next(n for n, (most, _, _) in enumerate(GROUPS) if probability <= most)
    if probability == 0.95:
        row += 1
    return GROUPS[row][1], GROUPS[row][2]


def assessment(case: MammographicFinding) -> Ruling:
    """The assessment that software may suggest: 0, 1 or 2 at screening; 1 to 5 after a work-up; never 6.

    A probability above 2 % outweighs a benign look and an empty description.

    Raises:
        ValueError: If the probability or the setting is none that exists.
    """
    inputs = asdict(case)
    choose(inputs, {"setting": SETTINGS})
    likely, advice = likelihood_group(case.probability) if case.probability is not None else ("", "")
    reason = missing(inputs, _needed(case))
    if case.proven_malignant:
        reason = "not applicable: cancer is proven by pathology: group 6 is a physician's to give, never software's"
    if reason:
        return Ruling(GUIDELINE, EDITION, SOURCE, inputs, reason=reason)
    warnings = [NEWER]
    if case.proven_malignant is None:
        warnings.append("whether pathology has proven cancer already is not known")
    if likely in ("", "3") and not case.finding:
        value, advice = "1", "nothing is described: routine screening"
    elif likely in ("", "3") and case.typically_benign:
        value, advice = "2", "typically benign: routine screening"
    elif case.setting == "screening":
        value, advice = "0", "incomplete: additional imaging or earlier pictures are needed before any higher group"
        warnings.append("at screening software gives no group from 3 to 5: the probability stands beside it")
    else:
        value = likely
    return Ruling(GUIDELINE, EDITION, SOURCE, inputs, value, advice=advice, warnings=tuple(warnings))


def _needed(case: MammographicFinding) -> tuple[str, ...]:
    """The inputs without which this case has no group."""
    if case.finding and not case.typically_benign and case.setting == "diagnostic":
        return ("setting", "finding", "typically_benign", "probability")
    return ("setting", "finding", "typically_benign") if case.finding else ("setting", "finding")


def density(letter: str | None) -> Ruling:
    """Breast density as a letter, and which of the two words a patient in the US is told.

    The 5th edition has no percentages: a share of dense pixels is not turned into a letter here.

    Raises:
        ValueError: If it is not one of the letters a to d.
    """
    inputs = {"letter": letter}
    if letter is None:
        return Ruling(GUIDELINE, EDITION, SOURCE, inputs, reason=missing(inputs, ("letter",)))
    if letter not in DENSITIES:
        raise ValueError(f"letter: found {letter!r}, needed one of {', '.join(DENSITIES)}: density is no percentage")
    meaning, told = DENSITIES[letter]
    advice = f"{meaning}; told to patients as: {told} (21 CFR 900.12(c))"
    return Ruling(GUIDELINE, EDITION, SOURCE, inputs, letter, advice=advice, warnings=(NEWER,))


def calcification_group(morphology: str | None) -> Ruling:
    """The group that the look of calcifications suggests on its own, after a work-up.

    Raises:
        ValueError: If the 5th edition has no such word.
    """
    inputs = {"morphology": morphology}
    if morphology is None:
        return Ruling(GUIDELINE, EDITION, SOURCE, inputs, reason=missing(inputs, ("morphology",)))
    if morphology in WORDS["benign calcification"]:
        return Ruling(GUIDELINE, EDITION, SOURCE, inputs, "2", advice="typically benign", warnings=(NEWER,))
    word(WORDS, "suspicious calcification", morphology)
    doubt = "unverified: the group of a morphology is from memory; published shares of cancer differ much"
    return Ruling(
        GUIDELINE, EDITION, SOURCE, inputs, CALCIFICATION_GROUPS[morphology], advice="suspicious: tissue diagnosis",
        warnings=(NEWER, doubt),
    )  # fmt: skip
