"""Fourteen findings on a frontal chest X-ray of an adult: answered, described or left open, each by its evidence."""

import numpy as np
from numpy.typing import NDArray

from secondread.accept.frontal_chest import check, select
from secondread.accept.person import OLDEST_YEARS
from secondread.core.card import ModelCard
from secondread.core.errors import CardError
from secondread.core.finding import Finding
from secondread.core.measurement import Measurement
from secondread.core.method import method_card
from secondread.core.output import Output
from secondread.core.reader import Answer, Case, Networks, Reader, Standing
from secondread.core.report import Priority
from secondread.engine.probabilities import calibrate
from secondread.explain.chest_findings import CODES, EVIDENCE, called, no_call, not_answered
from secondread.explain.reasons import Reasons, reasons_for
from secondread.prepare.model_space import to_model_space

BUNDLE = "chest-xray-findings"
URGENT = frozenset({"effusion", "consolidation", "edema"})


def answer(case: Case, networks: Networks) -> Answer:
    """One pass of the network, and what of its fourteen answers can be told."""
    card = networks.card(BUNDLE)
    prepared = to_model_space(case.image, card.input)
    output = networks.run(BUNDLE, prepared.tensor)
    probabilities = calibrate(output.logits, card)[0]
    findings = interpret(probabilities, output, reasons_for(case, networks, card, prepared), card)
    return Answer(findings, warnings=(_left_open(card),))


def interpret(
    probabilities: NDArray[np.float64], output: Output, reasons: Reasons, card: ModelCard
) -> tuple[Finding, ...]:
    """One finding for each label that is answered: the positive first, the described last.

    Args:
        probabilities: float64 [label], calibrated.
        output: The network's output for this one picture.
        reasons: How maps are made, and the way back to the original grid.
        card: Labels and thresholds.

    Raises:
        CardError: If the bundle answers none of the fourteen.
    """
    findings = []
    for number, label in enumerate(card.labels):
        if not_answered(label, card):
            continue
        probability = float(np.clip(probabilities[number], 0.0, 1.0))
        if no_call(label):
            findings.append(_described(label, probability))
        else:
            findings.append(called(label, probability, output.cam[0, number], reasons, card, notes=_notes(label)))
    if not findings:
        raise CardError(f"card of {card.name!r}: no label of it is known to this reader; found {card.labels}")
    return tuple(sorted(findings, key=_order))


def _described(label: str, probability: float) -> Finding:
    """A label that the network ranks, without a threshold that can be trusted: never called present or absent."""
    value = Measurement("calibrated probability", 100.0 * probability, "%", f"network {BUNDLE}, no threshold applied")
    return Finding(CODES[label], measurements=(value,), notes=(f"No call is made: {no_call(label)}.", *_notes(label)))


def _notes(label: str) -> tuple[str, ...]:
    known = EVIDENCE[label]
    if known.beyond_grey[1] > 0.0:
        return (known.told,)
    return (known.told, "It was not shown to know more than the grey levels of the picture alone tell.")


def _order(finding: Finding) -> tuple[bool, bool, float]:
    """Positive before negative before described, each by how far it lies above its threshold."""
    if finding.probability is None or finding.threshold is None:
        return True, True, -finding.measurements[0].value
    return not finding.positive, False, -finding.probability / finding.threshold


def _left_open(card: ModelCard) -> str:
    """The labels that are not answered, by reason."""
    reasons: dict[str, list[str]] = {}
    for label in card.labels:
        if why := not_answered(label, card):
            reasons.setdefault(why, []).append(label)
    told = "; ".join(f"{', '.join(labels)} ({why})" for why, labels in reasons.items())
    return f"Not answered, which does not mean absent: {told}. Devices and fractures are not looked for."


def priority(findings: tuple[Finding, ...]) -> Priority:
    """A person should look soon at what may be fluid or consolidation; a large heart can wait its turn."""
    urgent = {CODES[label] for label in URGENT}
    found = any(finding.positive and finding.code in urgent for finding in findings)
    return Priority.URGENT if found else Priority.ROUTINE


METHOD = method_card(
    name="chest-xray-findings-rules",
    version="1.0.0",
    modalities=("CR", "DX"),
    age_years=(18.0, OLDEST_YEARS),
    intended_use=(
        "Says, for research, how much a frontal chest X-ray of an adult looks like those whose report named each of "
        "fourteen findings, as far as the data could teach it. A physician reviews every answer."
    ),
    not_for=(
        "Diagnosis, ruling anything out, or any decision without a physician.",
        "Children, lateral views, and photographs of films.",
        "Devices, fractures, and whatever is not among the fourteen.",
    ),
    method=(
        "The bundle chest-xray-findings sees the picture at 64 x 64 pixels and gives a calibrated probability and a "
        "map for each of fourteen labels.",
        "A label is answered when its threshold was chosen on data with both answers, when in cross-validation the "
        "network ranks better than 24 numbers about grey levels, and when on test pictures it ranks no worse.",
        "A yes or no is given when at least 15 positive pictures stood behind its threshold; otherwise the probability "
        "stands alone, without a call.",
    ),
    limits=(
        "64 pixels: small things cannot be seen.",
        "The labels of its training data were mined from reports: about one in ten is wrong.",
        "View (AP or PA) goes with disease in the data, and the network may have learnt the view.",
        "A map says where the network looked, not how far a disease reaches.",
    ),
    sources=(
        "Wang X et al. ChestX-ray8: Hospital-scale Chest X-ray Database and Benchmarks. CVPR 2017. Images: NIH "
        "Clinical Center.",
    ),
    results={
        f"{label}: AUROC in cross-validation": (
            f"{known.auroc[0]:.3f} ({known.auroc[1]:.3f} to {known.auroc[2]:.3f}), {known.pictures} positive of 1707 "
            f"pictures; beyond grey levels {known.beyond_grey[0]:+.3f} ({known.beyond_grey[1]:.3f} to "
            f"{known.beyond_grey[2]:.3f})"
        )
        for label, known in EVIDENCE.items()
    },
)

READER = Reader(
    name="chest-xray-findings",
    area="chest X-ray",
    question="Which of fourteen findings does this frontal chest X-ray of an adult show?",
    standing=Standing("limited", "285 test pictures of one source; 8 of 14 findings are answered, 4 with a call"),
    triage="Urgent where effusion, consolidation or edema is at or above its threshold, else routine.",
    bundles=(BUNDLE,),
    method=METHOD,
    gate="chest-xray-gate",
    select=select,
    check=check,
    answer=answer,
    priority=priority,
)
