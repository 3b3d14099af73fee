"""Liver, spleen and kidneys on CT: volume, attenuation, fat in the liver, stones, and the phase of contrast."""

from dataclasses import dataclass

import numpy as np

from secondread.accept.ct_content import case_in_hu, check_shows
from secondread.accept.volume import Wanted, choose
from secondread.core.card import ModelCard
from secondread.core.code import LOCAL, SCT, Code
from secondread.core.finding import Finding, Limit
from secondread.core.illustration import Illustration
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.method import method_card
from secondread.core.reader import Answer, Case, GateView, Networks, Reader, Standing
from secondread.core.report import Priority, Refusal
from secondread.core.study import Series, Study
from secondread.core.volume import Volume
from secondread.explain.outlined_planes import COLOURS, NAMES, beside, outlined
from secondread.guidelines.steatosis import ct_grade
from secondread.measure.abdomen_organs import STEP_MM, Organs, organs
from secondread.measure.coarse_grid import CoarseGrid, coarse, on_source
from secondread.measure.contrast_phase import Phase, aorta_hu, phase_of, urine_ml
from secondread.measure.kidney_stones import Stone, hull, stones
from secondread.measure.organ_attenuation import attenuation, inner, noise_hu
from secondread.measure.organ_growth import Organ
from secondread.measure.vertebrae import column, patient
from secondread.prepare.shown import SOFT_TISSUE

