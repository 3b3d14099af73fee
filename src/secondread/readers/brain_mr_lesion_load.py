"""Bright lesions of the brain on FLAIR: number, volume and place."""

import numpy as np

from secondread.accept.age import ADULT_YEARS
from secondread.accept.brain_mr import adult, flair
from secondread.core.card import ModelCard
from secondread.core.code import DCM, LOCAL, Code
from secondread.core.errors import GeometryError
from secondread.core.finding import Finding, Limit
from secondread.core.illustration import Illustration
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.method import method_card
from secondread.core.reader import Answer, Case, GateView, Networks, Reader, Standing
from secondread.core.report import Priority, Refusal
from secondread.core.ruling import Ruling
from secondread.core.study import Series, Study
from secondread.core.volume import Volume
from secondread.explain.outlined_planes import COLOURS, beside, outlined
from secondread.measure.brain_mr import Bools, BrainMr, brain_mr, ventricles
from secondread.measure.brain_mr_lesions import (
    JUXTACORTICAL_MM,
    LEAST_ML,
    PERIVENTRICULAR_MM,
    ZONES,
    Lesions,
    bright_lesions,
)
from secondread.prepare.shown import grey_window

NAME = "brain-mr-lesion-load"
# Source: DICOM PS3.16 Annex D.
LESIONS = Code(DCM, "110702", "White Matter T2 Hyperintensity")
ZONE_CODES = {
    "periventricular": Code(LOCAL, "wmh-periventr", "Bright lesions near the ventricles"),
    "deep": Code(LOCAL, "wmh-deep", "Bright lesions in the deep white matter"),
    "juxtacortical": Code(LOCAL, "wmh-juxtacort", "Bright lesions near the cortex"),
}
HOW = "voxels brighter than the brain's median by 2.5 robust standard deviations, parts of 0.05 mL and more"
WHERE = {
    "periventricular": f"within {PERIVENTRICULAR_MM:g} mm of the ventricles that were found",
    "deep": "neither near the ventricles nor near the surface",
    "juxtacortical": f"within {JUXTACORTICAL_MM:g} mm of the surface of the brain, and not near the ventricles",
}
NO_BRAIN = "Found no brain ({error}); needed the FLAIR of a whole head."
CHILDREN = "the white matter of a child is bright for other reasons"


def select(study: Study, card: ModelCard) -> Series | Refusal:  # noqa: ARG001 - the contract of a reader
    """The FLAIR series of the head."""
    return flair(study)


def check(case: Case, gate: GateView | None, card: ModelCard) -> Refusal | tuple[str, ...]:  # noqa: ARG001
    """Adults only; what was assumed is told."""
    return adult(case, CHILDREN)


def answer(case: Case, networks: Networks) -> Answer:  # noqa: ARG001 - no network is asked
    """Brain, ventricles, then everything bright between them."""
    volume = case.volume
    try:
        brain = brain_mr(volume)
    except GeometryError as error:
        return Answer(refusal=Refusal("content", NO_BRAIN.format(error=error), "Send the whole FLAIR of the head."))
    fluid = ventricles(brain)
    lesions = bright_lesions(brain, fluid)
    findings = (whole(lesions, brain, volume), *(of_zone(zone, lesions, fluid) for zone in ZONES))
    told = () if fluid.any() else ("No ventricles were found, so no lesion could be told to lie near them.",)
    return Answer(findings, told, illustrations=drawn(brain, lesions, fluid), window=grey_window(volume))


def whole(lesions: Lesions, brain: BrainMr, volume: Volume) -> Finding:
    """All lesions together."""
    total = float(sum(lesions.volumes_ml))
    numbers = [
        Measurement("volume of bright lesions", total, "mL", HOW),
        Measurement("number of bright lesions", float(len(lesions.volumes_ml)), "1", f"{HOW}, connected voxels"),
        Measurement("share of the brain", 100.0 * total / brain.brain_ml, "%", "of the brain with its fluid"),
    ]
    if lesions.volumes_ml:
        numbers.append(Measurement("volume of the largest", lesions.volumes_ml[0], "mL", HOW))
    mask = Mask(brain.to_source(lesions.inside), volume.geometry, LESIONS) if lesions.inside.any() else None
    return Finding(
        LESIONS,
        measurements=tuple(numbers),
        mask=mask,
        limit=Limit(LEAST_ML, "one lesion of 0.05 mL by the rule of this reader, which is our own"),
        rulings=(fazekas(),),
        notes=(
            "Bright on FLAIR may be gliosis, ischaemia, inflammation, oedema, tumour or artefact: the rule does not "
            "tell them apart, and nothing is said of what is usual for the age.",
            "Not looked at: within 4 mm of the surface and in the lowest 22 % of the brain's height.",
        ),
    )


