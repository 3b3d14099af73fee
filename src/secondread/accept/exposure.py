"""Whether a picture is too dark, too bright or clipped."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from secondread.accept.looked_at import Floats, LookedAt
from secondread.core.trust import Check

NAME = "exposure"
WHITE = 0.995


@dataclass(frozen=True, slots=True)
class Range:
    """What the greys of a kind of examination stay within.

    Attributes:
        brightest: Lowest allowed 95th percentile; below, the picture is too dark.
        darkest: Highest allowed 5th percentile; above, it is too bright.
        span: Least distance of the 1st and 99th percentile; below, it is flat.
        clipped: Largest share that may be white.
    """

    brightest: float
    darkest: float
    span: float
    clipped: float


# Of the training and validation pictures at most 1 in 100 lies outside; see docs/reference/gate.md.
RANGES: Mapping[str, Range] = {
    "chest X-ray": Range(brightest=0.45, darkest=0.48, span=0.48, clipped=0.03),
    "breast ultrasound": Range(brightest=0.29, darkest=0.40, span=0.28, clipped=0.03),
}


def look(seen: LookedAt) -> Check:
    """Warns where the greys leave the range of their kind of examination."""
    if not seen.is_picture or seen.grey is None:
        return Check(NAME, "not checked", "Slices have no exposure of their own: they are shown with a window.")
    if seen.area not in RANGES:
        return Check(
            NAME, "not checked", f"No limits were set for {seen.area}: there were no pictures to choose them on."
        )
    told = why(seen.grey, RANGES[seen.area])
    return Check(NAME, "warned", told) if told else Check(NAME, "passed")


def why(grey: Floats, within: Range) -> str:
    """What is wrong with the greys of [j, i], or an empty text."""
    lowest, dark, bright, highest = np.percentile(grey, (1.0, 5.0, 95.0, 99.0))
    white = float((grey >= WHITE).mean())
    if white > within.clipped:
        return f"The picture is clipped: {white:.0%} of it is white; needed {within.clipped:.0%} or less."
    if bright < within.brightest:
        return f"The picture is dark: 95 % of it is below {bright:.2f} of white; good ones reach {within.brightest:g}."
    if dark > within.darkest:
        return f"The picture is bright: only 5 % of it is below {dark:.2f} of white; good ones have {within.darkest:g}."
    if highest - lowest < within.span:
        return f"The picture is flat: its greys span {highest - lowest:.2f}; good ones span {within.span:g} or more."
    return ""
