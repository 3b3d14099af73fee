"""The reason of one answer as a map on the picture, and where it lies in words."""

import numpy as np
from numpy.typing import NDArray

from secondread.core.code import DCM, LOCAL, Code
from secondread.core.finding import Map
from secondread.core.trust import IN_GRAPH, OCCLUSION
from secondread.explain.place import place

# Source: DICOM PS3.16 Annex D.
CLASS_ACTIVATION = Code(DCM, "130402", "Class activation")
# Of our own: what PS3.16 has beside it (saliency) does not say that places were covered.
OCCLUDED = Code(LOCAL, "occlusion-fall", "Occlusion sensitivity")
SAMPLED_SIDE_PX = 256  # a few hundred rows say as well as a few thousand where a map is strongest


def above(cam: NDArray[np.float32], *, relative: bool) -> NDArray[np.float32]:
    """An activation map cut at 0, or at its own mean, float32 [h, w].

    Args:
        cam: float32 [h, w], of one label that is a question of its own, in units of the logit.
        relative: What speaks for it more than the average place of this picture does. A rare label has a negative
            activation everywhere, and still some places speak less against it than others.
    """
    level = float(cam.mean(dtype=np.float64)) if relative else 0.0
    return np.asarray(np.maximum(cam - level, 0.0), dtype=np.float32)


def as_map(spoke: NDArray[np.float32], *, occluded: bool = False) -> Map | None:
    """Support on the grid of a picture, in logits and not below 0, as a map; None where there is none.

    ``spoke`` is used up: a full-size picture is not copied. It is a fall of log odds where it was found by occlusion.
    """
    peak = float(spoke.max())
    if peak <= 0.0:
        return None
    spoke /= np.float32(peak)
    spoke.flags.writeable = False
    return Map(spoke, peak, OCCLUDED, OCCLUSION) if occluded else Map(spoke, peak, CLASS_ACTIVATION, IN_GRAPH)


def strongest(reason: Map) -> str:
    """Where the map is strongest, not where the disease is: the card says how far apart the two can be."""
    step = max(1, min(reason.values.shape) // SAMPLED_SIDE_PX)
    return f"map strongest on {place(reason.values[::step, ::step])}"
