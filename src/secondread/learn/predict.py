"""A bundle run over a split, by the same engine that reading uses."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.engine.session import Session
from secondread.learn.examples import Examples

BATCH = 64
AT_ONCE = 2**19  # numbers of a batch of embeddings


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """Answers for a split.

    Attributes:
        logits: float64 [n, label].
        cam: float32 [n, label, h, w].
        embedding: float32 [n, d].
        outlines: uint8 [n, structure, *grid], probability of each structure at each place, times 255; None without.
    """

    logits: NDArray[np.float64]
    cam: NDArray[np.float32]
    embedding: NDArray[np.float32]
    outlines: NDArray[np.uint8] | None = None


def predict(session: Session, examples: Examples) -> Predictions:
    """Run every picture of a split."""
    return predict_images(session, examples.images)


def predict_images(session: Session, images: NDArray[np.uint8]) -> Predictions:
    """Run pictures, uint8 [n, channel, *grid] in model space."""
    answers, drawn = [], []
    for batch in batches(images):
        output = session.run(batch)
        answers.append((output.logits, output.cam, output.embedding))
        if output.mask_logits is not None:
            drawn.append(outline_bytes(output.mask_logits))
    logits, cam, embedding = (np.concatenate(part) for part in zip(*answers, strict=True))
    return Predictions(logits.astype(np.float64), cam, embedding, np.concatenate(drawn) if drawn else None)


def batches(images: NDArray[np.uint8]) -> Iterator[NDArray[np.float32]]:
    """Pictures, uint8 [n, channel, *grid], as a network is given them: float32 in [0, 1], a bounded number at once."""
    size = max(1, min(BATCH, 2**22 // max(1, math.prod(images.shape[1:]))))
    for n in range(0, len(images), size):
        yield images[n : n + size].astype(np.float32) / np.float32(255.0)


def outline_bytes(mask_logits: NDArray[np.float32]) -> NDArray[np.uint8]:
    """uint8 [n, structure, *grid]: probability of each structure, times 255, from logits with the background first."""
    odds = np.exp(mask_logits - mask_logits.max(1, keepdims=True))
    return np.asarray(np.rint(255.0 * odds[:, 1:] / odds.sum(1, keepdims=True)), dtype=np.uint8)


def embeddings_of(session: Session, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32 [n, d] of uint8 [n, channel, *grid], few at once: large pictures need much memory."""
    size = max(1, AT_ONCE // max(1, math.prod(images.shape[1:])))
    starts = range(0, len(images), size)
    given = (images[n : n + size].astype(np.float32) / np.float32(255.0) for n in starts)
    return np.concatenate([session.run(batch).embedding for batch in given])
