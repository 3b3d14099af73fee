"""Lung-RADS v2022: the category of a nodule on a screening CT, and of the whole exam.

Sizes are mean diameters to 0.1 mm. A nodule grows if its mean diameter rises by more than 1.5 mm within 12 months. The
``> 2 mm3`` printed beside it is about the volume of a sphere of 1.5 mm and no measure of growth in volume: it is not
used. A nodule that comes into a higher size band is classed anew by its size, grown or not.
"""

import math
from collections.abc import Collection
from dataclasses import asdict, dataclass

from secondread.core.ruling import Input, Ruling, missing
from secondread.guidelines.bounds import check, choose, half_up

GUIDELINE, EDITION = "ACR Lung-RADS", "v2022"
SOURCE = (
    "Christensen et al., Chest 2024;165:738-753 (ACR Lung-RADS v2022); read at NCBI NBK568579 (sizes), "
    "RadElement RDES267 (hoodcm/oifm-definitions) and yingbo777.com/home/lung-rads (growth)"
)
GROWTH_MM, GROWTH_MONTHS = 1.5, 12
# Upper limit in mm of mean diameter, not included, and category. Source: SOURCE.
SOLID = {
    "baseline": ((6, "2"), (8, "3"), (15, "4A"), (math.inf, "4B")),
    "new": ((4, "2"), (6, "3"), (8, "4A"), (math.inf, "4B")),
    "growing": ((8, "4A"), (math.inf, "4B")),
}
# The same by the solid part; a whole under 6 mm is 2 at baseline and 3 when new.
SOLID_PART = {
    "baseline": ((6, "3"), (8, "4A"), (math.inf, "4B")),
    "new": ((4, "4A"), (math.inf, "4B")),
    "growing": ((4, "4A"), (math.inf, "4B")),
}
SMALL_PART_SOLID_MM, SMALL_PART_SOLID = 6, {"baseline": "2", "new": "3"}
NON_SOLID = ((30, "2"), (math.inf, "3"))
JUXTAPLEURAL_BELOW_MM = 10
# What is stable or smaller steps down at the CT after so many months (2.5 is read as 3). Source: RDES267 for 3 after 6;
# for 4A after 3, Christensen et al. as a public program quotes it. Another public program has the two swapped.
STEP_DOWN = {"3": (6, "2"), "4A": (3, "3")}
# Findings without a size. Source: SOURCE.
OTHER = {
    "no nodule": "1",
    "complete, central, popcorn or concentric-ring calcification, or fat": "1",
    "nodule of category 3 or 4A that resolved": "2",
    "airway nodule, subsegmental": "2",
    "airway nodule, segmental or proximal": "4A",
    "airway nodule, segmental or proximal, persistent or growing": "4B",
    "thick-walled cyst with growing cystic part": "3",
    "thick-walled cyst": "4A",
    "multilocular cyst": "4A",
    "cyst that became multilocular": "4A",
    "cyst with growing wall or nodularity": "4B",
    "multilocular cyst that grew or became denser": "4B",
}
ORDER = ("1", "2", "3", "4A", "4B", "4X")
WORK_UP = "Diagnostic work-up: chest CT, PET-CT if the solid part is 8 mm or more, tissue sampling or referral."
ADVICE = {
    "0": "Complete the exam: prior CT, further images, or low-dose CT in 1 to 3 months for a suspected infection.",
    "1": "Low-dose CT in 12 months.",
    "2": "Low-dose CT in 12 months.",
    "3": "Low-dose CT in 6 months.",
    "4A": "Low-dose CT in 3 months; PET-CT may be considered if the solid part is 8 mm or more.",
    "4B": WORK_UP,
    "4X": WORK_UP,
}
MALIGNANT = {
    "1": "under 1 %",
    "2": "under 1 %",
    "3": "1 to 2 %",
    "4A": "5 to 15 %",
    "4B": "over 15 %",
    "4X": "over 15 %",
}
KINDS, SEEN = ("solid", "part-solid", "non-solid"), ("baseline", "new", "before")
RANGES = {
    "mean_diameter_mm": (0.1, 300),
    "solid_part_mm": (0, 300),
    "prior_mean_diameter_mm": (0.1, 300),
    "prior_solid_part_mm": (0, 300),
    "months_since_prior": (0.1, 600),
}


