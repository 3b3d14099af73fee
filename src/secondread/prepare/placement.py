"""Where the pixels of one grid lie on another: parallel axes, any part and any size, and the way back."""

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondread.prepare.weights import linear, nearest


@dataclass(frozen=True, slots=True)
class Placement:
    """The grid ``after`` covers the box from ``low`` to ``high`` of the grid ``before``, which may stick out of it.

    Attributes:
        before: Shape of the first grid, two or three axes.
        after: Shape of the second.
        low: Where the first edge of ``after`` lies, in pixels of ``before`` counted from its own first edge.
        high: Where the last edge lies.

    Raises:
        ValueError: If the axes differ in number, or a grid or the box is empty.

    >>> half = Placement((8, 8), (4, 4), (0.0, 0.0), (8.0, 8.0))
    >>> half.points_to_after([[4.0, 2.0]]).tolist()
    [[2.0, 1.0]]
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def __post_init__(self) -> None:
        axes = {len(self.before), len(self.after), len(self.low), len(self.high)}
        if len(axes) != 1 or min(*self.before, *self.after) < 1:
            raise ValueError(f"a placement needs two grids with the same axes; found {self.before} and {self.after}")
        if not all(start < end for start, end in zip(self.low, self.high, strict=True)):
            raise ValueError(f"the box of a placement is empty: {self.low} to {self.high}")

    @classmethod
    def whole(cls, shape: tuple[int, ...]) -> "Placement":
        """Nothing moves."""
        return cls(shape, shape, (0.0,) * len(shape), tuple(map(float, shape)))

    @property
    def scale(self) -> tuple[float, ...]:
        """Side of a pixel of ``after``, in pixels of ``before``."""
        return tuple((end - start) / n for start, end, n in zip(self.low, self.high, self.after, strict=True))

    def then(self, following: "Placement") -> "Placement":
        """Both, one after the other.

        Raises:
            ValueError: If ``following`` does not begin on the grid on which this one ends.
        """
        if following.before != self.after:
            raise ValueError(f"a placement on {following.before} cannot follow one that ends on {self.after}")
        low, high = (self.points_to_before([corner])[0] for corner in (following.low, following.high))
        return Placement(self.before, following.after, tuple(map(float, low)), tuple(map(float, high)))

    def points_to_after(self, points: ArrayLike) -> NDArray[np.float64]:
        """Points [n, axes] on the second grid, from pixels counted from the first edge of the first."""
        return (np.asarray(points, np.float64) - self.low) / self.scale

    def points_to_before(self, points: ArrayLike) -> NDArray[np.float64]:
        """The inverse of :meth:`points_to_after`."""
        return np.asarray(points, np.float64) * self.scale + self.low

    def mask_to_after(self, numbers: NDArray[np.generic]) -> NDArray[np.generic]:
        """Labels [*before] on the second grid, by the nearest pixel; 0 outside."""
        chosen = [
            nearest(start + (np.arange(n) + 0.5) * side, m)
            for start, side, n, m in zip(self.low, self.scale, self.after, self.before, strict=True)
        ]
        return _picked(numbers, chosen)

    def mask_to_before(self, numbers: NDArray[np.generic]) -> NDArray[np.generic]:
        """Labels of any resolution that cover the second grid on the first, by the nearest pixel; 0 outside."""
        return _picked(numbers, [nearest(*part) for part in self._places(numbers.shape)])

    def map_to_before(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """A map of any resolution that covers the second grid on the first, linearly; 0 outside."""
        weights = [linear(places, n) for places, n in self._places(values.shape)]
        return np.asarray(reduce(_along, enumerate(weights), values), dtype=np.float32)

    def _places(self, shape: tuple[int, ...]) -> list[tuple[NDArray[np.floating], int]]:
        """Of each axis: where the centres of ``before`` lie on a map of ``shape``, and its number of pixels."""
        return [
            ((np.arange(m) + 0.5 - start) / (end - start) * n, n)
            for m, start, end, n in zip(self.before, self.low, self.high, shape, strict=True)
        ]


def _picked(numbers: NDArray[np.generic], chosen: list[NDArray[np.intp]]) -> NDArray[np.generic]:
    """Labels at these places of each axis; 0 where a place is -1."""
    found = numbers[np.ix_(*(np.maximum(index, 0) for index in chosen))]  # a copy
    for axis, index in enumerate(chosen):
        np.moveaxis(found, axis, 0)[index < 0] = 0
    return found


def _along(values: NDArray[np.float32], part: tuple[int, NDArray[np.float32]]) -> NDArray[np.float32]:
    axis, weights = part
    return np.moveaxis(np.tensordot(weights, values, (1, axis)), 0, axis)
