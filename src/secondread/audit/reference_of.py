"""The reference of a bundle: fitted on its training split, its thresholds on its validation split."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from secondread.audit.assessed import Assessed
from secondread.engine.outside import MEASURED, TAUGHT, knows, looked_at, with_taught
from secondread.engine.reference import MOST_DIRECTIONS, MOST_POINTS, Reference, in_steps
from secondread.engine.statistics import statistics, tolerance
from secondread.engine.taught import TINY, strangeness
from secondread.learn.predict import batches

Floats = NDArray[np.float64]

ACCEPTANCE = 0.95
MEASURED_ALONE = 0.99  # the measured distances stop one known input in a hundred, the taught one what is left to stop
FEWEST_FITTED, MOST_FITTED = 1500, 5000  # training inputs that the statistics are fitted on, where there are so many
FITTED_NUMBERS = 18_000_000  # and about so many numbers of them
MOST_STORED = 40_000  # numbers of the basis
VARIANCE = 0.99  # of the embedding that the directions hold, where there is room for them
SEED = 7
FOLDS = 20
LEAST_STRANGE = 0.05  # of each kind of lesson so many may lie nearer than the gap
LEAST, LEAST_SPREAD = 1e-6, 1e-3
GATES = {"chest-xray-gate": ("frontal",)}  # of a gate, what it lets pass; of other gates all but "unknown"
UNKNOWN_KIND = "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """Inputs as the distances see them.

    Attributes:
        measured: Name of each measured distance to [n].
        numbers: float64 [n, number], what the taught part looks at.
    """

    measured: Mapping[str, Floats]
    numbers: Floats


def known(seen: Assessed, split: str) -> NDArray[np.intp]:
    """Which inputs of a split the network is meant to be given: of a gate those that it lets pass."""
    examples, labels = seen.trial.splits[split], seen.bundle.card.labels
    if seen.bundle.card.role != "gate":
        return np.arange(len(examples))
    passed = GATES.get(seen.bundle.card.name, tuple(label for label in labels if label != UNKNOWN_KIND))
    return np.flatnonzero(np.isin(examples.labels, [labels.index(label) for label in passed]))


def learnt(seen: Assessed) -> NDArray[np.intp]:
    """Which training inputs the statistics are fitted on: fewer where an input has many numbers."""
    size = math.prod(seen.trial.splits["train"].images.shape[1:])
    most = max(FEWEST_FITTED, min(MOST_FITTED, FITTED_NUMBERS // size))
    return np.sort(np.random.default_rng(SEED).permutation(known(seen, "train"))[:most])


def fitted(seen: Assessed) -> Reference:
    """What is known of the training cases of a bundle; no thresholds yet."""
    train, chosen = seen.trial.splits["train"], learnt(seen)
    labels = train.labels[chosen] if seen.bundle.card.labels else np.full(len(chosen), -1)
    return fit(train.images[chosen], seen.embeddings["train"][chosen], labels, chosen)


def fit(
    images: NDArray[np.uint8], embeddings: NDArray[np.float32], labels: NDArray[np.int64], rows: NDArray[np.intp]
) -> Reference:
    """What is known of these inputs; no thresholds yet.

    Args:
        images: uint8 [n, channel, *grid], as the network was given them, without augmentation.
        embeddings: float32 [n, d] that it gave.
        labels: int64 [n] or [n, label], -1 where not known.
        rows: Their row numbers in the training split.
    """
    mean = embeddings.mean(0, dtype=np.float64).astype(np.float32)
    centred = embeddings.astype(np.float64) - mean
    basis = directions(centred)
    size = np.sqrt(((centred @ basis) ** 2).sum(1).mean())
    steps, unit = in_steps(np.asarray(basis / max(float(size), LEAST), dtype=np.float32))
    stored = np.asarray(steps * unit, dtype=np.float32)
    coordinates = centred @ stored
    exclusive = labels.ndim == 1 and bool((labels >= 0).all())
    classes = labels if exclusive else np.zeros(len(labels), np.int64)
    gauges = gauge("embedding", coordinates, classes, np.zeros(coordinates.shape[1]))
    for name, values in of_images(images).items():
        may = tolerance(values.shape[1]) if name == "greys" else np.zeros(values.shape[1])
        gauges |= gauge(name, values, classes, may)
    kept = np.sort(np.random.default_rng(SEED).permutation(len(rows))[:MOST_POINTS])
    at = coordinates[kept].astype(np.float16).astype(np.float32)
    return Reference(mean, stored, at, rows[kept].astype(np.int32), labels[kept].astype(np.int16), {}, gauges)


def directions(centred: Floats) -> Floats:
    """[d, k] of principal directions: as many as hold ``VARIANCE``, at most what there is room for."""
    _, sizes, turned = np.linalg.svd(centred, full_matrices=False)
    share = np.cumsum(sizes**2) / np.sum(sizes**2)
    enough = int(np.searchsorted(share, VARIANCE)) + 1
    return turned[: max(1, min(enough, len(sizes), MOST_DIRECTIONS, MOST_STORED // centred.shape[1]))].T


def gauge(name: str, values: Floats, classes: NDArray[np.int64], may_differ: Floats) -> dict[str, NDArray[np.float32]]:
    """What :func:`secondread.engine.outside.mahalanobis` needs, with one covariance within all classes.

    Args:
        name: Of the part.
        values: Numbers of each training input, [n, number].
        classes: Of each, [n].
        may_differ: Standard deviation that is added to each number: a training set in which no picture has white
            pixels must not make three of them strange.

    Source: Ledoit O, Wolf M. A well-conditioned estimator for large-dimensional covariance matrices. Journal of
    Multivariate Analysis 2004; 88:365-411 (the shrinkage, by scikit-learn).
    """
    from sklearn.covariance import LedoitWolf

    mean, spread = values.mean(0), values.std(0) + LEAST
    standard = (values - mean) / spread
    names, which = np.unique(classes, return_inverse=True)
    centres = np.stack([standard[which == n].mean(0) for n in range(len(names))])
    covariance = LedoitWolf(assume_centered=True).fit(standard - centres[which]).covariance_
    sizes, turned = np.linalg.eigh(covariance + np.diag((may_differ / spread) ** 2))
    whiten = turned / np.sqrt(np.maximum(sizes, LEAST))
    found = {"mean": mean, "spread": spread, "centres": centres, "whiten": whiten}
    return {f"{name}.{part}": np.asarray(array, dtype=np.float32) for part, array in found.items()}


def of_images(images: NDArray[np.uint8]) -> dict[str, Floats]:
    """Statistics of uint8 [n, channel, *grid]."""
    found = [statistics(batch) for batch in batches(images)]
    return {name: np.concatenate([part[name] for part in found]) for name in found[0]}


def look(reference: Reference, images: NDArray[np.uint8], embedding: NDArray[np.float32]) -> Looked:
    """Pictures uint8 [n, channel, *grid] as the distances see them."""
    found, start = [], 0
    for batch in batches(images):
        found.append(looked_at(reference, batch, embedding[start : start + len(batch)]))
        start += len(batch)
    measured = {name: np.concatenate([one[name] for one, _ in found]) for name in MEASURED}
    return Looked(measured, np.concatenate([values for _, values in found]))


def distances(reference: Reference, looked: Looked) -> dict[str, Floats]:
    """:func:`secondread.engine.outside.parts` of what was looked at."""
    return with_taught(reference, looked.measured, looked.numbers)


def with_thresholds(
    reference: Reference, looked: Looked, patients: NDArray[np.str_], strange: Mapping[str, Floats] | None = None
) -> Reference:
    """The reference with a threshold for each distance, so that together they let ``ACCEPTANCE`` of inputs pass.

    The measured distances let ``MEASURED_ALONE`` of the patients pass, and the taught one, which tells more, may stop
    the rest: both bounds together give ``ACCEPTANCE``. Where every kind of lesson lies beyond the taught limit, but for
    ``LEAST_STRANGE`` of it, the limit moves into the middle of that gap: nothing is won by refusing known inputs there.
    Without a taught part the measured distances share ``ACCEPTANCE``.

    Args:
        reference: Fitted on training inputs.
        looked: Validation inputs.
        patients: Of these inputs.
        strange: Kind of lesson to the numbers of its validation inputs.
    """
    found = distances(reference, looked)
    shared = {MEASURED: MEASURED_ALONE, (TAUGHT,): ACCEPTANCE + 1.0 - MEASURED_ALONE}
    limits: dict[str, float] = {}
    reaches: dict[str, NDArray[np.float32]] = {}
    for names, share in shared.items() if knows(reference) else ((MEASURED, ACCEPTANCE),):
        logs = np.stack([np.log(np.maximum(found[name], TINY)) for name in names], axis=1)
        middle, reach = together(logs, patients, share)
        if names == (TAUGHT,) and strange:
            odds = [strangeness(reference.gauges, numbers) for numbers in strange.values()]
            least = min(float(np.quantile(np.log(one), LEAST_STRANGE)) for one in odds)
            reach = reach + max(0.0, least - float((middle + reach)[0])) / 2.0
        limits |= dict(zip(names, np.exp(middle + reach).tolist(), strict=True))
        reaches |= {f"{name}.reach": np.array([one], np.float32) for name, one in zip(names, reach, strict=True)}
    return replace(reference, thresholds=limits, gauges={**reference.gauges, **reaches})


def together(logs: Floats, patients: NDArray[np.str_], acceptance: float) -> tuple[Floats, Floats]:
    """Of each column of [n, part] its middle, and how far above it the limit lies that all share.

    The logarithm of each distance is brought to one scale by its median and its 95th percentile (of other patients, in
    ``FOLDS`` parts), and the largest of an input counts. Its quantile over the patients (each weighs the same, however
    many pictures) at (1 + 1 / patients) x acceptance is the common limit. Too few patients cannot promise that; then
    all of them set the scale, the limit is the larger of the plain quantile and of the prediction limit of a normal
    distribution, and only the test pictures tell what passes.

    Source: Vovk V, Gammerman A, Shafer G. Algorithmic Learning in a Random World. Springer 2005 (the quantile of
    split conformal prediction).
    """
    largest = np.empty(len(logs))
    names, which = np.unique(patients, return_inverse=True)
    for fold in range(min(FOLDS, len(names))):
        left = which % FOLDS == fold
        middle, spread = scale_of(logs[~left] if promises(len(names), acceptance) else logs)
        largest[left] = ((logs[left] - middle) / spread).max(1)
    middle, spread = scale_of(logs)
    limit = quantile_by_patient(largest, patients, acceptance)
    if not promises(len(names), acceptance):
        limit = max(limit, prediction_limit(largest, patients, acceptance))
    return middle, max(limit, LEAST_SPREAD) * spread


def scale_of(logs: Floats) -> tuple[Floats, Floats]:
    """Median of each column, and how far its 95th percentile lies above it."""
    middle, high = np.median(logs, axis=0), np.quantile(logs, ACCEPTANCE, axis=0)
    return middle, np.maximum(high - middle, LEAST_SPREAD)


def promises(patients: int, level: float) -> bool:
    """Whether so many patients can promise a share of new ones: for 0.95, 19 or more."""
    return level * (1.0 + 1.0 / patients) <= 1.0


def prediction_limit(values: Floats, patients: NDArray[np.str_], level: float) -> float:
    """What a new patient stays below with probability ``level`` if all are drawn from one normal distribution.

    Each patient weighs the same, and counts once. Of one patient alone it is the largest value.

    Source: Meeker WQ, Hahn GJ, Escobar LA. Statistical Intervals. 2nd edition, Wiley 2017 (one-sided prediction bound).
    """
    names, which, counts = np.unique(patients, return_inverse=True, return_counts=True)
    n, weights = len(names), 1.0 / counts[which] / len(names)
    if n < 2:
        return float(values.max())
    mean = float(values @ weights)
    spread = float(np.sqrt(((values - mean) ** 2) @ weights * n / (n - 1)))
    return mean + float(student.ppf(level, n - 1)) * spread * float(np.sqrt(1.0 + 1.0 / n))


def quantile_by_patient(values: Floats, patients: NDArray[np.str_], level: float) -> float:
    """The smallest value that holds (1 + 1 / patients) x ``level`` of the weight, each patient weighing the same.

    Where that is more than all of it, as of 0.95 with fewer than 19 patients, it is ``level`` of the weight.
    """
    names, which, counts = np.unique(patients, return_inverse=True, return_counts=True)
    weights = 1.0 / counts[which] / len(names)
    order = np.argsort(values, kind="stable")
    needed = level * (1.0 + 1.0 / len(names) if promises(len(names), level) else 1.0) - LEAST
    at = int(np.searchsorted(np.cumsum(weights[order]), needed))
    return float(values[order][min(at, len(values) - 1)])
