"""Pneumonia on a frontal chest X-ray, and whether it looks bacterial or viral."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from secondread.accept.frontal_chest import check, select
from secondread.core.card import ModelCard
from secondread.core.code import SCT, Code
from secondread.core.errors import CardError
from secondread.core.finding import Finding
from secondread.core.image import Image
from secondread.core.output import Output
from secondread.core.reader import Answer, Case, Networks, Prepared, Reader, Standing
from secondread.core.report import Priority
from secondread.engine.probabilities import calibrate
from secondread.explain.class_map import strongest
from secondread.explain.reasons import Reasons, reasons_for
from secondread.explain.support import support
from secondread.prepare.model_space import to_model_space

# Source: SNOMED CT concepts as published in the OHDSI vocabularies and in SNOMED International's documentation.
PNEUMONIA = Code(SCT, "233604007", "Pneumonia")
BACTERIAL = Code(SCT, "53084003", "Bacterial pneumonia")
VIRAL = Code(SCT, "75570004", "Viral pneumonia")

BUNDLE = "chest-xray-pneumonia"


def answer(case: Case, networks: Networks) -> Answer:
    """One pass of the network over the picture, and what it says."""
    card = networks.card(BUNDLE)
    prepared = prepare(case.image, card)
    output = networks.run(BUNDLE, prepared.tensor)
    reasons = reasons_for(case, networks, card, prepared)
    return Answer(interpret(calibrate(output.logits, card)[0], output, reasons, card))


def prepare(image: Image, card: ModelCard) -> Prepared:
    """The picture as the network saw pictures in training."""
    return to_model_space(image, card.input)


def interpret(
    probabilities: NDArray[np.float64], output: Output, reasons: Reasons, card: ModelCard
) -> tuple[Finding, ...]:
    """One finding, with its likely cause; the reason and the place only when it is positive.

    Args:
        probabilities: float64 [label], calibrated.
        output: The network's output for this one picture.
        reasons: How maps are made, and the way back to the original grid.
        card: Labels and thresholds.

    Raises:
        CardError: If a label or a threshold is missing.
    """
    normal, bacterial, viral = (_position(card, label) for label in ("normal", "bacterial", "viral"))
    cause = ((BACTERIAL, float(probabilities[bacterial])), (VIRAL, float(probabilities[viral])))
    finding = Finding(
        code=PNEUMONIA,
        probability=float(np.clip(1.0 - probabilities[normal], 0.0, 1.0)),
        threshold=card.threshold("pneumonia"),
        details=cause,
        point=(card.name, "pneumonia"),
    )
    if not finding.positive:
        return (finding,)
    reason = reasons.of("pneumonia", (bacterial, viral), support(output.cam[0], probabilities, (bacterial, viral)))
    where = None if reason is None else strongest(reason)
    return (replace(finding, map=reason, location=where),)


def _position(card: ModelCard, label: str) -> int:
    if label not in card.labels:
        raise CardError(f"card of {card.name!r}: no label {label!r}; this reader needs normal, bacterial and viral")
    return card.labels.index(label)


def priority(findings: tuple[Finding, ...]) -> Priority:
    """A person should look soon at what may be pneumonia."""
    return Priority.URGENT if any(finding.positive for finding in findings) else Priority.ROUTINE


READER = Reader(
    name="chest-xray-pneumonia",
    area="chest X-ray",
    question="Does this frontal chest X-ray show pneumonia, and does it look bacterial or viral?",
    standing=Standing("validated", "children of one hospital, patients the network never saw"),
    triage="Urgent where pneumonia is at or above its threshold, else routine.",
    bundles=(BUNDLE,),
    gate="chest-xray-gate",
    select=select,
    check=check,
    answer=answer,
    priority=priority,
)
