"""Whether the greys of a picture are inverted, and whether the tags agree with the pixels."""

import numpy as np

from secondread.accept.looked_at import FEWEST_PX, NOT_TAKEN, Floats, LookedAt
from secondread.core.trust import Check

NAME = "inversion"
# Kinds of picture with air around: of 250 head CT and 500 brain MR pictures the brightest border had 0.04.
DARK_AROUND = frozenset({"head CT", "brain MR", "chest CT", "abdominal CT", "mammogram"})
BRIGHTEST_BORDER, BORDER = 0.5, 0.04


def look(seen: LookedAt) -> Check:
    """By the gate network where the reader has one that knows inverted pictures, by the air around elsewhere."""
    if seen.upright is not None:
        return Check(NAME, "passed") if seen.upright else Check(NAME, "not checked", NOT_TAKEN)
    if seen.grey is None or seen.area not in DARK_AROUND:
        return Check(NAME, "not checked", f"Nothing tells whether the greys of a picture ({seen.area}) are inverted.")
    if max(seen.grey.shape) < FEWEST_PX:
        return Check(
            NAME, "not checked", f"Below {FEWEST_PX} pixels a side a picture may be cut out, with no air around."
        )
    around = border(seen.grey)
    if around <= BRIGHTEST_BORDER:
        return Check(NAME, "passed")
    told = f"The greys look inverted: the border, where air is, has {around:.0%} of white; air is black."
    return Check(NAME, "warned", told)


def border(grey: Floats) -> float:
    """Median grey of the outermost 4 % of [j, i]."""
    edge = max(2, round(min(grey.shape) * BORDER))
    inside = np.zeros(grey.shape, dtype=bool)
    inside[edge:-edge, edge:-edge] = True
    return float(np.median(grey[~inside]))
