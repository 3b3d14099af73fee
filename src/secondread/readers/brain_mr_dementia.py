"""How much a brain looks like those of people with dementia: three planes, fluid, ventricles and hippocampi."""

import numpy as np
from numpy.typing import NDArray

from secondread.accept.checks import Warned
from secondread.accept.volume import Wanted, choose, warnings
from secondread.core.card import ModelCard
from secondread.core.code import LOCAL, SCT, Code
from secondread.core.errors import GeometryError
from secondread.core.finding import Finding, Limit
from secondread.core.illustration import Illustration
from secondread.core.image import Image
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.method import method_card
from secondread.core.reader import Answer, Case, GateView, Networks, Reader, Standing
from secondread.core.report import Priority, Refusal
from secondread.core.ruling import Ruling
from secondread.core.study import Series, Study
from secondread.core.volume import Volume
from secondread.engine.probabilities import calibrate
from secondread.guidelines.mta import mta
from secondread.measure.atrophy import VENTRICULOMEGALY, hippocampal_volumes
from secondread.measure.brain_mosaic import (
    Floats,
    batch_of,
    extent_of,
    is_mosaic,
    plane_shares,
    tiles_of_brain,
    tiles_of_picture,
    why_no_mosaic,
)
from secondread.measure.brain_mr import BrainMr, brain_mr, ventricles
from secondread.measure.brain_mr_t1 import depth_over_rim, evans_of, parenchyma
from secondread.measure.hippocampus_place import (
    COARSEST_MM,
    CUT,
    FARTHEST_MM,
    Cut,
    cut_around,
    is_cut,
    largest_part,
    on_brain,
    scaled,
    start,
    why_none,
)
from secondread.prepare.model_space import centre_slices
from secondread.prepare.shown import grey_window

NAME, BUNDLE, OUTLINER = "brain-mr-dementia", "dementia", "hippocampus"
LIKENESS = Code(LOCAL, "dementia-like", "Likeness to brains of people with dementia")
FLUID = Code(LOCAL, "brain-fluid", "Fluid in and around the brain")
VENTRICLES = Code(LOCAL, "ventricle-width", "Width of the ventricles")
# Source: SNOMED CT subset of DICOM PS3.16 (pydicom's dictionary).
HIPPOCAMPUS = Code(SCT, "5366008", "Hippocampus")

OLD_YEARS = 60.0
WHITER = 1.08  # grey of the depth of the brain over that of its rim: white matter is brighter on T1 alone
T1 = Wanted("MR", "a T1-weighted volume of the brain", frozenset({"head"}), sequences=("T1",), thickest_mm=2.0)
NOT_MEASURED = "Hippocampi: not measured, because {why}."
NO_BETTER = (
    "In cross-validation over 166 people the network reached an AUROC of 0.699 (0.614 to 0.774), no better than the "
    "share of the brain in the skull alone (0.707): the probability adds nothing to a look at the atrophy."
)


def select(study: Study, card: ModelCard) -> Series | Refusal:  # noqa: ARG001 - the contract of a reader
    """A mosaic of three planes, or a T1-weighted volume, or one cut around a hippocampus."""
    pictures = [s for s in study.series if s.size is not None and is_mosaic(s.size) and _is_picture(s)]
    if pictures:
        return min(pictures, key=lambda series: series.files[0].sop_instance_uid)
    return choose(study, T1)


def _is_picture(series: Series) -> bool:
    tagged = (
        series.kind == "dicom" and series.modality == "MR" and len(series.files) == 1 and series.files[0].frames == 1
    )
    return tagged or (series.kind == "raster" and not series.modality)


def check(case: Case, gate: GateView | None, card: ModelCard) -> Refusal | tuple[str, ...]:  # noqa: ARG001
    """People of sixty and more, unless only a hippocampus is measured."""
    first, age = case.pixels[0], case.clinical.age_years
    if isinstance(first, Volume) and is_cut(first.geometry):
        return warnings(case.study, case.series[0], T1)
    if age is not None and age < OLD_YEARS:
        found = f"Found a person of {age:.0f} years; needed 60 or more: the network saw no younger ones."
        return Refusal("population", found, "Ask no likeness to dementia below sixty.")
    unknown = Warned("person", "The age is not known; the network is for people of 60 and more.")
    told: list[str] = [] if age is not None else [unknown]
    if isinstance(first, Image):
        return (*told, "A picture of three planes: who made it and from what could not be checked.")
    told += warnings(case.study, case.series[0], T1)
    if case.series[0].facts is None or case.series[0].facts.sequence != "T1":
        told.append("That the series is T1-weighted was judged by its voxels: white matter is the brightest.")
    return tuple(told)


