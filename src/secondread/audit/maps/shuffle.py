"""How alike the maps of a bundle are to those of the same network with its weights shuffled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from secondread.audit.assessed import Assessed
from secondread.audit.maps.drawn import INTEGRATED, Explained, in_graph, integrated, occluded
from secondread.core.trust import MAP_METHODS, OCCLUSION
from secondread.engine.bundle import NETWORK_FILE, read_verified
from secondread.engine.runtimes import open_onnxruntime
from secondread.explain.sanity import rank_correlation, structural_similarity
from secondread.learn.differentiable import from_onnx
from secondread.learn.randomise import shuffled

Pixels = NDArray[np.float32]
SEEDS = (1, 2, 3)
DEAR_ON = 4  # pictures on which gradients are tried, and with one network: no reader shows them


@dataclass(frozen=True, slots=True, eq=False)
class Mixed:
    """A network with its weights shuffled, and its occlusion maps by picture: one set serves all questions."""

    network: Explained
    falls: dict[int, list[Pixels]] = field(default_factory=dict)

    def drawn(self, picture: Pixels, n: int, question: int, method: str) -> Pixels:
        """The map of picture number ``n`` by one method for one question."""
        asked = self.network.trial.recipe.questions[question]
        if method == INTEGRATED:
            return integrated(self.network, picture, asked)
        if method != OCCLUSION:
            return in_graph(self.network, picture, asked)
        if n not in self.falls:
            self.falls[n] = occluded(self.network, picture)
        return self.falls[n][question]


def mixed_networks(seen: Assessed, network: Explained, *, only_last: bool = False) -> list[Mixed]:
    """The network with its weights shuffled, once for each seed."""
    model = read_verified(seen.bundle, NETWORK_FILE)
    made = []
    for seed in SEEDS:
        changed = shuffled(model, seed=seed, only_last=only_last)
        runtime = open_onnxruntime(changed, 1)
        slopes = from_onnx(changed, seen.bundle.card.name)
        made.append(Mixed(replace(network, forward=runtime.forward, slopes=slopes)))
    return made


def likeness(
    networks: Sequence[Mixed], pictures: Mapping[int, Pixels], maps: Sequence[Pixels], question: int, method: str
) -> list[dict[str, float]]:
    """For each picture how alike its map is to those of shuffled networks, averaged over them.

    Methods that a reader can show are tried on all pictures and networks, others on the first few with one network.

    Returns:
        ``likeness``, absolute rank correlation, and ``structure``, structural similarity.
    """
    dear = method not in MAP_METHODS
    used, rows = networks[:1] if dear else networks, []
    for (n, picture), map_ in list(zip(pictures.items(), maps, strict=True))[: DEAR_ON if dear else None]:
        others = [network.drawn(picture, n, question, method) for network in used]
        rows.append(
            {
                "likeness": float(np.mean([abs(rank_correlation(map_, other)) for other in others])),
                "structure": float(np.mean([structural_similarity(map_, other) for other in others])),
            }
        )
    return rows
