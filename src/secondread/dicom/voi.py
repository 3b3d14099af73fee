"""Values of interest: which part of a scale is spread over the grey from black to white."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
FUNCTIONS = ("LINEAR", "LINEAR_EXACT", "SIGMOID")
TAILS = (0.005, 0.995)  # share of the picture below black and below white when the file names no window


@dataclass(frozen=True, slots=True)
class Window:
    """A window, in the unit of the values it is applied to.

    Raises:
        ValueError: If the function is unknown or the width too small for it. Source: DICOM PS3.3 C.11.2.1.
    """

    centre: float
    width: float
    function: str = "LINEAR"

    def __post_init__(self) -> None:
        if self.function not in FUNCTIONS:
            raise ValueError(f"window function {self.function!r} is not one of {FUNCTIONS}")
        if not np.isfinite((self.centre, self.width)).all() or self.width <= 0:
            raise ValueError(f"a window needs a finite centre and a positive width; found {self.centre}, {self.width}")
        if self.function == "LINEAR" and self.width < 1:
            raise ValueError(f"a LINEAR window needs a width of at least 1; found {self.width}")


def window(values: ArrayLike, shape: Window) -> Floats:
    """Map values to grey in [0, 1]; any array shape.

    Args:
        values: After the modality transform (HU for CT).
        shape: The window, same unit as ``values``.

    Source: DICOM PS3.3 C.11.2.1.2.1 (LINEAR; its half-unit shift is deliberate), C.11.2.1.3.1 (SIGMOID),
    C.11.2.1.3.2 (LINEAR_EXACT).

    >>> window([40.0], Window(40, 80)).round(6).tolist()
    [0.506329]
    >>> window([40.0], Window(40, 80, "LINEAR_EXACT")).tolist()
    [0.5]
    """
    x = np.asarray(values, dtype=np.float64)
    if shape.function == "SIGMOID":
        exponent = np.clip(-4.0 * (x - shape.centre) / shape.width, -700.0, 700.0)
        return np.asarray(1.0 / (1.0 + np.exp(exponent)))
    centre, width = shape.centre, shape.width
    if shape.function == "LINEAR":
        centre, width = centre - 0.5, width - 1.0
    if width == 0.0:
        return (x > centre).astype(np.float64)
    return np.clip((x - centre) / width + 0.5, 0.0, 1.0)


def stretch(values: Floats, counts: NDArray[np.int64]) -> Floats:
    """Spread the middle 99 % of a picture over [0, 1]: what is shown when a file names no usable window.

    Args:
        values: float64 [level], the scale's values in any order.
        counts: int64 [level], how many pixels have each value; 0 for what must not count, such as padding.

    Returns:
        float64 [level] in [0, 1]; all 0 if the picture has one value only.
    """
    order = np.argsort(values, kind="stable")
    present = order[counts[order] > 0]
    if present.size == 0:
        return np.zeros_like(values)
    low, high = (_quantile(values[present], counts[present], tail) for tail in TAILS)
    if low == high:  # almost every pixel is alike: keep what differs
        low, high = float(values[present[0]]), float(values[present[-1]])
    if low == high:
        return np.zeros_like(values)
    return np.clip((values - low) / (high - low), 0.0, 1.0)


def _quantile(values: Floats, counts: NDArray[Any], share: float) -> float:
    """The quantile of sorted ``values`` that occur ``counts`` times, between neighbours in proportion."""
    ends = np.cumsum(counts)
    place = share * float(ends[-1] - 1)
    below, above = np.searchsorted(ends, (np.floor(place), np.ceil(place)), side="right")
    return float(values[below] + (place - np.floor(place)) * (values[above] - values[below]))
