"""One yes/no probability made truer: by temperature, by a logistic curve, by steps; and which of them to take."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from secondread.stats.bootstrap import bootstrap, patients_of
from secondread.stats.calibration import TEMPERATURES, fit_temperature
from secondread.stats.checks import Floats, Ints, as_probabilities, both_classes, cases, counts, numbers
from secondread.stats.interval import Interval

LEAST = 1e-6  # a probability nearer to 0 or 1 counts as this near
SLOPES = (0.02, 50.0)


@dataclass(frozen=True, slots=True)
class Logistic:
    """sigmoid(slope x logit + shift).

    Attributes:
        slope: Above 0: below 1 makes less sure.
        shift: In log odds.
    """

    slope: float = 1.0
    shift: float = 0.0

    def __call__(self, logits: Floats) -> Floats:
        """Probabilities [n]."""
        from scipy.special import expit

        return np.asarray(expit(self.slope * logits + self.shift), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Steps:
    """A rising staircase.

    Attributes:
        at: Logits at which a step is known, rising.
        values: Probability there; between two steps the straight line is taken, outside the end.
    """

    at: tuple[float, ...]
    values: tuple[float, ...]

    def __call__(self, logits: Floats) -> Floats:
        """Probabilities [n]."""
        return np.asarray(np.interp(logits, self.at, self.values), dtype=np.float64)


Curve = Logistic | Steps
Fit = Callable[[Floats, Ints], Curve]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which method a cross-validation prefers.

    Attributes:
        best: Name of the method of the smallest log loss.
        log_loss: Of every method, in nats a case, on cases it was not fitted on.
        gain: Log loss of the first method less that of the best, with its interval over patients; 0 if it is the best.
        clear: Whether that interval lies above 0: only then is the best worth the change.
    """

    best: str
    log_loss: Mapping[str, float]
    gain: Interval
    clear: bool


def to_logits(p: ArrayLike) -> Floats:
    """Log odds of probabilities [n], none beyond those of ``LEAST``.

    Raises:
        ValueError: If a value is no probability.
    """
    values = np.clip(as_probabilities("p", p), LEAST, 1.0 - LEAST)
    return np.asarray(np.log(values) - np.log1p(-values))


def as_it_is(logits: ArrayLike, y: ArrayLike) -> Logistic:  # noqa: ARG001 - a method like the others
    """The probability left alone."""
    return Logistic()


def temperature(logits: ArrayLike, y: ArrayLike) -> Logistic:
    """One slope; a probability of one half stays. Left alone where the cases do not determine it.

    Raises:
        ValueError: If labels and logits do not fit.
    """
    positive, z = cases(y, logits)
    found = fit_temperature(np.column_stack((np.zeros_like(z), z)), positive.astype(np.int64))
    return Logistic() if found in TEMPERATURES else Logistic(1.0 / found)


def platt(logits: ArrayLike, y: ArrayLike) -> Logistic:
    """Slope and shift of the logistic curve most likely for labels that are drawn in a little from 0 and 1.

    Raises:
        ValueError: If labels and logits do not fit, or a class is absent.

    Source: Platt, Probabilistic outputs for support vector machines, 1999; Lin, Lin and Weng, Machine Learning 2007;
    68:267-276.
    """
    positive, z = cases(y, logits)
    n_pos, n_neg = counts(positive)
    both_classes(n_pos, n_neg)
    aims = np.where(positive, (n_pos + 1.0) / (n_pos + 2.0), 1.0 / (n_neg + 2.0))
    return _fitted(z, aims, 0.0, 0.0)


def drawn_in(logits: ArrayLike, y: ArrayLike, *, slope_sd: float, shift_sd: float) -> Logistic:
    """Slope and shift of a logistic curve that stays near the probability as it is unless the cases speak against it.

    The few cases of one hospital do not determine two numbers well. Both have a normal prior, the slope's on its
    logarithm: with few cases it holds them back, with many it does not matter.

    Args:
        logits: [n].
        y: Labels 0/1 [n].
        slope_sd: Standard deviation of the prior of log(slope) around 0; 0 leaves the slope at 1.
        shift_sd: Standard deviation of the prior of the shift around 0, in log odds.

    Raises:
        ValueError: If labels and logits do not fit, or a class is absent.

    Source: penalised likelihood; Gelman, Jakulin, Pittau and Su, Annals of Applied Statistics 2008;2:1360-1383 for
    weakly informative priors of logistic regression.
    """
    positive, z = cases(y, logits)
    both_classes(*counts(positive))
    if slope_sd < 0.0 or shift_sd <= 0.0:
        raise ValueError(f"found the deviations {slope_sd} and {shift_sd}; needed 0 or more and more than 0")
    return _fitted(z, positive.astype(np.float64), slope_sd, shift_sd)


def isotonic(logits: ArrayLike, y: ArrayLike) -> Steps:
    """The rising steps nearest to the labels, never nearer to 0 and 1 than the number of cases allows.

    Raises:
        ValueError: If labels and logits do not fit.

    Source: Zadrozny and Elkan, KDD 2002; pool adjacent violators, Barlow et al. 1972.
    """
    positive, z = cases(y, logits)
    at, where, n = np.unique(z, return_inverse=True, return_counts=True)
    means = np.bincount(where, weights=positive.astype(np.float64)) / n
    edge = 1.0 / (len(z) + 2.0)
    values = np.clip(pool_adjacent(means, n.astype(np.float64)), edge, 1.0 - edge)
    return Steps(tuple(at.tolist()), tuple(values.tolist()))


