"""Whether a picture is blurred, as by motion: how much it loses when it is blurred once more."""

from collections.abc import Mapping

import numpy as np
import scipy

from secondread.accept.looked_at import FEWEST_PX, Floats, LookedAt
from secondread.core.trust import Check

NAME = "motion"
LENGTH_PX = 9  # of the second blur
# Of the training and validation pictures at most 1 in 100 lies above; see docs/reference/gate.md.
HIGHEST: Mapping[str, float] = {"chest X-ray": 0.62, "head CT": 0.52, "brain MR": 0.52, "breast ultrasound": 0.52}


def look(seen: LookedAt) -> Check:
    """Warns above the limit of its kind of examination; 1 is a picture that has no edges left to lose."""
    if seen.area not in HIGHEST:
        return Check(NAME, "not checked", f"No limit was set for {seen.area}: there were no pictures to choose it on.")
    if seen.grey is None or max(seen.grey.shape) < FEWEST_PX:
        return Check(NAME, "not checked", f"Blur is not judged below {FEWEST_PX} pixels a side.")
    found, limit = blur(seen.grey), HIGHEST[seen.area]
    if found <= limit:
        return Check(NAME, "passed")
    told = f"The picture is blurred, as by motion or by enlarging it: {found:.2f}; good ones reach at most {limit:g}."
    return Check(NAME, "warned", told)


def blur(grey: Floats) -> float:
    """0 for a sharp picture [j, i], near 1 for a blurred one: the larger of the two directions.

    Source: Crété F et al. The blur effect: perception and estimation with a new no-reference perceptual blur metric.
    Proc. SPIE 6492, 2007.
    """
    return max(_along(grey, axis) for axis in (0, 1))


def _along(grey: Floats, axis: int) -> float:
    smooth = scipy.ndimage.uniform_filter1d(grey, LENGTH_PX, axis=axis)
    steps, left = np.abs(np.diff(grey, axis=axis)), np.abs(np.diff(smooth, axis=axis))
    total = float(steps.sum())
    return 1.0 - float(np.maximum(0.0, steps - left).sum()) / total if total > 0.0 else 0.0
