"""What similar cases are worth: do the nearest training cases have the same disease, or the same device?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.learn.examples import UNKNOWN, data_sets
from secondread.stats.auroc import auroc
from secondread.stats.bootstrap import resample_each
from secondread.stats.interval import Interval

Ints = NDArray[np.int64]
Texts = NDArray[np.str_]
RESAMPLES = 1000
FEWEST = 15  # cases of each class without which no area is given


@dataclass(frozen=True, slots=True)
class LabelWorth:
    """How far the nearest training cases tell a label.

    Attributes:
        cases: Test cases and training cases whose label is known.
        nearest: Share of test cases whose nearest training case has the same label.
        by_chance: The same for a training case drawn at random.
        auroc: Of the share of positives among the ``k`` nearest; None with too few cases of a class.
        less_than_network: Area of the network less this; None likewise.
    """

    cases: tuple[int, int]
    nearest: Interval
    by_chance: float
    auroc: Interval | None
    less_than_network: Interval | None


def label_worth(
    near: NDArray[np.intp], kept: Ints, truth: Ints, network: NDArray[np.float64], patients: Texts, *, seed: int
) -> LabelWorth | None:
    """How far the nearest training cases tell one question; None where these are all of one label, or truth is unknown.

    Args:
        near: Positions of the nearest kept cases [n, k], of those whose label is known, the nearest first.
        kept: Label of each kept case, 1 or 0, ``UNKNOWN`` where not known [m].
        truth: Of the test cases [n], likewise.
        network: Probability that the network gives [n].
        patients: Of the test cases [n].
        seed: Of the resamples.
    """
    told, known = kept[kept != UNKNOWN], truth != UNKNOWN
    if not known.any() or len(np.unique(told)) < 2:
        return None
    share = (kept[near[known]] == 1).mean(1)
    first, y, p, who = kept[near[known, 0]], truth[known], network[known], patients[known]
    enough = min(int((y == 0).sum()), int((y == 1).sum())) >= FEWEST

    def figures(y: Ints, first: Ints, share: NDArray[np.float64], p: NDArray[np.float64]) -> tuple[float | None, ...]:
        same = float((y == first).mean())
        if not enough:
            return (same,)
        of_near, of_network = auroc(y, share), auroc(y, p)
        less = None if of_near is None or of_network is None else of_network - of_near
        return same, of_near, less

    same, *areas = (r.interval() for r in resample_each(figures, who, y, first, share, p, n=RESAMPLES, seed=seed))
    chance = float(np.mean(np.where(y == 1, told.mean(), 1.0 - told.mean())))
    return LabelWorth((int(known.sum()), len(told)), same, chance, *(areas or (None, None)))


@dataclass(frozen=True, slots=True)
class OriginWorth:
    """How far the nearest training case comes from the same device, site, view or source.

    Attributes:
        same: Share of test cases whose nearest training case has the same value.
        by_chance: The same for a training case drawn at random.
        lift: ``same`` less ``by_chance``.
    """

    same: Interval
    by_chance: float
    lift: Interval


def origin_worth(
    nearest_one: NDArray[np.intp], kept: Texts, mine: Texts, patients: Texts, *, seed: int
) -> OriginWorth | None:
    """Likeness of origin; None where all are of one origin or it is not known.

    Args:
        nearest_one: Position of the nearest kept case [n].
        kept: Value of each kept case [m]; empty where not known.
        mine: Of the test cases [n].
        patients: Of the test cases [n].
        seed: Of the resamples.
    """
    known = mine != ""
    names, counts = np.unique(kept[kept != ""], return_counts=True)
    if not known.any() or len(names) < 2:
        return None
    share = dict(zip(names.tolist(), (counts / len(kept)).tolist(), strict=True))
    same = (kept[nearest_one[known]] == mine[known]).astype(np.float64)
    chance = np.array([share.get(value, 0.0) for value in mine[known].tolist()])

    def figures(same: NDArray[np.float64], chance: NDArray[np.float64]) -> tuple[float, float]:
        return float(same.mean()), float((same - chance).mean())

    found = resample_each(figures, patients[known], same, chance, n=RESAMPLES, seed=seed)
    of_same, lift = (one.interval() for one in found)
    return OriginWorth(of_same, float(chance.mean()), lift)


def sizes_alike(
    near: NDArray[np.intp], kept: NDArray[np.float64], mine: NDArray[np.float64], patients: Texts, *, seed: int
) -> Interval | None:
    """Rank correlation of the size of what is outlined with its mean among the nearest training cases.

    Only of test cases that have it; None with fewer than ``FEWEST`` of them.

    Source: Spearman, American Journal of Psychology 1904;15:72-101.
    """
    from scipy.stats import rankdata

    has = mine > 0
    if has.sum() < FEWEST:
        return None

    def correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> tuple[float | None]:
        a, b = rankdata(first), rankdata(second)
        return (float(np.corrcoef(a, b)[0, 1]) if a.std() > 0 and b.std() > 0 else None,)

    around = kept[near[has]].mean(1)
    (found,) = resample_each(correlation, patients[has], mine[has], around, n=RESAMPLES, seed=seed)
    return found.interval()


def origins(groups: Mapping[str, Texts], names: Texts, columns: tuple[str, ...]) -> dict[str, Texts]:
    """The columns that say where a case comes from, and the data set where there are several."""
    sets = data_sets(names)
    found = {name: groups[name] for name in columns if name in groups}
    return found | ({"data set": sets} if len(np.unique(sets)) > 1 else {})