NAME = "abdomen-ct"
# Source: SNOMED CT in pydicom's dictionary (CID 300 for the stone), and HL7 value set kidney-laterality for the sides.
ORGANS = {
    "liver": Code(SCT, "10200004", "Liver"),
    "spleen": Code(SCT, "78961009", "Spleen"),
    "right kidney": Code(SCT, "9846003", "Right kidney"),
    "left kidney": Code(SCT, "18639004", "Left kidney"),
}
STONE = Code(SCT, "386103008", "Renal stone")
FAT = Code(LOCAL, "liver-fat-ct", "Fat in the liver on CT")
PHASES = {
    "unenhanced": Code(LOCAL, "phase-unenhanced", "Contrast phase: unenhanced"),
    "arterial": Code(LOCAL, "phase-arterial", "Contrast phase: arterial"),
    "portal venous": Code(LOCAL, "phase-portal", "Contrast phase: portal venous"),
    "excretory": Code(LOCAL, "phase-excretory", "Contrast phase: excretory"),
    "unknown": Code(LOCAL, "phase-unknown", "Contrast phase: unknown"),
}
RIM_MM = {"liver": 6.0, "spleen": 6.0, "right kidney": 4.0, "left kidney": 4.0}
LIVER_LIMIT = Limit(
    48.0, "48 HU or less on unenhanced CT means 30 % fat or more (Pickhardt 2012, doi 10.1007/s00330-011-2349-2)", True
)
STONE_LIMIT = Limit(1.0, "one bright focus or more: above 130 HU with a peak of 200 HU, 5 mm or more inside a kidney")
STONE_THICKEST_MM, YOUNGEST_YEARS = 3.5, 15.0
DISAGREE_HU = 5.0
WANTED = Wanted("CT", "an abdominal CT", frozenset({"abdomen", "pelvis"}), thickest_mm=5.0)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was measured before it is put into words."""

    grid: CoarseGrid
    organs: Organs
    hu: dict[str, Measurement]
    aorta: float | None
    phase: Phase
    contrast: bool | None
    told: bool | None


def select(study: Study, card: ModelCard) -> Series | Refusal:  # noqa: ARG001 - every reader takes it
    """The thinnest series of the abdomen."""
    return choose(study, WANTED)


def check(
    case: Case,
    gate: GateView | None,  # noqa: ARG001 - every reader takes it
    card: ModelCard,  # noqa: ARG001 - every reader takes it
) -> Refusal | tuple[str, ...]:
    """Whether the patient is grown up and the voxels show an abdomen in HU."""
    age = case.clinical.age_years
    if age is not None and age < YOUNGEST_YEARS:
        found = (
            f"Found a patient of {age:.0f} years; needed {YOUNGEST_YEARS:g} or more: sizes and places are an adult's."
        )
        return Refusal("population", found, "Read it by eye.")
    return check_shows(case, "abdomen", WANTED)


def answer(case: Case, networks: Networks) -> Answer:  # noqa: ARG001 - every reader takes them
    """Find the organs, measure them, and say what follows."""
    case = case_in_hu(case)
    grid = coarse(case.volume, STEP_MM)
    body = patient(grid)
    spine = column(grid, body)
    if spine is None:
        found = "Found no vertebral column of 6 cm; needed one, because the organs are found by their place beside it."
        return Answer(refusal=Refusal("content", found, "Send axial slices of the whole trunk."))
    outlines = organs(grid, body, spine)
    if not outlines.found:
        why = "; ".join(f"{name}: {reason}" for name, reason in outlines.reasons.items())
        return Answer(
            refusal=Refusal(
                "content", f"Found none of liver, spleen and kidneys; needed one. {why}.", "Read it by eye."
            )
        )
    seen = _seen(case, grid, outlines, aorta_hu(grid, spine))
    findings = (_stones(case, seen), _fat(case.volume, seen), _phase(seen), *_organs(case.volume, seen))
    return Answer(findings, _warnings(seen), illustrations=(_picture(seen),), window=SOFT_TISSUE)


def _seen(case: Case, grid: CoarseGrid, outlines: Organs, aorta: float | None) -> Seen:
    hu = {}
    for name, organ in outlines.found.items():
        measured = attenuation(name, organ.inside, grid, RIM_MM[name])
        if measured is not None:
            hu[name] = measured
    values = {name: m.value for name, m in hu.items()}
    kidneys = [name for name in outlines.found if "kidney" in name]
    urine = sum(urine_ml(grid, hull(outlines.found[name].inside, grid)) for name in kidneys)
    phase = phase_of(
        aorta=aorta,
        liver=values.get("liver"),
        spleen=values.get("spleen"),
        kidneys=tuple(values[name] for name in kidneys if name in values),
        urine=urine,
    )
    facts = case.series[0].facts
    told = None if facts is None else facts.contrast
    contrast = told if phase.contrast is None or told else phase.contrast
    return Seen(grid, outlines, hu, aorta, phase, contrast, told)


def _warnings(seen: Seen) -> tuple[str, ...]:
    told = []
    if seen.told is not None and seen.phase.contrast is not None and seen.told != seen.phase.contrast:
        words = {True: "that contrast medium was given", False: "that none was given"}
        told.append(f"The tags say {words[seen.told]}, and the pixels look {seen.phase.name}. {seen.phase.why}")
    told.extend(f"The {name} was not measured: {reason}." for name, reason in seen.organs.reasons.items())
    return tuple(told)


def _stones(case: Case, seen: Seen) -> Finding:
    kidneys = {name: organ for name, organ in seen.organs.found.items() if "kidney" in name}
    if not kidneys:
        return Finding(STONE, notes=("Not looked for: no kidney was outlined.",))
    if seen.contrast is not False:
        why = "contrast medium is as bright as stones" if seen.contrast else "whether contrast was given is not known"
        return Finding(STONE, notes=(f"Not looked for: {why}.",))
    found = {name: _stones_of(case.volume, seen, name, organ) for name, organ in kidneys.items()}
    notes = [
        f"{name.capitalize()}, {stone.place} third: {stone.longest_mm:.0f} mm, {stone.volume_mm3:.0f} mm3, "
        f"peak {stone.peak_hu:.0f} HU."
        for name, those in found.items()
        for stone in those
    ]
    missing = [name for name in ("right kidney", "left kidney") if name not in kidneys]
    notes += [f"Not looked for in the {name}, which was not outlined." for name in missing]
    notes.append("Calcified vessels and parenchyma look the same to this rule; ureters and bladder were not searched.")
    step = case.volume.geometry.spacing_mm
    if max(step) > STONE_THICKEST_MM:
        notes.append(f"Voxels of up to {max(step):.1f} mm: small stones vanish in them.")
    return _stone_finding(case.volume, found, tuple(notes[-12:]))


def _stones_of(volume: Volume, seen: Seen, name: str, organ: Organ) -> tuple[Stone, ...]:
    within = on_source(hull(organ.inside, seen.grid), seen.grid)
    core = on_source(inner(organ.inside, seen.grid, RIM_MM[name]), seen.grid)
    hu = seen.hu[name].value if name in seen.hu else organ.centre_hu
    return stones(volume.values, volume.geometry, within, kidney_hu=hu, noise_hu=noise_hu(core, volume.values))


def _stone_finding(volume: Volume, found: dict[str, tuple[Stone, ...]], notes: tuple[str, ...]) -> Finding:
    everything = [(name, stone) for name, those in found.items() for stone in those]
    count = Measurement(
        "bright foci in the kidneys", float(len(everything)), "1", "connected voxels above 130 HU, peak 200 HU or more"
    )
    if not everything:
        return Finding(STONE, measurements=(count,), limit=STONE_LIMIT, notes=("No bright focus was found.", *notes))
    _, largest = max(everything, key=lambda pair: pair[1].longest_mm)
    how = "longest distance between voxel edges above half the way from kidney to peak"
    size = Measurement("longest diameter of the largest focus", largest.longest_mm, "mm", how)
    peak = Measurement("brightest voxel of the largest focus", largest.peak_hu, "[hnsf'U]", "maximum")
    inside = np.any([stone.inside for _, stone in everything], axis=0)
    sides = [f"{name} {len(those)}" for name, those in found.items() if those]
    return Finding(
        STONE,
        location=", ".join(sides),
        measurements=(count, size, peak),
        mask=Mask(inside, volume.geometry, STONE),
        limit=STONE_LIMIT,
        notes=notes,
    )


def _fat(volume: Volume, seen: Seen) -> Finding:
    liver, spleen = seen.hu.get("liver"), seen.hu.get("spleen")
    ruling = ct_grade(
        liver_hu=None if liver is None else liver.value,
        spleen_hu=None if spleen is None else spleen.value,
        contrast=seen.contrast,
    )
    notes, disagree = [], False
    if seen.contrast is False and seen.told is None:
        notes.append("That no contrast was given is read from the pixels; the tags do not say.")
    if liver is not None and spleen is not None and seen.contrast is False:
        above = liver.value - spleen.value
        disagree = liver.value <= LIVER_LIMIT.value and above >= DISAGREE_HU
        if disagree:
            notes.append(
                f"The rules disagree: the liver is below the limit, and {above:.0f} HU brighter than the spleen, which "
                "speaks against fat, so no call is made. The HU of this scanner may be low; check them on water."
            )
    if liver is None:
        return Finding(FAT, rulings=(ruling,), notes=("The liver was not measured.", *notes))
    measured = (liver,) if spleen is None else (liver, spleen)
    limit = LIVER_LIMIT if seen.contrast is False and not disagree else None
    mask = Mask(on_source(seen.organs.found["liver"].inside, seen.grid), volume.geometry, ORGANS["liver"])
    return Finding(
        FAT, location="liver", measurements=measured, rulings=(ruling,), limit=limit, mask=mask, notes=tuple(notes)
    )


def _phase(seen: Seen) -> Finding:
    said = {True: "contrast medium was given", False: "no contrast medium was given", None: "nothing about contrast"}
    notes = (
        f"By the pixels: {seen.phase.name}. {seen.phase.why}",
        f"The tags say: {said[seen.told]}.",
    )
    how = "median of the most even disc before the spine in each slice"
    blood = () if seen.aorta is None else (Measurement("attenuation of the aorta", seen.aorta, "[hnsf'U]", how),)
    return Finding(PHASES[seen.phase.name], measurements=(*blood, *seen.hu.values()), notes=notes)


def _organs(volume: Volume, seen: Seen) -> tuple[Finding, ...]:
    findings = []
    for name, code in ORGANS.items():
        organ = seen.organs.found.get(name)
        if organ is None:
            findings.append(Finding(code, notes=(f"Not measured: {seen.organs.reasons[name]}.",)))
            continue
        mask = Mask(on_source(organ.inside, seen.grid), volume.geometry, code)
        part = f"volume of the shown part of the {name}" if organ.cut else f"volume of the {name}"
        size = Measurement(part, mask.volume_ml, "mL", "voxels of the outline times the volume of one")
        numbers = (size, seen.hu[name]) if name in seen.hu else (size,)
        notes = ("The scan cuts it: a part is missing from the volume.",) if organ.cut else ()
        findings.append(Finding(code, location=name, measurements=numbers, mask=mask, notes=notes))
    return tuple(findings)


def _picture(seen: Seen) -> Illustration:
    """An axial and a coronal plane through most of the organs."""
    found = seen.organs.found
    colours = {name: COLOURS[n] for n, name in enumerate(ORGANS)}
    share = np.sum([organ.inside / float(organ.inside.sum()) for organ in found.values()], axis=0)
    k, j = int(np.argmax(share.sum(axis=(1, 2)))), int(np.argmax(share.sum(axis=(0, 2))))
    axial = [(organ.inside[k], colours[name]) for name, organ in found.items()]
    coronal = [(organ.inside[::-1, j], colours[name]) for name, organ in found.items()]
    planes = ((seen.grid.values[k], axial), (seen.grid.values[::-1, j], coronal))
    words = ", ".join(f"{name} {NAMES[n]}" for n, name in enumerate(ORGANS) if name in found)
    return Illustration(
        "Outlined organs",
        beside([outlined(plane, SOFT_TISSUE, 3) for plane in planes]),
        f"An axial slice and a coronal one, the patient's right on the left: {words}. On steps of {STEP_MM:g} mm.",
    )


def priority(findings: tuple[Finding, ...]) -> Priority:  # noqa: ARG001 - every reader takes them
    """Routine: volumes, fat and stones in the kidney are no emergency by themselves."""
    return Priority.ROUTINE


METHOD = method_card(
    name=NAME,
    version="1.0.0",
    modalities=("CT",),
    intended_use=(
        "Research: outlines of liver, spleen and kidneys on CT of adults, with volume and attenuation, a check of the "
        "contrast phase, the published limits for fat in the liver on unenhanced CT, and bright foci in the kidneys."
    ),
    not_for=(
        "Diagnosis, or ruling anything out: masses, cysts, injuries, abscesses and stones in ureter or bladder are not "
        "looked for.",
        "Children, pregnancy, transplanted, absent, ectopic, horseshoe and polycystic kidneys, organs after surgery.",
        "Planning of surgery or radiotherapy.",
    ),
    method=(
        "No network. The scan is averaged onto steps of 3 mm and turned upright; the spinal canal is followed by bone.",
        "The liver grows from the deepest even soft tissue right of the spine over voxels of its attenuation; what "
        "hangs on by less than 15 mm, aorta and vena cava are cut off.",
        "A kidney grows from where an upright ellipsoid of soft tissue with fat around it fits best beside the spine.",
        "The spleen grows from the compact piece of even attenuation far left whose size and place fit best.",
        "What has not the size, place or evenness of the organ is told as not measured.",
        "Attenuation is the median more than 6 mm (kidneys 4 mm) inside. The phase follows from aorta, kidneys and "
        "liver by a rule with fixed limits. Stones and limits for fat are answered on unenhanced CT only.",
    ),
    limits=(
        "Tried on one torso CT (its upper 9 cm are labelled, by a network) and one chest CT, and developed on them.",
        "Stomach or bowel that touches an organ and is as bright may be outlined with it; ascites was never seen.",
        "Large tumours, cysts and cirrhosis change attenuation and shape: the outline then is wrong or refused.",
        "A liver of nearly the attenuation of the kidney behind it, as a fat one has, may take a part of it.",
        "Not tried on any real CT with contrast medium.",
        "A scanner whose HU are off shifts every limit.",
    ),
    sources=(
        "Pickhardt PJ et al., Eur Radiol 2012, doi 10.1007/s00330-011-2349-2 (48 HU)",
        "radiopaedia.org, late arterial phase (aorta 290 to 360 HU)",
        "PMC7197256; doi 10.1089/end.2017.0787 (automatic diameters of stones)",
        "Example CT and labels of TotalSegmentator, Apache-2.0 (Wasserthal J et al., Radiol Artif Intell 2023)",
    ),
    results={
        "Dice with a network's labels, one CT, 9 cm of it, the CT it was developed on": (
            "liver 0.92, spleen 0.90, right kidney 0.85, left kidney 0.90 (n = 1, no interval)"
        ),
        "The same on that CT turned, stretched, bent and noisier, 10 times, lowest to highest": (
            "liver 0.89 to 0.92, spleen 0.82 to 0.89, right kidney 0.79 to 0.83, left kidney 0.84 to 0.86"
        ),
        "Volumes of 9 phantoms, found less true": "liver -5 to -2 %, spleen -15 to -1 %, kidneys -12 to -4 %",
        "Stones of 3, 5 and 8 mm in phantoms, found less true": "0.5 to 1.5 mm too long (n = 9)",
    },
    age_years=(15.0, 120.0),
)

READER = Reader(
    name=NAME,
    area="abdominal CT",
    question="How large and how dense are liver, spleen and kidneys on this CT, is there fat or a kidney stone?",
    standing=Standing("not validated", "one CT with a network's labels, on which it was developed, and phantoms"),
    triage="Always routine: volumes, fat in the liver and stones in the kidney are no emergency by themselves.",
    bundles=(),
    method=METHOD,
    select=select,
    check=check,
    answer=answer,
    priority=priority,
)