def fazekas() -> Ruling:
    """Why no grade is given."""
    return Ruling(
        "Fazekas scale",
        "Fazekas 1987",
        "doi:10.2214/ajr.149.2.351",
        reason=(
            "not computable: caps, halos and confluence are graded by eye; volumes and distances do not give the grade"
        ),
    )


def of_zone(zone: str, lesions: Lesions, fluid: Bools) -> Finding:
    """Number and volume in one zone; a description."""
    count, volume_ml = lesions.of_zone(zone)
    where = WHERE[zone]
    notes = () if fluid.any() or zone == "juxtacortical" else ("The ventricles were not found.",)
    numbers = (
        Measurement(f"volume of {zone} lesions", volume_ml, "mL", f"{HOW}; {where}"),
        Measurement(f"number of {zone} lesions", float(count), "1", f"lesions {where}"),
    )
    return Finding(ZONE_CODES[zone], measurements=numbers, location=where, notes=notes)


def drawn(brain: BrainMr, lesions: Lesions, fluid: Bools) -> tuple[Illustration, ...]:
    """The four slices with most of the lesions."""
    if not lesions.inside.any():
        return ()
    area = lesions.inside.sum(axis=(1, 2))
    chosen = np.sort(np.argsort(-area, kind="stable")[: min(4, int((area > 0).sum()))])
    low, high = np.percentile(brain.values[brain.inside], (1.0, 99.8))
    shown_with = (float(low + high) / 2.0, max(float(high - low), 1e-6))
    planes = [
        outlined((brain.values[k], [(fluid[k], COLOURS[1]), (lesions.inside[k], COLOURS[0])]), shown_with)
        for k in chosen
    ]
    caption = "FLAIR, the patient's right on the left. Orange: what counts as bright; blue: the ventricles."
    return (Illustration("Bright lesions in four slices", beside(planes), caption),)


def priority(findings: tuple[Finding, ...]) -> Priority:  # noqa: ARG001 - whatever was found
    """Lesions of this kind are old or slow."""
    return Priority.ROUTINE


CARD = method_card(
    name=NAME,
    version="1.0.0",
    modalities=("MR",),
    intended_use=(
        "Counts and measures, for research, what is bright in the brain of an adult on a FLAIR series, and tells how "
        "far it lies from the ventricles and the surface. A physician reviews every outline."
    ),
    not_for=(
        "Diagnosis, or any decision without a physician.",
        "Telling what a lesion is, judging whether it is usual for the age, or a Fazekas grade.",
        "Children, tumours, brains after surgery, and series other than FLAIR.",
    ),
    method=(
        "The brain is found by a balloon that grows until it meets the dark rim (Smith 2002), the ventricles as dark "
        "spaces deep in it.",
        "A voxel counts when it is brighter than the brain's median by 2.5 robust standard deviations; parts below "
        "0.05 mL, the outer 4 mm and the lowest 22 % of the brain's height are left out.",
        "Lesions within 10 mm of the ventricles are periventricular, others within 8 mm of the surface juxtacortical.",
    ),
    limits=(
        "One level for the whole brain: uneven coils, motion and bright cortex make false lesions, faint ones escape.",
        "Half-filled voxels at the edge count: lesions of 5 mm came out up to a third too large on phantoms.",
        "Tried only on people with gliomas, which are bright too; no data of white-matter lesions were at hand.",
    ),
    sources=(
        "Smith SM. Fast robust automated brain extraction. Human Brain Mapping 2002; 17:143-155.",
        "Fazekas F et al. MR signal abnormalities at 1.5 T in Alzheimer's dementia and normal aging. AJR 149:351.",
    ),
    age_years=(ADULT_YEARS, 130.0),
    results={
        "Overlap with drawn masks of gliomas, a check only": "mean Dice 0.524 (0.397 to 0.646), 12 validation patients",
    },
)

READER = Reader(
    name=NAME,
    area="brain MR",
    question="How many bright lesions does this FLAIR show, how large are they together, and where do they lie?",
    standing=Standing("not validated", "a rule of our own; sizes on phantoms, overlap on 12 people with gliomas"),
    triage="Always routine.",
    bundles=(),
    select=select,
    check=check,
    answer=answer,
    priority=priority,
    method=CARD,
)
