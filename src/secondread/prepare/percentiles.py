"""Grey by the share of pixels that are darker: for scales without a unit, such as that of MR."""

import numpy as np
from numpy.typing import NDArray

from secondread.prepare.foreground import foreground


def percentiles(
    values: NDArray[np.float32], *, low: float = 0.5, high: float = 99.5, body_only: bool = False
) -> NDArray[np.float32]:
    """The percentile ``low`` becomes 0 and the percentile ``high`` becomes 1; what is beyond is cut off.

    Args:
        values: float32 [*grid], any unit.
        low: In percent.
        high: In percent, above ``low``.
        body_only: True: percentiles of the foreground, so that the air around it does not count.

    Returns:
        float32 in [0, 1]; all 0 when both percentiles are the same.

    Raises:
        ValueError: If the percentiles are not in order.

    >>> percentiles(np.arange(5, dtype=np.float32), low=0, high=100).tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    if not 0.0 <= low < high <= 100.0:
        raise ValueError(f"low and high are {low} and {high}; needed 0 <= low < high <= 100")
    seen = values[foreground(values)] if body_only else values
    dark, bright = np.percentile(seen, (low, high))
    if bright <= dark:
        return np.zeros(values.shape, np.float32)
    return np.asarray(((values - dark) / (bright - dark)).clip(0.0, 1.0), dtype=np.float32)
