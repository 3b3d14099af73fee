"""Signs of ischaemia on unenhanced head CT, by comparing left with right: ASPECTS, a dense artery, dark regions."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from secondread.accept import head_ct
from secondread.core.card import ModelCard
from secondread.core.code import LOCAL, SCT, Code
from secondread.core.finding import Finding, Limit
from secondread.core.illustration import Illustration
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.method import method_card
from secondread.core.reader import Answer, Case, GateView, Networks, Reader, Standing
from secondread.core.report import Priority, Refusal
from secondread.explain.outlined_planes import COLOURS, beside, outlined
from secondread.guidelines.aspects import REGIONS, aspects
from secondread.measure.head import Bools, Head, noise_hu, tissue_hu
from secondread.measure.head_aspects import LEVELS_MM, LOWER_HU, Compared, compared, template
from secondread.measure.head_dense_vessel import DENSE_HU, RATIO, THICKEST_MM, Vessels, vessels_of
from secondread.measure.head_hypodense import LEAST_ML, Dark, dark_regions
from secondread.measure.head_place import place_of
from secondread.measure.head_symmetry import HALF_WIDTH_MM, Frame, Straight, frame_of, straight_of

NAME = "head-ct-ischaemia"
WANTED = head_ct.wanted("an unenhanced head CT", 6.0)
SHOWN_WITH = (35.0, 40.0)  # a narrow window, in which small differences of brain are seen
REGIONAL = Code(LOCAL, "ct-mca-lower", "Regions of the middle cerebral artery lower than the other side")
VESSEL = Code(LOCAL, "dense-mca", "Hyperdense middle cerebral artery, by rule")
# Source: SNOMED CT as in the OHDSI vocabularies.
INFARCT = Code(SCT, "432504007", "Cerebral infarction")
DARK = Code(LOCAL, "dark-region", "Region of brain darker than its mirror image")
NOT_VALIDATED = "Not validated on people: a rule that compares left with right, not a reading of the examination."
MOST_DARK = 4
TRIAGE = (
    "Urgent where a region or the artery differs between the sides or a dark region is found, else routine; never "
    "critical, because nothing of it is validated."
)
REGION_NAMES = {region.code: region.name for region in REGIONS}


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was measured before it is put into words."""

    head: Head
    frame: Frame
    straight: Straight
    brain_hu: float
    boxes: dict[str, Bools]
    regions: tuple[Compared, ...]
    dark: tuple[Dark, ...]
    vessels: Vessels | None


def check(
    case: Case,
    gate: GateView | None,
    card: ModelCard,
) -> Refusal | tuple[str, ...]:
    """Whether it is an adult's head in HU."""
    verdict = head_ct.check(case, gate, card, needs=WANTED)
    return verdict if isinstance(verdict, Refusal) else (*verdict, NOT_VALIDATED)


def answer(case: Case, networks: Networks) -> Answer:  # noqa: ARG001 - every reader takes them
    """Lay the head straight and compare its sides."""
    head = head_ct.head_or_refusal(case.volume)
    if isinstance(head, Refusal):
        return Answer(refusal=head)
    frame = frame_of(head)
    if frame is None:
        found = "Found no closed skull in the upper part of the head; needed one to compare left with right."
        return Answer(refusal=Refusal("content", found, "Send axial slices of the whole head."))
    straight, brain = straight_of(head, frame), tissue_hu(head)
    boxes = template(straight)
    regions = compared(straight, boxes, brain, noise_hu(head))
    thin = head.spacing_mm[0] <= THICKEST_MM
    vessels = vessels_of(straight) if thin else None
    seen = Seen(head, frame, straight, brain, boxes, regions, dark_regions(straight, brain), vessels)
    findings = (*_sides(case, seen), _vessel(seen), *_dark(case, seen))
    return Answer(findings, head_ct.cut_warnings(head), illustrations=(_picture(seen),), window=SHOWN_WITH)


def _sides(case: Case, seen: Seen) -> list[Finding]:
    """A finding for each side that is lower somewhere, the one with more regions first; else one without a side."""
    by_side = {side: [r for r in seen.regions if r.lower == side] for side in ("left", "right")}
    unseen = [r.code for r in seen.regions if r.left_hu is None]
    sides = sorted((side for side in by_side if by_side[side]), key=lambda side: -len(by_side[side]))
    if not sides:
        ruling = aspects(affected=(), not_assessable=unseen)
        count = _count(0)
        notes = (f"No region is lower than its mirror image by {LOWER_HU:g} HU and 4 standard errors.", *_notes(seen))
        return [Finding(REGIONAL, measurements=(count,), limit=_limit(), rulings=(ruling,), notes=notes)]
    return [_side(case, seen, side, by_side[side], unseen) for side in sides]


