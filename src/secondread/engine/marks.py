"""From a probability at every place to a few marks."""

import numpy as np
from numpy.typing import NDArray

FAINTEST = 0.02
SMOOTH = 1.5
APART = 0.06
ROUNDED = 6  # decimals: rounding errors must not break a flat top into many


def marks_of(probability: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The peaks of a map, strongest first: places where it is highest in its surroundings.

    The map is smoothed a little (Gaussian, ``SMOOTH`` pixels), so that the ragged top of one hill gives one mark; a
    flat top gives one in its middle. Of tops nearer to each other than ``APART`` of the longer side only the highest
    counts.

    Args:
        probability: [h, w] in [0, 1].

    Returns:
        Places float64 [m, 2] (row, column, in pixels; the centre of the first pixel is 0), and scores float64 [m] in
        [0, 1], falling. The middle of a flat top need not be a whole pixel. A map that is nowhere above ``FAINTEST``
        gives none.
    """
    from scipy.ndimage import center_of_mass, gaussian_filter, label, maximum, maximum_filter

    smooth = gaussian_filter(np.asarray(probability, dtype=np.float64), SMOOTH, mode="constant").round(ROUNDED)
    reach = 2 * max(1, round(APART * max(smooth.shape))) + 1
    tops = (smooth == maximum_filter(smooth, reach, mode="constant")) & (smooth > FAINTEST)
    numbers, count = label(tops, np.ones((3, 3)))
    index = np.arange(1, count + 1)
    places = np.array(center_of_mass(tops, numbers, index), dtype=np.float64).reshape(-1, 2)
    scores = np.array(maximum(smooth, numbers, index), dtype=np.float64).reshape(-1)
    order = np.lexsort((places[:, 1], places[:, 0], -scores))
    return places[order], scores[order]
