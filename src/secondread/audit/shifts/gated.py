"""What the gate's network in front of a reader refuses of a set, of the picture that the reader's network is given."""

import numpy as np
from numpy.typing import NDArray

from secondread.accept.ultrasound import NEXT, UNKNOWN, WANTED
from secondread.core.card import ModelCard
from secondread.core.image import Image
from secondread.engine.bundle import load_bundle, shipped
from secondread.engine.probabilities import calibrate
from secondread.engine.session import Session, open_session
from secondread.prepare.model_space import to_model_space
from secondread.readers import all_readers

CHEST, FRONTAL = "chest-xray-gate", "frontal"


class Gate:
    """A gate's network, opened once.

    Args:
        card: Of the gate.
        session: Runs it.
        own: Whether the sets are those of the gate itself, and not of a reader behind it.
    """

    def __init__(self, card: ModelCard, session: Session, *, own: bool) -> None:
        self.card, self._session, self.own = card, session, own

    def refuses(self, images: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Which of uint8 [n, channel, h, w] it refuses, by the middle channel.

        The other checks of a reader need tags or the original picture, and are not asked.
        """
        tensors = [
            to_model_space(Image(image[len(image) // 2].astype(np.float32) / np.float32(255.0)), self.card.input).tensor
            for image in images
        ]
        found = calibrate(self._session.run(np.concatenate(tensors)).logits, self.card)
        if self.card.name == CHEST:
            return np.asarray(found[:, self.card.labels.index(FRONTAL)] < self.card.threshold(FRONTAL))
        if self.own:
            return np.asarray(found.argmax(1) == self.card.labels.index(UNKNOWN))
        wanted, unknown = (found[:, self.card.labels.index(name)] for name in (WANTED, UNKNOWN))
        likeliest, second = np.sort(found, axis=1)[:, ::-1][:, :2].T
        passes = (wanted == likeliest) | ((unknown == likeliest) & (wanted == second) & (wanted >= NEXT))
        return np.asarray(~passes)


def gate_of(bundle: ModelCard) -> Gate | None:
    """The gate in front of the reader that asks this bundle; a gate is its own; None where there is none."""
    asking = [reader for reader in all_readers().values() if bundle.name in reader.bundles and reader.gate]
    own = bundle.role == "gate"
    name = bundle.name if own else asking[0].gate if asking else None
    if name is None:
        return None
    found = load_bundle(shipped() / name)
    return Gate(found.card, open_session(found, engine="onnxruntime"), own=own)
