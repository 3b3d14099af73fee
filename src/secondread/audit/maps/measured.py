"""Every method on every question of a bundle."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.audit.assessed import Assessed
from secondread.audit.maps.chosen import called, marked, most
from secondread.audit.maps.drawn import (
    INTEGRATED,
    METHODS,
    Explained,
    explained,
    in_graph,
    integrated,
    occluded,
)
from secondread.audit.maps.figures import (
    CENTRE,
    EDGE,
    Chance,
    by_chance,
    gained,
    mean,
    means,
    of_region,
    told,
)
from secondread.audit.maps.shuffle import Mixed, likeness, mixed_networks
from secondread.audit.spread import spread_of
from secondread.core.trust import IN_GRAPH, OCCLUSION
from secondread.explain.curves import by_road, centre_map, curves, edge_map, order_of
from secondread.explain.occlusion import odds_of
from secondread.learn.recipe import Question

Pixels = NDArray[np.float32]
BLIND = {CENTRE: centre_map, EDGE: edge_map}


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """What all questions of one picture have in common; worked out once, when it is first needed."""

    seen: Assessed
    split: str
    network: Explained
    known: dict[int, tuple[Pixels, Chance, list[Pixels]]] = field(default_factory=dict)

    def of(self, n: int) -> tuple[Pixels, Chance, list[Pixels]]:
        """The picture, what chance does to it, and its occlusion maps by question."""
        if n not in self.known:
            picture = self.seen.trial.splits[self.split].batch(slice(n, n + 1))[0]
            self.known[n] = (picture, by_chance(self.network.odds, picture, n), occluded(self.network, picture))
        return self.known[n]


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """One question with all that was seen of its pictures.

    Attributes:
        pictures: Number in the split to the picture, [channel, h, w].
        patients: Whose they are.
        spread: Standard deviation of the log odds of all pictures of the split.
        maps: Method to the map of each picture.
        rows: Method, also those that know nothing, to the measures of each picture.
    """

    pictures: dict[int, Pixels]
    patients: NDArray[np.str_]
    spread: float
    maps: Mapping[str, list[Pixels]]
    rows: Mapping[str, list[dict[str, float]]]


def by_question(seen: Assessed, split: str) -> dict[str, Any]:
    """Every question of a bundle of flat pictures with labels: name to its figures."""
    network = explained(seen)
    shared = Shared(seen, split, network)
    shuffles = {"all": mixed_networks(seen, network), "last": mixed_networks(seen, network, only_last=True)}
    found = {}
    for number, question in enumerate(seen.trial.recipe.questions):
        looked = look(shared, number, question)
        found[question.name] = summary(looked, number, shuffles)
    return found


def look(shared: Shared, number: int, question: Question) -> Looked:
    """All maps of the pictures of one question, and what each is worth."""
    seen, split = shared.seen, shared.split
    chosen = called(seen, split, question)[: most(seen)]
    places = marked(seen, split, question)
    spread = spread_of(odds_of(seen.trial.yes(seen.trial.found[split].logits, question)))
    pictures: dict[int, Pixels] = {}
    maps: dict[str, list[Pixels]] = {method: [] for method in METHODS}
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in (*METHODS, *BLIND)}
    for n in chosen.tolist():
        picture, chance, falls = shared.of(n)
        pictures[n] = picture
        made = {
            IN_GRAPH: in_graph(shared.network, picture, question),
            OCCLUSION: falls[number],
            INTEGRATED: integrated(shared.network, picture, question),
        }
        for method, map_ in made.items():
            maps[method].append(map_)
            left = curves(shared.network.odds, picture, order_of(map_), by_road(n))[..., number]
            row = gained(left, chance.road[..., number], spread)
            rows[method].append(row | of_region(map_, places.get(n)))
        for name, blind in BLIND.items():
            map_ = blind((picture.shape[-2], picture.shape[-1]))
            row = gained(chance.blind[name][..., number], chance.road[..., number], spread)
            rows[name].append(row | of_region(map_, places.get(n)))
    return Looked(pictures, seen.trial.splits[split].patients[chosen], spread, maps, rows)


def summary(looked: Looked, number: int, shuffles: Mapping[str, list[Mixed]]) -> dict[str, Any]:
    """Figures of one question: each method, maps that know nothing, and methods beside the one that ships."""
    found: dict[str, Any] = {"pictures": len(looked.pictures), "patients": len(np.unique(looked.patients))}
    if not looked.pictures:
        return found
    found["spread"] = round(looked.spread, 4)
    found["methods"] = {}
    for method in METHODS:
        alike = likeness(shuffles["all"], looked.pictures, looked.maps[method], number, method)
        figures = means(looked.rows[method], looked.patients) | means(alike, looked.patients[: len(alike)])
        if method == IN_GRAPH:
            last = likeness(shuffles["last"], looked.pictures, looked.maps[method], number, method)
            figures["likeness_last"] = means(last, looked.patients)["likeness"]
        else:
            figures["better"] = better(looked, method)
        found["methods"][method] = figures
    found["blind"] = {name: means(looked.rows[name], looked.patients) for name in BLIND}
    return found


def better(looked: Looked, method: str) -> list[float] | None:
    """How much more a method gains than the map that ships: mean of deletion and insertion, on the same pictures."""
    pairs = zip(looked.rows[method], looked.rows[IN_GRAPH], strict=True)
    values = [(one["deletion"] + one["insertion"] - other["deletion"] - other["insertion"]) / 2 for one, other in pairs]
    return told(mean(np.asarray(values), looked.patients))
