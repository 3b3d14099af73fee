"""Every rule and model for one lung nodule side by side: Fleischner or Lung-RADS by indication, Brock, Mayo and VA."""

from dataclasses import dataclass, replace

from secondread.core.clinical import Clinical
from secondread.core.ruling import Ruling
from secondread.guidelines.brock import Screened, brock
from secondread.guidelines.fleischner import Incidental, fleischner
from secondread.guidelines.lung_rads import Nodule, lung_rads
from secondread.guidelines.mayo import Solitary, mayo
from secondread.guidelines.va import va


@dataclass(frozen=True, slots=True)
class Seen:
    """A nodule as it was measured on a first CT; None is not known.

    Attributes:
        long_mm: Longest diameter in an axial slice.
        mean_mm: Mean of that and the short one.
        kind: ``solid``, ``part-solid`` or ``non-solid``.
        count: How many nodules the CT shows, this one included.
        volume_mm3: Its volume, where slices are thin enough for one.
        solid_part_mm: Mean diameter of the solid part of a part-solid nodule.
        spiculated: Whether its margin is spiculated.
        upper_lobe: Whether it lies in an upper lobe.
    """

    long_mm: float
    mean_mm: float
    kind: str
    count: int
    volume_mm3: float | None = None
    solid_part_mm: float | None = None
    spiculated: bool | None = None
    upper_lobe: bool | None = None


def rulings_of(nodule: Seen, known: Clinical) -> tuple[Ruling, ...]:
    """All rules that may hold; each names what it misses.

    Where the indication is not known, neither Fleischner nor Lung-RADS can be computed, and both say so.
    """
    asked = [] if known.indication == "screening" else [_fleischner]
    if known.indication in {None, "screening"}:
        asked.append(_lung_rads)
    return tuple(rule(nodule, known) for rule in (*asked, _brock, _mayo, _va))


def by_lobe(nodule: Seen, known: Clinical) -> tuple[str, ...]:
    """Where the lobe alone is missing: what the models say with it in an upper lobe and elsewhere."""
    told = []
    if nodule.upper_lobe is None:
        for model in (_brock, _mayo):
            upper, other = (model(replace(nodule, upper_lobe=lobe), known) for lobe in (True, False))
            if isinstance(upper.value, float) and isinstance(other.value, float):
                both = f"{upper.value:.1%} if it lies in an upper lobe, {other.value:.1%} if in another"
                told.append(f"{upper.guideline}: {both}.")
    return tuple(told)


def _screening(known: Clinical) -> bool | None:
    return None if known.indication is None else known.indication == "screening"


def _fleischner(nodule: Seen, known: Clinical) -> Ruling:
    return fleischner(
        Incidental(
            age_years=known.age_years,
            kind=nodule.kind,
            mean_diameter_mm=nodule.mean_mm,
            volume_mm3=nodule.volume_mm3,
            solid_part_mm=nodule.solid_part_mm,
            multiple=nodule.count > 1,
            high_risk=known.high_risk_for_lung_cancer,
            known_cancer=known.prior_cancer,
            immunosuppressed=known.immunosuppressed,
            screening=_screening(known),
        )
    )


def _lung_rads(nodule: Seen, known: Clinical) -> Ruling:
    return lung_rads(
        Nodule(
            screening=_screening(known),
            kind=nodule.kind,
            seen="baseline",
            mean_diameter_mm=nodule.mean_mm,
            solid_part_mm=nodule.solid_part_mm,
            suspicious=bool(nodule.spiculated),
        )
    )


def _brock(nodule: Seen, known: Clinical) -> Ruling:
    return brock(
        Screened(
            age_years=known.age_years,
            female=None if known.sex is None else known.sex == "F",
            family_history_of_lung_cancer=known.family_history_lung_cancer,
            emphysema=known.emphysema,
            longest_diameter_mm=nodule.long_mm,
            kind=nodule.kind,
            upper_lobe=nodule.upper_lobe,
            nodule_count=nodule.count,
            spiculation=nodule.spiculated,
            prior_cancer=known.prior_cancer,
        )
    )


def _mayo(nodule: Seen, known: Clinical) -> Ruling:
    return mayo(
        Solitary(
            age_years=known.age_years,
            ever_smoker=known.ever_smoker,
            extrathoracic_cancer_over_5_years_ago=known.extrathoracic_cancer_over_5_years_ago,
            diameter_mm=nodule.long_mm,
            spiculation=nodule.spiculated,
            upper_lobe=nodule.upper_lobe,
        )
    )


def _va(nodule: Seen, known: Clinical) -> Ruling:
    return va(
        age_years=known.age_years,
        ever_smoker=known.ever_smoker,
        diameter_mm=nodule.long_mm,
        years_since_quitting=known.years_since_quitting if known.ever_smoker else None,
    )