def answer(case: Case, networks: Networks) -> Answer:
    """By what was given: a mosaic, a cut around a hippocampus, or a whole brain."""
    first = case.pixels[0]
    if isinstance(first, Image):
        return of_picture(first, case, networks)
    volume = case.volume
    if volume.unit != "grey" or float(volume.values.min()) < -100.0:
        return _no_brain("voxels that are in HU or below 0")
    return of_cut(volume, networks) if is_cut(volume.geometry) else of_brain(volume, case, networks)


def _no_brain(found: str) -> Answer:
    needed = "a T1-weighted MR of a whole brain, three planes of one side by side, or a cut around a hippocampus"
    return Answer(refusal=Refusal("content", f"Found {found}; needed {needed}.", "Send one of these."))


def of_picture(picture: Image, case: Case, networks: Networks) -> Answer:
    """Three planes side by side."""
    tiles = tiles_of_picture(picture.values)
    if reason := why_no_mosaic(tiles):
        return _no_brain(f"a picture of which {reason}")
    findings = (
        likeness(tiles, case, networks),
        fluid_of_plane(tiles),
        unmeasured("three planes do not hold them", case),
    )
    return Answer(findings)


def likeness(tiles: dict[str, Floats], case: Case, networks: Networks) -> Finding:
    """The probability, beside the age that it was given without."""
    card = networks.card(BUNDLE)
    probabilities = calibrate(networks.run(BUNDLE, batch_of(tiles)).logits, card)[0]
    age = case.clinical.age_years
    beside = "Age: not known." if age is None else f"Age: {age:.0f} years; the network was not told it."
    return Finding(
        LIKENESS,
        probability=float(probabilities[card.labels.index("dementia")]),
        threshold=card.threshold("dementia"),
        point=(card.name, "dementia"),
        notes=(beside, NO_BETTER, "Atrophy has many causes; dementia is a clinical diagnosis."),
    )


def fluid_of_plane(tiles: dict[str, Floats]) -> Finding:
    """Shares of fluid in the axial plane; a description."""
    shares = plane_shares(tiles["axial"])
    how = "pixels of the axial plane in the darkest of three classes (Otsu), as a share of the brain in that plane"
    numbers = [
        Measurement("fluid in the axial plane", 100.0 * shares.fluid, "%", how),
        Measurement("ventricles in the axial plane", 100.0 * shares.ventricles, "%", f"{how}, deep parts alone"),
    ]
    if shares.horns is not None:
        how = "width of the frontal horns over that of the brain, one plane of fixed height; no Evans index"
        numbers.append(Measurement("width of the frontal horns", shares.horns, "1", how))
    note = "Shares only: a picture without its scale has no millimetres, and the brain was brought to an atlas."
    return Finding(FLUID, measurements=tuple(numbers), notes=(note,))


def unmeasured(why: str, case: Case) -> Finding:
    """Hippocampi that were not measured, and the rating that would need them."""
    return Finding(HIPPOCAMPUS, rulings=(rating(case),), notes=(NOT_MEASURED.format(why=why),))


def rating(case: Case) -> Ruling:
    """MTA: a visual rating that no volume replaces."""
    return mta(left=None, right=None, age_years=case.clinical.age_years)


def outline(networks: Networks, values: Floats) -> NDArray[np.intp]:
    """0 nothing, 1 anterior, 2 posterior hippocampus: int [40, 56, 40]."""
    logits = networks.run(OUTLINER, np.ascontiguousarray(values[None, None], np.float32)).mask_logits
    return np.zeros(CUT, np.intp) if logits is None else largest_part(np.asarray(logits[0].argmax(0), np.intp))


