"""What on a frontal chest X-ray of an adult might be a nodule or a mass, and in which region of the chest."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from secondread.accept.frontal_chest import check, select
from secondread.accept.person import OLDEST_YEARS
from secondread.core.card import ModelCard
from secondread.core.code import LOCAL, Code
from secondread.core.errors import CardError
from secondread.core.finding import Finding
from secondread.core.image import Image
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.method import method_card
from secondread.core.output import Output
from secondread.core.reader import Answer, Case, Networks, Reader, Standing
from secondread.core.report import Priority
from secondread.engine.probabilities import calibrate
from secondread.explain.chest_findings import EVIDENCE, called
from secondread.explain.class_map import above
from secondread.explain.reasons import Reasons, reasons_for
from secondread.prepare.model_space import to_model_space

BUNDLE, LABELS = "chest-xray-findings", ("mass", "nodule")
REGION = Code(LOCAL, "cxr-region", "Region that speaks for a nodule or mass")
SIDES = ("right side of the patient (left of the picture)", "left side of the patient (right of the picture)")
ZONES = ("upper third", "middle third", "lower third")
HALF_OF_PEAK = 0.5
MOST_REGIONS = 3
SUPPORT = (
    "largest sum of the class activation maps of nodule and mass in this sixth of the picture, less its mean, in logits"
)
COVERED = (
    "largest sum of the falls of the log odds of nodule and mass when a cell in this sixth of the picture is covered"
)
WARNINGS = (
    "A nodule or mass on an X-ray is a suspicion, not a cancer: many are harmless, and the network was taught words of "
    "reports, never a proven malignancy.",
    "The network sees 64 x 64 pixels, one of which covers more than half a centimetre of a usual chest: small nodules "
    "cannot be seen by it. Its thresholds rest on 1 picture with a mass and 6 with a nodule.",
    "The map and the regions say where its answer came from; they were not shown to point at a lesion.",
)


def answer(case: Case, networks: Networks) -> Answer:
    """One pass of the network, its two answers, and the regions that spoke for them."""
    card = networks.card(BUNDLE)
    prepared = to_model_space(case.image, card.input)
    output = networks.run(BUNDLE, prepared.tensor)
    reasons = reasons_for(case, networks, card, prepared)
    findings = interpret(calibrate(output.logits, card)[0], output, reasons, card, case.image)
    return Answer(findings, warnings=WARNINGS)


def interpret(
    probabilities: NDArray[np.float64], output: Output, reasons: Reasons, card: ModelCard, image: Image
) -> tuple[Finding, ...]:
    """Mass and nodule, the positive first; where one is positive, the regions after them.

    Args:
        probabilities: float64 [label], calibrated.
        output: The network's output for this one picture.
        reasons: How maps are made, and the way back to the original grid.
        card: Labels and thresholds.
        image: The picture.

    Raises:
        CardError: If the bundle does not answer nodule and mass.
    """
    if not set(LABELS) <= set(card.labels):
        raise CardError(f"card of {card.name!r}: found labels {card.labels}; this reader needs {', '.join(LABELS)}")
    numbers = [card.labels.index(label) for label in LABELS]
    answers = []
    for label, number in zip(LABELS, numbers, strict=True):
        probability, notes = float(np.clip(probabilities[number], 0.0, 1.0)), (EVIDENCE[label].told,)
        answers.append(called(label, probability, output.cam[0, number], reasons, card, notes=notes, relative=True))
    answers.sort(key=lambda finding: not finding.positive)
    if not any(finding.positive for finding in answers):
        return tuple(answers)
    if all(reasons.occluded(label) for label in LABELS):
        together = np.sum([reasons.covered((number,)) for number in numbers], axis=0)
        return (*answers, *_regions(together, image, COVERED))
    spoke = above(output.cam[0, numbers].sum(axis=0), relative=True)
    return (*answers, *_regions(reasons.prepared.to_source(spoke), image, SUPPORT))


def _regions(together: NDArray[np.float32], image: Image, how: str) -> list[Finding]:
    """The sixths of the picture in which the maps reach half of their peak, strongest first; never positive."""
    peak = float(together.max())
    if peak <= 0.0:
        return []
    rows, columns = together.shape
    thirds, middle = (0, rows // 3, rows - rows // 3, rows), columns // 2
    found = []
    for zone, (top, bottom) in enumerate(pairwise(thirds)):
        for side, across in enumerate((slice(0, middle), slice(middle, columns))):
            inside = np.zeros(together.shape, dtype=np.bool_)
            inside[top:bottom, across] = together[top:bottom, across] >= HALF_OF_PEAK * peak
            if inside.any():
                found.append((float(together[inside].max()), f"{SIDES[side]}, {ZONES[zone]}", inside))
    found.sort(key=lambda region: -region[0])
    return [
        _region(Measurement("support", value, "1", how), where, inside, image)
        for value, where, inside in found[:MOST_REGIONS]
    ]


def _region(measured: Measurement, where: str, inside: NDArray[np.bool_], image: Image) -> Finding:
    return Finding(
        REGION,
        location=where,
        measurements=(measured,),
        mask=Mask(inside, image.spacing_mm, REGION),
        notes=("Where the maps reach half of their peak: where to look, not the outline of a lesion.",),
    )


def priority(findings: tuple[Finding, ...]) -> Priority:  # noqa: ARG001 - every reader takes them
    """No hurry by thresholds that rest on so few pictures: about one adult in four would come first for nothing."""
    return Priority.ROUTINE


METHOD = method_card(
    name="chest-xray-malignancy-suspicion",
    version="1.0.0",
    modalities=("CR", "DX"),
    age_years=(18.0, OLDEST_YEARS),
    intended_use=(
        "Says, for research, whether a frontal chest X-ray of an adult looks like those whose report named a nodule or "
        "a mass, and in which sixth of the picture. A physician reviews every answer."
    ),
    not_for=(
        "Diagnosis, ruling cancer out, screening, or any decision without a physician.",
        "Measuring a nodule: an X-ray at 64 pixels has no size to give; use a CT.",
        "Children, lateral views, and photographs of films.",
    ),
    method=(
        "The answers nodule and mass of the bundle chest-xray-findings, each at the threshold of its card.",
        "Where one is positive, the class activation maps of both are added; sixths of the picture in which the sum, "
        "less its mean over the picture, reaches half of its peak are named. Where occlusion maps were asked for, "
        "or are rated better, those are added instead.",
    ),
    limits=(
        "The labels are words of reports, not proven cancers, and about one in ten is wrong.",
        "The thresholds were chosen on 1 picture with a mass and 6 with a nodule.",
        "The maps say where less speaks against a nodule or mass than on average. On the pictures looked at they "
        "covered large parts of the chest and pointed at no lesion. Regions by occlusion maps were not measured.",
    ),
    sources=(
        "Wang X et al. ChestX-ray8: Hospital-scale Chest X-ray Database and Benchmarks. CVPR 2017. Images: NIH "
        "Clinical Center.",
    ),
    results={
        **{
            f"{label}: AUROC in cross-validation": (
                f"{known.auroc[0]:.3f} ({known.auroc[1]:.3f} to {known.auroc[2]:.3f}), {known.pictures} pictures of "
                f"{known.patients} people"
            )
            for label, known in EVIDENCE.items()
            if label in LABELS
        },
        "nodule or mass on the test split": "AUROC 0.732 (0.436 to 0.991), 5 positive of 273 adults",
        "called at either threshold there": "sensitivity 0.600 (0.231 to 0.882), specificity 0.754 (0.699 to 0.801)",
    },
)

READER = Reader(
    name="chest-xray-malignancy-suspicion",
    area="chest X-ray",
    question="Does anything on this frontal chest X-ray of an adult look like a nodule or a mass, and in which region?",
    standing=Standing("not validated", "5 positive test pictures; its labels ranked in cross-validation only"),
    triage="Routine, always: its thresholds rest on 1 and 6 pictures, which is too little to let other patients wait.",
    bundles=(BUNDLE,),
    method=METHOD,
    gate="chest-xray-gate",
    select=select,
    check=check,
    answer=answer,
    priority=priority,
)
