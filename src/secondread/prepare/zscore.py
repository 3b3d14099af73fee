"""Grey by the distance from the mean of the body, in standard deviations."""

import numpy as np
from numpy.typing import NDArray

from secondread.prepare.foreground import foreground


def zscore(values: NDArray[np.float32], *, reach: float = 3.0, body_only: bool = True) -> NDArray[np.float32]:
    """The mean becomes 0.5; ``reach`` standard deviations below it 0, above it 1; what is beyond is cut off.

    A network's input lies in [0, 1], so the score itself is scaled once more.

    Args:
        values: float32 [*grid], any unit.
        reach: Standard deviations, above 0.
        body_only: True: mean and deviation of the foreground (:func:`secondread.prepare.foreground.foreground`).

    Returns:
        float32 in [0, 1]; all 0.5 when the values do not differ.

    Raises:
        ValueError: If ``reach`` is not above 0.

    >>> zscore(np.array([[0.0, 2.0]], np.float32), reach=2, body_only=False).tolist()
    [[0.25, 0.75]]
    """
    if not reach > 0:
        raise ValueError(f"reach is {reach}; needed a number above 0")
    seen = (values[foreground(values)] if body_only else values).astype(np.float64)
    spread = float(seen.std())
    if spread <= 1e-12 * max(1.0, abs(float(seen.mean()))):
        return np.full(values.shape, 0.5, np.float32)
    return np.asarray(((values - seen.mean()) / (2.0 * reach * spread) + 0.5).clip(0.0, 1.0), dtype=np.float32)
