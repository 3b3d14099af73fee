"""Whether the whole of the body part is there: cropped pictures, and pictures or stacks that miss a part."""

import numpy as np

from secondread.accept.looked_at import NOT_TAKEN, Floats, LookedAt
from secondread.core.trust import Check

FLAT = 0.004  # standard deviation of a row or column that holds nothing, one grey level of 255
# Of 1,500 training and validation pictures of X-ray and ultrasound the largest empty margin had 0.125.
LARGEST_MARGIN = 0.15


def field_of_view(seen: LookedAt) -> Check:
    """By the gate network for an X-ray of the chest, by the voxels of a CT; the reader refuses what is cropped."""
    if seen.upright is False:
        return Check("field-of-view", "not checked", NOT_TAKEN)
    if seen.upright or seen.area.endswith("CT"):
        return Check("field-of-view", "passed")
    return Check("field-of-view", "not checked", f"No rule tells whether a picture ({seen.area}) shows all it should.")


def missing_part(seen: LookedAt) -> Check:
    """Slices lie evenly or the volume does not load; a picture whose margin is empty warns, where there is no air."""
    if not seen.is_picture:
        return Check("missing-part", "passed")
    if seen.grey is None:
        return Check("missing-part", "not checked", "Nothing tells whether a part of moving pictures is missing.")
    if seen.area == "mammogram":
        return Check("missing-part", "not checked", "Air lies beside a breast: an empty margin tells nothing.")
    share, side = margin(seen.grey)
    if share <= LARGEST_MARGIN:
        return Check("missing-part", "passed")
    told = f"{share:.0%} of the picture at its {side} edge is empty: a part may be missing or cut off in transfer."
    return Check("missing-part", "warned", told)


def margin(grey: Floats) -> tuple[float, str]:
    """Share of [j, i] that is one grey from an edge inwards, the largest of the four, and which edge that is.

    >>> margin(np.vstack([np.zeros((30, 40)), np.random.default_rng(0).random((70, 40))]))
    (0.3, 'upper')
    """
    flat_rows, flat_columns = grey.std(axis=1) < FLAT, grey.std(axis=0) < FLAT
    edges = {
        "upper": flat_rows,
        "lower": flat_rows[::-1],
        "left": flat_columns,
        "right": flat_columns[::-1],
    }
    shares = {name: float(np.minimum.accumulate(flat).mean()) for name, flat in edges.items()}
    side = max(shares, key=lambda name: shares[name])
    return shares[side], side