def of_cut(volume: Volume, networks: Networks) -> Answer:
    """One hippocampus in a volume cut around it."""
    source, target = centre_slices(volume.values.shape, CUT)
    given = np.zeros(CUT, np.float32)
    given[target] = scaled(volume.values)[source]
    labels = np.zeros(volume.values.shape, np.intp)
    labels[source] = outline(networks, given)[target]
    voxel_ml = volume.geometry.voxel_volume_mm3 / 1000.0
    if reason := why_none(labels, voxel_ml):
        return _no_brain(f"a small volume without a hippocampus that can be believed: {reason}")
    how = f"count of voxels of {OUTLINER} {networks.card(OUTLINER).version}"
    names = ("both parts", "the anterior part", "the posterior part")
    parts = (labels > 0, labels == 1, labels == 2)
    numbers = [
        Measurement(f"volume of {name}", float(part.sum()) * voxel_ml, "mL", how)
        for name, part in zip(names, parts, strict=True)
    ]
    notes = (
        "Which side it is cannot be told from a volume that was cut out; no norm for the age comes with the network.",
        "No likeness to dementia is given: it needs the whole brain.",
    )
    mask = Mask(labels > 0, volume.geometry, HIPPOCAMPUS)
    found = Finding(HIPPOCAMPUS, location="side not known", measurements=tuple(numbers), mask=mask, notes=notes)
    return Answer((found,), window=grey_window(volume))


def of_brain(volume: Volume, case: Case, networks: Networks) -> Answer:
    """A whole brain, its skull left out."""
    try:
        brain = brain_mr(volume)
    except GeometryError as error:
        return _no_brain(f"no brain ({error})")
    ratio = depth_over_rim(brain)
    if ratio < WHITER:
        return _no_brain(f"a brain whose depth is {ratio:.2f} times as bright as its rim, which is no T1 weighting")
    tiles = tiles_of_brain(brain)
    if reason := why_no_mosaic(tiles):
        return _no_brain(f"a brain of which {reason}")
    findings = (
        likeness(tiles, case, networks),
        *hippocampi(brain, volume, case, networks),
        width_of_ventricles(brain, volume),
        fluid_of_brain(brain),
    )
    told = ("The planes were placed by the size of the brain as it lies in the scanner, not by an atlas.",)
    return Answer(findings, told, illustrations=(shown(tiles),), window=grey_window(volume))


def hippocampi(brain: BrainMr, volume: Volume, case: Case, networks: Networks) -> tuple[Finding, ...]:
    """Both hippocampi, or the reason why they were not measured."""
    if max(brain.steps) > COARSEST_MM:
        return (unmeasured(f"voxels are up to {max(brain.steps):.1f} mm wide and {COARSEST_MM:g} mm are needed", case),)
    masks = {}
    for side in ("left", "right"):
        found = followed(brain, side, networks)
        if isinstance(found, str):
            return (unmeasured(f"on the {side} {found}", case),)
        cut, labels = found
        masks[side] = Mask(brain.to_source(on_brain(brain, cut, labels) > 0), volume.geometry, HIPPOCAMPUS)
    how = f"{OUTLINER} {networks.card(OUTLINER).version} on a block placed by the size of the brain"
    sizes = hippocampal_volumes(masks["left"], masks["right"], method=how)
    notes = (
        "Placed by a rule and followed by the network's own outline; tried on one average brain only.",
        "No norm for the age comes with the network, and volumes of other programs differ by a tenth and more.",
    )
    left = Finding(HIPPOCAMPUS, location="left", measurements=(sizes.left, sizes.asymmetry), mask=masks["left"])
    right = Finding(
        HIPPOCAMPUS,
        location="right",
        measurements=(sizes.right, sizes.total),
        mask=masks["right"],
        rulings=(rating(case),),
        notes=notes,
    )
    return left, right


def followed(brain: BrainMr, side: str, networks: Networks) -> tuple[Cut, NDArray[np.intp]] | str:
    """A cut around the hippocampus with its outline in the middle, or why there is none that can be believed."""
    first = start(brain, side, extent_of(brain))
    centre = first
    for _ in range(4):
        cut = cut_around(brain, centre)
        labels = outline(networks, cut.values)
        inside = np.argwhere(labels > 0)
        if not len(inside):
            return "nothing was outlined"
        middle = (inside.min(0) + inside.max(0)) / 2.0
        off = float(np.abs(middle - (np.asarray(CUT) - 1) / 2.0).max())
        if off <= 1.5:
            break
        centre = np.rint(cut.place(middle))
        if float(np.linalg.norm(centre - first)) > FARTHEST_MM:
            return f"the outline lies more than {FARTHEST_MM:g} mm from where a hippocampus is expected"
    reason = why_none(labels, 1e-3)
    return reason or (cut, labels)


