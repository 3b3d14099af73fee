"""Whether a probability means what it says."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from secondread.stats.checks import (
    Floats,
    Ints,
    as_probabilities,
    classes,
    numbers,
    same_length,
    truth,
)
from secondread.stats.interval import Interval
from secondread.stats.proportion import wilson

TEMPERATURES = (0.01, 100.0)
NO_MISTAKE = 1e-7  # mean negative log likelihood
BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases with similar probability.

    Attributes:
        low: Lower edge, excluded (the first bin includes 0).
        high: Upper edge, included.
        n: Number of cases, at least 1.
        mean_probability: Of these cases.
        observed: Share of them that is positive, with Wilson interval.
    """

    low: float
    high: float
    n: int
    mean_probability: float
    observed: Interval


def softmax(logits: ArrayLike) -> Floats:
    """Probabilities from logits along the last axis, float64 [n, class] or [class].

    Raises:
        ValueError: If a logit is not finite.

    >>> softmax([[0.0, 0.0]]).tolist()
    [[0.5, 0.5]]
    """
    return np.exp(_log_softmax(numbers("logits", logits, (1, 2))))


def log_loss(y: ArrayLike, probabilities: ArrayLike) -> float:
    """Mean of -log of the probability given to what was true, in nats.

    Args:
        y: Class numbers [n], or one-hot rows [n, class]; 0/1 [n] when the probabilities have one axis.
        probabilities: Probabilities [n, class] whose rows sum to 1, or the probability of class 1 [n].

    Returns:
        At least 0. Probabilities below 2.2e-16 count as 2.2e-16, so that one certain error stays finite.

    Raises:
        ValueError: If labels and probabilities do not fit.
    """
    p = as_probabilities("probabilities", probabilities, (1, 2))
    if p.ndim == 1:
        p = np.column_stack((1.0 - p, p))
    labels = _labels(y, p.shape[1])
    same_length(y=labels, probabilities=p)
    given = p[np.arange(len(p)), labels]
    return float(-np.log(np.maximum(given, np.finfo(np.float64).eps)).mean())


def brier(y: ArrayLike, p: ArrayLike) -> float:
    """Mean squared distance between probability and truth, in [0, 1].

    Args:
        y: Labels 0/1 [n].
        p: Probabilities of 1 [n].

    Raises:
        ValueError: If labels and probabilities do not fit.

    Source: Brier, Monthly Weather Review 1950;78:1-3, for one of two classes.
    """
    positive, values = _binary(y, p)
    return float(((values - positive) ** 2).mean())


def brier_multiclass(labels: ArrayLike, probabilities: ArrayLike) -> float:
    """Mean over cases of the squared distances summed over classes, in [0, 2].

    With two classes it is twice :func:`brier`.

    Args:
        labels: Class numbers [n].
        probabilities: Probabilities [n, class]; rows sum to 1.

    Raises:
        ValueError: If labels and probabilities do not fit.

    Source: Brier, Monthly Weather Review 1950;78:1-3.
    """
    true, p = _multiclass(labels, probabilities)
    return float(((p - np.eye(p.shape[1])[true]) ** 2).sum(axis=1).mean())


def ece(y: ArrayLike, p: ArrayLike, bins: int = BINS) -> float:
    """Expected calibration error: mean distance of probability and frequency over bins of equal width.

    Args:
        y: Labels 0/1 [n].
        p: Probabilities of 1 [n].
        bins: Number of bins; each is (low, high], the first includes 0. The result depends on it: report it.

    Returns:
        In [0, 1]. It is biased upwards when bins hold few cases.

    Raises:
        ValueError: If labels and probabilities do not fit, or there is no bin.

    Source: Naeini, Cooper and Hauskrecht, AAAI 2015, on the probability of class 1.
    """
    positive, values = _binary(y, p)
    where = bin_of(values, bins)
    gaps = np.bincount(where, weights=values - positive, minlength=bins)
    return float(np.abs(gaps).sum() / len(values))