@dataclass(frozen=True, slots=True)
class Nodule:
    """A nodule on a screening CT; None is not known.

    Attributes:
        screening: Whether the CT was made to screen for lung cancer.
        kind: ``solid``, ``part-solid`` or ``non-solid`` (pure ground glass).
        seen: ``baseline`` on a first CT, ``new`` since the prior one, or seen ``before``.
        mean_diameter_mm: Mean of long and short axis, in any plane.
        solid_part_mm: Mean diameter of the solid part of a part-solid nodule.
        prior_mean_diameter_mm: Of a nodule seen before, its mean diameter then.
        prior_solid_part_mm: The same for its solid part.
        months_since_prior: Of a nodule seen before, months between the two exams.
        prior_category: Of a nodule seen before, its category then.
        slow_growth: Whether it grew over several exams, though never by more than 1.5 mm within 12 months.
        juxtapleural: Whether a solid nodule lies at the pleura, is smooth, and oval, lentiform or triangular.
        suspicious: Whether more speaks for cancer: spiculation, a lymph node, metastasis, ground glass that doubled.
        proven_benign: Whether a work-up has shown that a nodule of category 4B or 4X is benign.
    """

    screening: bool | None = None
    kind: str | None = None
    seen: str | None = None
    mean_diameter_mm: float | None = None
    solid_part_mm: float | None = None
    prior_mean_diameter_mm: float | None = None
    prior_solid_part_mm: float | None = None
    months_since_prior: float | None = None
    prior_category: str | None = None
    slow_growth: bool = False
    juxtapleural: bool = False
    suspicious: bool = False
    proven_benign: bool = False


def grew(prior_mm: float, now_mm: float, months: float) -> bool:
    """Whether a mean diameter rose by more than 1.5 mm within 12 months; over longer, at more than that rate.

    Sizes are taken to 0.1 mm.

    >>> grew(6.0, 7.5, 6), grew(6.0, 7.6, 11), grew(6.0, 8.0, 24)
    (False, True, False)
    """
    return _rise_mm(prior_mm, now_mm) > GROWTH_MM * max(1.0, months / GROWTH_MONTHS)


def lung_rads(nodule: Nodule) -> Ruling:
    """The category of one nodule.

    Raises:
        ValueError: If a number cannot be true, a word is none of the rule's, or a solid part is larger than its nodule.
    """
    inputs: dict[str, Input] = asdict(nodule)
    check(inputs, RANGES)
    choose(inputs, {"kind": KINDS, "seen": SEEN, "prior_category": ORDER})
    for part, whole in (("solid_part_mm", "mean_diameter_mm"), ("prior_solid_part_mm", "prior_mean_diameter_mm")):
        if (getattr(nodule, part) or 0) > (getattr(nodule, whole) or math.inf):
            raise ValueError(f"{part}: found {getattr(nodule, part):g}; needed at most {getattr(nodule, whole):g}")
    reason = _out_of_scope(nodule.screening) or missing(inputs, _needed(nodule))
    if reason:
        return _ruling(inputs, None, (), reason)
    category, warnings = _category(nodule)
    if nodule.suspicious and category in ("3", "4A", "4B"):
        category = "4X"
    elif nodule.suspicious and category != "4X":
        warnings += ("suspicious features raise only categories 3 and 4 to 4X",)
    return _ruling(inputs, category, warnings)


def lung_rads_exam(
    categories: Collection[str],
    *,
    screening: bool | None,
    prior_pending: bool = False,
    lung_not_evaluable: bool = False,
    suspected_infection: bool = False,
    other_finding: bool = False,
) -> Ruling:
    """The one category of an exam: that of its most suspicious finding.

    Args:
        categories: Of its nodules, and of findings without a size from ``OTHER``; none at all is ``1``.
        screening: Whether the CT was made to screen for lung cancer.
        prior_pending: Whether a prior CT is still to come.
        lung_not_evaluable: Whether part or all of the lungs cannot be judged.
        suspected_infection: Whether it looks like infection or inflammation.
        other_finding: Whether there is another significant finding; adds ``S``.

    Raises:
        ValueError: If a category is none of ``ORDER``.
    """
    inputs: dict[str, Input] = {
        "categories": " ".join(categories),
        "screening": screening,
        "prior_pending": prior_pending,
        "lung_not_evaluable": lung_not_evaluable,
        "suspected_infection": suspected_infection,
        "other_finding": other_finding,
    }
    for category in categories:
        choose({"categories": category}, {"categories": ORDER})
    reason = _out_of_scope(screening) or missing(inputs, ("screening",))
    if reason:
        return _ruling(inputs, None, (), reason)
    worst = max(categories, key=ORDER.index, default="1")
    incomplete = prior_pending or lung_not_evaluable or suspected_infection
    warnings = (f"incomplete, although what was seen is category {worst}",) if incomplete and categories else ()
    return _ruling(inputs, "0" if incomplete else worst, warnings, significant="S" if other_finding else "")


def _out_of_scope(screening: bool | None) -> str:
    return (
        "not applicable: only for screening; for a nodule found by chance see Fleischner" if screening is False else ""
    )


def _needed(nodule: Nodule) -> tuple[str, ...]:
    needed = ["screening", "kind", "seen", "mean_diameter_mm"]
    if nodule.kind == "part-solid":
        needed.append("solid_part_mm")
    if nodule.seen == "before":
        needed += ["prior_mean_diameter_mm", "months_since_prior", "prior_category"]
        if nodule.kind == "part-solid":
            needed.append("prior_solid_part_mm")
    return tuple(needed)


