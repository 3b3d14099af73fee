"""A CT of the chest: which series of a study it is, whether its voxels show one, and its lungs."""

from secondread.accept.age import ADULT_YEARS
from secondread.accept.checks import Warned
from secondread.accept.ct_content import case_in_hu, check_shows
from secondread.accept.volume import Wanted, choose
from secondread.core.card import ModelCard
from secondread.core.reader import Case, GateView
from secondread.core.report import Refusal
from secondread.core.study import Series, Study
from secondread.core.volume import Volume
from secondread.measure.lungs import Lungs, NoLungsError, find_lungs

LEAST_ML = 800.0  # of both lungs; less is no chest of an adult, or only its edge


def wanted(thickest_mm: float, *, soft: bool) -> Wanted:
    """A chest CT in axial slices, the thinnest first; where ``soft``, those with a soft kernel before all others."""
    prefer = _not_soft if soft else None
    return Wanted(
        "CT", "a chest CT", frozenset({"chest"}), planes=frozenset({"axial"}), thickest_mm=thickest_mm, prefer=prefer
    )


def _not_soft(series: Series) -> float:
    return float(series.facts is not None and series.facts.kernel == "sharp")


def select(
    study: Study,
    card: ModelCard,  # noqa: ARG001 - every reader takes it
    *,
    needs: Wanted,
) -> Series | Refusal:
    """The series that fits best."""
    return choose(study, needs)


def check(
    case: Case,
    gate: GateView | None,  # noqa: ARG001 - every reader takes it
    card: ModelCard,  # noqa: ARG001 - every reader takes it
    *,
    needs: Wanted,
) -> Refusal | tuple[str, ...]:
    """Refusal where the voxels show no chest in HU, or warnings. The lungs themselves are looked for later."""
    told = check_shows(case, "chest", needs)
    if isinstance(told, Refusal):
        return told
    age = case.clinical.age_years
    if age is None:
        return (*told, Warned("person", "The age is not known; the reader is meant for adults."))
    if age >= ADULT_YEARS:
        return told
    return (*told, Warned("person", f"Found a person of {age:.0f} years; the reader is meant for adults."))


def lungs_of(case: Case) -> tuple[Volume, Lungs] | Refusal:
    """The volume in HU and its lungs, or why there are none to read."""
    volume = case_in_hu(case).volume
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
        Warned(
            "missing-part",
            f"The scan ends within the lungs: what lies {ends[name]} it was not read, and volumes are too small.",
        )
        for name in lungs.cut
    )
    return (*lungs.warnings, *missing)