def width_of_ventricles(brain: BrainMr, volume: Volume) -> Finding:
    """Evans index where both frontal horns are seen."""
    fluid = ventricles(brain)
    total = Measurement(
        "volume of the ventricles",
        float(fluid.sum()) * brain.voxel_ml,
        "mL",
        "voxels darker than 0.55 of the usual grey, deep in the brain, without temporal horns and fourth ventricle",
    )
    mask = Mask(brain.to_source(fluid), volume.geometry, VENTRICLES) if fluid.any() else None
    index = evans_of(brain, fluid)
    if index is None:
        note = "Evans index: not measured, because no frontal horns were seen on both sides of the middle."
        return Finding(VENTRICLES, measurements=(total,), mask=mask, notes=(note,))
    rule = "above 0.30 (Evans index: ventriculomegaly; healthy old people may have more)"
    note = "The brain with the fluid around it was taken for the inner width of the skull."
    return Finding(
        VENTRICLES, measurements=(index, total), mask=mask, limit=Limit(VENTRICULOMEGALY, rule), notes=(note,)
    )


def fluid_of_brain(brain: BrainMr) -> Finding:
    """The share of the brain in what lies inside its outline."""
    note = "The outline follows the brain closely, so fluid around it is partly left out: no skull volume was measured."
    return Finding(FLUID, measurements=parenchyma(brain), notes=(note,))


def shown(tiles: dict[str, Floats]) -> Illustration:
    """The planes that the network saw."""
    grey = np.rint(np.kron(batch_of(tiles)[0, 0], np.ones((3, 3))) * 255.0).astype(np.uint8)
    caption = "Axial (the patient's right on the left), coronal (mirrored) and sagittal plane, as the network saw them."
    return Illustration("Three planes of the brain", np.repeat(grey[..., None], 3, axis=2), caption)


def priority(findings: tuple[Finding, ...]) -> Priority:  # noqa: ARG001 - whatever was found
    """Atrophy is slow."""
    return Priority.ROUTINE


CARD = method_card(
    name=NAME,
    version="1.0.0",
    modalities=("MR",),
    intended_use=(
        "Says, for research, how much the brain of a person of sixty or more looks like those of people with dementia, "
        "and measures hippocampi, ventricles and fluid as far as the images allow. A physician reviews every number."
    ),
    not_for=(
        "Diagnosis, or any decision without a physician.",
        "People under sixty, telling Alzheimer's disease from other causes, and how a person will fare.",
        "Comparing volumes with norms or with those of other programs.",
    ),
    method=(
        "The network dementia judges three planes: those of a picture that shows them side by side, or planes cut "
        "out of a T1-weighted volume, whose skull is left out by a balloon that grows to the brain's rim (Smith 2002).",
        "The network hippocampus outlines a block of 40 x 56 x 40 mm: the middle of a volume cut around one "
        "hippocampus, or a block placed by the size of a whole brain and moved after the outline; what does not look "
        "like a hippocampus is not measured.",
        "Fluid is the darkest of three classes of grey; the Evans index is taken where both frontal horns are seen.",
    ),
    limits=(
        NO_BETTER,
        "Whole volumes: no labelled one was at hand; planes and hippocampi were looked at on one average brain.",
        "MTA, GCA and Koedam are visual ratings and are not derived.",
    ),
    sources=(
        "Marcus DS et al. OASIS. Journal of Cognitive Neuroscience 2007; 19:1498-1507.",
        "Antonelli M et al. The Medical Segmentation Decathlon. Nature Communications 2022; 13:4128.",
        "Smith SM. Fast robust automated brain extraction. Human Brain Mapping 2002; 17:143-155.",
    ),
    age_years=(OLD_YEARS, 130.0),
    results={
        "Likeness: AUROC in cross-validation": "0.699 (0.614 to 0.774), 166 people; nWBV alone 0.707 (0.621 to 0.787)",
        "Fluid in the axial plane: correlation with nWBV": "-0.899 (-0.949 to -0.832), 37 test people",
        "Hippocampus in cut volumes: Dice": "anterior 0.885, posterior 0.864, 39 test volumes, from the bundle's card",
    },
)

READER = Reader(
    name=NAME,
    area="brain MR",
    question="Does this brain look like those of people with dementia, and how large are hippocampi and ventricles?",
    standing=Standing("limited", "likeness on 166 people, no better than atrophy alone; hippocampi on 39 cut volumes"),
    triage="Always routine.",
    bundles=(BUNDLE, OUTLINER),
    select=select,
    check=check,
    answer=answer,
    priority=priority,
    method=CARD,
)
