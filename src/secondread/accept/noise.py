"""How noisy a picture is, in shares of its own contrast."""

from collections.abc import Mapping

import numpy as np
import scipy

from secondread.accept.looked_at import FEWEST_PX, Floats, LookedAt
from secondread.core.trust import Check

NAME = "noise"
MASK = np.array([[1.0, -2.0, 1.0], [-2.0, 4.0, -2.0], [1.0, -2.0, 1.0]])
LIT, FEWEST_LIT, LEAST_SPAN = (0.02, 0.98), 500, 0.1
# Of the training and validation pictures at most 1 in 100 lies above; see docs/reference/gate.md.
HIGHEST: Mapping[str, float] = {"chest X-ray": 0.02, "head CT": 0.03, "brain MR": 0.03, "breast ultrasound": 0.02}


def look(seen: LookedAt) -> Check:
    """Warns above the limit of its kind of examination."""
    if seen.area not in HIGHEST:
        return Check(NAME, "not checked", f"No limit was set for {seen.area}: there were no pictures to choose it on.")
    found = None if seen.grey is None or max(seen.grey.shape) < FEWEST_PX else noise(seen.grey)
    if found is None:
        return Check(
            NAME, "not checked", f"Too small, too dark or too flat to judge noise ({FEWEST_PX} pixels a side)."
        )
    limit = HIGHEST[seen.area]
    if found <= limit:
        return Check(NAME, "passed")
    told = f"The picture is noisy: {found:.1%} of its contrast from pixel to pixel; good ones have at most {limit:.0%}."
    return Check(NAME, "warned", told)


def noise(grey: Floats) -> float | None:
    """Standard deviation of the noise of [j, i] over the span of its greys (1st to 99th percentile).

    The median of what a mask leaves that lets neither flats nor slopes pass; None where too little is lit.

    Source: Immerkær J. Fast noise variance estimation. Computer Vision and Image Understanding 1996; 64:300-302,
    with the median absolute deviation in place of the mean.
    """
    low, high = np.percentile(grey, (1.0, 99.0))
    inner = grey[1:-1, 1:-1]
    lit = (inner > LIT[0]) & (inner < LIT[1])
    if lit.sum() < FEWEST_LIT or high - low < LEAST_SPAN:
        return None
    left = scipy.ndimage.convolve(grey, MASK)[1:-1, 1:-1][lit]
    return 1.4826 * float(np.median(np.abs(left))) / 6.0 / float(high - low)
