"""Calibration in bins of equally many cases, and the Brier score taken apart."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from secondread.stats.bootstrap import Resamples
from secondread.stats.calibration import BINS, bin_of
from secondread.stats.checks import Floats, Ints, as_probabilities, fraction, same_length, truth
from secondread.stats.interval import Interval
from secondread.stats.proportion import wilson


@dataclass(frozen=True, slots=True)
class MassBin:
    """Neighbours in probability.

    Attributes:
        n: Number of cases, at least 1.
        mean_probability: Of these cases.
        observed: Share of them that is positive, with Wilson interval.
    """

    n: int
    mean_probability: float
    observed: Interval


@dataclass(frozen=True, slots=True)
class BrierParts:
    """What a Brier score is made of: brier = reliability - resolution + uncertainty + within.

    Attributes:
        brier: Of the probabilities as they are.
        reliability: Mean squared distance of probability and frequency over the bins; 0 is best.
        resolution: Mean squared distance of the frequency in a bin from that of all cases; large is best.
        uncertainty: Variance of the truth; a property of the cases alone.
        within: What the spread of probabilities inside bins adds: their variance less twice their covariance with the
            truth. It is 0 when a bin holds one probability only, as in the source.
    """

    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float


def adaptive_ece(y: ArrayLike, p: ArrayLike, bins: int = BINS) -> float:
    """Expected calibration error over bins of equally many cases.

    Bins of equal width stand nearly empty where few probabilities lie; these do not.

    Args:
        y: Labels 0/1 [n].
        p: Probabilities of 1 [n]; equal ones share a bin.
        bins: Number of bins, fewer where there are fewer different probabilities.

    Returns:
        In [0, 1], biased upwards when bins hold few cases.

    Raises:
        ValueError: If labels and probabilities do not fit, or there is no bin.

    Source: Nguyen and O'Connor, Posterior calibration and exploratory analysis for natural language processing models,
    EMNLP 2015 (adaptive binning).
    """
    positive, values, where = _binned(y, p, bins)
    gaps = np.bincount(where, weights=values - positive)
    return float(np.abs(gaps).sum() / len(values))


def equal_mass_reliability(y: ArrayLike, p: ArrayLike, bins: int = BINS) -> tuple[MassBin, ...]:
    """Probability against frequency in bins of equally many cases, from the lowest probability up.

    Args:
        y: Labels 0/1 [n].
        p: Probabilities of 1 [n].
        bins: As for :func:`adaptive_ece`.

    Raises:
        ValueError: If labels and probabilities do not fit, or there is no bin.
    """
    positive, values, where = _binned(y, p, bins)
    rows = []
    for k in np.unique(where).tolist():
        inside = where == k
        n = int(inside.sum())
        rows.append(MassBin(n, float(values[inside].mean()), wilson(int(positive[inside].sum()), n)))
    return tuple(rows)


def brier_parts(y: ArrayLike, p: ArrayLike, bins: int = BINS) -> BrierParts:
    """The Brier score taken apart over bins of equal width, with nothing left over.

    Args:
        y: Labels 0/1 [n].
        p: Probabilities of 1 [n].
        bins: As for :func:`secondread.stats.calibration.ece`.

    Raises:
        ValueError: If labels and probabilities do not fit, or there is no bin.

    Source: Murphy, A new vector partition of the probability score, Journal of Applied Meteorology 1973;12:595-600;
    the terms within bins: Stephenson, Coelho and Jolliffe, Two extra components in the Brier score decomposition,
    Weather and Forecasting 2008;23:752-757.
    """
    positive, values = truth("y", y).astype(np.float64), as_probabilities("p", p)
    same_length(y=positive, p=values)
    where = bin_of(values, bins)
    n = np.maximum(np.bincount(where, minlength=bins), 1)
    mean_p, mean_y = (np.bincount(where, weights=part, minlength=bins) / n for part in (values, positive))
    apart, seen = values - mean_p[where], positive - mean_y[where]
    overall = positive.mean()
    return BrierParts(
        brier=float(((values - positive) ** 2).mean()),
        reliability=float(((mean_p - mean_y)[where] ** 2).mean()),
        resolution=float(((mean_y[where] - overall) ** 2).mean()),
        uncertainty=float(overall * (1.0 - overall)),
        within=float((apart**2 - 2.0 * apart * seen).mean()),
    )


def less_bias(found: Resamples, level: float = 0.95) -> Interval:
    """What is left of a calibration error when the error that few cases show by chance is taken off, not below 0.

    A calibration error is a mean of distances, so chance alone makes it larger, in each resample once more: the
    percentiles of the resamples may lie above the value itself. The mean of the resamples less the value estimates that
    excess.

    Args:
        found: The error with its resamples.
        level: Confidence level in (0, 1).

    Raises:
        ValueError: If the level leaves (0, 1).

    Source: Davison and Hinkley, Bootstrap methods and their application, 1997, sections 2.1.3 (bias) and 5.2 (basic
    intervals).
    """
    tail = (1.0 - fraction("level", level)) / 2
    low, high = np.quantile(found.drawn, (tail, 1.0 - tail)).tolist()
    value, least, most = (max(0.0, 2 * found.value - end) for end in (float(found.drawn.mean()), high, low))
    return Interval(value, least, most, f"basic bootstrap, {found.patients} patients, seed {found.seed}", level)


def mass_bin_of(p: Floats, bins: int) -> Ints:
    """Bin number of each probability, int64 [n]: equally many cases in each, as far as equal ones allow.

    Raises:
        ValueError: If there is no bin.
    """
    if bins < 1:
        raise ValueError(f"bins: found {bins}; needed at least 1")
    ranked = np.sort(p)
    inner = ranked[np.arange(1, bins) * len(p) // bins]
    return np.searchsorted(np.unique(inner), p, side="right").astype(np.int64)


def _binned(y: ArrayLike, p: ArrayLike, bins: int) -> tuple[Floats, Floats, Ints]:
    positive, values = truth("y", y).astype(np.float64), as_probabilities("p", p)
    same_length(y=positive, p=values)
    return positive, values, mass_bin_of(values, bins)
