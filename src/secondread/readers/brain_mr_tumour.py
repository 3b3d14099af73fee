"""The FLAIR abnormality of a glioma on brain MR: outline, size, place, and what it pushes aside."""

import numpy as np
import scipy

from secondread.accept.age import ADULT_YEARS
from secondread.accept.brain_mr import adult, flair, t1_before_and_after
from secondread.core.card import ModelCard
from secondread.core.code import LOCAL, SCT, Code
from secondread.core.errors import GeometryError
from secondread.core.finding import Finding, Limit
from secondread.core.illustration import Illustration
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.method import method_card
from secondread.core.reader import Answer, Case, GateView, Networks, Reader, Standing
from secondread.core.report import Priority, Refusal
from secondread.core.study import Series, Study
from secondread.core.volume import Volume
from secondread.explain.band import Band, about, band_of, lines_of, sizes
from secondread.explain.outlined_planes import COLOURS, beside, outlined
from secondread.measure.brain_mr import Bools, BrainMr, brain_mr, ventricles
from secondread.measure.brain_mr_place import LOBE_RULE, Place, place_of
from secondread.measure.brain_mr_shift import Shift, shift_of, ventricle_asymmetry, ventricle_sides
from secondread.measure.diameters import largest_diameter_3d_mm, largest_diameters
from secondread.measure.flair_outline import probability_by, sequences, tidied
from secondread.measure.midline_shift import SURGICAL_MM
from secondread.prepare.shown import grey_window

NAME, BUNDLE, STRUCTURE = "brain-mr-tumour", "brain-tumour", "tumour"
SIZE = "volume of the FLAIR abnormality"
ABNORMAL = Code(LOCAL, "flair-abnormal", "FLAIR abnormality (tumour and oedema together)")
SHIFT = Code(LOCAL, "midline-shift", "Midline shift")
# Source: DICOM PS3.16, SNOMED CT subset (pydicom's dictionary).
VENTRICLE = Code(SCT, "66720007", "Lateral ventricle")

LEAST_ML = 1.0

MISSING = (
    "No T1-weighted series {what} contrast was found; the FLAIR was repeated in its place, as in a part of the "
    "training data. Without both, the tumours of 2 of 12 validation patients were missed, nearly or wholly."
)


def select(study: Study, card: ModelCard) -> tuple[Series, ...] | Refusal:  # noqa: ARG001 - the contract of a reader
    """The FLAIR series, then T1 before and after contrast where the study holds them."""
    found = flair(study)
    if isinstance(found, Refusal):
        return found
    return (found, *(series for series in t1_before_and_after(study) if series is not None))


def check(case: Case, gate: GateView | None, card: ModelCard) -> Refusal | tuple[str, ...]:  # noqa: ARG001
    """Adults only; what is missing or assumed is told."""
    told = adult(case, "no child was in the training data")
    if isinstance(told, Refusal):
        return told
    stated = [series.facts.contrast for series in case.series[1:] if series.facts is not None]
    there = {"before": not all(stated), "after": any(stated)} if stated else {"before": False, "after": False}
    missing = [name for name, found in there.items() if not found]
    if missing:
        told += (MISSING.format(what=" or ".join(missing)),)
    if None in stated:
        told += ("A T1-weighted series does not say whether contrast was given; it was taken for the one before.",)
    return told


def answer(case: Case, networks: Networks) -> Answer:
    """The network outlines slice by slice; everything else is measured on its outline and on the brain."""
    volume = case.volume
    try:
        brain = brain_mr(volume)
    except GeometryError as error:
        return Answer(
            refusal=Refusal(
                "content",
                f"Found no brain ({error}); needed the FLAIR of a whole head.",
                "Send the whole axial FLAIR of the head.",
            )
        )
    others = [(one, pixels) for one, pixels in zip(case.series, case.pixels, strict=True) if isinstance(pixels, Volume)]
    before, after, told = sequences(brain, volume, others[1:])
    card, probability = networks.card(BUNDLE), probability_by(networks, brain, before, after)
    outline = tidied(probability >= card.threshold(STRUCTURE), brain)
    band = band_of(probability, card, STRUCTURE) if outline.any() else None
    band = about(band, outline) if band is not None else None
    fluid = ventricles(brain, outline)
    shift = shift_of(brain, fluid)
    place = place_of(brain, outline, fluid) if outline.any() else None
    findings = (
        abnormality(
            brain, volume, outline, place, card, () if band is None else sizes(band, brain.voxel_ml, "mL", SIZE)
        ),
        shifted(shift, brain),
        ventricular(brain, volume, fluid, shift),
    )
    return Answer(findings, told, illustrations=drawn(brain, outline, fluid, band), window=grey_window(volume))


