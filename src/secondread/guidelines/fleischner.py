"""Fleischner Society 2017: what follows from a lung nodule that was found by chance on CT.

Its volumes, 100 and 250 mm3, are not those of spheres of 6 and 8 mm (113 and 268 mm3): a volume is compared with the
volumes of the table, never turned into a diameter.
"""

from dataclasses import asdict, dataclass

from secondread.core.ruling import Input, Ruling, missing
from secondread.guidelines.bounds import check, choose, half_up

SOURCE = "MacMahon et al., Radiology 2017;284:228-243, doi:10.1148/radiol.2017161659"
YOUNGEST_YEARS = 35
# A nodule measures up to 3 cm; what is larger is a mass. Source: Hansell et al., Radiology 2008;246:697-722.
NODULE_UP_TO_MM = 30
LARGE_SOLID_PART_MM = 6
SMALL, MIDDLE, LARGE = "under 6 mm", "6 to 8 mm", "over 8 mm"
# Sizes are whole millimetres, halves up; volumes are taken as they are. Source: SOURCE, read at radiopaedia.org
# (Fleischner Society pulmonary nodule recommendations) and PMC6784443 table 4.
SMALL_BELOW_MM, MIDDLE_UP_TO_MM = 6, 8
SMALL_BELOW_MM3, MIDDLE_UP_TO_MM3 = 100, 250

NONE = "No routine follow-up."
OPTIONAL = "CT at 12 months is optional."
SUSPICIOUS = "CT at 3 to 6 months; after that the most suspicious nodule decides."
EARLY_LOW = "CT at 3 to 6 months, then consider CT at 18 to 24 months."
EARLY_HIGH = "CT at 3 to 6 months, then CT at 18 to 24 months."
WORK_UP = "Consider CT at 3 months, PET-CT or tissue sampling."
PART_SOLID = (
    "CT at 3 to 6 months; if it is unchanged and its solid part is under 6 mm, CT every year for 5 years. "
    "A solid part of 6 mm or more, or one that grows: PET-CT, biopsy or resection."
)
# (multiple, size) -> advice at low and at high risk. Source: as above.
SOLID = {
    (False, SMALL): (NONE, OPTIONAL),
    (False, MIDDLE): (
        "CT at 6 to 12 months, then consider CT at 18 to 24 months.",
        "CT at 6 to 12 months, then CT at 18 to 24 months.",
    ),
    (False, LARGE): (WORK_UP, WORK_UP),
    (True, SMALL): (NONE, OPTIONAL),
    (True, MIDDLE): (EARLY_LOW, EARLY_HIGH),
    (True, LARGE): (EARLY_LOW, EARLY_HIGH),
}
# (kind, multiple) -> advice under 6 mm, and from 6 mm on. Source: as above.
SUBSOLID = {
    ("non-solid", False): (NONE, "CT at 6 to 12 months; if it persists, CT every 2 years until 5 years."),
    ("part-solid", False): (NONE, PART_SOLID),
    ("non-solid", True): ("CT at 3 to 6 months; if stable, consider CT at 2 and 4 years.", SUSPICIOUS),
    ("part-solid", True): ("CT at 3 to 6 months; if stable, consider CT at 2 and 4 years.", SUSPICIOUS),
}
KINDS = ("solid", "part-solid", "non-solid")
GUIDELINE = "Fleischner Society recommendations for incidental lung nodules"
RANGES = {
    "age_years": (0, 120),
    "mean_diameter_mm": (0.1, 300),
    "volume_mm3": (0.001, 1e7),
    "solid_part_mm": (0, 300),
}
EXCLUDED = {
    "known_cancer": "not for people with a known primary cancer",
    "immunosuppressed": "not for people whose immune system is suppressed",
    "screening": "not for screening; there Lung-RADS holds",
}


@dataclass(frozen=True, slots=True)
class Incidental:
    """A nodule that was found by chance, and the person; None is not known.

    Attributes:
        age_years: Age.
        kind: ``solid``, ``part-solid`` or ``non-solid`` (pure ground glass).
        mean_diameter_mm: Mean of long and short axis in one slice; of several nodules, that of the most suspicious.
        volume_mm3: Its volume, where there is no diameter.
        solid_part_mm: Mean diameter of the solid part of a part-solid nodule.
        multiple: Whether there are several nodules.
        high_risk: Whether the risk of lung cancer is high (smoking and other known factors).
        known_cancer: Whether a primary cancer is known.
        immunosuppressed: Whether the immune system is suppressed.
        screening: Whether the CT was made to screen for lung cancer.
    """

    age_years: float | None = None
    kind: str | None = None
    mean_diameter_mm: float | None = None
    volume_mm3: float | None = None
    solid_part_mm: float | None = None
    multiple: bool | None = None
    high_risk: bool | None = None
    known_cancer: bool | None = None
    immunosuppressed: bool | None = None
    screening: bool | None = None


