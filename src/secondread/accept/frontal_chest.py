"""A frontal chest X-ray: which picture of a study it is, and whether it may be read."""

import re

import numpy as np
from numpy.typing import NDArray

from secondread.accept.age import ADULT_YEARS
from secondread.accept.checks import Warned
from secondread.accept.person import OLDEST_YEARS, age_of
from secondread.core.card import ModelCard
from secondread.core.errors import short_uid
from secondread.core.image import Image
from secondread.core.reader import Case, GateView
from secondread.core.report import Refusal
from secondread.core.study import Series, Study
from secondread.prepare.resize import resize
from secondread.report.wording import percents

# Source: DICOM PS3.3 C.8.1.1.1 (CR View Position) and C.8.11.5 (DX View Position); the words are what sites write.
FRONTAL = frozenset({"PA", "AP", "POSTEROANTERIOR", "ANTEROPOSTERIOR", "FRONTAL"})
NOT_FRONTAL = frozenset(
    {"LL", "RL", "LLD", "RLD", "LLO", "RLO", "LAO", "RAO", "LPO", "RPO", "LAT", "LLAT", "RLAT", "LATERAL"}
    | {"LATERO", "OBLIQUE", "DECUBITUS"}
)
CHEST_WORDS = ("CHEST", "THORAX", "LUNG")

MIN_SIDE_PX = 64
# A film is 0.8 to 1.25 times as wide as high and a crop to the lungs stays below 2; 2.5 holds no whole chest.
MAX_ASPECT = 2.5
# Of 1,000 public chest X-rays the flattest had a deviation of 0.11 and 140 grey levels.
MIN_DEVIATION = 0.02
MIN_LEVELS = 16
SAMPLED_SIDE_PX = 256
# Correlation of neighbouring pixels at 64 x 64: at least 0.79 in 1,000 public chest X-rays, at most 0.26 in white
# noise of 64 to 1000 px a side.
NOISE_SIDE_PX = 64
MIN_CORRELATION = 0.5

_GATE_REASONS = {
    "inverted": (
        "inversion",
        "its greys look inverted (bones dark, air bright)",
        "Send it with the right photometric interpretation, or invert it before export.",
    ),
    "rotated": ("orientation", "it looks turned or upside down", "Turn it upright and send it again."),
    "cropped": (
        "field-of-view",
        "it shows only a part of the chest, or the chest from the side",
        "Send the whole frontal picture.",
    ),
    "other": ("not-a-chest-x-ray", "it does not look like a frontal chest X-ray", "Choose a frontal chest X-ray."),
}


def select(study: Study, card: ModelCard) -> Series | Refusal:
    """The frontal chest X-ray of the study by its tags, or why there is none.

    Of several, the one with the smallest SOP Instance UID: the same on every run.
    """
    xrays = _radiographs(study, card)
    if not xrays:
        found = ", ".join(sorted({s.modality or f"no modality ({s.kind})" for s in study.series}))
        needed = " or ".join(card.input.modalities)
        return Refusal(
            "modality",
            f"Found {found}; needed a chest radiograph ({needed}).",
            "Send a frontal chest X-ray, or ask a reader for this modality.",
        )
    verdicts = [_refused_by_tags(series) or series for series in xrays]
    return next((verdict for verdict in verdicts if isinstance(verdict, Series)), verdicts[0])


def _radiographs(study: Study, card: ModelCard) -> list[Series]:
    """Series that may be radiographs, by SOP Instance UID; a picture without tags may be one."""
    xrays = [
        series
        for series in study.series
        if series.modality in card.input.modalities or (series.kind == "raster" and not series.modality)
    ]
    return sorted(xrays, key=lambda series: series.files[0].sop_instance_uid)


