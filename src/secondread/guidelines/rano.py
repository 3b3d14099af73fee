"""RANO: whether an enhancing high-grade glioma under treatment shrank, grew or stayed.

Two editions. 2010 (Wen et al., J Clin Oncol 2010;28:1963): thresholds checked at PMC10584081 (table 1); the first 12
weeks after radiotherapy at PMC4530825 (table I); steroids at radiotherapydictionary.blogspot.com (2016-05, RANO). 2.0
(Wen et al., J Clin Oncol 2023;41:5187): the paper could not be read; its thresholds of area and volume agree with the
public program cai4cai/rano2.0-assist (response_classification_utils.py).

Traps: response is measured against the baseline, progression against the nadir, so a tumour may be 36 % smaller than at
first and still have progressed. Tumours that do not enhance have rules of their own, which are not here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Literal

from secondread.core.ruling import Input, Ruling, missing
from secondread.guidelines.bounds import check, choose
from secondread.guidelines.thresholds import reaches

GUIDELINE = "RANO"
MEASURABLE_MM, MEASURABLE_SLICES, MOST_LESIONS = 10.0, 2, 5
EARLY_WEEKS = 12.0
STEROIDS = ("none", "less", "stable", "more")
MEANING: Mapping[str, str] = MappingProxyType(
    {"CR": "complete response", "PR": "partial response", "SD": "stable disease", "PD": "progressive disease"}
)
UNREAD = "unverified: the paper of RANO 2.0 was not read; thresholds agree with a public program that follows it"
EARLY_UNREAD = "unverified: that RANO 2.0 asks for a confirming scan within 12 weeks after radiotherapy"


@dataclass(frozen=True, slots=True)
class Edition:
    """What an edition asks for.

    Attributes:
        name: As told in the answer.
        source: Where it is published.
        limits: By unit of size: share of the baseline that must have gone for a response, and share of the nadir that
            must have been added for progression.
        flair: Whether a significant increase on T2 or FLAIR counts as progression.
    """

    name: str
    source: str
    limits: Mapping[str, tuple[float, float]]
    flair: bool


EDITIONS: Mapping[str, Edition] = MappingProxyType(
    {
        "2010": Edition("RANO-HGG 2010", "doi:10.1200/JCO.2009.26.3541", {"mm2": (0.50, 0.25)}, flair=True),
        "2.0": Edition(
            "RANO 2.0 (2023)", "doi:10.1200/JCO.23.01059", {"mm2": (0.50, 0.25), "mm3": (0.65, 0.40)}, flair=False
        ),
    }
)


@dataclass(frozen=True, slots=True)
class RanoCase:
    """What a time point is judged by; None where it is not known.

    Attributes:
        baseline: Size before treatment, in ``unit``; for RANO 2.0 on the first MR after radiotherapy.
        nadir: Smallest size so far, the baseline included.
        now: Size now.
        unit: ``mm2`` for a sum of products of diameters, ``mm3`` for a volume, of enhancing tumour.
        new_lesion: A lesion that was not there before.
        others_worse: Lesions that are not measured grew beyond doubt.
        flair_worse: Significant increase on T2 or FLAIR that the tumour explains.
        clinically_worse: The patient got worse, and the tumour explains it.
        steroids: Dose against the time compared with: ``none``, ``less``, ``stable``, ``more``.
        confirmed: A scan at least 4 weeks later showed the same.
        weeks_after_radiotherapy: Weeks since the end of radiotherapy.
        sure_of_tumour: New enhancement outside the radiation field, or tumour proven by histology.
    """

    baseline: float | None = None
    nadir: float | None = None
    now: float | None = None
    unit: Literal["mm2", "mm3"] = "mm2"
    new_lesion: bool | None = None
    others_worse: bool | None = None
    flair_worse: bool | None = None
    clinically_worse: bool | None = None
    steroids: str | None = None
    confirmed: bool | None = None
    weeks_after_radiotherapy: float | None = None
    sure_of_tumour: bool | None = None


def is_measurable(long_mm: float, short_mm: float, *, slices: int) -> bool:
    """Whether an enhancing lesion may be measured: both diameters from 10 mm on, seen on two slices or more."""
    return reaches(long_mm, MEASURABLE_MM) and reaches(short_mm, MEASURABLE_MM) and slices >= MEASURABLE_SLICES


def sum_of_products_mm2(diameters_mm: Sequence[tuple[float, float]]) -> float:
    """Sum over lesions of longest diameter times the one perpendicular to it.

    Raises:
        ValueError: If there are more than five lesions, or a diameter cannot be.

    >>> sum_of_products_mm2([(30.0, 20.0), (10.0, 10.0)])
    700.0
    """
    if len(diameters_mm) > MOST_LESIONS:
        raise ValueError(f"lesions: found {len(diameters_mm)}; needed at most {MOST_LESIONS}")
    for pair in diameters_mm:
        check(dict(zip(("long_mm", "short_mm"), pair, strict=True)), {"long_mm": (0, 300), "short_mm": (0, pair[0])})
    return float(sum(long * short for long, short in diameters_mm))


def rano(case: RanoCase, *, edition: str = "2010") -> Ruling:
    """Response at one time: ``CR``, ``PR``, ``SD`` or ``PD``.

    Raises:
        ValueError: If an input cannot be, or the edition is unknown.
    """
    inputs: dict[str, Input] = asdict(case)
    check(inputs, dict.fromkeys(("baseline", "nadir", "now"), (0, 1e7)) | {"weeks_after_radiotherapy": (0, 5000)})
    choose({**inputs, "edition": edition}, {"steroids": STEROIDS, "unit": ("mm2", "mm3"), "edition": EDITIONS})
    if case.baseline is not None and case.nadir is not None and case.nadir > case.baseline:
        raise ValueError(f"nadir: found {case.nadir:g}; needed at most the baseline, {case.baseline:g}")
    rule = EDITIONS[edition]
    reason = "" if case.unit in rule.limits else f"not applicable: {rule.name} has no rule for volumes"
    value = ""
    if not reason:
        value, reason = _progressed(case, rule) or _responded(case, rule, inputs)
    if reason:
        return Ruling(GUIDELINE, rule.name, rule.source, inputs, reason=reason)
    return Ruling(GUIDELINE, rule.name, rule.source, inputs, value, "", MEANING[value], _warnings(case, rule, value))


def _progressed(case: RanoCase, rule: Edition) -> tuple[str, str] | None:
    """Progression, or why it cannot be told from what treatment does; None when there is no sign of it."""
    signs = {
        "growth": _grew(case, rule),
        "a new lesion": case.new_lesion,
        "growth of lesions not measured": case.others_worse,
        "increase on T2 or FLAIR": rule.flair and case.flair_worse,
        "clinical worsening": case.clinically_worse,
    }
    found = " and ".join(name for name, there in signs.items() if there)
    if not found:
        return None
    weeks = case.weeks_after_radiotherapy
    if weeks is None or weeks >= EARLY_WEEKS or case.sure_of_tumour or (not rule.flair and case.confirmed):
        return "PD", ""
    wanted = "enhancement outside the radiation field or histology" if rule.flair else "a confirming scan"
    return "", f"not computable: {found} {weeks:g} weeks after radiotherapy may be its effect; needs {wanted}"


def _grew(case: RanoCase, rule: Edition) -> bool:
    """Whether the size passed the threshold above the nadir; anything above a nadir of nought does."""
    if case.nadir is None or case.now is None:
        return False
    return case.now > case.nadir and reaches(case.now - case.nadir, rule.limits[case.unit][1] * case.nadir)


def _responded(case: RanoCase, rule: Edition, inputs: Mapping[str, Input]) -> tuple[str, str]:
    """Response or stability of a case without signs of progression, or the reason why there is none."""
    needed = ["baseline", "nadir", "now", "new_lesion", "others_worse", "clinically_worse", "steroids"]
    if reason := missing(inputs, tuple(needed + (["flair_worse"] if rule.flair else []))):
        return "", reason
    if case.baseline == 0.0:
        return "", "not applicable: there was no measurable tumour at baseline"
    size = _by_size(case, rule)
    return (size if case.confirmed else "SD"), ""


def _by_size(case: RanoCase, rule: Edition) -> str:
    """CR, PR or SD by size and steroids, a confirming scan put aside."""
    if case.baseline is None or case.now is None:
        return ""
    if case.now == 0.0 and case.steroids == "none":
        return "CR"
    shrunk = reaches(case.baseline - case.now, rule.limits[case.unit][0] * case.baseline)
    return "PR" if shrunk and case.steroids != "more" else "SD"


def _warnings(case: RanoCase, rule: Edition, value: str) -> tuple[str, ...]:
    """What limits the answer."""
    size = _by_size(case, rule)
    early = case.weeks_after_radiotherapy is not None and case.weeks_after_radiotherapy < EARLY_WEEKS
    notes = {
        "requires review by a clinician": True,
        UNREAD: not rule.flair,
        EARLY_UNREAD: not rule.flair and value == "PD" and early,
        f"the size fits {size}, which counts once a scan at least 4 weeks later confirms it": (
            value == "SD" and size in ("CR", "PR")
        ),
        "weeks since radiotherapy are not known; within 12 weeks treatment may look like growth": (
            value == "PD" and case.weeks_after_radiotherapy is None
        ),
        "growth counts on a stable or rising dose of steroids; the dose is lower or not known": (
            value == "PD" and _grew(case, rule) and case.steroids in (None, "less")
        ),
    }
    return tuple(note for note, holds in notes.items() if holds)