def size_by_diameter(mean_diameter_mm: float) -> str:
    """The row of sizes of a mean diameter, which is rounded to whole millimetres first."""
    whole = half_up(mean_diameter_mm)
    return SMALL if whole < SMALL_BELOW_MM else MIDDLE if whole <= MIDDLE_UP_TO_MM else LARGE


def size_by_volume(volume_mm3: float) -> str:
    """The row of sizes of a volume."""
    return SMALL if volume_mm3 < SMALL_BELOW_MM3 else MIDDLE if volume_mm3 <= MIDDLE_UP_TO_MM3 else LARGE


def fleischner(nodule: Incidental) -> Ruling:
    """The follow-up that the table advises; the value names its row.

    The diameter decides where both sizes are known. The risk is needed only where the advice depends on it.

    Raises:
        ValueError: If a number cannot be true, a kind is none of ``KINDS``, or a solid part is larger than its nodule.
    """
    inputs: dict[str, Input] = asdict(nodule)
    check(inputs, RANGES)
    choose(inputs, {"kind": KINDS})
    _solid_part_fits(nodule)
    reason = _not_applicable(nodule) or _unknown(inputs)
    value, advice, warnings = "", "", _warnings(nodule)
    if not reason:
        value, low, high = _row(nodule)
        if low != high:
            reason = missing(inputs, ("high_risk",))
            value += ", high risk" if nodule.high_risk else ", low risk"
        advice = high if nodule.high_risk else low
    return Ruling(
        guideline=GUIDELINE,
        edition="2017",
        source=SOURCE,
        inputs=inputs,
        value=None if reason else value,
        advice="" if reason else advice,
        warnings=() if reason else warnings,
        reason=reason,
    )


def _solid_part_fits(nodule: Incidental) -> None:
    part, whole = nodule.solid_part_mm, nodule.mean_diameter_mm
    if part is not None and whole is not None and part > whole:
        raise ValueError(f"solid_part_mm: found {part:g}; needed at most the nodule's {whole:g}")


def _not_applicable(nodule: Incidental) -> str:
    if nodule.age_years is not None and nodule.age_years < YOUNGEST_YEARS:
        return f"not applicable: not for people under {YOUNGEST_YEARS} years"
    return next((f"not applicable: {why}" for name, why in EXCLUDED.items() if getattr(nodule, name)), "")


def _unknown(inputs: dict[str, Input]) -> str:
    size = "mean_diameter_mm" if inputs["volume_mm3"] is None else "volume_mm3"
    return missing(inputs, ("age_years", "kind", size, "multiple", *EXCLUDED))


def _size(nodule: Incidental) -> str:
    if nodule.mean_diameter_mm is not None:
        return size_by_diameter(nodule.mean_diameter_mm)
    return size_by_volume(nodule.volume_mm3 or 0.0)


def _row(nodule: Incidental) -> tuple[str, str, str]:
    """Name of the row, advice at low risk, advice at high risk."""
    size, multiple, kind = _size(nodule), bool(nodule.multiple), str(nodule.kind)
    many = "multiple" if multiple else "single"
    if kind == "solid":
        return f"{kind}, {many}, {size}", *SOLID[multiple, size]
    advice = SUBSOLID[kind, multiple][size != SMALL]
    return f"{kind}, {many}, {SMALL if size == SMALL else '6 mm or more'}", advice, advice


def _warnings(nodule: Incidental) -> tuple[str, ...]:
    diameter, volume, part = nodule.mean_diameter_mm, nodule.volume_mm3, nodule.solid_part_mm
    found = []
    if diameter is not None and volume is not None and size_by_diameter(diameter) != size_by_volume(volume):
        found.append(
            f"by its volume of {volume:.0f} mm3 the size would be {size_by_volume(volume)}; the diameter decided"
        )
    if diameter is not None and diameter > NODULE_UP_TO_MM:
        found.append(f"over {NODULE_UP_TO_MM} mm this is called a mass, and the table is for nodules")
    if nodule.kind == "part-solid" and part is None:
        found.append("the size of the solid part is not known")
    if nodule.kind == "part-solid" and part is not None and half_up(part) >= LARGE_SOLID_PART_MM:
        found.append(f"a solid part of {LARGE_SOLID_PART_MM} mm or more is highly suspicious")
    return tuple(found)