def _refused_by_tags(series: Series) -> Refusal | None:
    """Why a radiograph is not a frontal chest X-ray ready for presentation, as far as its tags say."""
    if series.body_part and not any(word in series.body_part for word in CHEST_WORDS):
        return Refusal("body-part", f"Found body part {series.body_part}; needed CHEST.", "Send a chest X-ray.")
    if _words(series.view) & NOT_FRONTAL:
        return Refusal(
            "view", f"Found view {series.view}; needed a frontal view (PA or AP).", "Send the frontal picture."
        )
    if series.intent == "FOR PROCESSING":
        return Refusal(
            "processing",
            "Found raw detector values (FOR PROCESSING); needed a picture FOR PRESENTATION.",
            "Send the processed picture of the same exposure.",
        )
    return _refused_by_orientation(series.orientation)


def _words(view: str) -> set[str]:
    return set(re.split(r"[^A-Z]+", view))


def _refused_by_orientation(orientation: tuple[str, ...]) -> Refusal | None:
    """Rows must run to the patient's left and columns to the feet.

    Source: DICOM PS3.3 C.7.6.1.1.1, Patient Orientation; its first letter is the main direction.
    """
    if len(orientation) != 2 or not all(orientation):
        return None
    row, column = (direction[0] for direction in orientation)
    if (row, column) == ("L", "F"):
        return None
    found = f"Found rows running to {orientation[0]} and columns to {orientation[1]}"
    if {row, column} & {"A", "P"}:
        return Refusal("view", f"{found}, a side view; needed a frontal view (L and F).", "Send the frontal picture.")
    seen = "mirrored" if (row, column) == ("R", "F") else "turned"
    return Refusal(
        "orientation",
        f"{found}: the picture is {seen}; needed L and F.",
        "Send it upright, the patient's right on the left of the picture.",
        check="mirrored" if seen == "mirrored" else "",
    )


def check(case: Case, gate: GateView | None, card: ModelCard) -> Refusal | tuple[str, ...]:
    """Refusal, or warnings for the reviewer: the patient's age, the picture's quality, then the gate's view of it."""
    age = age_of(case)
    refusal = _refused_by_age(age, card) or _refused_by_quality(case.image) or _refused_by_gate(gate)
    return refusal or (*_age_warnings(age, card), *_tag_warnings(case.study, case.series[0], card))


def _refused_by_age(age: float | None, card: ModelCard) -> Refusal | None:
    """A card made for children refuses adults, one made for adults refuses children; one for both, nobody."""
    made_for = _made_for(card)
    if age is None or not made_for:
        return None
    adult = age >= ADULT_YEARS
    if adult == (made_for == "adults"):
        return None
    found = f"an adult ({age:.0f} years)" if adult else f"a child ({age:.0f} years)"
    needed = "a child" if adult else "an adult"
    return Refusal(
        "population",
        f"Found {found}; needed {needed}: {_people(card)}.",
        f"Go by readers made for {'adults' if adult else 'children'}, or read without one.",
    )


def _made_for(card: ModelCard) -> str:
    """``children`` or ``adults``, or an empty text where the card names no ages or both kinds of people."""
    if card.input.age_years is None:
        return ""
    low, high = card.input.age_years
    return "children" if high < ADULT_YEARS else "adults" if low >= ADULT_YEARS else ""


def _people(card: ModelCard) -> str:
    """Whom the card was made for, in words."""
    low, high = card.input.age_years or (0.0, OLDEST_YEARS)
    if high >= OLDEST_YEARS:
        return f"it is made for people of {low:g} years and older"
    return f"the network saw {'ages' if _made_for(card) == 'children' else 'people of'} {low:g} to {high:g} only"


