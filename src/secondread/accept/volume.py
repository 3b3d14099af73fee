"""Which series of a study is the volume that a question needs, and why the others are not."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from secondread.accept.checks import Warned
from secondread.core.errors import short_uid
from secondread.core.facts import SeriesFacts
from secondread.core.report import Refusal
from secondread.core.study import Series, Study

UNTAGGED = frozenset({"nifti", "metaimage", "nrrd"})
FEWEST_SLICES = 3
UNEVEN = 1.05  # the largest distance of slices over the median from which on it is told as "up to"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question needs.

    Attributes:
        modality: ``CT`` or ``MR``.
        what: The same in words, e.g. ``a chest CT``.
        regions: Body parts of :data:`secondread.core.facts.REGIONS`, any of which will do.
        planes: Of :data:`secondread.core.facts.PLANES`; empty for any.
        sequences: Of :data:`secondread.core.facts.SEQUENCES`, in the order in which they are wanted; empty for any.
        thickest_mm: Largest distance between slices, or None for any.
        untagged: Whether a volume without tags may be meant; its content must then be checked.
        prefer: Of two that fit, the one with the smaller value is read; thin slices by default.
    """

    modality: str
    what: str
    regions: frozenset[str]
    planes: frozenset[str] = frozenset()
    sequences: tuple[str, ...] = ()
    thickest_mm: float | None = None
    untagged: bool = True
    prefer: Callable[[Series], float] | None = None


def choose(study: Study, wanted: Wanted) -> Series | Refusal:
    """The series that fits best, the same in every run; or the reason why the nearest one does not fit."""
    right = [series for series in study.series if _of_modality(series, wanted)]
    if not right:
        found = ", ".join(sorted({s.modality or f"no modality ({s.kind})" for s in study.series}))
        return Refusal(
            "modality",
            f"Found {found}; needed {wanted.what} ({wanted.modality}).",
            "Send that examination, or ask a reader for this one.",
        )
    reasons = [(series, why_not(series, wanted)) for series in right]
    fitting = [series for series, reason in reasons if reason is None]
    if fitting:
        return min(fitting, key=lambda series: _order(series, wanted))
    refusals = [reason for _, reason in reasons if reason is not None]
    return max(refusals, key=lambda refusal: _SEVERITY.index(refusal.reason))


# From the least to the most telling: a series of the right body part with thick slices is the one to speak of.
_SEVERITY = ("field-of-view", "processing", "body-part", "sequence", "view", "thickness")


def fitting(study: Study, wanted: Wanted) -> tuple[Series, ...]:
    """Every series that fits, the best first."""
    found = [s for s in study.series if _of_modality(s, wanted) and why_not(s, wanted) is None]
    return tuple(sorted(found, key=lambda series: _order(series, wanted)))


def why_not(series: Series, wanted: Wanted) -> Refusal | None:
    """Why a series of the right modality is not what is needed, as far as its tags say; None when it may be."""
    return next(_objections(series, series.facts or SeriesFacts(slices=FEWEST_SLICES), wanted), None)


def _objections(series: Series, facts: SeriesFacts, wanted: Wanted) -> Iterator[Refusal]:
    other = "Send that examination, or name another series."
    if facts.body_parts and not facts.disputed and not set(facts.body_parts) & wanted.regions:
        found = f"Found body part {', '.join(facts.body_parts)}; needed {wanted.what}."
        yield Refusal("body-part", found, other)
    if wanted.sequences and facts.sequence and facts.sequence not in wanted.sequences:
        yield Refusal("sequence", f"Found a {facts.sequence} series; needed {' or '.join(wanted.sequences)}.", other)
    if facts.origin in {"projection", "localizer"}:
        yield Refusal("processing", f"Found a {facts.origin}; needed the slices of {wanted.what}.", other)
    if series.kind == "dicom" and facts.slices < FEWEST_SLICES:
        found = f"Found {facts.slices} slice{'s' * (facts.slices > 1)}; needed the slices of {wanted.what}."
        yield Refusal("field-of-view", found, "Send the whole series.")
    if wanted.planes and facts.plane and facts.plane not in wanted.planes:
        yield Refusal("view", f"Found {facts.plane} slices; needed {' or '.join(sorted(wanted.planes))} ones.", other)
    step = facts.spacing_mm or facts.thickness_mm
    if wanted.thickest_mm is not None and step is not None and step > wanted.thickest_mm:
        widest = _widest_mm(facts)
        up_to = "up to " * (widest > UNEVEN * step)
        found = f"Found slices {up_to}{widest:g} mm apart; needed at most {wanted.thickest_mm:g} mm."
        skips = "Send the whole series: its instance numbers skip, slices may be missing."
        thick = "Send a thinner reconstruction of the same examination."
        yield Refusal("thickness", found, skips if facts.left_out else thick)


def _widest_mm(facts: SeriesFacts) -> float:
    """The largest distance of neighbouring slices, rounded up, so that it never reads as less than it is."""
    widest = max(facts.spacing_mm or facts.thickness_mm or 0.0, facts.widest_mm or 0.0)
    return math.ceil(round(widest * 100.0, 3)) / 100.0


def warnings(study: Study, series: Series, wanted: Wanted) -> tuple[str, ...]:
    """What a reviewer must know about the choice."""
    told: list[str] = []
    others = len(fitting(study, wanted)) - 1
    if others > 0:
        told.append(
            f"The study holds {others} more series that would do; only series {short_uid(series.uid)} was read."
        )
    if series.kind in UNTAGGED:
        found = "A volume without tags: modality and body part could not be checked, only what the voxels show."
        told.append(Warned("tags", found))
    elif series.facts is None or not series.facts.body_parts:
        told.append(Warned("body-part", "The tags do not state the body part; only what the voxels show was checked."))
    elif series.facts.disputed:
        told.append(Warned("tags", "The tags name different body parts in different places."))
    if series.facts is not None and series.facts.left_out:
        found = (
            f"Slices lie up to {_widest_mm(series.facts):g} mm apart, far more than they are thick, and their instance "
            "numbers skip: slices may be missing. What lies between was not read; send the whole series."
        )
        told.append(Warned("missing-part", found))
    return tuple(told)


def _of_modality(series: Series, wanted: Wanted) -> bool:
    return series.modality == wanted.modality or (wanted.untagged and not series.modality and series.kind in UNTAGGED)


def _order(series: Series, wanted: Wanted) -> tuple[float, bool, float, float, str]:
    """What series are sorted by: a stated distance of slices, and tags at all, come before none."""
    facts = series.facts or SeriesFacts(slices=FEWEST_SLICES)
    sequence = wanted.sequences.index(facts.sequence) if facts.sequence in wanted.sequences else len(wanted.sequences)
    preferred = wanted.prefer(series) if wanted.prefer is not None else 0.0
    step = facts.spacing_mm or facts.thickness_mm or math.inf
    return (
        float(sequence),
        series.kind in UNTAGGED,
        preferred,
        step,
        min(file.sop_instance_uid for file in series.files),
    )
