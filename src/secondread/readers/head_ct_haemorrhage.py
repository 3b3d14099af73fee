"""Blood inside the skull on unenhanced CT: whether, which slices, where, how much, and what it pushes aside."""

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.accept import head_ct
from secondread.core.card import ModelCard
from secondread.core.clinical import Clinical
from secondread.core.code import LOCAL, SCT, Code
from secondread.core.finding import Finding, Limit
from secondread.core.geometry import Geometry
from secondread.core.illustration import Illustration
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.method import method_card
from secondread.core.reader import Answer, Case, Networks, Reader, Standing
from secondread.core.report import Priority, Refusal
from secondread.engine.neighbours import together
from secondread.engine.probabilities import calibrate
from secondread.explain.head_pictures import blood_picture, midline_picture
from secondread.guidelines.ich_score import IchCase, ich_score
from secondread.measure.haemorrhage import abc_of_mask, volume_by_voxels
from secondread.measure.head import Bools, Head, tissue_hu
from secondread.measure.head_blood import LEAST_ML, Dense, dense_regions
from secondread.measure.head_midline import UNSURE_MM, Septum, septum_of, ventricles_of
from secondread.measure.head_place import above_tentorium, place_of
from secondread.measure.head_symmetry import Frame, Straight, frame_of, straight_of
from secondread.measure.head_ventricle_blood import LIMIT_ML, blood_in_ventricles
from secondread.measure.midline_shift import SURGICAL_MM
from secondread.prepare.head_slabs import Slabs, slabs_of
from secondread.prepare.shown import BRAIN, axial

