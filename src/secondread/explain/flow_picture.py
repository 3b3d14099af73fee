"""A coloured ultrasound picture with the lines that its flow was counted in."""

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.illustration import Illustration

AROUND = 0.35  # of the lesion's longer side, shown to each side of its rim
SMALLEST_PX, LARGEST_SCALE = 384, 6
OUTLINE, RIM = (255, 255, 255), (0, 230, 0)
CAPTION = (
    "White: the network's outline of the lesion. Green: the rim that vessels were looked for in besides the lesion "
    "itself. Colours are those of the scanner."
)


def flow_picture(rgb: NDArray[np.uint8], inside: NDArray[np.bool_], rim: NDArray[np.bool_]) -> Illustration:
    """The lesion and its surroundings in colour, enlarged where they are small, with outline and rim.

    Args:
        rgb: uint8 [j, i, 3].
        inside: bool [j, i], the lesion, at least one pixel.
        rim: bool [j, i], the band along its outline.
    """
    both = inside | rim
    rows, columns = np.flatnonzero(both.any(1)), np.flatnonzero(both.any(0))
    margin = round(AROUND * max(np.ptp(rows), np.ptp(columns))) + 2
    cut = (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + 1 + margin),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + 1 + margin),
    )
    scale = int(np.clip(-(-SMALLEST_PX // max(rgb[cut].shape[:2])), 1, LARGEST_SCALE))
    large = [np.kron(part[cut], np.ones((scale, scale), np.bool_)) for part in (both, inside & ~rim, inside)]
    drawn = rgb[cut].repeat(scale, 0).repeat(scale, 1)
    for part, colour in zip(large, (RIM, RIM, OUTLINE), strict=True):
        drawn[part & ~scipy.ndimage.binary_erosion(part)] = colour
    return Illustration("Flow in the lesion and its rim", drawn, CAPTION)
