"""How long people live, or stay free of a disease, when some are followed only for a while.

Each case has a time and an event: 1 when what was waited for happened then, 0 when the case was last seen then
without it (censored). A case censored at a time still counts as at risk for the events of that time.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from secondread.stats.checks import Bools, Floats, Ints, numbers, same_length, truth
from secondread.stats.interval import Interval, normal_quantile
from secondread.stats.proportion import wilson

ROUNDING = 1e-12  # a product of steps that ought to be one half may miss it by so much


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """Share of people without the event, as it falls with time.

    Attributes:
        times: float64 [k], rising: the times at which events happened. Empty when there was none.
        at_risk: int64 [k], cases followed up to each of these times.
        events: int64 [k], events at each of these times.
        survival: float64 [k], share without the event just after each of these times.
        variance_log: float64 [k], Greenwood's variance of log(survival); infinite where survival is 0.
        followed: float64 [n], rising: how long each case was followed, until its event or its last visit.
        median: First time at which survival is one half or less; None when it never falls so low.
        median_low: The same of the lower bounds of survival, or None.
        median_high: The same of the upper bounds above 0 survival, or None: the data set no upper limit.
        level: Confidence level of the bounds in (0, 1).
    """

    times: Floats
    at_risk: Ints
    events: Ints
    survival: Floats
    variance_log: Floats
    followed: Floats
    median: float | None
    median_low: float | None
    median_high: float | None
    level: float


@dataclass(frozen=True, slots=True)
class LogRank:
    """Two groups compared over the whole time.

    Attributes:
        observed: Events in group 0 and in group 1.
        expected: Events there would be in each if both had the same risk.
        chi2: Squared difference over its variance, one degree of freedom.
        p: Its p value.
    """

    observed: tuple[int, int]
    expected: tuple[float, float]
    chi2: float
    p: float


def kaplan_meier(times: ArrayLike, events: ArrayLike, level: float = 0.95) -> SurvivalCurve:
    """Survival by Kaplan and Meier. Read it at a time with :func:`survival_at`.

    Args:
        times: Time of the event or of the last visit [n], 0 or more, in any one unit.
        events: 1 = the event happened, 0 = censored [n].
        level: Confidence level in (0, 1).

    Raises:
        ValueError: If a time is negative or not finite, an event is not 0 or 1, their numbers differ, or the level
            leaves (0, 1).

    Source: Kaplan and Meier, Journal of the American Statistical Association 1958;53:457-481. Bounds of the median:
        Brookmeyer and Crowley, Biometrics 1982;38:29-41, with the bounds of :func:`survival_at`.

    >>> curve = kaplan_meier([1, 2, 2, 3, 5], [1, 1, 0, 1, 0])
    >>> curve.times.tolist(), curve.survival.round(3).tolist(), curve.median
    ([1.0, 2.0, 3.0], [0.8, 0.6, 0.3], 3.0)
    """
    at, happened = followed(times, events)
    z = normal_quantile(level)
    steps, deaths = np.unique(at[happened], return_counts=True)
    ordered = np.sort(at)
    risk = len(at) - np.searchsorted(ordered, steps, side="left")
    survival = np.cumprod(1.0 - deaths / risk, dtype=np.float64)
    with np.errstate(divide="ignore"):
        variance = np.cumsum(deaths / (risk * (risk - deaths)), dtype=np.float64)
    inside = survival > 0.0
    low, high = _log_log(survival[inside], variance[inside], z)
    return SurvivalCurve(
        steps,
        risk.astype(np.int64),
        deaths.astype(np.int64),
        survival,
        variance,
        ordered,
        _first_half(steps, survival),
        _first_half(steps, np.append(low, survival[~inside])),
        _first_half(steps[inside], high),
        level,
    )


def survival_at(curve: SurvivalCurve, time: float) -> Interval | None:
    """Survival at a time, with bounds that stay inside [0, 1].

    The bounds are made on log(-log S) and mapped back. That is impossible at 1 and at 0. Where nobody has had the
    event yet they are Wilson's, of those still followed at that time. Where nobody is left, the upper bound is the
    one before the last step, or Wilson's of those who took it, whichever is lower. ``method`` says which.

    Args:
        curve: From :func:`kaplan_meier`.
        time: 0 or more, in the unit of the curve.

    Returns:
        The interval, or None when nobody was followed so long and some had not had the event: nothing is known.

    Raises:
        ValueError: If the time is negative or not finite.

    Source: Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data, 1980, section 1.3, with
        Greenwood's variance.

    >>> str(survival_at(kaplan_meier([1, 2, 2, 3, 5], [1, 1, 0, 1, 0]), 2.5))
    '0.600 (0.126 to 0.882)'
    """
    if not (math.isfinite(time) and time >= 0.0):
        raise ValueError(f"time: found {time:g}; needed a finite time of 0 or more")
    gone = len(curve.survival) > 0 and curve.survival[-1] == 0.0
    if time > curve.followed[-1] and not gone:
        return None
    k = int(np.searchsorted(curve.times, time, side="right"))
    if k == 0:
        still = len(curve.followed) - int(np.searchsorted(curve.followed, time, side="left"))
        return wilson(still, still, curve.level)
    if curve.survival[k - 1] == 0.0:
        most = wilson(0, int(curve.at_risk[k - 1]), curve.level).high
        before = _interval(curve, k - 2).high if k > 1 else 1.0
        return Interval(0.0, 0.0, min(most, before), "upper bound of the step before, or Wilson", curve.level)
    return _interval(curve, k - 1)


def log_rank(times: ArrayLike, events: ArrayLike, group: ArrayLike) -> LogRank | None:
    """Whether two groups have the same survival, all times weighing alike.

    Args:
        times: Time of the event or of the last visit [n], 0 or more.
        events: 1 = the event happened, 0 = censored [n].
        group: Group 0 or 1 of each case [n].

    Returns:
        The test, or None when at every event only one group was followed, or nobody was left: nothing to compare.

    Raises:
        ValueError: As for :func:`kaplan_meier`, or if a group is not 0 or 1 or is empty.

    Source: Mantel, Cancer Chemotherapy Reports 1966;50:163-170, with the hypergeometric variance.
    """
    at, happened = followed(times, events)
    second = truth("group", group)
    same_length(times=at, group=second)
    if second.all() or not second.any():
        raise ValueError(f"group: found only the group {int(second[0])}; needed cases of both, 0 and 1")
    steps, deaths = np.unique(at[happened], return_counts=True)
    risk = len(at) - np.searchsorted(np.sort(at), steps, side="left")
    of_second = int(second.sum()) - np.searchsorted(np.sort(at[second]), steps, side="left")
    share = of_second / risk
    variance = float((deaths * share * (1.0 - share) * (risk - deaths) / np.maximum(risk - 1, 1)).sum())
    if variance == 0.0:
        return None
    observed, expected = int(np.count_nonzero(happened & second)), float((deaths * share).sum())
    total = int(deaths.sum())
    chi2 = (observed - expected) ** 2 / variance
    p = math.erfc(math.sqrt(chi2 / 2.0))
    return LogRank((total - observed, observed), (total - expected, expected), chi2, p)


def concordance(times: ArrayLike, events: ArrayLike, scores: ArrayLike) -> float | None:
    """Harrell's C: the chance that of two people the one with the higher score lives longer, ties of scores half.

    **A higher score means longer survival.** Pass minus the risk where a higher number means a higher risk.

    Two cases can be compared when it is known who had the event first: one had it, and the other was followed longer
    or was censored at that very time. Two events at one time are not compared.

    Args:
        times: Time of the event or of the last visit [n], 0 or more.
        events: 1 = the event happened, 0 = censored [n].
        scores: Finite scores [n].

    Returns:
        A number in [0, 1], 0.5 for a useless score, or None when no two cases can be compared.

    Raises:
        ValueError: As for :func:`kaplan_meier`, or if a score is not finite.

    Source: Harrell and others, JAMA 1982;247:2543-2546; ties as in lifelines 0.30.

    >>> concordance([5, 10, 15, 20, 25], [1, 1, 0, 1, 1], [1, 3, 2, 5, 4])
    0.75
    """
    at, happened = followed(times, events)
    values = numbers("scores", scores)
    same_length(times=at, scores=values)
    order = np.lexsort((~happened, at))  # by time; at one time, events before the censored
    at, happened, values = at[order], happened[order], values[order]
    halves = pairs = 0
    for i in np.flatnonzero(happened):
        later = values[i + 1 :][(at[i + 1 :] > at[i]) | ~happened[i + 1 :]]
        halves += 2 * int(np.count_nonzero(later > values[i])) + int(np.count_nonzero(later == values[i]))
        pairs += len(later)
    return halves / (2 * pairs) if pairs else None


def followed(times: ArrayLike, events: ArrayLike) -> tuple[Floats, Bools]:
    """Times of 0 or more, and whether the event happened then.

    Raises:
        ValueError: If a time is negative or not finite, an event is not 0 or 1, or their numbers differ.
    """
    at, happened = numbers("times", times), truth("events", events)
    same_length(times=at, events=happened)
    if at.min() < 0.0:
        raise ValueError(f"times: found {at.min():g}; needed times of 0 or more")
    return at, happened


def _log_log(survival: Floats, variance_log: Floats, z: float) -> tuple[Floats, Floats]:
    """Bounds of survivals between 0 and 1, exclusive."""
    reach = z * np.sqrt(variance_log) / np.log(survival)  # negative
    return survival ** np.exp(-reach), survival ** np.exp(reach)


def _interval(curve: SurvivalCurve, step: int) -> Interval:
    chosen = slice(step, step + 1)
    low, high = _log_log(curve.survival[chosen], curve.variance_log[chosen], normal_quantile(curve.level))
    return Interval(float(curve.survival[step]), float(low[0]), float(high[0]), "Greenwood, log-log scale", curve.level)


def _first_half(steps: Floats, survival: Floats) -> float | None:
    reached = np.flatnonzero(survival <= 0.5 + ROUNDING)
    return float(steps[reached[0]]) if len(reached) else None