NAME = BUNDLE = "head-ct-haemorrhage"
# Source: SNOMED CT as in pydicom's dictionary (the first) and the OHDSI vocabularies.
HAEMORRHAGE = Code(SCT, "1386000", "Intracranial haemorrhage")
KINDS = {
    "intraparenchymal": Code(SCT, "274100004", "Haemorrhage in the brain substance"),
    "subarachnoid": Code(SCT, "21454007", "Subarachnoid haemorrhage"),
    "subdural": Code(SCT, "35486000", "Subdural haemorrhage"),
    "epidural": Code(LOCAL, "epidural-blood", "Epidural haemorrhage"),
}
DENSE = Code(LOCAL, "dense-region", "Dense region inside the skull, as fresh blood is")
VENTRICLES = Code(LOCAL, "ivh-by-rule", "Blood in the ventricles, by rule")
SHIFT = Code(LOCAL, "midline-shift", "Midline shift")
LARGE_ML = 30.0  # of one region, from which on it is critical; see TRIAGE
UNFLAGGED_ML = 5.0  # from which on a dense region counts that the network did not flag
AT_SKULL = 0.15  # share of a region's edge near the inner table from which on it is not "in the brain substance"
MOST_REGIONS = 5
NEAR_SLABS = 1.0  # standard deviation, in slabs, over which neighbouring slices answer together
BELOW_MM = 40.0  # of the skull's inside: what else the network is shown, as it was in training
WANTED = head_ct.wanted("an unenhanced head CT", 8.0)
SHIFT_LIMIT = Limit(
    math.nextafter(SURGICAL_MM, math.inf),
    "more than 5 mm, from which on surgery is considered (Bullock 2006, for acute subdural haematoma)",
)
TRIAGE = (
    "Critical where blood is found and the midline is shifted by more than 5 mm, one outlined region reaches 30 mL, or "
    "outlined blood lies in the ventricles; urgent where anything is found; else routine."
)
KIND_WARNING = "The kinds of bleeding rest on very few patients and are not to be relied on; the card says how few."


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was found before it is put into words."""

    head: Head
    frame: Frame
    straight: Straight
    slabs: Slabs
    probabilities: NDArray[np.float64]
    flagged: NDArray[np.bool_]
    regions: tuple[Dense, ...]
    fluid: Bools
    septum: Septum | None
    lowest: int

    @property
    def blood(self) -> Bools:
        """All outlined regions."""
        found = np.zeros(self.head.cavity.shape, np.bool_)
        for region in self.regions:
            found |= region.inside
        return found


def answer(case: Case, networks: Networks) -> Answer:
    """Ask the network slice by slice, outline what is dense, measure, and say what follows."""
    head = head_ct.head_or_refusal(case.volume)
    if isinstance(head, Refusal):
        return Answer(refusal=head)
    frame = frame_of(head)
    if frame is None:
        found = "Found no closed skull in the upper part of the head; needed one to tell left from right."
        return Answer(refusal=Refusal("content", found, "Send axial slices of the whole head."))
    card = networks.card(BUNDLE)
    seen = _seen(case, head, frame, networks, card)
    findings = [_haemorrhage(case, seen, card), *_regions(case, seen)]
    if (inside := _ventricles(case, seen)) is not None:
        findings.append(inside)
    findings.append(_shift(case, seen))
    return Answer(tuple(findings), _warnings(seen), illustrations=_pictures(seen), window=BRAIN)


def _seen(case: Case, head: Head, frame: Frame, networks: Networks, card: ModelCard) -> Seen:
    values, order = axial(case.volume)
    step = case.volume.geometry.spacing_mm[order[0][0]]
    lowest = max(0, int(np.flatnonzero(head.cavity.any(axis=(1, 2)))[0]) * head.steps[0] - round(BELOW_MM / step))
    slabs = slabs_of(values[lowest:], step, card.input.height_px)
    raw = calibrate(networks.run(BUNDLE, slabs.batch).logits, card)
    probabilities = together(raw, NEAR_SLABS)
    any_slab = probabilities[:, card.labels.index("any")]
    of_slices = np.zeros(len(values))
    of_slices[lowest:] = slabs.of_slices(any_slab, len(values) - lowest)
    blocks = of_slices[: len(head.values) * head.steps[0]].reshape(len(head.values), head.steps[0])
    flagged = blocks.max(axis=1) >= card.threshold("any")
    regions = dense_regions(head, frame)
    kept = tuple(r for r in regions if (r.inside.any(axis=(1, 2)) & flagged).any() or r.volume_ml >= UNFLAGGED_ML)[
        :MOST_REGIONS
    ]
    straight = straight_of(head, frame)
    brain = tissue_hu(head)
    fluid = ventricles_of(straight, brain)
    septum = septum_of(straight, brain, fluid)
    return Seen(head, frame, straight, slabs, probabilities, flagged, kept, fluid, septum, lowest)


def _haemorrhage(case: Case, seen: Seen, card: ModelCard) -> Finding:
    column = card.labels.index("any")
    strongest = int(seen.probabilities[:, column].argmax())
    slice_number = seen.lowest + int(seen.slabs.first[strongest]) + seen.slabs.thickness // 2 + 1
    count = axial(case.volume)[0].shape[0]
    over = seen.probabilities[:, column] >= card.threshold("any")
    flagged_mm = Measurement(
        "height of the flagged slices",
        float(over.sum()) * seen.slabs.spacing_mm,
        "mm",
        "count of slices of about 5 mm at or above the threshold times their distance",
    )
    kinds = tuple((code, float(seen.probabilities[strongest, card.labels.index(name)])) for name, code in KINDS.items())
    finding = Finding(
        HAEMORRHAGE,
        probability=float(seen.probabilities[strongest, column]),
        threshold=card.threshold("any"),
        location=f"strongest in slice {slice_number} of {count}, counted from the lowest",
        measurements=(flagged_mm,),
        details=kinds,
        notes=(
            "The network answers for each slice of about 5 mm together with its neighbours; the highest answer stands "
            "for the examination.",
            KIND_WARNING,
            *_told_of_regions(seen),
        ),
    )
    if not (finding.positive or seen.regions):
        return finding
    blood = seen.blood
    mask = Mask(seen.head.to_source(blood), case.volume.geometry, HAEMORRHAGE) if blood.any() else None
    return Finding(
        finding.code,
        finding.probability,
        finding.threshold,
        finding.location,
        (flagged_mm, volume_by_voxels(mask)) if mask is not None else (flagged_mm,),
        kinds,
        mask if finding.positive else None,
        rulings=(ich_score(_ich_case(case.clinical, seen)),),
        notes=finding.notes,
    )


def _told_of_regions(seen: Seen) -> tuple[str, ...]:
    if seen.regions:
        return ()
    if seen.flagged.any():
        return (
            f"No dense region of {LEAST_ML:g} mL and 4 mm was outlined in the flagged slices: thin, faint or small "
            "blood, blood at the base or beside the falx, or a false alarm.",
        )
    return (f"No dense region of {UNFLAGGED_ML:g} mL was outlined anywhere.",)


def _ich_case(clinical: Clinical, seen: Seen) -> IchCase:
    """What the score needs; the volume is that of regions in the brain substance, None where nothing was outlined."""
    within = [region for region in seen.regions if region.skull_share < AT_SKULL]
    above = [above_tentorium(seen.head, seen.frame, region.inside) for region in within]
    place = clinical.infratentorial
    if place is None and above and all(above):
        place = False
    ventricles = None if not seen.regions else bool(_ivh_ml(seen) >= LIMIT_ML)
    return IchCase(
        gcs=clinical.gcs,
        volume_ml=sum(region.volume_ml for region in within) if seen.regions else None,
        intraventricular=ventricles,
        infratentorial=place,
        age_years=clinical.age_years,
        traumatic=True if clinical.indication == "trauma" else None,
    )


def _regions(case: Case, seen: Seen) -> list[Finding]:
    return [_region(case, seen, region) for region in seen.regions]


def _region(case: Case, seen: Seen, region: Dense) -> Finding:
    """One outlined region: volume by voxels and ABC/2, place, and whether it lies at the skull."""
    head = seen.head
    flagged = bool((region.inside.any(axis=(1, 2)) & seen.flagged).any())
    mask = Mask(head.to_source(region.inside), case.volume.geometry, DENSE)
    grid = Geometry(head.values.shape, np.diag((*head.spacing_mm, 1.0)))
    abc = abc_of_mask(Mask(region.inside, grid, DENSE), weighted=False).volume
    abc = Measurement("volume by ABC/2", abc.value, abc.unit, abc.method)
    hu = Measurement("mean attenuation", region.mean_hu, "[hnsf'U]", "mean of the outlined voxels")
    at_skull = region.skull_share >= AT_SKULL
    where = "at the inner table, so outside the brain substance" if at_skull else "in the brain substance"
    notes = [
        f"By rule {where}: {region.skull_share:.0%} of its edge lies within 4 mm of the inner table (limit 15 %).",
        "Outlined from 50 HU, or higher where brain or noise ask for it, down to halfway between brain and its core.",
    ]
    if at_skull:
        notes.append("No ABC/2: it is made for bleedings in the brain; of a crescent it comes out far too large.")
    if not flagged:
        notes.append("The network did not flag these slices: a dense sinus, a tumour or an artefact looks alike.")
    if above_tentorium(head, seen.frame, region.inside):
        notes.append("It lies above the tentorium: wholly in the upper half or the front third of the skull's inside.")
    else:
        notes.append("Its place does not tell on which side of the tentorium it lies.")
    rule = (
        f"{LEAST_ML:g} mL or more in slices that the network flags"
        if flagged
        else f"{UNFLAGGED_ML:g} mL or more in slices that the network does not flag"
    )
    return Finding(
        DENSE,
        location=place_of(head, seen.frame, region.inside),
        measurements=(volume_by_voxels(mask), *(() if at_skull else (abc,)), hu),
        mask=mask,
        limit=Limit(LEAST_ML if flagged else UNFLAGGED_ML, f"{rule}; a rule of our own"),
        notes=tuple(notes),
    )


def _ivh_ml(seen: Seen) -> float:
    return float(_ivh(seen).sum()) * seen.head.voxel_ml


def _ivh(seen: Seen) -> Bools:
    shift = seen.septum.shift.value if seen.septum is not None else 0.0
    return blood_in_ventricles(seen.head, seen.straight, seen.fluid, seen.blood, shift)


def _ventricles(case: Case, seen: Seen) -> Finding | None:
    """Blood in the ventricles, where anything was outlined."""
    if not seen.regions:
        return None
    inside = _ivh(seen)
    mask = Mask(seen.head.to_source(inside), case.volume.geometry, VENTRICLES)
    volume = Measurement(
        "blood in the ventricles",
        mask.volume_ml,
        "mL",
        "outlined blood in the space of the ventricles and their mirror image at the septum",
    )
    limit = Limit(LIMIT_ML, f"{LIMIT_ML:g} mL or more; a rule of our own, not validated")
    notes = ("Blood that pushes into the space of a ventricle from outside counts as well.",)
    return Finding(VENTRICLES, measurements=(volume,), mask=mask if inside.any() else None, limit=limit, notes=notes)


def _shift(case: Case, seen: Seen) -> Finding:
    """Midline shift with its side, or that it could not be measured."""
    head = seen.head
    pose = f"The head is turned by {seen.frame.yaw_deg:.0f} and leans by {seen.frame.roll_deg:.0f} degrees."
    if seen.septum is None:
        why = (
            "Not measured: no septum was seen between two horns, as when they are pressed flat or full of blood, "
            f"or the plane of symmetry is too uncertain ({seen.frame.uncertainty_mm:.1f} mm)."
        )
        return Finding(SHIFT, notes=(why, pose))
    shift = seen.septum.shift
    side = "to the patient's left" if shift.value > 0 else "to the patient's right"
    measured = Measurement(shift.name, abs(shift.value), "mm", shift.method, shift.uncertainty)
    line = np.zeros(seen.straight.values.shape, np.bool_)
    line[seen.septum.w, seen.septum.rows, np.rint(seen.septum.columns).astype(int)] = True
    line = scipy.ndimage.binary_dilation(line, np.ones((3, 3, 3), np.bool_))
    mask = Mask(head.to_source(seen.straight.to_head(line, head)), case.volume.geometry, SHIFT)
    notes = ("The plane is that about which the inside of the skull mirrors itself.", pose)
    return Finding(SHIFT, location=side, measurements=(measured,), mask=mask, limit=SHIFT_LIMIT, notes=notes)


def _warnings(seen: Seen) -> tuple[str, ...]:
    told = ["The network learnt from injured people of one hospital; it misses small and faint blood."]
    if seen.frame.uncertainty_mm > UNSURE_MM:
        told.append("The skull is not symmetric enough for a sure plane; side and midline are uncertain.")
    if seen.head.spacing_mm[0] > 6.0:
        told.append("Slices are more than 6 mm apart; volumes and the midline are less certain.")
    return (*told, *head_ct.cut_warnings(seen.head))


def _pictures(seen: Seen) -> tuple[Illustration, ...]:
    """The outlined slices, and the slice of the septum with the plane of symmetry."""
    blood = (blood_picture(seen.head.values, seen.blood),) if seen.regions else ()
    if seen.septum is None:
        return blood
    k, straight = seen.septum.w, seen.straight
    drawn = midline_picture(straight.values[k], straight.cavity[k], (seen.septum.rows, seen.septum.columns))
    return (*blood, drawn)


def priority(findings: tuple[Finding, ...]) -> Priority:
    """As :data:`TRIAGE` says."""
    positive = [finding for finding in findings if finding.positive]
    if not positive:
        return Priority.ROUTINE
    blood = any(finding.code in (HAEMORRHAGE, DENSE) for finding in positive)
    large = any(f.code == DENSE and f.measurements[0].value >= LARGE_ML for f in positive)
    pressing = large or any(finding.code in (SHIFT, VENTRICLES) for finding in positive)
    return Priority.CRITICAL if blood and pressing else Priority.URGENT


METHOD = method_card(
    name=f"{NAME}-rules",
    version="1.0.0",
    modalities=("CT",),
    intended_use=(
        "A second opinion, for research, on whether an unenhanced CT of an adult's head shows blood inside the skull, "
        "with outline, volume and midline shift. A physician reviews every answer."
    ),
    not_for=(
        "Diagnosis, or any decision without a physician, or letting an examination wait.",
        "Saying that there is no haemorrhage: small, thin and faint ones are missed.",
        "CT with contrast medium, bone kernels, children, and heads after an operation.",
        "Telling kinds of bleeding apart.",
    ),
    method=(
        "The network of the bundle head-ct-haemorrhage looks at slices of about 5 mm (thin ones are averaged), each "
        "between its neighbours, after the brain was cut out as in training. Answers of neighbouring "
        "slices are averaged with Gaussian weights, and the highest stands for the examination; the threshold is that "
        "of the bundle for single slices.",
        "Dense regions are outlined by attenuation inside the skull, where a region reaches a flagged slice, or holds "
        f"{UNFLAGGED_ML:g} mL anywhere. A region counts that is denser than its mirror image by 6 HU, at least 4 mm "
        "thick and 0.6 mL large, not calcified, not along the falx, and not wholly at the base or vertex.",
        "The skull's plane of symmetry is found from its inner table, also in turned and leaning heads; the septum is "
        "sought between the frontal horns and its distance from the plane is the midline shift.",
        "Volumes are counts of voxels on a grid of about 1 mm by the slice, with ABC/2 beside them in the brain.",
    ),
    limits=(
        "The network was made on 63 injured people of one hospital, with fewer than six of most kinds of bleeding.",
        "Blood beside the falx, in furrows, at the base and the vertex, and thinner than 4 mm is not outlined.",
        "A dense venous sinus, a tumour or a beam-hardening artefact may be outlined.",
        "Outlines and midline were tried on phantoms and only looked at on people.",
        "The midline is not measured where a frontal horn is pressed flat or full of blood.",
    ),
    sources=(
        "secondread card head-ct-haemorrhage",
        "Kothari et al., Stroke 1996;27:1304, doi:10.1161/01.STR.27.8.1304 (ABC/2)",
        "Bullock et al., Neurosurgery 2006;58(3 Suppl):S16 (midline shift)",
        "Hemphill et al., Stroke 2001;32:891, doi:10.1161/01.STR.32.4.891 (ICH score)",
    ),
    results={
        "Test patients with blood, flagged": "6 of 7 (0.49 to 0.97)",
        "Test patients without blood, not flagged": "2 of 8 (0.07 to 0.59)",
        "Validation patients with blood, flagged": "4 of 5 (0.38 to 0.96)",
        "Validation patients without blood, not flagged": "6 of 6 (0.61 to 1.00); the threshold was fitted on them",
        "Midline shift on 36 phantoms, slices of 2.5 to 7 mm": "largest error 0.85 mm, heads turned, leaning, nodding",
        "Midline shift of training and validation patients without blood": (
            "measured in 24 of 25: median 0.8 mm, largest 3.4 mm, taking pixels for 0.9 mm"
        ),
        "Volume of 9 bleedings of 4 to 34 mL on phantoms": "error -7.5 to -0.3 %",
        "Volume of 3 bleedings of 1.4 mL on phantoms": "error -4.5 to 14.5 %",
    },
)

READER = Reader(
    name=NAME,
    area="head CT",
    question="Does this unenhanced head CT show blood inside the skull, where and how much, and a midline shift?",
    standing=Standing("limited", "slices of 63 injured people of one hospital; outlines and midline on phantoms"),
    triage=TRIAGE,
    bundles=(BUNDLE,),
    select=partial(head_ct.select, needs=WANTED),
    check=partial(head_ct.check, needs=WANTED),
    answer=answer,
    priority=priority,
    method=METHOD,
)
