"""A CT of the chest: which series of a study it is, whether its voxels show one, and its lungs."""

from secondread.accept.ct_content import TAKEN_FOR_HU, in_hu, regions_shown
from secondread.accept.volume import Wanted, warnings
from secondread.core.reader import Case
from secondread.core.report import Refusal
from secondread.core.study import Series
from secondread.core.volume import Volume
from secondread.measure.lungs import Lungs, NoLungsError, find_lungs

ADULT_YEARS = 18.0
LEAST_ML = 800.0  # of both lungs; less is no chest of an adult, or only its edge


def wanted(thickest_mm: float, *, soft: bool) -> Wanted:
    """A chest CT in axial slices, the thinnest first; where ``soft``, those with a soft kernel before all others."""
    prefer = _not_soft if soft else None
    return Wanted(
        "CT", "a chest CT", frozenset({"chest"}), planes=frozenset({"axial"}), thickest_mm=thickest_mm, prefer=prefer
    )


def _not_soft(series: Series) -> float:
    return float(series.facts is not None and series.facts.kernel == "sharp")


def check(case: Case, needs: Wanted) -> Refusal | tuple[str, ...]:
    """Refusal where the voxels show no chest in HU, or warnings. The lungs themselves are looked for later."""
    volume = in_hu(case.volume)
    if volume is None:
        return Refusal("content", "Found numbers that are no HU; needed a chest CT in HU.", "Send the original CT.")
    shown = regions_shown(volume)
    if "chest" not in shown.regions:
        found = f"Found a volume that shows {', '.join(sorted(shown.regions)) or 'no part of the body'}: {shown.why}"
        return Refusal("content", f"{found} Needed a chest.", "Send the CT of the chest.")
    told = [*warnings(case.study, case.series[0], needs), *case.volume.warnings]
    if volume is not case.volume:
        told.append(TAKEN_FOR_HU)
    age = case.clinical.age_years if case.clinical.age_years is not None else case.study.age_years
    if age is None:
        told.append("The age is not known; the reader is meant for adults.")
    elif age < ADULT_YEARS:
        told.append(f"Found a person of {age:.0f} years; the reader is meant for adults.")
    return tuple(told)


def lungs_of(case: Case) -> tuple[Volume, Lungs] | Refusal:
    """The volume in HU and its lungs, or why there are none to read."""
    volume = in_hu(case.volume)
    if volume is None:
        return Refusal("content", "Found numbers that are no HU; needed a chest CT in HU.", "Send the original CT.")
    try:
        lungs = find_lungs(volume)
    except NoLungsError as error:
        return Refusal("content", str(error), "Send axial slices of the whole chest.")
    total = lungs.volume_ml("right") + lungs.volume_ml("left")
    if total < LEAST_ML:
        found = f"Found {total:.0f} mL of lung; needed {LEAST_ML:.0f} mL or more."
        return Refusal("field-of-view", found, "Send axial slices of the whole chest.")
    return volume, lungs


def step_mm(volume: Volume) -> float:
    """Distance of neighbouring slices: the largest spacing of the grid."""
    return max(volume.geometry.spacing_mm)


def cut_warnings(lungs: Lungs) -> tuple[str, ...]:
    """What the lungs themselves warn of, and where the scan ends within them."""
    ends = {"top": "above", "bottom": "below"}
    missing = tuple(
        f"The scan ends within the lungs: what lies {ends[name]} it was not read, and volumes are too small."
        for name in lungs.cut
    )
    return (*lungs.warnings, *missing)