def abnormality(
    brain: BrainMr,
    volume: Volume,
    outline: Bools,
    place: Place | None,
    card: ModelCard,
    likely: tuple[Measurement, ...] = (),
) -> Finding:
    """The outline with its size and place."""
    how = f"count of voxels outlined by {card.name} {card.version}"
    volume_ml = float(outline.sum()) * brain.voxel_ml
    limit = Limit(LEAST_ML, "1 mL outlined, a rule of our own: the network draws specks where there is nothing")
    numbers = [Measurement(SIZE, volume_ml, "mL", how)]
    notes = [
        "Bright on FLAIR is tumour and oedema together: the outline does not part them; enhancement is not measured.",
        "The network learnt from people who all had a lower-grade glioma: it cannot tell whether there is a tumour.",
    ]
    if place is None:
        return Finding(ABNORMAL, measurements=tuple(numbers), limit=limit, notes=("Nothing was outlined.", *notes))
    parts, count = scipy.ndimage.label(outline)
    sizes = np.bincount(parts.ravel())[1:]
    mask = Mask(brain.to_source(outline), volume.geometry, ABNORMAL)
    largest = Mask(brain.to_source(parts == 1 + int(sizes.argmax())), volume.geometry, ABNORMAL)
    numbers += extents(largest, brain, volume_ml)
    notes.insert(0, f"{count} part{'s' * (count > 1)} outlined; diameters are those of the largest. {LOBE_RULE}")
    if place.crosses:
        notes.insert(0, "It lies on both sides of the middle plane.")
    notes.append(
        "Whether such a tumour is IDH wild-type is not answered: in a trial on 90 patients images reached an AUROC of "
        "0.759 (0.647 to 0.859), age alone 0.751; see docs/reference/idh-trial.md."
    )
    return Finding(
        ABNORMAL,
        location=place.words,
        measurements=(*numbers, *likely, *place.distances),
        mask=mask,
        limit=limit,
        notes=tuple(notes),
    )


def extents(mask: Mask, brain: BrainMr, volume_ml: float) -> list[Measurement]:
    """Largest diameters in a slice and through space, and the share of the brain."""
    axes = largest_diameters(mask)
    how = f"slice {axes.slice_index + 1 if axes.slice_index is not None else 1} of the file, its largest section"
    return [
        Measurement("long axis", axes.long_mm, "mm", f"largest diameter within a slice, {how}"),
        Measurement("short axis", axes.short_mm, "mm", f"largest diameter across the long axis, {how}"),
        Measurement("largest diameter", largest_diameter_3d_mm(mask), "mm", "through space"),
        Measurement(
            "share of the brain",
            100.0 * volume_ml / brain.brain_ml,
            "%",
            "of the brain with the fluid in and around it",
        ),
    ]


def shifted(shift: Shift | None, brain: BrainMr) -> Finding:
    """Midline shift, positive above 5 mm."""
    if shift is None:
        note = "Not measured: no slice shows 6 mm of the wall between two frontal horns. This is not a shift of 0."
        return Finding(SHIFT, notes=(note,))
    where = f"towards the patient's {shift.towards}"
    rule = "more than 5 mm (Bullock 2006, for acute subdural haematoma; unverified for tumours)"
    note = f"Measured on slice {brain_slice(brain, shift.slice_index)} of the file."
    return Finding(SHIFT, location=where, measurements=(shift.value,), limit=Limit(SURGICAL_MM, rule), notes=(note,))


def brain_slice(brain: BrainMr, k: int) -> int:
    """Number of a turned slice in the file, counted from 1."""
    return k + 1 if brain.order[0][1] > 0 else len(brain.values) - k


def ventricular(brain: BrainMr, volume: Volume, fluid: Bools, shift: Shift | None) -> Finding:
    """Volumes of both sides, and how unlike they are."""
    left, right = (float(side.sum()) * brain.voxel_ml for side in ventricle_sides(brain, fluid, shift))
    how = (
        "voxels darker than 0.55 of the usual grey of the brain, deep in it; temporal horns, the fourth ventricle and "
        "dark parts of a tumour are left out"
    )
    numbers = [
        Measurement("volume of the left ventricle", left, "mL", how),
        Measurement("volume of the right ventricle", right, "mL", how),
    ]
    unlike = ventricle_asymmetry(left, right)
    numbers += [unlike] if unlike is not None else []
    note = "Sides are told by the wall between the frontal horns where it was seen, else by the middle plane."
    mask = Mask(brain.to_source(fluid), volume.geometry, VENTRICLE) if fluid.any() else None
    return Finding(VENTRICLE, measurements=tuple(numbers), mask=mask, notes=(note,))


