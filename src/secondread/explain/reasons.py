"""The reason of an answer as a map on the picture, by the method that was asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import ModelCard
from secondread.core.finding import Map
from secondread.core.reader import Case, Networks, Prepared
from secondread.core.trust import BEST_RATED, OCCLUSION, MapRating, map_method
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
        chances: Calibrated probability of each label, float64 [n, label], of float32 [n, 1, h, w], for occlusion.
        choice: How maps are made, one of ``MAP_CHOICES``.
        ratings: Of the bundle's maps.
        known: What ``chances`` says of the picture and of its covered copies, once it was asked.
    """

    prepared: Prepared
    chances: Chances
    choice: str = BEST_RATED
    ratings: tuple[MapRating, ...] = ()
    known: list[Floats] = field(default_factory=list)

    def occluded(self, point: str) -> bool:
        """Whether the map of an operating point is made by occlusion."""
        return map_method(self.choice, self.ratings, point) == OCCLUSION

    def of(self, point: str, positive: Sequence[int], in_graph: Pixels) -> Map | None:
        """The map of a yes/no question on the grid of the picture, or None when no place speaks for yes.

        Args:
            point: Name of its operating point.
            positive: Numbers of the labels that mean yes.
            in_graph: float32 [h, w], >= 0: what speaks for yes in the activation maps of the pass that gave the answer.
        """
        if self.occluded(point):
            return as_map(self.covered(positive), occluded=True)
        return as_map(self.prepared.to_source(np.ascontiguousarray(in_graph, dtype=np.float32)))

    def covered(self, positive: Sequence[int]) -> Pixels:
        """How far the log odds of yes fall where a cell of the input is covered, on the grid of the picture."""
        picture = self.prepared.tensor[0]
        if not self.known:
            self.known.append(passes(self.chances, picture))
        yes = np.clip(self.known[0][:, list(positive)].sum(axis=1, keepdims=True), 0.0, 1.0)
        fall = fall_of_odds(yes, picture.shape[1:])[0]
        return self.prepared.to_source(np.ascontiguousarray(fall, dtype=np.float32))


def reasons_for(case: Case, networks: Networks, card: ModelCard, prepared: Prepared) -> Reasons:
    """How the answers of a bundle about a prepared picture of a case are explained.

    The covered copies are no inputs of the study: a watch around the networks does not see them, so that how far an
    input lies from the training stays what it was.
    """
    unwatched = networks.networks if isinstance(networks, Watch) else networks

    def chances(batch: Pixels) -> Floats:
        return calibrate(unwatched.run(card.name, batch).logits, card)

    return Reasons(prepared, chances, case.maps, card.maps)
