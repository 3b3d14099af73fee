"""Places on a frontal chest X-ray of an adult that look like tuberculosis: marks, never a verdict on the person."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from secondread.accept.frontal_chest import check, select
from secondread.accept.person import OLDEST_YEARS
from secondread.core.card import InputContract, ModelCard
from secondread.core.code import LOCAL, Code
from secondread.core.errors import BundleError
from secondread.core.finding import Finding, Limit
from secondread.core.image import Image
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.method import method_card
from secondread.core.reader import Answer, Case, Networks, Reader, Standing
from secondread.core.report import Priority
from secondread.engine.marks import marks_of
from secondread.explain.place import place
from secondread.prepare.model_space import to_model_space
from secondread.prepare.way_back import mask_to_source, points_to_source

BUNDLE, STRUCTURE = "tuberculosis", "tuberculosis"
MARKS_THRESHOLD = "tuberculosis marks"
# Not the disease itself (SCT 154283005): a mark says what a place looks like, not what the person has.
LOOKS_LIKE = Code(LOCAL, "tb-like-place", "Place that looks like tuberculosis")
MOST_MARKS = 8
WORDS_SIDE_PX = 96  # of the small picture that a place is put into words on
SCORE = "height of the mark: smoothed score of the network at its peak, from 0 to 1; not a probability of disease"
WARNINGS = (
    "Marks say where to look, not whether the person has tuberculosis: the network saw no picture without it from the "
    "same source, and marks two places a picture even in people of another source whose report names no finding.",
    "Active and old tuberculosis are marked alike and cannot be told apart by it.",
    "No mark does not mean no tuberculosis.",
)


def answer(case: Case, networks: Networks) -> Answer:
    """One pass of the network, and the marks it leaves."""
    card = networks.card(BUNDLE)
    output = networks.run(BUNDLE, to_model_space(case.image, card.input).tensor)
    if output.mask_logits is None or STRUCTURE not in card.structures:
        raise BundleError(f"bundle {BUNDLE!r}: outlines no {STRUCTURE}; needed its scores at every place")
    scores = scores_of(output.mask_logits[0], card.structures.index(STRUCTURE))
    return Answer(interpret(scores, case.image, card), warnings=WARNINGS)


def scores_of(mask_logits: NDArray[np.float32], structure: int) -> NDArray[np.float64]:
    """Score of the structure at every place, float64 [h, w], in steps of 1/255 as its thresholds were chosen on.

    Args:
        mask_logits: float32 [1 + structure, h, w], the background first.
        structure: Which, from 0.
    """
    odds = np.exp(mask_logits.astype(np.float64) - mask_logits.max(axis=0))
    return np.asarray(np.rint(255.0 * odds[1 + structure] / odds.sum(axis=0)) / 255.0)


def interpret(scores: NDArray[np.float64], image: Image, card: ModelCard) -> tuple[Finding, ...]:
    """A finding for each mark, the strongest first; without any, one that says so.

    Args:
        scores: float64 [h, w] on the network's input.
        image: The picture they belong to.
        card: The thresholds of marks and of outlines, and how the picture reached the input.
    """
    least = card.threshold(MARKS_THRESHOLD)
    limit = Limit(least, f"marks threshold of bundle {card.name}: at most 1 false mark a picture on validation")
    places, heights = marks_of(scores)
    kept = [(spot, float(height)) for spot, height in zip(places, heights, strict=True) if height >= least]
    if not kept:
        return (_none(float(heights.max(initial=0.0)), limit),)
    regions = _regions(scores >= card.threshold(STRUCTURE), [spot for spot, _ in kept])
    left_out = len(kept) - MOST_MARKS
    findings = [
        _marked(spot, height, region, image, card.input, limit)
        for (spot, height), region in zip(kept[:MOST_MARKS], regions, strict=False)
    ]
    if left_out > 0:
        note = f"{left_out} weaker mark{'s' * (left_out > 1)} not shown."
        findings.append(Finding(LOOKS_LIKE, notes=(note,)))
    return tuple(findings)


def _none(height: float, limit: Limit) -> Finding:
    measured = Measurement("strongest mark", height, "1", SCORE)
    return Finding(LOOKS_LIKE, measurements=(measured,), limit=limit, notes=("No place reaches the marks threshold.",))


def _marked(
    spot: NDArray[np.float64],
    height: float,
    region: NDArray[np.bool_] | None,
    image: Image,
    contract: InputContract,
    limit: Limit,
) -> Finding:
    """One mark: its height, its place in words, and the outline around it where the network drew one."""
    column, row = points_to_source([[spot[1] + 0.5, spot[0] + 0.5]], image.shape, contract)[0]
    measured = Measurement("mark", height, "1", SCORE)
    mask = None
    note = "The network drew no outline around this mark."
    if region is not None:
        inside = mask_to_source(region, image.shape, contract)
        mask = Mask(inside, image.spacing_mm, LOOKS_LIKE) if inside.any() else None
        note = "The outline is coarse: on test pictures its size was off by 69 % on average."
    where = place_in_words(row / image.shape[0], column / image.shape[1])
    return Finding(LOOKS_LIKE, location=where, measurements=(measured,), mask=mask, limit=limit, notes=(note,))


def place_in_words(down: float, across: float) -> str:
    """Side and third of a point given in shares of the picture's height and width.

    >>> place_in_words(0.9, 0.2)
    'right side of the patient (left of the picture), lower third'
    """
    spot = np.zeros((WORDS_SIDE_PX, WORDS_SIDE_PX), np.float32)
    j, i = (int(np.clip(share * WORDS_SIDE_PX, 0, WORDS_SIDE_PX - 1)) for share in (down, across))
    spot[j, i] = 1.0
    return place(spot)


def _regions(drawn: NDArray[np.bool_], spots: Sequence[NDArray[np.float64]]) -> list[NDArray[np.bool_] | None]:
    """For each mark the drawn pixels that are nearest to it within the connected part it lies in, or None."""
    from scipy.ndimage import label

    parts, _ = label(drawn, np.ones((3, 3)))
    rows, columns = np.indices(drawn.shape)
    whose = np.argmin([(rows - spot[0]) ** 2 + (columns - spot[1]) ** 2 for spot in spots], axis=0)
    regions: list[NDArray[np.bool_] | None] = []
    for number, spot in enumerate(spots):
        part = parts[round(float(spot[0])), round(float(spot[1]))]
        regions.append((parts == part) & (whose == number) if part else None)
    return regions


def priority(findings: tuple[Finding, ...]) -> Priority:  # noqa: ARG001 - the rule does not look
    """Marks say where to look, not how soon."""
    return Priority.ROUTINE


METHOD = method_card(
    name="chest-xray-tuberculosis",
    version="1.0.0",
    modalities=("CR", "DX"),
    age_years=(18.0, OLDEST_YEARS),
    intended_use=(
        "Marks, for research, places on a frontal chest X-ray of an adult that look like the tuberculosis of the "
        "network's training data. A physician reviews every mark."
    ),
    not_for=(
        "Diagnosis, or any decision without a physician.",
        "Deciding whether a person has tuberculosis, or does not.",
        "Telling active from old disease.",
        "Children, lateral views, and photographs of films.",
    ),
    method=(
        "The bundle tuberculosis gives a score to every place of the picture at 192 x 192 pixels.",
        "Peaks of the smoothed scores at or above the marks threshold of its card are marks; what is drawn lies at or "
        "above its outline threshold, and each drawn pixel belongs to its nearest mark.",
    ),
    limits=(
        "The network saw no picture without tuberculosis from its own source; in people of other sources without a "
        "finding it leaves about two marks a picture.",
        "A hit is counted when the peak lies inside a box drawn by a person, which is easier than an outline.",
    ),
    sources=("Liu Y et al. Rethinking Computer-aided Tuberculosis Diagnosis. CVPR 2020.",),
    results={
        "lesions marked at the marks threshold": "0.906 (0.858 to 0.946), 193 of 213 on 145 test pictures, all with "
        "tuberculosis",
        "false marks a picture there": "0.772 (0.641 to 0.917) outside the boxes of those pictures",
        "false marks a picture on cxr-nih without finding": "2.110 (2.002 to 2.210), 453 pictures of another source",
    },
)

READER = Reader(
    name="chest-xray-tuberculosis",
    area="chest X-ray",
    question="Which places on this frontal chest X-ray of an adult look like tuberculosis?",
    standing=Standing("limited", "145 test pictures, all with tuberculosis; none without it from the same source"),
    triage="Always routine: marks say where to look, not how soon, and healthy people get some too.",
    bundles=(BUNDLE,),
    method=METHOD,
    gate="chest-xray-gate",
    select=select,
    check=check,
    answer=answer,
    priority=priority,
)
