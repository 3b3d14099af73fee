"""Whether a stream still comes from where its reference came from, looked at as often as one likes.

Each new value has a rank among the reference and all that came before it. While nothing changes, these ranks are
independent and even; who bets against that wins in expectation nothing, however often he looks, and the capital is an
e-value: 20 and more comes by chance at most once in 20 streams, over all looks together.

Sources: Vovk, Nouretdinov and Gammerman, ICML 2003 (ranks that are independent and even, betting against them); Ville,
"Étude critique de la notion de collectif", 1939 (how far capital gets by chance); Fedorova, Gammerman, Nouretdinov and
Vovk, ICML 2012 (bets that follow the density of the ranks); Shin, Ramdas and Rinaldo, "E-detectors", New England
Journal of Statistics in Data Science 2024 (bets that begin at many moments).
"""

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from secondread.stats.checks import Floats, numbers, same_length

# Where bets divide [0, 1]: rare events need fine cuts at the low end, where the largest values rank.
CUTS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.99)
DIVISIONS: tuple[tuple[float, ...], ...] = (
    *((cut,) for cut in CUTS),
    (0.2, 0.4, 0.6, 0.8),
    tuple(round(0.1 * k, 1) for k in range(1, 10)),
)
STRENGTHS = (4.0, 32.0)  # how many values a bet is worth before the first: large changes, small changes
BLOCK = 20  # bets begin with every so manieth value


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the bets have won.

    Attributes:
        log_e: Natural logarithm of the e-value.
        since: How many values came before the change, as far as the bets can tell; 0 also where nothing tells.

    >>> round(Evidence(math.log(20)).p, 3)
    0.05
    """

    log_e: float
    since: int = 0

    @property
    def p(self) -> float:
        """The largest p value that this capital stands for at any look, in (0, 1]."""
        return min(1.0, math.exp(-self.log_e))


def ranks(
    reference: ArrayLike,
    current: ArrayLike,
    seed: int,
    groups: tuple[Sequence[str], Sequence[str]] | None = None,
) -> Floats:
    """The rank of each current value among the reference and the current ones up to it, in [0, 1]; [n].

    The largest value ranks lowest. Equals are put in an order by lot; the lots of the first n values stay the same when
    more come. With groups (of the reference, of the current values) each ranks among those of its own: then a mix of
    groups that comes and goes, as nights and weekends do, is no change.

    Raises:
        ValueError: If a value is not finite, there is no reference, or groups do not fit.

    Source: Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005, smoothed and Mondrian p values.
    """
    old, values = numbers("reference", reference), np.asarray(current, dtype=np.float64)
    group_of_old, group_of_new = groups or ([""] * len(old), [""] * len(values))
    same_length(reference=old, groups=group_of_old)
    same_length(current=values, groups=group_of_new)
    pools: dict[str, list[float]] = {group: [] for group in {*group_of_old, *group_of_new}}
    for value, group in zip(old.tolist(), group_of_old, strict=True):
        pools[group].append(value)
    for pool in pools.values():
        pool.sort()
    if values.size == 0:
        return np.zeros(0)
    lots = np.random.default_rng(seed).random(len(values))
    found = np.empty(len(values))
    for place, value in enumerate(numbers("current", values).tolist()):
        pool = pools[group_of_new[place]]
        insort(pool, value)
        low, high = bisect_left(pool, value), bisect_right(pool, value)
        found[place] = (len(pool) - high + lots[place] * (high - low)) / len(pool)
    return found


def evidence(even: ArrayLike) -> Evidence:
    """Evidence against ranks that should be independent and even in [0, 1] [n].

    The capital is spread over divisions of [0, 1], over strengths, and over the moments at which bets begin: the share
    of the k-th moment is 1 / k (k + 1), so that an early change and a late one are both found, and what is not yet bet
    is kept.

    Raises:
        ValueError: If a rank leaves [0, 1].
    """
    given = np.asarray(even, dtype=np.float64)
    if given.size == 0:
        return Evidence(0.0)
    if not ((given >= 0.0) & (given <= 1.0)).all():
        raise ValueError("ranks: found values outside [0, 1]; needed the ranks of ranks()")
    starts = np.arange(0, len(given), BLOCK)
    shares = -np.log((np.arange(len(starts)) + 1.0) * (np.arange(len(starts)) + 2.0))
    won = np.concatenate([_won(given, len(starts), division) for division in DIVISIONS])
    by_start = shares + _log_mean(won, axis=0)
    kept = -math.log(len(starts) + 1.0)  # the shares of all moments still to come
    total = float(np.logaddexp.reduce([*by_start, kept]))
    since = int(starts[int(by_start.argmax())]) if by_start.max() > kept else 0
    return Evidence(total, since)


def benjamini_hochberg_e(log_e: ArrayLike, level: float) -> tuple[bool, ...]:
    """Which of several e-values of one look speak, so that no more than ``level`` of those are expected to be chance.

    It holds however the monitors depend on each other, for one look. Over many looks use the bound of Ville instead,
    divided by their number.

    Args:
        log_e: Logarithms of all e-values [n].
        level: In (0, 1).

    Source: Wang and Ramdas, Journal of the Royal Statistical Society B 2022;84:822-852; for looks without end:
        Tavyrikov, Goeman and de Heide, "Carefree multiple testing with e-processes", 2025.

    >>> benjamini_hochberg_e([math.log(50.0), math.log(25.0), 0.0], 0.05)
    (False, False, False)
    >>> benjamini_hochberg_e([math.log(61.0), math.log(35.0), 0.0], 0.05)
    (True, True, False)
    """
    values = numbers("log_e", log_e)
    order = np.argsort(-values, kind="stable")
    needed = math.log(len(values) / level) - np.log(np.arange(1, len(values) + 1))
    passed = np.flatnonzero(values[order] >= needed)
    speaks = np.zeros(len(values), dtype=bool)
    if passed.size:
        speaks[order[: passed[-1] + 1]] = True
    return tuple(speaks.tolist())


def _won(given: Floats, starts: int, division: tuple[float, ...]) -> Floats:
    """Logarithm of what bets on one division have won, by strength and start: a Dirichlet mixture, in closed form."""
    from scipy.special import gammaln

    sizes = np.diff(np.array((0.0, *division, 1.0)))
    cells = np.searchsorted(np.array(division), given, side="right") + np.arange(len(given)) // BLOCK * len(sizes)
    by_block = np.bincount(cells, minlength=starts * len(sizes)).reshape(starts, len(sizes))
    n = np.cumsum(by_block[::-1], axis=0)[::-1].astype(np.float64)  # values from each start on, by cell
    strength = np.array(STRENGTHS)[:, None]
    prior = (strength * sizes)[:, None, :]
    grown = (gammaln(prior + n) - gammaln(prior) - n * np.log(sizes)).sum(axis=2)
    total: Floats = grown + gammaln(strength) - gammaln(strength + n.sum(axis=1))
    return total


def _log_mean(values: Floats, axis: int) -> Floats:
    mean: Floats = np.logaddexp.reduce(values, axis=axis) - math.log(values.shape[axis])
    return mean
