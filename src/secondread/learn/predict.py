"""A bundle run over a split, by the same engine that reading uses."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.engine.session import Session
from secondread.learn.data import Examples

BATCH = 64


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """Logits [n, label] and maps [n, label, h, w] of a split."""

    logits: NDArray[np.float64]
    cam: NDArray[np.float32]


def predict(session: Session, examples: Examples) -> Predictions:
    """Run every picture of a split."""
    return predict_images(session, examples.images)


def predict_images(session: Session, images: NDArray[np.uint8]) -> Predictions:
    """Run pictures, uint8 [n, h, w] in model space."""
    outputs = [
        session.run((images[n : n + BATCH].astype(np.float32) / np.float32(255.0))[:, None])
        for n in range(0, len(images), BATCH)
    ]
    return Predictions(
        np.concatenate([o.logits for o in outputs]).astype(np.float64), np.concatenate([o.cam for o in outputs])
    )
