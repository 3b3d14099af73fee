"""The reason of an answer as a map on the picture, by the method that was asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import ModelCard
from secondread.core.finding import Map
from secondread.core.reader import Case, Networks, Prepared
from secondread.core.trust import IN_GRAPH
from secondread.engine.probabilities import calibrate
from secondread.engine.watch import Watch
from secondread.explain.class_map import as_map
from secondread.explain.occlusion import fall_of_odds, passes

Pixels = NDArray[np.float32]
Floats = NDArray[np.float64]
Chances = Callable[[Pixels], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Reasons:
    """How the answers about one picture are explained.

    Attributes:
        prepared: The picture as the network saw it, and the way back.
        chances: Calibrated probability of each label, float64 [n, label], of float32 [n, 1, h, w], for occlusion; None
            for the map in the graph.
        known: What ``chances`` says of the picture and of its covered copies, once it was asked.
    """

    prepared: Prepared
    chances: Chances | None = None
    known: list[Floats] = field(default_factory=list)

    @property
    def occluded(self) -> bool:
        """Whether maps are made by occlusion."""
        return self.chances is not None

    def of(self, positive: Sequence[int], in_graph: Pixels) -> Map | None:
        """The map of a yes/no question on the grid of the picture, or None when no place speaks for yes.

        Args:
            positive: Numbers of the labels that mean yes.
            in_graph: float32 [h, w], >= 0: what speaks for yes in the activation maps of the pass that gave the answer.
        """
        spoke = self.spoke(positive, in_graph)
        return as_map(spoke, occluded=self.occluded)

    def spoke(self, positive: Sequence[int], in_graph: Pixels) -> Pixels:
        """The same before it is brought to [0, 1]: in units of the logit, or by occlusion of the log odds."""
        small = in_graph if self.chances is None else self._covered(self.chances, positive)
        return self.prepared.to_source(np.ascontiguousarray(small, dtype=np.float32))

    def _covered(self, chances: Chances, positive: Sequence[int]) -> Pixels:
        """How far the log odds of yes fall where a cell of the input is covered."""
        picture = self.prepared.tensor[0]
        if not self.known:
            self.known.append(passes(chances, picture))
        yes = np.clip(self.known[0][:, list(positive)].sum(axis=1, keepdims=True), 0.0, 1.0)
        fall: Pixels = fall_of_odds(yes, picture.shape[1:])[0]
        return fall


def reasons_for(case: Case, networks: Networks, card: ModelCard, prepared: Prepared) -> Reasons:
    """How the answers of a bundle about a prepared picture of a case are explained.

    The covered copies are no inputs of the study: a watch around the networks does not see them, so that how far an
    input lies from the training stays what it was.
    """
    if case.maps == IN_GRAPH:
        return Reasons(prepared)
    unwatched = networks.networks if isinstance(networks, Watch) else networks
    return Reasons(prepared, lambda batch: calibrate(unwatched.run(card.name, batch).logits, card))
