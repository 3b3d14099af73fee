"""Lungs and airway on chest CT: outlines, volumes by side and third, and the share of emphysema by number."""

from functools import partial

import numpy as np

from secondread.accept import chest_ct
from secondread.core.code import LOCAL, SCT, Code
from secondread.core.finding import Finding, Limit
from secondread.core.illustration import Illustration
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.method import method_card
from secondread.core.reader import Answer, Case, Networks, Reader, Standing
from secondread.core.report import Priority, Refusal
from secondread.core.volume import Volume
from secondread.explain.lung_planes import coronal
from secondread.guidelines.emphysema import extent
from secondread.measure.emphysema import THICKEST_MM, Acquisition, Emphysema, measure_emphysema
from secondread.measure.lungs import SIDES, THIRDS, Lungs
from secondread.measure.opacities import INSPIRED_HU, usual_hu
from secondread.prepare.shown import LUNG

NAME = "chest-ct-lungs"
# Source: SNOMED CT in pydicom's dictionary: lung, trachea.
LUNG_CODE, TRACHEA = Code(SCT, "39607008", "Lung"), Code(SCT, "44567001", "Trachea")
LUNGS = {
    "right": Code(LOCAL, "right-lung", "Right lung with its vessels"),
    "left": Code(LOCAL, "left-lung", "Left lung with its vessels"),
}
LOW_AREA = Code(LOCAL, "low-attenuation", "Low attenuation area of the lungs (emphysema by number)")
LIMIT = Limit(
    5.0, "5 % or more of the lung below -950 HU is emphysema by number (Amaza 2021, doi 10.2147/COPD.S284477)"
)
WANTED = chest_ct.wanted(10.0, soft=True)
BY_VOXELS = "voxels of the outline times the volume of one"


def answer(case: Case, networks: Networks) -> Answer:  # noqa: ARG001 - every reader takes them
    """Outline, measure, and say what limits it."""
    found = chest_ct.lungs_of(case)
    if isinstance(found, Refusal):
        return Answer(refusal=found)
    volume, lungs = found
    taken, usual = acquisition(case, volume, lungs)
    both = Mask(lungs.both, volume.geometry, LUNG_CODE)
    airway = Mask(lungs.airway, volume.geometry, TRACHEA) if lungs.airway.any() else None
    measured = measure_emphysema(volume, both, airway, taken)
    findings = (
        _emphysema(volume, lungs, measured, taken),
        *(_lung(lungs, side) for side in SIDES),
        *([] if airway is None else [_airway(airway)]),
    )
    told = [*chest_ct.cut_warnings(lungs), *(f"{text[0].upper()}{text[1:]}." for text in measured.warnings)]
    if usual > INSPIRED_HU:
        told.append(f"Most of the lung measures {usual:.0f} HU, denser than after a deep breath; volumes are smaller.")
    return Answer(findings, tuple(told), illustrations=(_picture(volume, lungs),), window=LUNG)


def acquisition(case: Case, volume: Volume, lungs: Lungs) -> tuple[Acquisition, float]:
    """How the scan was taken, as far as tags and voxels tell, and the usual attenuation of the lung."""
    facts = case.series[0].facts
    usual = usual_hu(volume, lungs)
    taken = Acquisition(
        slice_thickness_mm=None if facts is None else facts.thickness_mm,
        sharp_kernel=None if facts is None or facts.kernel == "unknown" else facts.kernel == "sharp",
        inspiration=False if usual > INSPIRED_HU else None,
        contrast=None if facts is None else facts.contrast,
    )
    return taken, usual


def _emphysema(volume: Volume, lungs: Lungs, measured: Emphysema, taken: Acquisition) -> Finding:
    """The share of low attenuation; a call only where thickness and kernel allow one."""
    thickness = taken.slice_thickness_mm
    usable = thickness is not None and thickness <= THICKEST_MM and taken.sharp_kernel is False
    usable = usable and taken.inspiration is not False and taken.contrast is not True
    low = lungs.both & ~lungs.airway & (volume.values < -950.0)
    notes = [_by_third(volume, lungs)]
    if not usable:
        notes.append(
            "No call is made from this share: it needs slices of 1.5 mm or less, a soft kernel, a deep breath and no "
            "contrast medium, and the tags do not say that all of them hold."
        )
    return Finding(
        LOW_AREA,
        location="both lungs",
        measurements=(measured.laa950, measured.perc15),
        mask=Mask(low, volume.geometry, LOW_AREA) if low.any() else None,
        limit=LIMIT if usable else None,
        rulings=(extent(laa950_percent=measured.laa950.value, inspiration=taken.inspiration),),
        notes=tuple(notes),
    )


