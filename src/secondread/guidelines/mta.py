"""MTA: how far the medial temporal lobe has shrunk on coronal T1 images, and whether that is abnormal for the age.

Source: Scheltens et al., J Neurol Neurosurg Psychiatry 1992;55:967. Grades and the traditional cut-offs checked at
radiopaedia.org/articles/medial-temporal-lobe-atrophy-score, which also says that some take the higher side and others
the mean of both. The newer cut-offs are of BMC Neurology 2021, doi:10.1186/s12883-021-02325-2. Which cut-off was used
is always told, because they disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from secondread.core.ruling import Input, Ruling, missing
from secondread.guidelines.bounds import check, choose

GUIDELINE, EDITION = "MTA (Scheltens)", "Scheltens 1992"
SOURCE = "doi:10.1136/jnnp.55.10.967"
HIGHEST, OLD_YEARS = 4, 75
RANGES = {"left": (0, HIGHEST), "right": (0, HIGHEST), "age_years": (0, 130)}
# What each grade looks like: choroid fissure, temporal horn, height of the hippocampus.
GRADES = (
    "no cerebrospinal fluid around the hippocampus",
    "choroid fissure slightly widened",
    "choroid fissure moderately widened, temporal horn mildly enlarged, mild loss of hippocampal height",
    "choroid fissure markedly widened, temporal horn moderately enlarged, moderate loss of hippocampal height",
    "choroid fissure and temporal horn markedly widened, hippocampus markedly shrunk without inner structure",
)


@dataclass(frozen=True, slots=True)
class Cutoff:
    """From which rating on atrophy is abnormal.

    Attributes:
        name: As it is told in the answer.
        source: Where it is published.
        of: ``higher side`` or ``mean of both sides``.
        young: Lowest abnormal rating below 75 years.
        old: Lowest abnormal rating from 75 years on.
    """

    name: str
    source: str
    of: str
    young: float
    old: float


CUTOFFS: Mapping[str, Cutoff] = MappingProxyType(
    {
        "traditional": Cutoff("traditional", SOURCE, "higher side", 2.0, 3.0),
        "memory clinic 2021": Cutoff(
            "memory clinic 2021", "doi:10.1186/s12883-021-02325-2", "mean of both sides", 1.0, 1.5
        ),
    }
)


def mta(*, left: int | None, right: int | None, age_years: float | None, cutoff: str = "traditional") -> Ruling:
    """``abnormal for age`` or ``not abnormal for age``, from the ratings of both sides.

    Args:
        left: Rating of the left side, 0 to 4.
        right: Rating of the right side, 0 to 4.
        age_years: Age.
        cutoff: Name of one of ``CUTOFFS``.

    Raises:
        ValueError: If a number cannot be, or the cut-off is unknown.
    """
    inputs: dict[str, Input] = {"left": left, "right": right, "age_years": age_years, "cutoff": cutoff}
    check(inputs, RANGES)
    choose(inputs, {"cutoff": CUTOFFS})
    for name, grade in (("left", left), ("right", right)):
        if grade is not None and grade != int(grade):
            raise ValueError(f"{name}: found {grade!r}; needed a whole number from 0 to {HIGHEST}")
    rule = CUTOFFS[cutoff]
    source = SOURCE if rule.source == SOURCE else f"{SOURCE}; {rule.source}"
    edition = f"{EDITION}, cut-off {rule.name}"
    if reason := missing(inputs, ("left", "right", "age_years")):
        return Ruling(GUIDELINE, edition, source, inputs, reason=reason)
    assert left is not None
    assert right is not None
    assert age_years is not None
    rating = float(max(left, right)) if rule.of == "higher side" else (left + right) / 2.0
    limit = rule.old if age_years >= OLD_YEARS else rule.young
    value = "abnormal for age" if rating >= limit else "not abnormal for age"
    years = "75 years and over" if age_years >= OLD_YEARS else "below 75 years"
    advice = f"rating {rating:g} ({rule.of}); abnormal from {limit:g} on, {years}, by the {rule.name} cut-off"
    return Ruling(GUIDELINE, edition, source, inputs, value, "", advice, _warnings(rule))


def _warnings(used: Cutoff) -> tuple[str, ...]:
    others = ", ".join(sorted(set(CUTOFFS) - {used.name}))
    return (
        "requires review by a clinician; a visual rating is no diagnosis",
        f"cut-offs disagree; another in use: {others}",
    )
