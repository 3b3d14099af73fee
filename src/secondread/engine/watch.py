"""Networks that remember what they were asked: how strange it was is told afterwards."""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import ModelCard
from secondread.core.output import Output
from secondread.core.reader import Networks
from secondread.core.trust import Distance
from secondread.engine.outside import distance, parts, quotients
from secondread.engine.reference import Reference


@runtime_checkable
class Remembers(Protocol):
    """Networks that hold what is known of their training."""

    def reference(self, name: str) -> Reference | None:
        """Of a bundle, or None where it has none."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Strange:
    """How an input of a bundle differs, with what is needed to show it.

    Attributes:
        distance: From the training.
        tensor: float32 [channel, *grid], the input that the distance is of.
    """

    distance: Distance
    tensor: NDArray[np.float32]


@dataclass(slots=True)
class Watch:
    """The same networks, which keep inputs and embeddings of every run.

    Attributes:
        networks: Those that answer.
        seen: Name of a bundle to (batch, embedding) of each run.
    """

    networks: Networks
    seen: dict[str, list[tuple[NDArray[np.float32], NDArray[np.float32]]]] = field(default_factory=dict)

    def card(self, name: str) -> ModelCard:
        """The card of a bundle."""
        return self.networks.card(name)

    def engine(self, name: str) -> str:
        """What runs it."""
        return self.networks.engine(name)

    def run(self, name: str, batch: NDArray[np.float32]) -> Output:
        """One forward pass, remembered."""
        output = self.networks.run(name, batch)
        self.seen.setdefault(name, []).append((batch, output.embedding))
        return output

    def strange(self) -> tuple[Strange, ...]:
        """How far the inputs of each bundle lie that has a reference, in the order in which they were asked."""
        if not isinstance(self.networks, Remembers):
            return ()
        found = []
        for name, runs in self.seen.items():
            reference, outside = self.networks.reference(name), self.card(name).outside
            if reference is None or outside is None:
                continue
            batch, embedding = (np.concatenate(part) for part in zip(*runs, strict=True))
            each = quotients(reference, parts(reference, batch, embedding), outside.scale)
            told, middle = distance(name, reference, each)
            found.append(Strange(told, batch[middle]))
        return tuple(found)
