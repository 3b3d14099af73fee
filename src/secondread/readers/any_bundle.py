"""What a bundle sees, for bundles that no reader was written for: one finding a label, and every reservation said."""

import hashlib
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import ModelCard
from secondread.core.code import LOCAL, Code
from secondread.core.errors import UsageError, short_uid
from secondread.core.finding import Finding, Map
from secondread.core.image import Image
from secondread.core.output import Output
from secondread.core.reader import Answer, Case, GateView, Networks, Prepared, Reader, Standing
from secondread.core.report import Priority, Refusal
from secondread.core.study import Series, Study
from secondread.engine.probabilities import calibrate
from secondread.explain.class_map import above
from secondread.explain.reasons import Reasons, reasons_for
from secondread.explain.support import support
from secondread.prepare.model_space import to_model_space

CODE_LENGTH = 16  # Source: DICOM PS3.5 6.2, a code value is a short string (SH)
DISPLAY_LENGTH = 64  # Source: the same, a code meaning is a long string (LO)
LEVELS = 2  # a picture of one grey level shows nothing
UNCHECKED = (
    "No reader was written for this bundle: besides what its card states, nothing made sure that the picture shows "
    "what the network was trained on."
)


def reader_of(card: ModelCard) -> Reader:
    """A reader made from a card alone.

    Its findings are the labels that have a threshold of their name. How urgent they are nobody has said, so every
    answer is routine.

    Args:
        card: Of a bundle that answers a question about one grey picture.

    Raises:
        UsageError: If the bundle is no reader, needs more than one grey picture, or no threshold is named after one
            of its labels.
    """
    where = f"bundle {card.name!r}"
    if card.role != "reader":
        raise UsageError(f"{where}: its role is {card.role!r}, needed 'reader'. Ask another bundle.")
    if card.input.depth_px or card.input.channels != 1:
        needs = f"{card.input.depth_px} slices" if card.input.depth_px else f"{card.input.channels} pictures at once"
        raise UsageError(f"{where}: it needs {needs}, and --bundle gives it one grey picture. Write a reader for it.")
    if not questions(card):
        raise UsageError(
            f"{where}: its thresholds are {[point.name for point in card.thresholds]}, its labels {list(card.labels)}; "
            "needed a threshold named after a label, or nobody knows what it decides. Write a reader for it."
        )

    def answer(case: Case, networks: Networks) -> Answer:
        prepared = prepare(case.image, card)
        output = networks.run(card.name, prepared.tensor)
        reasons = reasons_for(case, networks, card, prepared)
        return Answer(interpret(calibrate(output.logits, card)[0], output, reasons, card))

    return Reader(
        name=card.name,
        area="any single picture",
        question=f"What does the bundle {card.name} see: {', '.join(questions(card))}?",
        standing=Standing("not validated", "see the card of the bundle; nobody wrote a reader for it"),
        triage="Always routine: nobody has said how urgent its labels are.",
        bundles=(card.name,),
        select=select,
        check=check,
        answer=answer,
        priority=priority,
    )


def questions(card: ModelCard) -> tuple[str, ...]:
    """Labels that have a threshold of their name."""
    named = {point.name for point in card.thresholds}
    return tuple(label for label in card.labels if label in named)


def select(study: Study, card: ModelCard) -> Series | Refusal:
    """The one picture of the study that fits the card; of several the one with the smallest SOP Instance UID."""
    fitting = [series for series in study.series if fits(series, card)]
    if not fitting:
        found = ", ".join(sorted({s.modality or f"no modality ({s.kind})" for s in study.series}))
        needed = " or ".join(card.input.modalities) or "a picture without tags: its card names no modality"
        return Refusal(
            "modality", f"Found {found}; needed {needed}.", "Send what the bundle was made for, or ask another reader."
        )
    verdicts = [refused(series, card) or series for series in sorted(fitting, key=place)]
    return next((verdict for verdict in verdicts if isinstance(verdict, Series)), verdicts[0])


def fits(series: Series, card: ModelCard) -> bool:
    """Whether the modality is one of the card's; a picture without tags may be."""
    return series.modality in card.input.modalities or (series.kind == "raster" and not series.modality)


def place(series: Series) -> str:
    """What series are sorted by, the same in every run."""
    return min(file.sop_instance_uid for file in series.files)


