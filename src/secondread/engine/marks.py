"""From a probability at every place to a few marks."""

import numpy as np
from numpy.typing import NDArray

FAINTEST = 0.02
SMOOTH = 1.5
APART = 0.06


def marks_of(probability: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The peaks of a map, strongest first: places where it is highest in its surroundings.

    The map is smoothed a little (Gaussian, ``SMOOTH`` pixels), so that the ragged top of one hill gives one mark, and
    no two marks lie nearer to each other than ``APART`` of the longer side.

    Args:
        probability: [h, w] in [0, 1].

    Returns:
        Places float64 [m, 2] (row, column, in pixels; the centre of the first pixel is 0), and scores float64 [m] in
        [0, 1], falling. A map that is nowhere above ``FAINTEST`` gives none.
    """
    from scipy.ndimage import gaussian_filter, maximum_filter

    smooth = gaussian_filter(np.asarray(probability, dtype=np.float64), SMOOTH, mode="constant")
    reach = 2 * max(1, round(APART * max(smooth.shape))) + 1
    places = np.argwhere((smooth == maximum_filter(smooth, reach, mode="constant")) & (smooth > FAINTEST))
    scores = smooth[places[:, 0], places[:, 1]]
    order = np.lexsort((places[:, 1], places[:, 0], -scores))
    return places[order].astype(np.float64), scores[order]
