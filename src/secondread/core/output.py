"""What one forward pass of a network gives."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.arrays import frozen


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """Named outputs of a bundle for a batch of n inputs; what a network does not answer has no classes.

    Attributes:
        logits: float32 [n, label].
        cam: float32 [n, label, h, w] class activation maps in units of the logit: their mean over (h, w) plus
            the class's bias is the logit.
        embedding: float32 [n, d].
        mask_logits: float32 [n, 1 + structure, *grid]; the first is the background. None without structures.
    """

    logits: NDArray[np.float32]
    cam: NDArray[np.float32]
    embedding: NDArray[np.float32]
    mask_logits: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        dimensions = {"logits": (2,), "cam": (4, 5), "embedding": (2,), "mask_logits": (4, 5)}
        parts = {name: getattr(self, name) for name in dimensions if getattr(self, name) is not None}
        for name, part in parts.items():
            if part.shape[1:2] != (0,):  # a network that only outlines has no labels
                object.__setattr__(self, name, frozen(part, np.float32, dimensions[name]))
        if len({len(part) for part in parts.values()}) != 1:
            raise ValueError("logits, cam, embedding and mask_logits must describe the same inputs")
        if self.logits.shape[1] != self.cam.shape[1]:
            raise ValueError("logits and cam must have the same classes")
        for name in parts:
            if not np.isfinite(getattr(self, name)).all():
                raise ValueError(f"{name} is not finite")