def ece_by_chance(p: ArrayLike, bins: int = BINS, n: int = 2000, seed: int = 0) -> Interval:
    """The calibration error that probabilities show on so few cases although each of them is true.

    Args:
        p: Probabilities of 1 [n].
        bins: As for :func:`ece`.
        n: How often labels are drawn from the probabilities.
        seed: Of the draws.

    Returns:
        The mean over the draws, and the range of the middle 95 %. An :func:`ece` inside it is no sign of a fault.

    Raises:
        ValueError: If the probabilities do not fit, there is no bin, or nothing is drawn.

    Source: Bröcker and Smith, Increasing the reliability of reliability diagrams, Weather and Forecasting 2007;
    22:651-661 (consistency resampling).
    """
    values = as_probabilities("p", p)
    if n < 1:
        raise ValueError(f"n: found {n}; needed at least one draw")
    where, random = bin_of(values, bins), np.random.default_rng(seed)
    gaps = [
        np.bincount(where, weights=values - (random.random(len(values)) < values), minlength=bins) for _ in range(n)
    ]
    errors = np.abs(gaps).sum(axis=1) / len(values)
    low, high = np.quantile(errors, [0.025, 0.975])
    mean = float(np.clip(errors.mean(), low, high))
    return Interval(mean, float(low), float(high), "labels drawn from the probabilities")


def top_label_ece(labels: ArrayLike, probabilities: ArrayLike, bins: int = BINS) -> float:
    """Expected calibration error of the winning class: does 0.9 win rightly nine times of ten?

    Args:
        labels: Class numbers [n].
        probabilities: Probabilities [n, class]; rows sum to 1. Of tied classes the first wins.
        bins: As for :func:`ece`.

    Raises:
        ValueError: If labels and probabilities do not fit, or there is no bin.

    Source: Guo, Pleiss, Sun and Weinberger, ICML 2017.
    """
    true, p = _multiclass(labels, probabilities)
    return ece(p.argmax(axis=1) == true, p.max(axis=1), bins)


def reliability(y: ArrayLike, p: ArrayLike, bins: int = BINS) -> tuple[Bin, ...]:
    """Probability against frequency, bin by bin; bins without cases are left out.

    Args:
        y: Labels 0/1 [n].
        p: Probabilities of 1 [n].
        bins: As for :func:`ece`.

    Raises:
        ValueError: If labels and probabilities do not fit, or there is no bin.
    """
    positive, values = _binary(y, p)
    where = bin_of(values, bins)
    rows = []
    for k in np.unique(where).tolist():
        inside = where == k
        hits, n = int(positive[inside].sum()), int(inside.sum())
        rows.append(Bin(k / bins, (k + 1) / bins, n, float(values[inside].mean()), wilson(hits, n)))
    return tuple(rows)


def fit_temperature(logits: ArrayLike, labels: ArrayLike) -> float:
    """The temperature that makes softmax(logits / temperature) most likely for the labels.

    Args:
        logits: Finite logits [n, class], at least two classes. Two classes from one logit z: rows (0, z).
        labels: Class numbers [n].

    Returns:
        A number in ``TEMPERATURES``. It is an end of that range when the likelihood rises all the way to it, as
        when every case is classified rightly (the lower end) or the logits are worse than none (the upper end);
        1 when the logits say nothing.

    Raises:
        ValueError: If labels and logits do not fit.

    Source: Guo, Pleiss, Sun and Weinberger, On calibration of modern neural networks, ICML 2017.
    """
    from scipy.optimize import minimize_scalar

    z = numbers("logits", logits, (2,))
    true = classes("labels", labels, z.shape[1])
    same_length(labels=true, logits=z)
    if not np.ptp(z, axis=1).any():
        return 1.0
    rows = np.arange(len(z))

    def loss(log_temperature: float) -> float:
        return float(-_log_softmax(z / np.exp(log_temperature))[rows, true].mean())

    bounds = tuple(np.log(TEMPERATURES).tolist())
    found = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-9})
    lowest, highest = TEMPERATURES
    candidates = (lowest, float(np.exp(found.x)), highest)
    return min(candidates, key=lambda temperature: loss(float(np.log(temperature))))


