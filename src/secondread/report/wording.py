"""The sentences and numbers of a report as a person reads them."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from secondread.core.card import ModelCard, Threshold
from secondread.core.finding import Finding, Map
from secondread.core.measurement import Measurement
from secondread.core.report import Outcome, Priority, Read
from secondread.report.extent import extent

NOTHING_FOUND = "No target finding above threshold"
MAP_MEANING = "A class activation map shows what the network used, not the outline of disease."
MAP_SCALE = "share of the strongest support, from 0 to 1; the white line is at 0.5."
PREVALENCE = (
    "How often a positive call is right (the positive predictive value) depends on how common the finding is "
    "where this is used."
)
NEEDS_DICOM = "DICOM objects need a DICOM input: this picture carries no identity to attach a result to."
PRIORITIES = {
    Priority.CRITICAL: "critical: look now",
    Priority.URGENT: "urgent: look soon",
    Priority.ROUTINE: "routine: no target finding calls for hurry",
    Priority.UNREAD: "unread: no reader answered, treat the study as not read",
}
# How the UCUM codes in use are printed.
UNITS = {
    "mm2": "mm²",
    "mm3": "mm³",
    "[hnsf'U]": "HU",
    "{score}": "points",
    "d": "days",
    "mo": "months",
    "1": "",
    "deg": "°",
}


def headline(read: Read) -> str:
    """How the read ended, in a few words; never "normal"."""
    if read.outcome is Outcome.FOUND:
        return "Found: " + ", ".join(finding.code.display for finding in read.findings if finding.positive)
    return {
        Outcome.NOTHING_FOUND: NOTHING_FOUND,
        Outcome.REFUSED: "Refused: not read",
        Outcome.FAILED: "Failed: not read",
    }[read.outcome]


def percents(probability: float, threshold: float) -> tuple[str, str]:
    """Both in percent, with as many digits as it takes to tell them apart; never "0 %" or "100 %".

    >>> percents(0.874, 0.372)
    ('87 %', '37 %')
    >>> percents(0.3716, 0.3724)
    ('37.16 %', '37.24 %')
    >>> percents(0.9999, 0.5)
    ('more than 99 %', '50 %')
    """
    digits = 0
    while digits < 6 and probability != threshold and f"{probability:.{digits + 2}f}" == f"{threshold:.{digits + 2}f}":
        digits += 1
    return percent(probability, digits), percent(threshold, digits)


def percent(share: float, digits: int = 0) -> str:
    """A share in percent; never "0 %" or "100 %", because no answer is certain.

    >>> percent(0.002), percent(0.5, 1)
    ('less than 1 %', '50.0 %')
    """
    step = 10.0**-digits
    shown = f"{100.0 * share:.{digits}f}"
    if float(shown) > 100.0 - step:
        return f"more than {100.0 - step:.{digits}f} %"
    if float(shown) < step:
        return f"less than {step:.{digits}f} %"
    return f"{shown} %"


def meaning(finding: Finding) -> str:
    """What the probability says, in one sentence."""
    many = percent(finding.probability).removesuffix(" %")
    about = many if many.startswith(("more", "less")) else f"about {many}"
    return (
        f"Of 100 pictures that get this number, {about} have this finding, as long as they come from people and "
        "machines like those of the calibration data."
    )


def operating_point(finding: Finding, card: ModelCard) -> Threshold | None:
    """The card's threshold that the finding was judged by, found by its value, or None."""
    return next((point for point in card.thresholds if point.value == finding.threshold), None)


def expected(point: Threshold | None, card: ModelCard) -> tuple[tuple[str, str], ...]:
    """(measure, value with interval) at an operating point, from the card's results.

    A result counts when its name begins with that of the operating point, or names no question and the card has
    one operating point only.
    """
    names = {threshold.name for threshold in card.thresholds}
    rows = []
    for key, value in flat(card.results):
        question, _, measure = key.rpartition(": ")
        theirs = point is not None and (question == point.name or (not question and names == {point.name}))
        if theirs and measure.lower().startswith(("sensitivity", "specificity", "positive predictive")):
            rows.append((measure, value))
    return tuple(rows)


def flat(results: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(name, text) of each result; names inside a group are joined to the group's name with a colon."""
    for key, value in dict(results).items():
        if isinstance(value, Mapping):
            yield from ((f"{key}: {inner}", text) for inner, text in flat(value))
        else:
            yield str(key), str(value)


def amount(measurement: Measurement) -> str:
    """Value and unit to three digits, with its uncertainty where it is known.

    >>> amount(Measurement("diameter", 12.3456, "mm", "manual", 0.5))
    '12.3 mm ± 0.500 mm'
    """
    unit = UNITS.get(measurement.unit, measurement.unit)
    text = f"{three_digits(measurement.value)} {unit}".rstrip()
    return (
        text if measurement.uncertainty is None else f"{text} ± {three_digits(measurement.uncertainty)} {unit}".rstrip()
    )


def three_digits(value: float) -> str:
    """A number to three significant digits, whole digits kept.

    >>> three_digits(12345.6), three_digits(0.012345), three_digits(0.0)
    ('12346', '0.0123', '0')
    """
    if value == 0.0:
        return "0"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def moment(text: str) -> str:
    """An ISO 8601 time with a space between date and time.

    >>> moment("2026-03-04T10:22:05+09:00")
    '2026-03-04 10:22:05+09:00'
    """
    return text.replace("T", " ", 1)


def where(support: Map) -> str:
    """Where the strong half of a map lies on the screen, for people who cannot see the colours."""
    strong = extent(support.values >= 0.5)
    if strong is None:
        return "Its support is weak everywhere."
    rows, columns = support.values.shape
    across, down = strong.centroid["column"] / columns, strong.centroid["row"] / rows
    return f"The strongest support is centred {across:.0%} across from the left edge and {down:.0%} down from the top."
