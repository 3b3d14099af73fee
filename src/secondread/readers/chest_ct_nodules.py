"""Nodules on chest CT: where, how large, what of, how their edge looks, and what models and guidelines say of them."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from secondread.accept import chest_ct
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
from secondread.core.volume import Volume
from secondread.engine.probabilities import calibrate
from secondread.explain.lung_planes import close_ups
from secondread.guidelines.nodule_rules import Seen, by_lobe, rulings_of
from secondread.measure.diameters import Diameters, largest_diameters, without_noise
from secondread.measure.lung_envelope import whole_lungs
from secondread.measure.nodule_candidates import SMALLEST_MM, Candidate, find_nodules
from secondread.measure.nodule_outline import joined, pictures
from secondread.measure.nodule_shape import Shape, shape_of
from secondread.prepare.shown import LUNG

NAME, BUNDLE = "chest-ct-nodules", "lung-nodule"
NODULE = Code(SCT, "27925004", "Nodule")  # Source: SNOMED CT in pydicom's dictionary
COUNT = Code(LOCAL, "lung-nodules", "Nodules in the lungs, as many as were found")
SUSPECTED = Code(LOCAL, "looks-malignant", "Suspicion of malignancy as radiologists rated it")
VOLUMETRY_MM = 2.5  # slices further apart give no volume. Source: product rule; partial volume grows with thickness
MOST, SLICES = 8, 2.0  # a candidate is at least two slices large
LIMIT = Limit(6.0, "mean diameter of 6 mm or more: below it Fleischner 2017 and Lung-RADS v2022 ask for no early CT")
FOUND = Limit(1.0, "one candidate or more")
URGENT_MM, JOINED = 8.0, 0.2
WANTED = chest_ct.wanted(10.0, soft=False)


@dataclass(frozen=True, slots=True, eq=False)
class Nodule:
    """One candidate with everything that was measured on it."""

    place: Candidate
    shape: Shape
    axes: Diameters
    suspicion: float | None
    outline: str


def answer(case: Case, networks: Networks) -> Answer:
    """Find candidates, outline and measure the largest, and ask rules, models and the network about them."""
    found = chest_ct.lungs_of(case)
    if isinstance(found, Refusal):
        return Answer(refusal=found)
    volume, lungs = found
    whole = whole_lungs(volume, lungs)
    smallest = max(SMALLEST_MM, SLICES * chest_ct.step_mm(volume))
    candidates = find_nodules(volume, whole, smallest_mm=smallest)
    thick = chest_ct.step_mm(volume) > VOLUMETRY_MM
    told = [*chest_ct.cut_warnings(lungs)]
    if thick:
        told.append(
            f"Slices lie {chest_ct.step_mm(volume):g} mm apart: no volume is given (needed {VOLUMETRY_MM} mm or less), "
            "diameters hold within the slice only, and small nodules are missed or are vessels seen end on."
        )
    if len(candidates) > MOST:
        told.append(f"Found {len(candidates)} candidates; only the {MOST} largest are described.")
    nodules = [_measured(volume, one, whole.both, networks) for one in candidates[:MOST]]
    findings = tuple(_finding(volume, one, len(candidates), case.clinical, thick=thick) for one in nodules)
    card = networks.card(BUNDLE)
    findings = tuple(_with_suspicion(f, n, card) for f, n in zip(findings, nodules, strict=True))
    pictures_of = [(n.place.centre, n.place.mask(volume.geometry.shape)) for n in nodules[:4]]
    drawn = (_picture(volume, pictures_of),) if nodules else ()
    findings = (*findings, _count(len(candidates), smallest, thick=thick))
    return Answer(findings, tuple(told), illustrations=drawn, window=LUNG)


def _measured(volume: Volume, candidate: Candidate, lung: NDArray[np.bool_], networks: Networks) -> Nodule:
    """Outline by the network where it knows such pictures, its edge by attenuation; then measure."""
    card = networks.card(BUNDLE)
    asked = pictures(volume, candidate, card.input.width_px)
    suspicion, place = None, candidate
    outline = "Outlined by attenuation: the network was not taught on pixels or slices of this size."
    if asked is not None:
        output = networks.run(BUNDLE, asked.batch)
        suspicion = float(calibrate(output.logits[[asked.middle]], card)[0][card.labels.index("malignant")])
        outline = "Outlined by attenuation: the network leaves out more than 30 % of it."
        if output.mask_logits is not None:
            odds = output.mask_logits[:, 1] - output.mask_logits[:, 0]
            drawn = 1.0 / (1.0 + np.exp(-odds)) >= card.threshold("nodule")
            both = joined(volume, candidate, asked, drawn)
            if both is not None:
                place = both[0]
                outline = (
                    "Outlined by the network lung-nodule slice by slice, its edge set by attenuation; the two agree "
                    f"by a Dice of {both[1]:.2f}."
                )
    return Nodule(place, shape_of(volume, place, lung), _axes(volume, place), suspicion, outline)


def _axes(volume: Volume, place: Candidate) -> Diameters:
    """Long and short axis, measured in the box around the nodule."""
    low = [max(0, c - 2) for c in place.corner]
    high = [min(n, c + m + 2) for c, m, n in zip(place.corner, place.inside.shape, volume.geometry.shape, strict=True)]
    k, j, i = (slice(a, b) for a, b in zip(low, high, strict=True))
    affine = volume.geometry.affine.copy()
    affine[:3, 3] = volume.geometry.world(low)
    inside = place.mask(volume.geometry.shape)[k, j, i]
    box = Geometry((inside.shape[0], inside.shape[1], inside.shape[2]), affine)
    kept, edge = without_noise(inside, volume.values[k, j, i], place.edge_hu)
    return largest_diameters(Mask(kept, box, NODULE), edge)


def _finding(volume: Volume, nodule: Nodule, count: int, known: Clinical, *, thick: bool) -> Finding:
    """Numbers, place, words and rulings of one nodule."""
    place, shape, axes = nodule.place, nodule.shape, nodule.axes
    seen = Seen(
        long_mm=axes.long_mm,
        mean_mm=axes.mean_mm,
        kind=shape.kind,
        count=count,
        volume_mm3=None if thick else place.volume_mm3,
        solid_part_mm=None if shape.solid_mean_mm is None else min(shape.solid_mean_mm, axes.mean_mm),
        spiculated=shape.spiculated,
    )
    at = "touching the pleura" if place.pleura_mm < 1.0 else f"{place.pleura_mm:.0f} mm from the edge of the lung"
    return Finding(
        NODULE,
        location=f"{place.side} lung, {place.third} third by height, {at}; the lobe is not known",
        measurements=_measurements(nodule, thick=thick),
        mask=Mask(place.mask(volume.geometry.shape), volume.geometry, NODULE),
        limit=LIMIT,
        rulings=rulings_of(seen, known),
        notes=(*_words(nodule), *by_lobe(seen, known)),
    )


def _measurements(nodule: Nodule, *, thick: bool) -> tuple[Measurement, ...]:
    place, shape, axes = nodule.place, nodule.shape, nodule.axes
    within = "in the axial slice where it is longest, edges where the attenuation of the outline is crossed"
    found = [
        Measurement("mean diameter", axes.mean_mm, "mm", "half the sum of long and short axis"),
        Measurement("long axis", axes.long_mm, "mm", within),
        Measurement("short axis", axes.short_mm, "mm", "largest diameter perpendicular to the long axis, same slice"),
    ]
    if not thick:
        found += [
            Measurement("volume", place.volume_mm3, "mm3", "voxels of the outline, those at its edge by their share"),
            Measurement("effective diameter", place.diameter_mm, "mm", "diameter of the sphere of the same volume"),
        ]
    if shape.solid_mean_mm is not None:
        found.append(
            Measurement("mean diameter of the solid part", shape.solid_mean_mm, "mm", "largest part above -300 HU")
        )
    found += [
        Measurement("mean attenuation", place.mean_hu, "[hnsf'U]", "mean of the voxels inside, the edge left out"),
        Measurement("distance to the pleura", place.pleura_mm, "mm", "from the outline to the edge of the lung mask"),
    ]
    if not thick:
        found += [
            Measurement(
                "sphericity", shape.sphericity, "1", "Wadell: surface of the sphere of its volume over its own"
            ),
            Measurement("calcified share", shape.calcium_percent, "%", "inner voxels above 200 HU"),
        ]
    return tuple(found)


def _words(nodule: Nodule) -> tuple[str, ...]:
    """What was seen, and by which rule."""
    shape = nodule.shape
    rules = {
        "solid": "most of it is above -300 HU",
        "part-solid": "a part of it of 2 mm or more is above -300 HU, and the rest below",
        "non-solid": "no part of 2 mm or more is above -300 HU",
    }
    words = [f"{shape.kind.capitalize()}: {rules[shape.kind]}."]
    if shape.spiculated is None:
        words.append("Margin not judged: it needs 8 mm and slices of 1.5 mm or less.")
    else:
        word = "Spiculated" if shape.spiculated else "Lobulated" if shape.lobulated else "Smooth"
        words.append(
            f"{word}: {shape.spikes} strands leave it (5 make it spiculated), and it fills {shape.hull_fill:.0%} of "
            "its convex hull (less than 97 % makes it lobulated); vessels count as strands."
        )
    if shape.joined >= JOINED:
        words.append(
            f"It joins dense tissue outside the outline of the lung with {shape.joined:.0%} of its surface: where it "
            "goes on there, it is larger than measured."
        )
    if shape.calcium_percent >= 10.0:
        words.append("Calcified in part, or filled with contrast medium: 10 % or more of it is above 200 HU.")
    return (*words, nodule.outline)


def _with_suspicion(finding: Finding, nodule: Nodule, card: ModelCard) -> Finding:
    """The network's view beside the models': a probability of its own, which does not decide whether it is positive."""
    if nodule.suspicion is None:
        return finding
    threshold = card.threshold("malignant")
    side = "at or above" if nodule.suspicion >= threshold else "below"
    text = (
        f"The network lung-nodule gives a suspicion of malignancy of {nodule.suspicion:.0%}, {side} its threshold of "
        f"{threshold:.0%}: the opinion of radiologists who saw the CT alone, no better than size alone."
    )
    return replace(finding, details=((SUSPECTED, nodule.suspicion),), notes=(*finding.notes, text))


def _count(count: int, smallest_mm: float, *, thick: bool) -> Finding:
    text = (
        f"Looked for in both lungs: round things from {smallest_mm:g} mm that no vessel explains. Candidates, not "
        "diagnoses: lymph nodes, scars and forks of vessels look alike, and some nodules are missed."
    )
    more = ("On slices this thick, an empty list does not mean that there are none.",) if thick else ()
    return Finding(
        COUNT,
        measurements=(Measurement("candidates", float(count), "1", "blobs by size and shape inside the lungs"),),
        limit=FOUND,
        notes=(text, *more),
    )


def _picture(volume: Volume, lesions: list[tuple[tuple[int, int, int], NDArray[np.bool_]]]) -> Illustration:
    return Illustration(
        "The largest nodules",
        close_ups(volume, lesions),
        "Axial close-ups of 60 mm around the largest candidates, the largest on the left; orange: outline. The "
        "patient's right is on the left of each.",
    )


def priority(findings: tuple[Finding, ...]) -> Priority:
    """By the mean diameter of the largest nodule."""
    sizes = [f.measurements[0].value for f in findings if f.code == NODULE]
    return Priority.URGENT if any(size >= URGENT_MM for size in sizes) else Priority.ROUTINE


METHOD = method_card(
    name=NAME,
    version="1.0.0",
    modalities=("CT",),
    intended_use="Lists, for research, candidates for nodules on chest CT of adults, measures them, and gives what "
    "guidelines and models say of them. A physician reviews every answer.",
    not_for=(
        "Diagnosis, or any decision without a physician.",
        "Screening without a person: nodules are missed, and not every candidate is one.",
        "Volumes on slices more than 2.5 mm apart: refused.",
        "Ruling out metastases.",
    ),
    method=(
        "Bright blobs of 4 to 30 mm inside the lungs (nodules at the pleura and airless parts included) by differences "
        "of Gaussians whose peak is round; each is outlined at half the way from lung to its own attenuation; thin "
        "vessels are cut off; what is long, or fills little of its largest ball, is left out as a vessel.",
        "The bundle lung-nodule outlines each candidate slice by slice, on a window from -1000 to 1200 HU that matches "
        "the grey of its training pictures; its outline decides what belongs, attenuation where the edge runs. Where "
        "it leaves out more than 30 %, or was not taught on such pixels, attenuation alone decides, and a note says "
        "so.",
        "Solid, part-solid, non-solid by the share above -300 HU; spiculated with 5 strands or more on a shell at 1.3 "
        "radii; lobulated where it fills less than 97 % of its convex hull.",
        "Lung-RADS takes the CT as a first one (baseline).",
    ),
    limits=(
        "Developed on phantoms; no CT series with nodules marked by radiologists was at hand, so sensitivity and false "
        "candidates on real chests are not known.",
        "Lobes are not known: Brock and Mayo are not computable without the lobe; both answers are given as a note.",
        "Masses that touch the mediastinum or the diaphragm broadly are not found.",
        "Volumes come out up to 5 % too small at the pleura at 1 mm slices, up to 13 % on thicker ones.",
        "Spikes are left out of the volume.",
    ),
    results={
        "Phantoms, balls of 5 to 20 mm anywhere, slices of 1 mm": "38 of 40 found, 0.950 (0.835 to 0.986), none false",
        "Phantoms, round nodules of 9 to 20 mm, 1 mm: volume": "error -1.0 % on average, -4.8 to +1.1 %, n = 40",
        "Phantoms, the same: mean diameter": "error below 0.1 mm on average, -0.5 to +0.3 mm, n = 40",
        "Phantoms, the same on slices of 5 mm: mean diameter": "error -0.6 mm on average, -1.3 to -0.1 mm, n = 9",
        "Phantoms, solid, part-solid or non-solid": "right in 30 of 30 on slices of 1 mm",
    },
    sources=(
        "Kostis WJ et al. IEEE Trans Med Imaging 2003;22:1259-1274.",
        "Lindeberg T. Int J Comput Vis 1998;30:79-116.",
        "Armato SG et al. Medical Physics 2011;38:915-931 (data of the bundle).",
    ),
)

READER = Reader(
    name=NAME,
    area="chest CT",
    question="Which nodules does this chest CT show, how large and how suspicious are they, and what follows?",
    standing=Standing("not validated", "phantoms with nodules of known size; looked at on one chest CT"),
    triage="Urgent where a nodule has a mean diameter of 8 mm or more, else routine.",
    bundles=(BUNDLE,),
    method=METHOD,
    select=partial(chest_ct.select, needs=WANTED),
    check=partial(chest_ct.check, needs=WANTED),
    answer=answer,
    priority=priority,
    candidates=True,
)
