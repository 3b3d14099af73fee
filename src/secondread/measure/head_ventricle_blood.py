"""Blood in the ventricles by a stated rule: outlined blood that lies where a ventricle or its mirror image is.

A ventricle full of blood is no longer dark, so the ventricles that are seen stand for those that are not: each is
mirrored at the septum (at the plane of symmetry where no septum was found), and small gaps are closed. A bleeding that
pushes into this space from outside counts as well. Not validated on people.
"""

import numpy as np
import scipy

from secondread.measure.head import Bools, Head
from secondread.measure.head_symmetry import Straight

LIMIT_ML = 1.0
CLOSED_MM = 3


def ventricle_space(straight: Straight, fluid: Bools, shift_mm: float) -> Bools:
    """Ventricles and their mirror image, bool [w, v, u]: where blood would lie in a ventricle."""
    steps = round(2.0 * shift_mm / straight.spacing_mm[2])
    mirrored = np.roll(fluid[..., ::-1], steps, axis=2)
    both = fluid | mirrored
    return np.stack([scipy.ndimage.binary_closing(plane, iterations=CLOSED_MM) for plane in both]) & straight.cavity


def blood_in_ventricles(head: Head, straight: Straight, fluid: Bools, blood: Bools, shift_mm: float) -> Bools:
    """Part of the outlined blood, bool [k, j, i] of the working grid, that lies in the space of the ventricles."""
    return np.asarray(straight.to_head(ventricle_space(straight, fluid, shift_mm), head) & blood, np.bool_)