def _by_third(volume: Volume, lungs: Lungs) -> str:
    """The share of low attenuation of each third."""
    parts = []
    for side in SIDES:
        if not lungs.side(side).any():
            continue
        for third in THIRDS:
            hu = volume.values[lungs.third(side, third) & ~lungs.airway]
            if hu.size:
                parts.append(f"{side} {third} {100.0 * float(np.mean(hu < -950.0)):.1f} %")
    return f"Share below -950 HU by thirds of the height of each lung: {', '.join(parts)}."


def _lung(lungs: Lungs, side: str) -> Finding:
    """Volume of one lung and of its thirds, or that it was not found."""
    if not lungs.side(side).any():
        text = f"No air-filled {side} lung was found: it may have been removed, be airless, or lie outside the picture."
        return Finding(LUNGS[side], location=f"{side} side", notes=(text,))
    voxel_ml = lungs.geometry.voxel_volume_mm3 / 1000.0
    thirds = tuple(
        Measurement(f"volume of the {third} third", float(lungs.third(side, third).sum()) * voxel_ml, "mL", BY_VOXELS)
        for third in THIRDS
    )
    whole = Measurement(f"volume of the {side} lung", lungs.volume_ml(side), "mL", BY_VOXELS)
    return Finding(
        LUNGS[side],
        location=f"{side} side",
        measurements=(whole, *thirds),
        mask=Mask(lungs.side(side), lungs.geometry, LUNGS[side]),
        notes=("Thirds are of the height of this lung, not lobes. Vessels and nodules inside it count as lung.",),
    )


def _airway(airway: Mask) -> Finding:
    return Finding(
        TRACHEA,
        location="trachea and main bronchi",
        measurements=(Measurement("volume of the air in them", airway.volume_ml, "mL", BY_VOXELS),),
        mask=airway,
        notes=("Followed from the trachea downwards until it would leak into a lung; where it ends is no anatomy.",),
    )


def _picture(volume: Volume, lungs: Lungs) -> Illustration:
    regions = ((lungs.right, "right lung"), (lungs.left, "left lung"), (lungs.airway, "airway"))
    rgb, caption = coronal(volume, regions, lungs.both)
    return Illustration("Lungs and airway", rgb, caption)


def priority(findings: tuple[Finding, ...]) -> Priority:  # noqa: ARG001 - every reader takes it
    """Sizes and emphysema are no emergency."""
    return Priority.ROUTINE


METHOD = method_card(
    name=NAME,
    version="1.0.0",
    modalities=("CT",),
    intended_use="Outlines lungs and airway on chest CT of adults, for research, and gives their volumes and the share "
    "of low attenuation. A physician reviews every answer.",
    not_for=(
        "Diagnosis, or any decision without a physician.",
        "Lobes: thirds by height are given, which are not lobes.",
        "Airless lung: consolidation and collapse are left out of the outline.",
    ),
    method=(
        "On blocks of about 2 mm, air inside the body below -400 HU is taken; the airway is grown from the trachea "
        "with a rising threshold until its volume would jump, and taken away.",
        "The largest part on either side is a lung; lungs that touch are cut apart where they are narrowest; what a "
        "ball of 9 mm cannot enter (vessels, small nodules at the pleura) is filled in; the original voxels decide the "
        "edge.",
        "Emphysema by number is the share of lung voxels below -950 HU, and the 15th percentile of their attenuation.",
    ),
    limits=(
        "Tried on phantoms and looked at on one real chest CT with slices of 8 mm; no outlines by people were at hand.",
        "Main bronchi near the root of a lung may count as lung.",
        "Gas in the bowel above the diaphragm, or a pneumothorax, may count as lung.",
        "Whether the breath was deep is judged by attenuation alone.",
    ),
    results={
        "Phantoms, volume of a lung": "error +0.3 % on average, from -0.9 to +1.4 %, n = 8, slices of 1.25 to 8 mm",
    },
    sources=(
        "Hu S, Hoffman EA, Reinhardt JM. IEEE Trans Med Imaging 2001;20:490-498.",
        "Schroeder JD et al. 2013, PMC4067052.",
        "Amaza IP et al. 2021, doi 10.2147/COPD.S284477.",
    ),
)

READER = Reader(
    name=NAME,
    area="chest CT",
    question="How large are the lungs on this chest CT, and how much of them is emphysema by number?",
    standing=Standing("not validated", "phantoms of known volume; looked at on one chest CT"),
    triage="Always routine.",
    bundles=(),
    method=METHOD,
    select=partial(chest_ct.select, needs=WANTED),
    check=partial(chest_ct.check, needs=WANTED),
    answer=answer,
    priority=priority,
)
