"""Pictures that a reader draws to show what it means: several views, slices, two times, a curve."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.arrays import frozen


@dataclass(frozen=True, slots=True, eq=False)
class Illustration:
    """A drawn picture; for looking, not for measuring.

    Attributes:
        title: What it shows, in a few words; letters of a patient are never in it.
        rgb: uint8 [j, i, 3].
        caption: How to read it: what the colours and lines mean.

    Raises:
        ValueError: If it has no title or caption, or another shape.
    """

    title: str
    rgb: NDArray[np.uint8]
    caption: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "rgb", frozen(self.rgb, np.uint8, (3,)))
        if self.rgb.shape[2] != 3:
            raise ValueError(f"an illustration needs red, green and blue; found {self.rgb.shape[2]} channels")
        if not (self.title and self.caption):
            raise ValueError("an illustration needs a title and a caption")