def _side(case: Case, seen: Seen, side: str, lower: list[Compared], unseen: list[str]) -> Finding:
    codes = [region.code for region in lower]
    half = np.arange(seen.straight.values.shape[2]) - HALF_WIDTH_MM
    there = half > 0 if side == "left" else half < 0
    inside = np.any(np.stack([seen.boxes[code] for code in codes]), axis=0) & there
    mask = Mask(seen.head.to_source(seen.straight.to_head(inside, seen.head)), case.volume.geometry, REGIONAL)
    differences = tuple(
        Measurement(
            f"{region.code}, {REGION_NAMES[region.code]}: less than the other side",
            abs(float(region.left_hu or 0.0) - float(region.right_hu or 0.0)),
            "[hnsf'U]",
            "difference of the means of brain-like voxels in mirrored boxes of a template",
            1.96 * region.error_hu,
        )
        for region in lower
    )
    return Finding(
        REGIONAL,
        location=f"{side}: {', '.join(codes)}",
        measurements=(_count(len(lower)), *differences),
        mask=mask,
        limit=_limit(),
        rulings=(aspects(affected=codes, not_assessable=unseen),),
        notes=(f"Lower by {LOWER_HU:g} HU and 4 standard errors or more: {', '.join(codes)}.", *_notes(seen)),
    )


def _count(number: int) -> Measurement:
    return Measurement("regions lower than the other side", float(number), "1", "count of ten regions of a template")


def _limit() -> Limit:
    return Limit(1.0, "one region or more; a rule of our own, not validated")


def _notes(seen: Seen) -> tuple[str, ...]:
    told = [NOT_VALIDATED]
    unseen = [region.code for region in seen.regions if region.left_hu is None]
    if unseen:
        told.append(f"Not compared, as too little brain is shown on a side: {', '.join(unseen)}.")
    if any(dark.fluid_like for dark in seen.dark):
        told.append("An old loss of tissue is seen; regions beside it may be lower for that reason.")
    told.append("The boxes are placed by the skull, not by the person's anatomy; see the picture.")
    return tuple(told)


def _vessel(seen: Seen) -> Finding:
    """The ratio of both arteries, or that it was not looked for."""
    if seen.vessels is None:
        why = (
            f"Not looked for: slices are {seen.head.spacing_mm[0]:.1f} mm apart; {THICKEST_MM:g} mm or less are needed."
            if seen.head.spacing_mm[0] > THICKEST_MM
            else "Not looked for: the place of the artery is not shown."
        )
        return Finding(VESSEL, notes=(why, NOT_VALIDATED))
    how = "densest 40 mm3 of a box below the basal ganglia, away from bone"
    pair = seen.vessels
    ratio = Measurement("denser over less dense artery", pair.ratio, "1", how)
    sides = tuple(
        Measurement(f"{side} middle cerebral artery", value, "[hnsf'U]", how)
        for side, value in (("left", pair.left_hu), ("right", pair.right_hu))
    )
    dense = max(pair.left_hu, pair.right_hu) > DENSE_HU
    rule = f"a ratio above {RATIO:g} with more than {DENSE_HU:g} HU (Koo 2000, Cerebrovasc Dis 10:419)"
    limit = Limit(float(np.nextafter(RATIO, 2.0)), rule) if dense else None
    notes = (f"The rule asks for {rule}.", NOT_VALIDATED)
    return Finding(VESSEL, location=pair.denser, measurements=(ratio, *sides), limit=limit, notes=notes)


def _dark(case: Case, seen: Seen) -> list[Finding]:
    """Dark regions; one negative finding where there is none."""
    if not seen.dark:
        volume = Measurement("volume of dark regions", 0.0, "mL", "none was found by the rule")
        notes = (f"No region of {LEAST_ML:g} mL is darker than its mirror image by the rule.", NOT_VALIDATED)
        return [Finding(INFARCT, measurements=(volume,), limit=_dark_limit(), notes=notes)]
    return [_dark_finding(case, seen, one) for one in seen.dark[:MOST_DARK]]


def _dark_finding(case: Case, seen: Seen, dark: Dark) -> Finding:
    code = INFARCT if dark.fluid_like else DARK
    inside = seen.straight.to_head(dark.inside, seen.head)
    mask = Mask(seen.head.to_source(inside), case.volume.geometry, code)
    volume = Measurement("volume of the dark region", mask.volume_ml, "mL", "count of voxels")
    mean = Measurement("mean attenuation", dark.mean_hu, "[hnsf'U]", "mean of the outlined voxels")
    age = (
        "As dark as fluid: an old infarct, or another old loss of tissue or a cyst."
        if dark.fluid_like
        else "Darker than brain but not like fluid: swelling, an infarct of days to weeks, a tumour or an old one."
    )
    return Finding(
        code,
        location=place_of(seen.head, seen.frame, inside),
        measurements=(volume, mean),
        mask=mask,
        limit=_dark_limit(),
        notes=(age, NOT_VALIDATED),
    )


