"""What is measured of each map, and the means over pictures with their intervals.

Gains are told in spreads: standard deviations of the log odds of the unchanged pictures of the split. A probability
near 1 hardly falls whatever is taken away, and log odds of one network do not mean what those of another do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from secondread.explain.curves import (
    by_road,
    centre_map,
    curves,
    edge_map,
    gains,
    order_of,
    random_discs,
)
from secondread.explain.faithfulness import energy_share
from secondread.explain.pointing import points_inside
from secondread.stats.bootstrap import bootstrap
from secondread.stats.interval import Interval

Pixels = NDArray[np.float32]
Floats = NDArray[np.float64]
DISCS = 3
RESAMPLES = 1000
SEED = 20240608
CENTRE, EDGE = "centre", "edge"


@dataclass(frozen=True, slots=True, eq=False)
class Chance:
    """What random places and maps that know nothing do to one picture; the same for every question.

    Attributes:
        road: float64 [disc, 2, share, question], log odds.
        blind: Name of a map that knows nothing to its curves [2, share, question].
    """

    road: Floats
    blind: Mapping[str, Floats]


def by_chance(odds: Any, picture: Pixels, seed: int) -> Chance:
    """Curves of random discs, of the middle and of the edge; ``odds`` gives log odds [n, question]."""
    shape = (picture.shape[-2], picture.shape[-1])
    discs, fill = random_discs(shape, DISCS, seed), by_road(seed)
    return Chance(
        np.stack([curves(odds, picture, disc, fill) for disc in discs]),
        {
            name: curves(odds, picture, order_of(made(shape)), fill)
            for name, made in ((CENTRE, centre_map), (EDGE, edge_map))
        },
    )


def gained(marked: Floats, road: Floats, spread: float) -> dict[str, float]:
    """Gains over random places, by deletion and by insertion.

    Args:
        marked: Log odds [2, share] without the marked places, and with them alone.
        road: The same of random places [disc, 2, share].
        spread: What one spread is, in log odds.

    Returns:
        ``deletion`` and ``insertion`` in spreads, and both again in units of the probability.
    """
    deletion, insertion = gains(marked / spread, road / spread)
    less, more = gains(expit(marked), expit(road))
    return {
        "deletion": deletion,
        "insertion": insertion,
        "deletion_probability": less,
        "insertion_probability": more,
    }


def of_region(map_: Pixels, region: NDArray[np.bool_] | None) -> dict[str, float]:
    """Where a map lies beside what a person marked; nothing where nothing is marked, or the map is empty."""
    if region is None or not region.any() or map_.max() <= 0.0:
        return {}
    return {
        "inside": energy_share(map_, region),
        "area": float(region.mean()),
        "beyond_area": energy_share(map_, region) - float(region.mean()),
        "pointed": float(points_inside(map_, region)),
    }


def means(rows: Sequence[Mapping[str, float]], patients: NDArray[np.str_]) -> dict[str, Any]:
    """Of each measure the mean over the pictures that have it, as [value, low, high], and how many they are.

    Intervals are drawn by patient; None with fewer than two patients.
    """
    names = dict.fromkeys(name for row in rows for name in row)
    found: dict[str, Any] = {}
    for name in names:
        has = np.array([name in row for row in rows])
        values = np.array([row[name] for row in rows if name in row])
        found[name] = told(mean(values, patients[has]))
        if name == "inside":
            found["marked_pictures"] = len(values)
    return found


def mean(values: Floats, patients: NDArray[np.str_]) -> Interval | None:
    """Mean with an interval by patient; None with fewer than two patients."""
    if len(np.unique(patients)) < 2:
        return None
    return bootstrap(lambda drawn: float(np.mean(drawn)), patients, values, n=RESAMPLES, seed=SEED)


def told(interval: Interval | None) -> list[float] | None:
    """[value, low, high]."""
    return None if interval is None else interval.rounded(4)
