"""What one forward pass of a network gives."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.arrays import frozen


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """Named outputs of a classification bundle for a batch of n inputs.

    Attributes:
        logits: float32 [n, label].
        cam: float32 [n, label, h, w] class activation maps in units of the logit: their mean over (h, w) plus
            the class's bias is the logit.
        embedding: float32 [n, d].
    """

    logits: NDArray[np.float32]
    cam: NDArray[np.float32]
    embedding: NDArray[np.float32]

    def __post_init__(self) -> None:
        for name, ndim in (("logits", 2), ("cam", 4), ("embedding", 2)):
            object.__setattr__(self, name, frozen(getattr(self, name), np.float32, (ndim,)))
        if not len(self.logits) == len(self.cam) == len(self.embedding):
            raise ValueError("logits, cam and embedding must describe the same inputs")
        if self.logits.shape[1] != self.cam.shape[1]:
            raise ValueError("logits and cam must have the same classes")
        for name in ("logits", "cam", "embedding"):
            if not np.isfinite(getattr(self, name)).all():
                raise ValueError(f"{name} is not finite")