def _dark_limit() -> Limit:
    return Limit(LEAST_ML, f"{LEAST_ML:g} mL or more; a rule of our own, not validated")


def _picture(seen: Seen) -> Illustration:
    """Both levels of the template on the head laid straight, with lower regions and dark regions."""
    lower = {region.code: region.lower for region in seen.regions}
    half = np.arange(seen.straight.values.shape[2]) - HALF_WIDTH_MM
    levels = {code: int(box.any(axis=(1, 2)).argmax()) for code, box in seen.boxes.items() if box.any()}
    pictures = []
    for code in ("L", "M5"):
        if code not in levels:
            continue
        k = levels[code] + int(seen.boxes[code].any(axis=(1, 2)).sum() // 2)
        drawn = [(box[k], COLOURS[1]) for box in seen.boxes.values() if box[k].any()]
        for one, box in seen.boxes.items():
            if lower.get(one):
                drawn.append((box[k] & ((half > 0) if lower[one] == "left" else (half < 0)), COLOURS[4]))
        drawn += [(dark.inside[k], COLOURS[3]) for dark in seen.dark if dark.inside[k].any()]
        pictures.append(outlined((seen.straight.values[k], drawn), SHOWN_WITH, times=2))
    caption = (
        "The head laid straight at the two levels of the template, the patient's right on the left of the picture. Sky "
        "blue: regions that were compared. Vermilion: lower than the other side. Yellow: dark regions."
    )
    return Illustration("Regions compared", beside(pictures) if pictures else np.zeros((8, 8, 3), np.uint8), caption)


def priority(findings: tuple[Finding, ...]) -> Priority:
    """As :data:`TRIAGE` says."""
    return Priority.URGENT if any(finding.positive for finding in findings) else Priority.ROUTINE


METHOD = method_card(
    name=NAME,
    version="1.0.0",
    modalities=("CT",),
    intended_use=(
        "A comparison of left with right, for research, that points at places of an adult's unenhanced head CT where a "
        "physician may look for ischaemia. A physician reviews every answer. Not validated."
    ),
    not_for=(
        "Diagnosis, or any decision without a physician; above all not for or against treatment of a stroke.",
        "Saying that there is no ischaemia: early signs are smaller than what it can tell.",
        "Changes on both sides, the back of the brain, brain stem and cerebellum.",
        "CT with contrast medium, bone kernels, children, and heads after an operation.",
    ),
    method=(
        "The skull's plane of symmetry is found from its inner table, also in turned and leaning heads, and the head "
        "is laid straight.",
        f"Ten regions of ASPECTS are boxes placed by the skull's inside at {LEVELS_MM['ganglionic']:g} and "
        f"{LEVELS_MM['supraganglionic']:g} mm below its top (in a skull 135 mm wide). Means of brain-like voxels are "
        f"compared; a region is lower at {LOWER_HU:g} HU and 4 standard errors of the noise.",
        "On slices of at most 3 mm the densest 40 mm3 of a box below the basal ganglia stand for the middle cerebral "
        "artery.",
        "Regions darker than brain by 8 HU and than their mirror image by 7 HU are outlined from 2 mL on.",
    ),
    limits=(
        "Not validated: it was tried on phantoms, and looked at on one person with an old infarct.",
        "The template follows no anatomy of the person; its boxes hold parts of their neighbours.",
        "Wide fissures, asymmetric skulls and streaks of bone make differences that are no ischaemia.",
        "No normal spread of differences between sides was measured for it.",
    ),
    sources=(
        "Barber et al., Lancet 2000;355:1670, doi:10.1016/S0140-6736(00)02237-6 (ASPECTS)",
        "Koo, Teasdale and Muir, Cerebrovasc Dis 2000;10:419 (hyperdense artery)",
    ),
    results={},
)

READER = Reader(
    name=NAME,
    area="head CT",
    question="Is brain darker, or an artery denser, on one side of this unenhanced head CT, as in ischaemia?",
    standing=Standing("not validated", "phantoms only"),
    triage=TRIAGE,
    bundles=(),
    select=partial(head_ct.select, needs=WANTED),
    check=check,
    answer=answer,
    priority=priority,
    method=METHOD,
)