def _category(nodule: Nodule) -> tuple[str, tuple[str, ...]]:
    """Category before suspicious features, and warnings."""
    size = half_up(float(nodule.mean_diameter_mm or 0), 1)
    harmless = nodule.kind == "solid" and nodule.juxtapleural and size < JUXTAPLEURAL_BELOW_MM
    if nodule.seen == "before":
        return _seen_again(nodule, harmless=harmless)
    return ("2", ()) if harmless else _by_size(nodule, str(nodule.seen))


def _seen_again(nodule: Nodule, *, harmless: bool) -> tuple[str, tuple[str, ...]]:
    prior = str(nodule.prior_category)
    if nodule.proven_benign and prior in ("4B", "4X"):
        return "2", ()
    if _rose(nodule, growing=True):
        category, warnings = _by_size(nodule, "growing")
        return max(category, prior, key=ORDER.index), warnings
    if nodule.slow_growth and nodule.kind != "non-solid":
        return max("4B", prior, key=ORDER.index), ()
    now, before = _by_size(nodule, "baseline")[0], _by_size(_as_it_was(nodule), "baseline")[0]
    if ORDER.index(now) > ORDER.index(before) and not harmless:
        return max(now, prior, key=ORDER.index), ("in a higher size band without growth",)
    return _stepped(nodule)


def _by_size(nodule: Nodule, when: str) -> tuple[str, tuple[str, ...]]:
    size = half_up(float(nodule.mean_diameter_mm or 0), 1)
    if nodule.kind == "solid":
        return _band(SOLID[when], size), ()
    if nodule.kind == "non-solid":
        growing = when == "growing" and _band(NON_SOLID, size) == "3"
        warnings = ("the table has no row for ground glass of 30 mm or more that grows; 3 is kept",) if growing else ()
        return _band(NON_SOLID, size), warnings
    by_part = _band(SOLID_PART[when], half_up(float(nodule.solid_part_mm or 0), 1))
    if size >= SMALL_PART_SOLID_MM or when == "growing":
        return by_part, ()
    if when == "new" and by_part == "4B":
        return "4B", ("new, under 6 mm (row 3), with a solid part of 4 mm or more (row 4B): the higher row was taken",)
    return SMALL_PART_SOLID[when], ()


def _band(rows: tuple[tuple[float, str], ...], size_mm: float) -> str:
    return next(category for limit, category in rows if size_mm < limit)


def _as_it_was(nodule: Nodule) -> Nodule:
    return Nodule(
        kind=nodule.kind,
        mean_diameter_mm=nodule.prior_mean_diameter_mm,
        solid_part_mm=nodule.prior_solid_part_mm,
    )


def _rose(nodule: Nodule, *, growing: bool) -> bool:
    """Whether whole or solid part became larger at all, or (``growing``) by enough to call it growth."""
    pairs = [(nodule.prior_mean_diameter_mm, nodule.mean_diameter_mm)]
    if nodule.kind == "part-solid":
        pairs.append((nodule.prior_solid_part_mm, nodule.solid_part_mm))
    months = float(nodule.months_since_prior or 0)
    sizes = [(float(before or 0), float(now or 0)) for before, now in pairs]
    return any(grew(before, now, months) if growing else _rise_mm(before, now) > 0 for before, now in sizes)


def _stepped(nodule: Nodule) -> tuple[str, tuple[str, ...]]:
    """The category of a nodule that is stable or smaller."""
    prior = str(nodule.prior_category)
    months, lower = STEP_DOWN.get(prior, (0, prior))
    warnings: list[str] = []
    if half_up(float(nodule.months_since_prior or 0)) < months:
        lower = prior
        warnings.append(f"a category {prior} steps down at its {months}-month CT, not before")
    if prior in ("4B", "4X"):
        warnings.append(f"a category {prior} steps down only when a work-up has shown that it is benign")
    if nodule.kind != "non-solid" and _rose(nodule, growing=False):
        warnings.append("unverified: a rise of 1.5 mm or less is taken as stable; have a radiologist confirm")
    if _rose_slowly(nodule):
        warnings.append("it rose by more than 1.5 mm in more than 12 months: slow growth over several exams is 4B")
    return max(lower, "2", key=ORDER.index), tuple(warnings)


def _rose_slowly(nodule: Nodule) -> bool:
    before, now = float(nodule.prior_mean_diameter_mm or 0), float(nodule.mean_diameter_mm or 0)
    return nodule.kind != "non-solid" and _rise_mm(before, now) > GROWTH_MM


def _rise_mm(prior_mm: float, now_mm: float) -> float:
    return half_up(half_up(now_mm, 1) - half_up(prior_mm, 1), 1)


def _ruling(
    inputs: dict[str, Input], category: str | None, warnings: tuple[str, ...], reason: str = "", significant: str = ""
) -> Ruling:
    chance = f" Probability of malignancy: {MALIGNANT[category]}." if category in MALIGNANT else ""
    return Ruling(
        guideline=GUIDELINE,
        edition=EDITION,
        source=SOURCE,
        inputs=inputs,
        value=None if category is None else category + significant,
        advice="" if category is None else ADVICE[category] + chance,
        warnings=warnings,
        reason=reason,
    )
