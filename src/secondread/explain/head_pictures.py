"""Pictures of a head CT: the slices with outlined blood, and the plane of symmetry with the septum."""

import numpy as np
from numpy.typing import NDArray

from secondread.core.illustration import Illustration
from secondread.explain.outlined_planes import COLOURS, beside, outlined
from secondread.prepare.shown import BRAIN

MOST_SLICES = 4


def blood_picture(values: NDArray[np.float32], blood: NDArray[np.bool_]) -> Illustration:
    """The slices with most blood, from below upwards.

    Args:
        values: float32 [k, j, i] in HU; k to the head, j to the back, i to the left.
        blood: bool [k, j, i], not empty.
    """
    areas = blood.sum(axis=(1, 2))
    most = np.sort(np.argsort(-areas, kind="stable")[: min(MOST_SLICES, int((areas > 0).sum()))])
    planes = [outlined((values[k], ((blood[k], COLOURS[4]),)), BRAIN) for k in most]
    caption = (
        "Slices with most outlined blood, from below upwards, the patient's right on the left of the picture. "
        "Vermilion: the outline."
    )
    return Illustration("Outlined blood", beside(planes), caption)


def midline_picture(
    plane: NDArray[np.float32], inside: NDArray[np.bool_], septum: tuple[tuple[int, ...], tuple[float, ...]]
) -> Illustration:
    """The slice of the septum, laid straight, with the plane of symmetry and the septum.

    Args:
        plane: float32 [v, u] in HU; its middle column is the plane of symmetry.
        inside: bool [v, u]: inside of the skull.
        septum: Rows and columns of the septum.
    """
    middle, found = np.zeros(plane.shape, np.bool_), np.zeros(plane.shape, np.bool_)
    middle[:, plane.shape[1] // 2] = inside.any(axis=1)
    found[septum[0], np.rint(septum[1]).astype(int)] = True
    rgb = outlined((plane, ((middle, COLOURS[1]), (found, COLOURS[4]))), BRAIN, times=2)
    caption = "The slice laid straight. Sky blue: the plane of symmetry of the skull. Vermilion: the septum."
    return Illustration("Midline", rgb, caption)
