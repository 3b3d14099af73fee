"""A set of inputs that differ from those a network was trained on in a stated way."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

KINDS = ("near", "far", "broken", "usual")


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """Inputs of a stated kind, in model space.

    Attributes:
        name: In words, e.g. ``hand X-ray``.
        kind: ``near`` (same examination; other hospital, device or age), ``far`` (another examination, or none),
            ``broken`` (the network's own test pictures, damaged) or ``usual`` (changed as in its training).
        images: uint8 [n, channel, *grid].
        owners: str [n], the patient of each as far as the set tells; no patient's pictures are counted as several.

    Raises:
        ValueError: If the kind is unknown, or lengths differ.
    """

    name: str
    kind: str
    images: NDArray[np.uint8]
    owners: NDArray[np.str_]

    def __post_init__(self) -> None:
        if self.kind not in KINDS or len(self.images) != len(self.owners) or not len(self.images):
            raise ValueError(
                f"shift {self.name!r}: found the kind {self.kind!r}, {len(self.images)} pictures and "
                f"{len(self.owners)} owners; needed one of {KINDS} and as many of both"
            )