def refused(series: Series, card: ModelCard) -> Refusal | None:
    """Why a series of the right modality is not the picture that the card asks for."""
    if series.kind not in {"dicom", "raster"} or len(series.files) > 1 or series.files[0].frames > 1:
        frames = max(len(series.files), series.files[0].frames)
        return Refusal(
            "field-of-view",
            f"Found a series of {frames} pictures ({series.kind}); needed a single picture.",
            "Send the one picture, or ask a reader for volumes.",
        )
    if series.view and card.input.views and series.view not in card.input.views:
        return Refusal(
            "view",
            f"Found view {series.view}; needed {' or '.join(card.input.views)}.",
            "Send the view that is needed.",
        )
    if series.intent == "FOR PROCESSING":
        return Refusal(
            "processing",
            "Found raw detector values (FOR PROCESSING); needed a picture FOR PRESENTATION.",
            "Send the processed picture of the same exposure.",
        )
    return None


def check(
    case: Case,
    gate: GateView | None,  # noqa: ARG001 - every reader takes it
    card: ModelCard,
) -> Refusal | tuple[str, ...]:
    """Refusal, or warnings: what was not checked, and everything that the card says the bundle is not for."""
    study, series, image = case.study, case.series[0], case.image
    ages, age = card.input.age_years, study.age_years
    if ages and age is not None and not ages[0] <= age < ages[1] + 1.0:  # a person of 5 is below 6
        return Refusal(
            "population",
            f"Found a person of {age:.0f} years; needed {ages[0]:g} to {ages[1]:g}: the network saw no others.",
            "Ask a reader made for this age.",
        )
    seen = image.values if image.padding is None else image.values[~image.padding]
    if seen.size == 0 or len(np.unique(np.round(seen * 255.0))) < LEVELS:
        return Refusal("quality", "Found a blank picture; needed one that shows something.", "Send the picture again.")
    warnings = [UNCHECKED, *(f"Not for: {text}" for text in card.not_for)]
    if not series.modality:
        warnings.append("A picture without DICOM tags: modality, view and age could not be checked.")
    elif card.input.views and not series.view:
        warnings.append("The tags do not state the view.")
    if ages and age is None and series.modality:
        warnings.append(f"The patient's age is not stated; the network saw {ages[0]:g} to {ages[1]:g} years only.")
    others = [other for other in study.series if fits(other, card) and refused(other, card) is None]
    if len(others) > 1:
        warnings.append(f"The study holds {len(others)} such pictures; only {short_uid(place(series))} was read.")
    if card.structures:
        warnings.append(f"The bundle also outlines {', '.join(card.structures)}; this way of asking shows no outlines.")
    return tuple(warnings)


def prepare(image: Image, card: ModelCard) -> Prepared:
    """The picture as the network saw pictures in training."""
    return to_model_space(image, card.input)


def interpret(
    probabilities: NDArray[np.float64], output: Output, reasons: Reasons, card: ModelCard
) -> tuple[Finding, ...]:
    """One finding a label that has a threshold; the reason only where it is positive.

    Args:
        probabilities: float64 [label], calibrated.
        output: The network's output for this one picture.
        reasons: How maps are made, and the way back to the original grid.
        card: Labels and thresholds.
    """
    found = []
    for label in questions(card):
        number = card.labels.index(label)
        finding = Finding(
            code=code_of(card, label),
            probability=float(np.clip(probabilities[number], 0.0, 1.0)),
            threshold=card.threshold(label),
            point=(card.name, label),
        )
        found.append(
            replace(finding, map=reason(output, probabilities, number, reasons, card)) if finding.positive else finding
        )
    return tuple(found)


def code_of(card: ModelCard, label: str) -> Code:
    """A code of our own: what a label of somebody's data set means, no published code is known to say.

    The same label of two bundles may mean two things, so the code hangs on both names.
    """
    value = hashlib.sha256(f"{card.name}\n{label}".encode()).hexdigest()[:CODE_LENGTH]
    return Code(LOCAL, value, label[:DISPLAY_LENGTH])


def reason(
    output: Output, probabilities: NDArray[np.float64], number: int, reasons: Reasons, card: ModelCard
) -> Map | None:
    """Where the picture spoke for a label; None when no place did."""
    maps = output.cam[0]
    alone = card.activation == "sigmoid"
    spoke = above(maps[number], relative=False) if alone else support(maps, probabilities, (number,))
    return reasons.of(card.labels[number], (number,), spoke)


def priority(findings: tuple[Finding, ...]) -> Priority:  # noqa: ARG001 - every reader takes them
    """Routine: nobody has said how urgent a label is."""
    return Priority.ROUTINE