def fit_temperature_and_biases(logits: ArrayLike, labels: ArrayLike) -> tuple[float, tuple[float, ...]]:
    """The temperature and one bias a class that make softmax(logits / temperature + biases) most likely.

    A loss that weighs classes shifts the logits of each by a constant, which no temperature takes back.

    Args:
        logits: As for :func:`fit_temperature`.
        labels: Class numbers [n]; every class must occur.

    Returns:
        The temperature, and biases whose sum is 0. Where there is no finite best, what :func:`fit_temperature`
        gives, with biases of 0.

    Raises:
        ValueError: If labels and logits do not fit, or a class does not occur.

    Source: Alexandari, Kundaje and Shrikumar, Maximum likelihood with bias-corrected calibration is hard-to-beat at
    label shift adaptation, ICML 2020.
    """
    from scipy.optimize import minimize

    start = fit_temperature(logits, labels)
    z = numbers("logits", logits, (2,))
    true, n_classes = classes("labels", labels, z.shape[1]), z.shape[1]
    missing = sorted(set(range(n_classes)) - set(true.tolist()))
    if missing:
        raise ValueError(f"labels: class {missing[0]} does not occur; its bias cannot be fitted")
    if start in TEMPERATURES:
        return start, (0.0,) * n_classes
    truth_rows = np.eye(n_classes)[true]

    def loss(parameters: Floats) -> tuple[float, Floats]:
        """Mean negative log likelihood, convex in (1 / temperature, biases), and its gradient."""
        logs = _log_softmax(z * parameters[0] + parameters[1:])
        excess = (np.exp(logs) - truth_rows) / len(z)
        return float(-(logs * truth_rows).sum() / len(z)), np.array([(excess * z).sum(), *excess.sum(axis=0)])

    first = np.array([1.0 / start, *[0.0] * n_classes])
    limits = [(1.0 / TEMPERATURES[1], 1.0 / TEMPERATURES[0])] + [(None, None)] * n_classes
    found = minimize(loss, first, jac=True, bounds=limits, method="L-BFGS-B", options={"gtol": 1e-9, "ftol": 1e-15})
    if found.fun < NO_MISTAKE:  # with biases every case is classified rightly: no finite best
        return start, (0.0,) * n_classes
    biases = found.x[1:] - found.x[1:].mean()
    return float(1.0 / found.x[0]), tuple(biases.tolist())


def _log_softmax(z: Floats) -> Floats:
    shifted = z - z.max(axis=-1, keepdims=True)
    normalised: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return normalised


def _binary(y: ArrayLike, p: ArrayLike) -> tuple[Floats, Floats]:
    positive, values = truth("y", y), as_probabilities("p", p)
    same_length(y=positive, p=values)
    return positive.astype(np.float64), values


def _multiclass(labels: ArrayLike, p: ArrayLike) -> tuple[Ints, Floats]:
    values = as_probabilities("probabilities", p, (2,))
    true = classes("labels", labels, values.shape[1])
    same_length(labels=true, probabilities=values)
    return true, values


def _labels(y: ArrayLike, n_classes: int) -> Ints:
    if np.ndim(y) != 2:
        return classes("y", y, n_classes)
    rows = numbers("y", y, (2,))
    if rows.shape[1] != n_classes or not np.isin(rows, (0.0, 1.0)).all() or (rows.sum(axis=1) != 1.0).any():
        raise ValueError(f"y: found rows that are not one-hot over {n_classes} classes; needed one 1 in each row")
    true: Ints = rows.argmax(axis=1).astype(np.int64)
    return true


def bin_of(p: Floats, bins: int) -> Ints:
    """Bin number of each probability, int64 [n]: (k / bins, (k + 1) / bins], the first with 0.

    Raises:
        ValueError: If there is no bin.
    """
    if bins < 1:
        raise ValueError(f"bins: found {bins}; needed at least 1")
    inner_edges = np.arange(1, bins) / bins
    return np.searchsorted(inner_edges, p, side="left").astype(np.int64)
