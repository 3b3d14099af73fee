"""ASPECTS: how much of the territory of the middle cerebral artery shows early ischaemia on CT.

Source: Barber et al., Lancet 2000;355:1670. Regions and levels checked at doi:10.1155/2021/5935170 (figure 1) and
radiopaedia case 40018; that outcome is poorer below 7 at doi:10.3390/diagnostics16060822.
"""

from collections.abc import Collection
from dataclasses import dataclass

from secondread.core.ruling import Input, Ruling

GUIDELINE, EDITION, SOURCE = "ASPECTS", "Barber 2000", "doi:10.1016/S0140-6736(00)02237-6"
TERRITORY = "MCA"
POOR_BELOW = 7


@dataclass(frozen=True, slots=True)
class Region:
    """One of the ten regions.

    Attributes:
        code: As written in reports.
        name: In plain words.
        level: ``ganglionic`` or ``supraganglionic``.
    """

    code: str
    name: str
    level: str


REGIONS = (
    Region("C", "caudate nucleus", "ganglionic"),
    Region("L", "lentiform nucleus", "ganglionic"),
    Region("IC", "internal capsule", "ganglionic"),
    Region("I", "insular ribbon", "ganglionic"),
    Region("M1", "anterior cortex", "ganglionic"),
    Region("M2", "cortex lateral to the insula", "ganglionic"),
    Region("M3", "posterior cortex", "ganglionic"),
    Region("M4", "anterior cortex above M1", "supraganglionic"),
    Region("M5", "lateral cortex above M2", "supraganglionic"),
    Region("M6", "posterior cortex above M3", "supraganglionic"),
)
CODES = tuple(region.code for region in REGIONS)


def aspects(
    *, affected: Collection[str] | None, not_assessable: Collection[str] = (), territory: str | None = None
) -> Ruling:
    """Ten minus the regions of one side that show early ischaemia.

    Args:
        affected: Codes of the affected regions of one hemisphere; empty when none is; None when nobody looked.
        not_assessable: Codes of regions that could not be judged, e.g. behind an artefact.
        territory: Artery whose territory is ischaemic, ``MCA`` being the only one the score is made for.

    Raises:
        ValueError: If a code is unknown, or a region is both affected and not assessable.
    """
    seen, unseen = _codes("affected", affected or ()), _codes("not_assessable", not_assessable)
    if both := [code for code in seen if code in unseen]:
        raise ValueError(f"not_assessable: found {both}, which are affected too; needed one or the other")
    inputs: dict[str, Input] = {
        "affected": None if affected is None else ", ".join(seen),
        "not_assessable": ", ".join(unseen),
        "territory": territory,
    }
    score = len(REGIONS) - len(seen)
    reason = ""
    if territory not in (None, TERRITORY):
        reason = "not applicable: made for the territory of the MCA only"
    elif affected is None:
        reason = "not computable: affected is not known"
    elif unseen:
        span = f"the score lies between {score - len(unseen)} and {score}"
        reason = f"not computable: {', '.join(unseen)} not assessable; {span}"
    if reason:
        return Ruling(GUIDELINE, EDITION, SOURCE, inputs, reason=reason)
    advice = "below 7, where a poor outcome is more frequent" if score < POOR_BELOW else ""
    notes = ("requires review by a clinician", *_of_territory(territory))
    return Ruling(GUIDELINE, EDITION, SOURCE, inputs, score, "{score}", advice, notes)


def _codes(name: str, given: Collection[str]) -> tuple[str, ...]:
    """The codes, each once, in the order of the table."""
    if isinstance(given, str) or (unknown := sorted(set(given) - set(CODES))):
        found = given if isinstance(given, str) else unknown
        raise ValueError(f"{name}: found {found!r}; needed a collection of {', '.join(CODES)}")
    return tuple(code for code in CODES if code in given)


def _of_territory(territory: str | None) -> tuple[str, ...]:
    return () if territory else ("holds for the territory of the MCA only; the territory is not known here",)