def pool_adjacent(values: Floats, weights: Floats) -> Floats:
    """The rising sequence nearest to ``values`` in weighted squares, [n]."""
    blocks: list[tuple[float, float, int]] = []  # mean, weight, how many
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        mean, mass, many = value, weight, 1
        while blocks and blocks[-1][0] >= mean:
            before, heavy, count = blocks.pop()
            mean, mass, many = (before * heavy + mean * mass) / (heavy + mass), heavy + mass, many + count
        blocks.append((mean, mass, many))
    return np.repeat([mean for mean, _, _ in blocks], [many for _, _, many in blocks])


METHODS: Mapping[str, Fit] = {
    "as shipped": as_it_is,
    "temperature": temperature,
    "Platt": platt,
    "isotonic": isotonic,
}


def choose(
    logits: ArrayLike,
    y: ArrayLike,
    patients: ArrayLike,
    methods: Mapping[str, Fit] = METHODS,
    *,
    folds: int = 5,
    seed: int,
) -> Choice:
    """The method of the smallest log loss in a cross-validation by patient.

    Args:
        logits: [n].
        y: Labels 0/1 [n].
        patients: Patient key of each case [n]; none is in two folds.
        methods: Name to method; the first is what the others must beat.
        folds: How many parts.
        seed: Of the parts and of the interval.

    Raises:
        ValueError: If labels and logits do not fit, or a fold leaves only one class.
    """
    positive, z = cases(y, logits)
    labels = positive.astype(np.int64)
    losses = {
        name: losses_of(labels, out_of_fold(z, labels, patients, fit, folds, seed)) for name, fit in methods.items()
    }
    means = {name: float(loss.mean()) for name, loss in losses.items()}
    first, best = next(iter(means)), min(means, key=lambda name: means[name])
    gain = bootstrap(lambda d: float(d.mean()), patients, losses[first] - losses[best], seed=seed)
    return Choice(best, means, gain, clear=gain.low > 0.0)


def out_of_fold(logits: ArrayLike, y: ArrayLike, patients: ArrayLike, fit: Fit, folds: int, seed: int) -> Floats:
    """Probability of each case by a curve that was fitted without its patient, float64 [n].

    Raises:
        ValueError: If there are fewer patients than folds, or a fold leaves only one class.
    """
    z, labels = numbers("logits", logits), np.asarray(y, dtype=np.int64)
    part = folds_of(patients, labels, folds, seed)
    found = np.empty(len(z))
    for k in range(folds):
        left = part == k
        both_classes(*counts(labels[~left] == 1))
        found[left] = fit(z[~left], labels[~left])(z[left])
    return found


def folds_of(patients: ArrayLike, y: Ints, folds: int, seed: int) -> Ints:
    """Fold of each case, int64 [n]: by patient, those with a positive case spread evenly.

    Raises:
        ValueError: If there are fewer patients than folds.
    """
    names, owner = patients_of(patients)
    if not 2 <= folds <= len(names):
        raise ValueError(f"folds: found {folds} for {len(names)} patients; needed 2 or more, and a patient for each")
    ill = np.bincount(owner, weights=y) > 0
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(~ill[order], kind="stable")]
    fold = np.empty(len(names), dtype=np.int64)
    fold[order] = np.arange(len(names)) % folds
    return fold[owner]


def losses_of(y: ArrayLike, p: ArrayLike) -> Floats:
    """-log of the probability given to what was true, of each case [n], in nats.

    Raises:
        ValueError: If labels and probabilities do not fit.
    """
    positive, values = cases(y, as_probabilities("p", p))
    values = np.clip(values, LEAST, 1.0 - LEAST)
    return np.asarray(-np.log(np.where(positive, values, 1.0 - values)))


def _fitted(z: Floats, aims: Floats, slope_sd: float, shift_sd: float) -> Logistic:
    """The logistic curve most likely for aims in [0, 1]; a deviation of 0 for both means no prior at all."""
    from scipy.optimize import minimize
    from scipy.special import expit

    free = slope_sd == 0.0 and shift_sd == 0.0
    pull = np.array([0.0 if slope_sd == 0.0 else slope_sd**-2, 0.0 if shift_sd == 0.0 else shift_sd**-2])

    def loss(parameters: Floats) -> tuple[float, Floats]:
        slope = np.exp(parameters[0])
        line = slope * z + parameters[1]
        excess = expit(line) - aims
        value = float((np.logaddexp(0.0, line) - aims * line).sum() + (pull * parameters**2).sum() / 2)
        return value, np.array([(excess * z).sum() * slope, excess.sum()]) + pull * parameters

    ends = tuple(np.log(SLOPES).tolist())
    limits = [ends if free or slope_sd > 0.0 else (0.0, 0.0), (-20.0, 20.0)]
    found = minimize(
        loss, np.zeros(2), jac=True, bounds=limits, method="L-BFGS-B", options={"gtol": 1e-9, "ftol": 1e-15}
    )
    return Logistic(float(np.exp(found.x[0])), float(found.x[1]))
