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
        changed: bool [n], which differ at all from what they were made of; None where all do. The others are no
            strange inputs, but belong to their examination.

    Raises:
        ValueError: If the kind is unknown, or lengths differ.
    """

    name: str
    kind: str
    images: NDArray[np.uint8]
    owners: NDArray[np.str_]
    changed: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS or len(self.images) != len(self.owners) or not len(self.images):
            raise ValueError(
                f"shift {self.name!r}: found the kind {self.kind!r}, {len(self.images)} pictures and "
                f"{len(self.owners)} owners; needed one of {KINDS} and as many of both"
            )

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Which inputs are judged one by one."""
        return np.ones(len(self.images), np.bool_) if self.changed is None else self.changed