def _refused_by_quality(image: Image) -> Refusal | None:
    rows, columns = image.shape
    if min(rows, columns) < MIN_SIDE_PX:
        found = f"Found a picture of {columns} x {rows} pixels; needed at least {MIN_SIDE_PX} a side."
        return Refusal("quality", found, "Send the picture in full size.", check="spacing")
    if max(rows, columns) > MAX_ASPECT * min(rows, columns):
        found = f"Found a picture of {columns} x {rows} pixels; needed a side ratio of at most {MAX_ASPECT}."
        return Refusal("field-of-view", found, "Send the whole chest, not a strip.")
    step = max(1, min(rows, columns) // SAMPLED_SIDE_PX)  # a few hundred rows say as much as a few thousand
    sample = image.values[::step, ::step]
    grey = sample if image.padding is None else sample[~image.padding[::step, ::step]]
    levels = len(np.unique(np.round(grey * 255.0)))
    if grey.size == 0 or levels < MIN_LEVELS or float(grey.std()) < MIN_DEVIATION:
        grey_levels = f"{levels} grey level{'s' * (levels != 1)}"
        found = f"Found a blank or nearly blank picture ({grey_levels}); needed a chest X-ray."
        return Refusal("quality", found, "Check the exposure and send the picture again.")
    correlation = _neighbour_correlation(resize(image.values, (NOISE_SIDE_PX, NOISE_SIDE_PX)))
    if correlation < MIN_CORRELATION:
        found = (
            f"Found noise or a picture far too coarse: neighbouring pixels correlate by {correlation:.2f}; needed "
            f"{MIN_CORRELATION} or more, as in every chest X-ray."
        )
        return Refusal("quality", found, "Check the file and send the picture again.", check="noise")
    return None


def _neighbour_correlation(values: NDArray[np.float32]) -> float:
    """Autocorrelation at lag 1 of [j, i], the smaller of the two directions; 0 for white noise, near 1 for bodies."""
    centred = values.astype(np.float64) - values.mean()
    variance = float((centred**2).mean())
    if variance == 0.0:
        return 1.0
    down, right = (centred[1:] * centred[:-1]).mean(), (centred[:, 1:] * centred[:, :-1]).mean()
    return float(min(down, right)) / variance


def _refused_by_gate(gate: GateView | None) -> Refusal | None:
    if gate is None or gate.probabilities["frontal"] >= gate.thresholds["frontal"]:
        return None
    others = {label: p for label, p in gate.probabilities.items() if label != "frontal"}
    reason, seen, next_step = _GATE_REASONS[max(others, key=lambda label: others[label])]
    probability, needed = percents(gate.probabilities["frontal"], gate.thresholds["frontal"])
    found = (
        f"Found a picture that passes for an upright, whole frontal chest X-ray with a probability of {probability} "
        f"(needed {needed}): {seen}."
    )
    return Refusal(reason, found, next_step)


def _age_warnings(age: float | None, card: ModelCard) -> tuple[str, ...]:
    if card.input.age_years is None:
        return ()
    low, high = card.input.age_years
    children = _made_for(card) == "children"
    made_for = f"the network saw children of {low:g} to {high:g} years only." if children else f"{_people(card)}."
    if age is None:
        return (Warned("person", f"The patient's age is not stated; {made_for}"),)
    if not low <= age < high + 1.0:  # a child of 5 is below 6
        return (Warned("person", f"The patient is {age:.1f} years old; {made_for}"),)
    return ()


def _tag_warnings(study: Study, series: Series, card: ModelCard) -> tuple[str, ...]:
    if series.kind == "raster":
        told = "A picture without DICOM tags: modality, body part, view and side could not be checked."
        return (Warned("tags", told),)
    warnings: list[str] = []
    if not series.body_part:
        warnings.append(Warned("body-part", "The tags do not state the body part."))
    if not _words(series.view) & FRONTAL:
        told = "The tags do not state a frontal view (PA or AP); the input gate judged the picture alone."
        warnings.append(Warned("view", told))
    if len(series.orientation) != 2 or not all(series.orientation):
        told = "The tags do not state the orientation: left and right are those of a usual display."
        warnings.append(Warned("laterality", told))
    frontal = [s for s in _radiographs(study, card) if _refused_by_tags(s) is None]
    if len(frontal) > 1:
        uid = short_uid(series.files[0].sop_instance_uid)
        warnings.append(f"The study holds {len(frontal)} frontal pictures; only {uid} was read.")
    return tuple(warnings)
