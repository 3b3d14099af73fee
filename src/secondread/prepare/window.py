"""A part of a scale spread from black to white."""

import numpy as np
from numpy.typing import NDArray


def window(values: NDArray[np.float32], *, centre: float, width: float) -> NDArray[np.float32]:
    """Values of ``width`` around ``centre`` become 0 to 1; what is below is 0, what is above is 1.

    Args:
        values: float32, any shape, e.g. HU.
        centre: Middle of the window, same unit.
        width: Its width, same unit, above 0.

    Raises:
        ValueError: If the width is not above 0.

    Source: DICOM PS3.3 C.11.2.1.3.2 (LINEAR_EXACT).

    >>> window(np.array([-60.0, 40.0, 140.0], np.float32), centre=40, width=400).tolist()
    [0.25, 0.5, 0.75]
    """
    if not width > 0:
        raise ValueError(f"width is {width}; needed a number above 0")
    return np.asarray(np.clip((values - centre) / width + 0.5, 0.0, 1.0), dtype=np.float32)