def drawn(brain: BrainMr, outline: Bools, fluid: Bools, band: Band | None = None) -> tuple[Illustration, ...]:
    """Four slices through the outline, or through the ventricles, with outlines, their band and the middle."""
    region = outline if outline.any() else fluid
    if not region.any():
        return ()
    filled = np.flatnonzero(region.any(axis=(1, 2)))
    chosen = np.unique(np.quantile(filled, (0.2, 0.4, 0.6, 0.8)).round().astype(int))
    low, high = np.percentile(brain.values[brain.inside], (1.0, 99.5))
    shown_with = (float(low + high) / 2.0, max(float(high - low), 1e-6))
    near = np.abs(brain.aside_mm) < brain.steps[2] * 0.6
    planes = [
        outlined(
            (
                brain.values[k],
                [(near[k] & ~brain.inside[k], COLOURS[2]), (fluid[k], COLOURS[1]), (outline[k], COLOURS[4])],
            ),
            shown_with,
            lines=() if band is None else lines_of(band, k),
        )
        for k in chosen
    ]
    caption = (
        "FLAIR, the patient's right on the left. Vermilion: the outlined abnormality; blue: the ventricles; green: the "
        "plane about which the brain mirrors itself."
    )
    caption += "" if band is None else f" {band.caption}"
    return (Illustration("FLAIR abnormality in four slices", beside(planes), caption),)


def priority(findings: tuple[Finding, ...]) -> Priority:
    """Urgent where something is outlined or shifted."""
    return Priority.URGENT if any(finding.positive for finding in findings) else Priority.ROUTINE


CARD = method_card(
    name=NAME,
    version="1.0.0",
    modalities=("MR",),
    intended_use=(
        "Outlines, for research, the FLAIR abnormality of a lower-grade glioma over an axial FLAIR series of an adult, "
        "measures it, tells its place, and measures what it pushes aside. A physician reviews every outline and number."
    ),
    not_for=(
        "Diagnosis, or any decision without a physician.",
        "Finding out whether there is a tumour, or what kind it is; other diseases are bright on FLAIR too.",
        "Telling tumour from oedema, enhancement, IDH status, brains after surgery, and children.",
    ),
    method=(
        "The network brain-tumour outlines each axial slice from T1 before contrast, FLAIR, T1 after contrast and the "
        "FLAIR of both neighbours; missing T1 series are replaced by the FLAIR.",
        "The brain is found by a balloon that grows until it meets the dark rim (Smith 2002), its middle by the plane "
        "about which its outline mirrors itself.",
        "Ventricles are dark, deep and near the middle; the midline shift is the distance of the wall between both "
        "frontal horns from the middle plane.",
        LOBE_RULE,
    ),
    limits=(
        "The network was tested on 21 patients of one collection; without T1 series it may miss whole tumours.",
        "The brain, the ventricles and the shift were looked at on 12 patients, without a reference; slice distances "
        "of these data are not known.",
        "T1 series are laid on the FLAIR by their positions; a person who moved between them is not noticed.",
    ),
    sources=(
        "Buda M et al. Computers in Biology and Medicine 2019; 109:218-225.",
        "Smith SM. Fast robust automated brain extraction. Human Brain Mapping 2002; 17:143-155.",
        "Bullock MR et al. Neurosurgery 2006; 58(3 Suppl):S16.",
    ),
    age_years=(ADULT_YEARS, 130.0),
    results={
        "Outline: Dice by patient, from the bundle's card": "mean 0.842 (0.789 to 0.886), 21 test patients",
        "Outline read from DICOM: Dice by patient": "mean 0.822, 12 validation patients; without T1 series 0.700",
        "Side of the drawn masks as the table states": "0.900 (0.699 to 0.972), no other side, 20 test patients",
        "Main lobe of the drawn masks as the table states": "0.950 (0.764 to 0.991), 20 test patients",
        "Midline shift on phantoms": "within 1 mm, shifts of 0 to 9 mm",
    },
)

READER = Reader(
    name=NAME,
    area="brain MR",
    question="How large is the FLAIR abnormality of this brain tumour, where does it lie, and what does it push aside?",
    standing=Standing("limited", "the outline on 21 patients the network never saw; place and mass effect on phantoms"),
    triage="Urgent where at least 1 mL is outlined or the midline shift is more than 5 mm, else routine.",
    bundles=(BUNDLE,),
    select=select,
    check=check,
    answer=answer,
    priority=priority,
    method=CARD,
)
